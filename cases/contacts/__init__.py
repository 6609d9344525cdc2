"""Turning to a buyer: what stands in the way, what was said, and what was attached to it."""
