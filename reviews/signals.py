"""What this app announces. It never knows who listens."""

from django.dispatch import Signal

batch_classified = Signal()
"""Sent inside the transaction that stored a part of an import. Keyword arguments: `review_ids`, the list of ids of new
reviews that are negative and of all changed ones; `changed`, a dict of review id -> set of changed field names for
those that existed before; `now`. Receivers answer how many cases they opened (int)."""

causes_corrected = Signal()
"""Sent inside the transaction in which a person chose, confirmed or took back the causes of a review. Keyword
arguments: `review`, `before` and `after` (lists of codes, primary first), `actor`, `now`, and `is_withdrawn=True` where
the person takes back what was said before."""
