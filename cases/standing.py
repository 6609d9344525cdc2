"""Where a case stands: the facts that imports told of its review, and the risk and tier they make."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from cases import buyers, history, priority
from cases.deadlines import Granted, OrderTimes, next_window
from cases.flow import set_fields
from cases.indexed import rows_with
from cases.models import Case, ShopPolicy
from cases.risk import Risk, Signals, risk_score
from cases.rulebook.stated import rules_of
from reviews.models import Order, Review

RANKED = ["tier", "tier_reasons", "risk_score", "risk_reasons", "window_at", "window_by"]
"""Fields of a case that its standing sets."""


class Standing(NamedTuple):
    ranking: priority.Ranking
    risk: Risk
    granted: Granted


def rank(case: Case, standing: Standing, *, now: datetime) -> history.Changes:
    """Set risk, the next window, and the tier unless a person chose it; answers what people should see of it."""
    reasons = [reason.code.value for reason in standing.risk.reasons]
    fields: dict[str, Any] = {"risk_score": standing.risk.score, "risk_reasons": reasons}
    if not case.is_tier_chosen:
        ranking = priority.WAITS if case.is_backlog else standing.ranking
        fields |= {"tier": ranking.tier.value, "tier_reasons": ranking.reasons}
    changes = set_fields(case, **fields, **window_fields(case, standing.granted, now))
    return {name: pair for name, pair in changes.items() if name in {"tier", "risk_score"}}


def standings(reviews: Collection[Review], rules: Mapping[int, priority.Rules] | None = None) -> dict[int, Standing]:
    """Standing by review id, in a few queries however many `reviews`; they bring product, shop and causes along.

    By `rules` (shop id -> rules), else by those that the shops work by.
    """
    rules = rules or rules_of({review.shop_id for review in reviews})
    orders = orders_of(reviews)
    earlier = buyers.earlier_counts(reviews, orders)
    return {
        review.pk: _standing(
            review,
            orders.get((review.shop_id, review.order_number)),
            rules[review.shop_id],
            earlier.get(review.pk, buyers.EarlierCounts()),
        )
        for review in reviews
    }


def orders_of(reviews: Collection[Review]) -> dict[tuple[int, str], Order]:
    """The known orders of `reviews`, by shop id and order number."""
    named = [(review.shop_id, review.order_number) for review in reviews if review.order_number]
    return {(order.shop_id, order.number): order for order in rows_with(Order, "number", named)}


def granted_to(review: Review, order: Order | None) -> Granted:
    """What the windows of `review` depend on; it brings its shop along."""
    return Granted(
        platform=review.shop.platform,
        reviewed_at=review.reviewed_at,
        append_at=review.append_at,
        is_answered=bool(review.reply),
        order=OrderTimes(order.ordered_at, order.completed_at) if order else OrderTimes(),
    )


def window_fields(case: Case, granted: Granted, now: datetime) -> dict[str, Any]:
    """The fields of `case` that tell which window closes next."""
    is_explained = granted.is_answered or case.explained_at is not None
    closing = next_window(granted, is_explained=is_explained, now=now)
    return {"window_at": closing.at, "window_by": closing.key}


def policies_of(shop_ids: Collection[int]) -> dict[int, ShopPolicy]:
    """The policy each shop works by, its own or the defaults."""
    own = {policy.shop_id: policy for policy in ShopPolicy.objects.filter(shop__in=shop_ids)}
    return {shop_id: own.get(shop_id) or ShopPolicy(shop_id=shop_id) for shop_id in shop_ids}


def _standing(review: Review, order: Order | None, rules: priority.Rules, earlier: buyers.EarlierCounts) -> Standing:
    text = f"{review.content}\n{review.append_content}"
    risk = risk_score(_signals(text, order, earlier))
    facts = priority.Facts(
        platform=review.shop.platform,
        rating=review.rating,
        stars=review.stars,
        causes=tuple(cause.code for cause in review.causes.all()),
        text=text,
        is_promoted=review.product is not None and review.product.is_promoted,
        amount=order.amount if order else None,
        buyer_order_count=earlier.orders,
        buyer_negative_count=earlier.negatives,
        risk_score=risk.score,
        has_follow_up=bool(review.append_content),
    )
    return Standing(priority.tier_of(facts, rules), risk, granted_to(review, order))


def _signals(text: str, order: Order | None, earlier: buyers.EarlierCounts) -> Signals:
    """What exports tell; whether postage was free and whether the buyer chatted first they do not."""
    return Signals(
        text=text,
        amount=order.amount if order else None,
        postage=order.postage if order else None,
        quantity=order.quantity if order else None,
        courier_company=f"{order.shipping_way} {order.courier_company}".strip() if order else "",
        buyer_order_count=earlier.orders,
        same_item_order_count=earlier.same_item_orders,
        buyer_review_count=earlier.reviews,
        buyer_negative_count=earlier.negatives,
    )
