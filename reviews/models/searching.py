"""What search looks through."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from .review import Review
from .shop import Product


class CharacterPairs(models.Func):
    """The pairs of neighbouring characters of a text, as numbers; short Chinese words have no other index."""

    function = "character_pairs"
    arity = 1
    output_field = ArrayField(models.BigIntegerField())


class SearchEntry(models.Model):
    """A review as search sees it, written soon after its import: see docs/desk.md."""

    review = models.OneToOneField(Review, models.CASCADE, primary_key=True, related_name="search_entry")
    text = models.TextField()
    """Review, follow-up and buyer, a line each, as `text_search.folding` spells them."""
    order_number = models.CharField(max_length=40, blank=True, db_collation="C")
    """Folded too; by its collation the index serves beginnings."""
    product = models.ForeignKey(Product, models.SET_NULL, null=True, related_name="+", db_index=False)

    class Meta:
        indexes = [
            GinIndex(CharacterPairs("text"), name="entry_by_pairs"),
            models.Index(fields=["order_number"], name="entry_by_order"),
            models.Index(fields=["product"], name="entry_by_product"),
        ]

    def __str__(self) -> str:
        return f"{self.review_id}"
