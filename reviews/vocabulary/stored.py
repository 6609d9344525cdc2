"""The vocabulary in force in a shop, as every process sees it from the next batch on after a change."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from django.db.models import Count, F, Max, Q

from reviews.models import PhraseChange, ShopPhrase

from .matching import normal_form
from .rules import Kind, Rule, Vocabulary

SHOPS_KEPT = 256
"""Vocabularies that a process remembers; one is a few kilobytes."""


class Stamp(NamedTuple):
    """Differs whenever phrases differ: every change leaves a line, and lines are never taken away."""

    changes: int
    last: int | None


def current_stamp() -> Stamp:
    return Stamp(**PhraseChange.objects.aggregate(changes=Count("pk"), last=Max("pk")))


def vocabulary_of(shop_id: int, draft: Rule | None = None) -> Vocabulary:
    """What counts in the shop: its own phrases and those of all shops; with `draft`, as if that were one of its own."""
    if draft is not None:
        return Vocabulary.of([*_rules(shop_id), draft])
    return _kept(shop_id, current_stamp())


@lru_cache(maxsize=SHOPS_KEPT)
def _kept(shop_id: int, _stamp: Stamp) -> Vocabulary:
    return Vocabulary.of(_rules(shop_id))


def _rules(shop_id: int) -> Iterable[Rule]:
    """A shop's own come last, so that they prevail."""
    phrases = ShopPhrase.objects.filter(Q(shop=shop_id) | Q(shop=None), is_active=True)
    ordered = phrases.order_by(F("shop").asc(nulls_first=True), "pk")
    # Spelt anew, since a newer release may spell differently from the one that stored the phrase.
    return [
        Rule(normal_form(text), Kind(kind), cause) for text, kind, cause in ordered.values_list("text", "kind", "cause")
    ]


def phrases_known(shop_id: int | None) -> set[str]:
    """Normal forms of what is a word to the shop; without one, of what is a word to any."""
    phrases = ShopPhrase.objects.filter(is_active=True)
    if shop_id is not None:
        phrases = phrases.filter(Q(shop=shop_id) | Q(shop=None))
    return {normal_form(text) for text in phrases.values_list("text", flat=True)}
