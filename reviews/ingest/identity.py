"""What makes a review the same one in the next export.

A review is edited, followed up and answered, so text, rating and reply are no part of what it is. In order of trust:

- `id:` the platform's own number of the review;
- `oid:` the number of the sub-order: a buyer reviews each item of an order once;
- `fp:` a fingerprint. With an order number it is that of order, product and variant, which names the sub-order in
  other words. Without one, only buyer, product, variant, time and text are left, and the rating where the buyer wrote
  nothing: such a review is known again while these stay the same, and an edited one counts as another.

Numbers are unique within a shop only, and so is an identity. A row about an order alone goes by the order's number.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from reviews.judgement import is_default_text

if TYPE_CHECKING:
    from .reading.rows import Row

FINGERPRINT_CHARACTERS = 32


def identity(row: Row) -> str:
    """At most 80 characters, the same for the same review in any export that tells as much of it."""
    if row.reviewed_at is None:
        return row.order_number
    if row.platform_review_id:
        return f"id:{row.platform_review_id}"
    if row.sub_order_id:
        return f"oid:{row.sub_order_id}"
    product = row.product_title or row.item_id
    if row.order_number:
        return _fingerprint("order", row.order_number, product, row.sku)
    moment = str(int(row.reviewed_at.timestamp()))
    # Without words of the buyer's own, many reviews look the same: then the rating tells them apart.
    told = "" if row.content and not is_default_text(row.content) else f"{row.rating}{row.stars or ''}"
    return _fingerprint("buyer", row.buyer_name, product, row.sku, moment, row.content, told)


def _fingerprint(*parts: str) -> str:
    # A separator that no cell contains keeps ("ab", "c") and ("a", "bc") apart.
    digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()
    return f"fp:{digest[:FINGERPRINT_CHARACTERS]}"
