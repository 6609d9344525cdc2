"""What the shop knows of a buyer: derived from stored orders, reviews and contacts, never a profile of its own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db.models import Q, QuerySet

from cases.indexed import rows_with
from cases.models import Case, ContactEntry
from reviews.models import Order, Review

LISTED_AT_MOST = 20
COUNTED_AT_MOST = 500
"""Masked and anonymous names are those of thousands: nobody reads on that far."""


@dataclass(frozen=True, slots=True)
class BuyerRecord:
    """Other orders and reviews of one buyer in one shop, the latest reviews first, and what was said before.

    Lists hold LISTED_AT_MOST, the counts go up to COUNTED_AT_MOST; `is_more` where there is more than that.

    With `is_name_masked` the platform shows only part of the name: what is listed may be of several people.
    """

    is_name_masked: bool = False
    order_count: int = 0
    reviews: list[Review] = field(default_factory=list)
    review_count: int = 0
    negatives: int = 0
    """How many of the counted reviews are negative."""
    is_more: bool = False
    contacts: list[ContactEntry] = field(default_factory=list)
    """Entries of the buyer's other cases, with their circumstances."""


NOBODYS_NAMES = frozenset({"匿名", "匿名用户", "匿名买家", "匿名评价", "匿名会员"})
"""What platforms show instead of a name."""


def is_masked(name: str) -> bool:
    return "*" in name or name in NOBODYS_NAMES


def order_of(review: Review) -> Order | None:
    """The order the review refers to, as far as imports told of it."""
    if not review.order_number:
        return None
    return Order.objects.filter(shop=review.shop_id, number=review.order_number).first()


def full_name(review: Review, order: Order | None) -> str:
    """The buyer's name, by preference the one that is not masked: orders often carry it in full."""
    if order is not None and order.buyer_name and not is_masked(order.buyer_name):
        return order.buyer_name
    return review.buyer_name


class Buyer(NamedTuple):
    """Who wrote a review, as surely as it can be told: by a full name, else by the order alone."""

    shop_id: int
    review_id: int
    name: str
    """"" where the platform masks it: several people share a masked name."""
    order_numbers: list[str]
    """Of the review and, under a full name, of every order imported under it."""


def buyer_of(review: Review, order: Order | None) -> Buyer:
    """The buyer of `review`, whose own order is `order`."""
    name = full_name(review, order)
    if is_masked(name):
        name = ""
    own = [review.order_number] if review.order_number else []
    ordered = Order.objects.filter(shop=review.shop_id, buyer_name=name).values_list("number", flat=True)
    numbers = {*own, *ordered} if name else own
    return Buyer(review.shop_id, review.pk, name, sorted(numbers))


def cases_of(buyer: Buyer) -> QuerySet[Case]:
    """All cases of the buyer in the shop, those of undone imports among them."""
    written = Q(pk=buyer.review_id) | Q(order_number__in=buyer.order_numbers)
    if buyer.name:
        written |= Q(buyer_name=buyer.name)
    reviews = Review.objects.filter(written, shop=buyer.shop_id)
    return Case.with_undone.filter(review__in=reviews.values("pk")).order_by("pk")


def buyer_record(review: Review, order: Order | None) -> BuyerRecord:
    """The record of the buyer of `review` within its shop, without this review and its own `order`."""
    name = full_name(review, order)
    if not name:
        return BuyerRecord()
    orders = Order.objects.filter(shop=review.shop_id, buyer_name=name).exclude(number=review.order_number)
    # In no order: of a name that thousands share, a sorted list would read them all.
    numbers = list(orders.values_list("number", flat=True)[: COUNTED_AT_MOST + 1])
    reviews = _reviews_of(review, name, [] if is_masked(name) else numbers)
    told = list(reviews.select_related("product", "case").prefetch_related("causes")[:LISTED_AT_MOST])
    verdicts = [one.is_negative for one in told]
    if len(told) == LISTED_AT_MOST:
        verdicts = list(reviews.order_by().values_list("is_negative", flat=True)[: COUNTED_AT_MOST + 1])
    contacts = ContactEntry.objects.filter(case__review__in=told).select_related("case", "actor")
    return BuyerRecord(
        is_name_masked=is_masked(name),
        order_count=min(len(numbers), COUNTED_AT_MOST),
        reviews=told,
        review_count=min(len(verdicts), COUNTED_AT_MOST),
        negatives=sum(verdicts[:COUNTED_AT_MOST]),
        is_more=max(len(numbers), len(verdicts)) > COUNTED_AT_MOST,
        contacts=list(contacts[:LISTED_AT_MOST]),
    )


def _reviews_of(review: Review, name: str, order_numbers: list[str]) -> QuerySet[Review]:
    """Reviews under the name, and under the buyer's orders where the review itself shows the name masked."""
    by_buyer = Q(buyer_name=name)
    if order_numbers:
        by_buyer |= Q(order_number__in=order_numbers)
    reviews = Review.objects.filter(by_buyer, shop=review.shop_id).exclude(pk=review.pk)
    return reviews.order_by("-reviewed_at", "-pk")


class EarlierCounts(NamedTuple):
    """What a buyer had done in the shop before the review in question. None: not known, as under a masked name."""

    orders: int | None = None
    """Also None where no import told of the review's own order, for then earlier ones may be missing too."""
    reviews: int | None = None
    negatives: int | None = None
    same_item_orders: int | None = None
    """Orders of the reviewed product as far as they were reviewed, this one included."""


def earlier_counts(reviews: Collection[Review], orders: Mapping[tuple[int, str], Order]) -> dict[int, EarlierCounts]:
    """Counts by review id, in three queries however many `reviews`; `orders` are their orders by shop id and number."""
    buyers: dict[int, tuple[int, str]] = {}
    for review in reviews:
        name = full_name(review, orders.get((review.shop_id, review.order_number)))
        if name and not is_masked(name):
            buyers[review.pk] = (review.shop_id, name)
    if not buyers:
        return {}
    ordered: dict[tuple[int, str], list[Order]] = defaultdict(list)
    name_by_order: dict[tuple[int, str], str] = {}
    for order in rows_with(Order, "buyer_name", buyers.values()):
        ordered[order.shop_id, order.buyer_name].append(order)
        name_by_order[order.shop_id, order.number] = order.buyer_name
    written: dict[tuple[int, str], list[Review]] = defaultdict(list)
    for other in _written(buyers.values(), name_by_order):
        name = name_by_order.get((other.shop_id, other.order_number), other.buyer_name)
        written[other.shop_id, name].append(other)
    return {
        review.pk: _counts_before(review, ordered[buyers[review.pk]], written[buyers[review.pk]])
        for review in reviews
        if review.pk in buyers
    }


def _written(names: Collection[tuple[int, str]], numbers: Collection[tuple[int, str]]) -> Collection[Review]:
    """Reviews under these names, or of orders with these numbers, each in its shop (id)."""
    found = [
        *rows_with(Review, "buyer_name", names, "withdrawn_at IS NULL"),
        *rows_with(Review, "order_number", numbers, "withdrawn_at IS NULL"),
    ]
    return {review.pk: review for review in found}.values()


def _counts_before(review: Review, ordered: list[Order], written: list[Review]) -> EarlierCounts:
    earlier_orders = {
        order.number for order in ordered if order.ordered_at is None or order.ordered_at < review.reviewed_at
    }
    earlier = [other for other in written if other.pk != review.pk and other.reviewed_at < review.reviewed_at]
    same_item = {other.order_number for other in earlier if other.product_id == review.product_id}
    return EarlierCounts(
        orders=len(earlier_orders - {review.order_number}) if ordered else None,
        reviews=len(earlier),
        negatives=sum(other.is_negative for other in earlier),
        same_item_orders=len(same_item | {review.order_number}) if review.product_id else None,
    )
