"""What people see of a shop, gathered through the services behind the pages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from cases.buyers import buyer_record, order_of
from cases.models import Case
from cases.queues import QueueFilters, View, counts_of, queue_of
from cases.statistics import CaseFilter, CaseKind, case_totals, listed_cases, open_cases_now
from cases.workload import agent_loads
from reviews.learning.drift import drift_of_causes
from reviews.models import Review, Shop
from reviews.period import Period
from reviews.scope import Scope
from reviews.search import ReviewFilter, matching_reviews
from reviews.statistics import review_statistics
from reviews.text_search.entries import make_searchable
from reviews.vocabulary.sample import newest_complaints

SEARCHES = ("", "买", "T恤", "1001", "杯")


def seen_by(shop: Shop, user: User, now: datetime) -> dict[str, Any]:
    """Lists, queues, counts, statistics and buyers of `shop` as `user` finds them at `now`."""
    make_searchable()
    today = timezone.localdate(now)
    scope = Scope((shop.pk,), None, None, Period(today.replace(day=1), today))
    reviews = Review.objects.visible_to(user).order_by("pk")
    searches = {q: [*matching_reviews(reviews, ReviewFilter(q=q)).values_list("pk", flat=True)] for q in SEARCHES}
    cases = Case.objects.visible_to(user).order_by("pk")
    return {
        "reviews": [_review(review) for review in reviews],
        "searches": searches,
        "buyers": {
            review.pk: [other.pk for other in buyer_record(review, order_of(review)).reviews] for review in reviews
        },
        "statistics": review_statistics(scope),
        "complaints": [*newest_complaints(shop.pk, scope.period.starts_at).values_list("pk", flat=True)],
        "drift": drift_of_causes(now),
        "cases": [_case(case) for case in cases],
        "totals": case_totals(scope),
        "open": open_cases_now(scope, now),
        "queues": {view: [case.pk for case in queue_of(user, QueueFilters(view=view))] for view in View.values},
        "counts": counts_of(user),
        # What was handed out today stays handed out: it says how much a day can still bring.
        "loads": [load._replace(taker=load.taker and load.taker.open) for load in agent_loads([shop], now)],
        "lists": {
            kind: [case.pk for case in listed_cases(cases, CaseFilter(kind=kind), now)] for kind in CaseKind.values
        },
    }


def _review(review: Review) -> dict[str, Any]:
    fields = {field.attname: getattr(review, field.attname) for field in Review._meta.concrete_fields}
    del fields["updated_at"]
    causes = [(cause.code, cause.rank, cause.score, cause.source) for cause in review.causes.all()]
    return fields | {"causes": causes, "product": str(review.product)}


def _case(case: Case) -> dict[str, Any]:
    return {field.attname: getattr(case, field.attname) for field in Case._meta.concrete_fields}
