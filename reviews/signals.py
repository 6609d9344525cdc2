"""What this app announces. It never knows who listens."""

from django.dispatch import Signal

batch_classified = Signal()
"""Sent inside the transaction that stored a part of an import. Keyword arguments: `review_ids`, the list of ids of new
reviews that are negative and of all changed ones; `changed`, a dict of review id -> set of changed field names for
those that existed before; `now`, and `takes_back=True` where the reviews got back what they said before an import that
is undone. Receivers answer how many cases they opened (int)."""

undo_considered = Signal()
"""Asks what stands against undoing an import. Keyword argument: `batch`. Receivers answer on how many records of theirs
that came of it people have worked since (int)."""

import_undone = Signal()
"""Sent inside the transaction that undoes an import, after its reviews were withdrawn or restored. Keyword arguments:
`batch`, `now`. Receivers take back what came of it and answer how many records that were (int)."""

import_stored = Signal()
"""Sent inside the transaction that ends an import, while its staged rows are still there. Keyword arguments: `batch`,
`now`."""

causes_corrected = Signal()
"""Sent inside the transaction in which a person chose, confirmed or took back the causes of a review. Keyword
arguments: `review`, `before` and `after` (lists of codes, primary first), `actor`, `now`, and `is_withdrawn=True` where
the person takes back what was said before."""

orders_stored = Signal()
"""Sent inside the transaction that stored facts of orders. Keyword arguments: `shop_id`; `numbers` of the orders that
are new or of which something new is known, in an import of reviews only the latter; `now`."""

review_gone = Signal()
"""Sent inside the transaction in which a person confirmed that the platform no longer shows a review. Keyword
arguments: `review`, `actor`, `now`. Receivers raise PermissionDenied where the actor may not say so."""

reviews_back = Signal()
"""Sent inside the transaction in which that turned out otherwise. Keyword arguments: `confirmed_at`, a dict of review
id -> when it had been confirmed; `actor`, the person who says so, None where an import had the review; `now`."""
