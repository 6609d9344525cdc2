"""The two networks that are shipped, and what they share. On numpy alone."""
