"""Many cases at once: chosen in the queue, looked at ahead, done case by case, taken back as one."""
