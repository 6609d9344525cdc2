"""What imports and people change in reviews and orders reaches the cases here, by the signals of `reviews`."""
