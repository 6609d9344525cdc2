"""What is stored of a buyer's review: where it was sold, how it came in, what it says."""

from .imports import ImportBatch, ImportRejection, StagedRow
from .review import Review, ReviewCause, ReviewRevision
from .shop import Order, Platform, Product, Shop

__all__ = [
    "ImportBatch",
    "ImportRejection",
    "Order",
    "Platform",
    "Product",
    "Review",
    "ReviewCause",
    "ReviewRevision",
    "Shop",
    "StagedRow",
]
