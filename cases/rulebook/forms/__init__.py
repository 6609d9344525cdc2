"""What may be typed into the rules, checked before it reaches a service."""
