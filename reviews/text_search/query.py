"""What somebody types into a search box, and the reviews that it finds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from django.db.models import Exists, Max, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from reviews.models import Product, SearchEntry
from reviews.models.searching import CharacterPairs

from .folding import folded, pairs_of

WORDS_AT_MOST = 8
"""More words than anybody types; each costs a look into the index."""
FEW = 10_000
"""Up to so many reviews are named by their ids."""
SCANNED_AT_MOST = 50_000
"""How many of the newest reviews are looked through where no index helps: for a single character."""
_TERM = re.compile(r'"([^"]+)"|“([^“”]+)”|([^\s"“”]+)')
_ORDER = re.compile(r"[0-9][0-9a-z-]{3,39}")
"""What may be the beginning of an order number: fewer figures would be half of all orders."""


def terms_of(q: str) -> list[str]:
    """The words and quoted phrases of `q` as search spells them, each once; all of them must be found."""
    told = (folded("".join(match)) for match in _TERM.findall(q))
    return list(dict.fromkeys(term for term in told if term))[:WORDS_AT_MOST]


def is_bounded(q: str) -> bool:
    """Whether only the newest reviews can be looked through for `q`: nothing in it is longer than a character."""
    terms = terms_of(q)
    return bool(terms) and max(map(len, terms)) == 1


def saying(q: str, review: str = "pk", *, one_by_one: bool = False) -> Q:
    """Reviews in which every word of `q` is found: in the text, the follow-up, the buyer's name or the title of the
    product, or as the beginning of the order number. `review` leads there from what is filtered; "" asks for nothing.

    Few are looked up and named by their ids. What many say is checked row by row instead, for a list shows the first
    fifty and the next hit is never far. The planner knows nothing of the words: with `one_by_one` it has no choice but
    to look up each row, where it would read all entries for a list of millions.
    """
    terms = terms_of(q)
    if not terms:
        return Q()
    told = [(term, _products(term)) for term in terms]
    entries = SearchEntry.objects.alias(pairs=CharacterPairs("text"))
    for term, products in told:
        entries = entries.filter(_found(term, products, text={"pairs__contains": pairs_of(term)} if term[1:] else {}))
    newest = _newest() if is_bounded(q) else Q()
    few = list(entries.filter(newest).values_list("pk", flat=True)[: FEW + 1])
    if len(few) <= FEW:
        return Q(**{f"{review}__in": few})
    many = SearchEntry.objects.filter(newest, pk=OuterRef(review))
    for term, products in told:
        many = many.filter(_found(term, products))
    return Q(Coalesce(Subquery(many.values_list(Value(True))), Value(False)) if one_by_one else Exists(many))


def _newest() -> Q:
    last = SearchEntry.objects.aggregate(last=Coalesce(Max("pk"), 0))["last"]
    return Q(pk__gt=last - SCANNED_AT_MOST)


def _products(term: str) -> list[int]:
    """Ids of the products with `term` in their title; a single character is in too many."""
    return list(Product.objects.filter(title__icontains=term).values_list("pk", flat=True)) if term[1:] else []


def _found(term: str, products: list[int], text: Mapping[str, Any] = MappingProxyType({})) -> Q:
    """Entries that hold `term`; `text` is a condition more upon their text, for the index."""
    # Pairs may stand apart, so that they do not tell on their own.
    found = Q(text__contains=term, **text)
    if _ORDER.fullmatch(term):
        found |= Q(order_number__startswith=term)
    return found | Q(product__in=products) if products else found
