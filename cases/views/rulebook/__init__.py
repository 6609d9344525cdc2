"""Pages of the rules a shop works by."""
