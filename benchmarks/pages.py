"""Server time of the pages people look at all day, against the template of the queue with fifty rows at hand, and
their SQL against `select 1`.

BENCH_PAGE_REVIEWS (20,000) and BENCH_PAGE_CASES (2,000 open ones, behind as many closed) say among how much is looked.
They are spread over several shops, for what one index orders in one shop has to be put together from several.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any, cast
from unittest.mock import patch

from django.contrib.auth.models import User
from django.db import connection
from django.shortcuts import render
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.test.utils import override_settings
from django.utils import timezone

from benchmarks.table import Measure
from benchmarks.texts import made_texts
from cases.models import Agent, Case
from cases.queues import QueueFilters, counts_of, next_case_for, queue_of
from cases.views import desk
from cases.views.queue import Queue
from reviewdesk.access import Role, SignedInRequest, grant_role
from reviews.causes import Cause
from reviews.models import ImportBatch, Review, Shop
from reviews.search import FOUND_AT_MOST, ReviewFilter, matching_reviews, page_of
from reviews.text_search.entries import make_searchable
from reviews.totals import count_stale_days

ROUNDS = 15
SHOPS = 5
PAGES = {
    "desk": "/desk/?view=all",
    "queue alone": "/desk/?view=all",
    "queue alone, closed": "/desk/?view=closed",
    "queue alone, found": "/desk/?view=all&q=色差",
    "case": "/desk/{case}/",
    "team": "/team/",
    "reviews": "/reviews/",
    "negative reviews": "/reviews/?negative=1",
    "reviews to check": "/reviews/check/",
    "statistics, 90 days": "/statistics/?period=90",
}
OF_THE_DESK = {"desk", "queue alone", "case"}
"""Pages that are also compared with their own template, everything they show at hand."""
SEARCHES = {
    "two characters": "色差",
    "four characters": "客服态度",
    "rare words": "九天才到",
    "a buyer": "买**77",
    "an order": "2699000000000000012",
}
FILL_REVIEWS = """
insert into reviews_review (shop_id, product_id, batch_id, identity, order_number, buyer_name, rating, content,
    reviewed_at, is_negative, negative_score, platform_review_id, sub_order_id, sku, append_content, reply, is_default,
    classifier_version, created_at, updated_at)
select (%(shops)s::bigint[])[1 + n %% %(of)s], (%(products)s::bigint[])[1 + n %% %(of)s],
    (%(batches)s::bigint[])[1 + n %% %(of)s], 'bench:' || n,
    '2699' || lpad(n::text, 15, '0'), '买**' || n %% 9973, case when n <= 2 * %(cases)s then 'bad' else 'good' end,
    (%(texts)s::text[])[1 + n %% %(kinds)s] || n, %(now)s - n %% 8000000 * interval '1 second',
    n <= 2 * %(cases)s, case when n <= 2 * %(cases)s then 0.9 else 0.1 end, '', '', '', '', '', false, '', %(now)s,
    %(now)s
from generate_series(1, %(reviews)s) as n
"""
FILL_CAUSES = """
insert into reviews_reviewcause (review_id, code, rank, score, source, spans)
select id, (%(codes)s::text[])[1 + (id * 7919 + rank * 31) %% cardinality(%(codes)s::text[])], rank, 0.8, 'model',
    '[[0, 4]]'
from reviews_review, generate_series(0, 1) as rank
where batch_id = any(%(batches)s) and is_negative and (rank = 0 or id %% 3 = 0)
"""
"""A third of the complaints name two causes."""
FILL_CASES = """
insert into cases_case (review_id, shop_id, state, tier, opened_at, first_contact_due_at, due_at, closed_at{names})
select id, shop_id, {state}, (array['priority', 'general', 'disputed'])[1 + id %% 3], %(now)s, %(now)s,
    {due_at}, {closed_at}{values}
from reviews_review
where batch_id = any(%(batches)s) and is_negative
    and not exists (select from cases_case where review_id = reviews_review.id)
order by id desc
limit %(cases)s
"""
CLOSED = {"state": "'closed'", "due_at": "null", "closed_at": "%(now)s - (id * 7919 %% 90000) * interval '1 minute'"}
OPEN = {"state": "'new'", "due_at": "%(now)s + (id * 7919 %% 90000) * interval '1 second'", "closed_at": "null"}


def measure() -> Iterator[Measure]:
    # Where DEBUG is on every query is kept and logged, which no installation does.
    with override_settings(DEBUG=False):
        yield from _measure()


def _measure() -> Iterator[Measure]:
    yield from _fill()
    user = User.objects.create_user("bench")
    grant_role(user, Role.SUPERVISOR)
    user.shops.set(Shop.objects.all())
    Agent.objects.create(user=user)
    client = Client(headers={"host": "localhost"})
    client.force_login(user)
    rendering = _rendering(user)
    static = _median_ms(rendering)
    stored = f"{Review.objects.count():,} reviews, {Case.objects.still_open().count():,} open cases"
    yield Measure("template of the queue, 50 rows at hand (baseline)", static, "ms")
    trivial = _median_ms(lambda: _run("select 1"))
    yield Measure(f"select 1, among {stored} (baseline)", trivial, "ms")
    case = queue_of(user, QueueFilters(view="all")).first()
    assert case is not None
    for name, address in PAGES.items():
        part = {"HX-Request": "true", "HX-Target": "section#queue"} if name.startswith("queue") else {}
        milliseconds, ratio, sql = _page(client, address.format(case=case.pk), part, rendering)
        yield Measure(f"page: {name}", milliseconds, "ms", ratio, "the template's time")
        yield Measure(f"SQL of it: {name}", sql, "ms", sql / trivial, "the time of select 1")
        if name in OF_THE_DESK:
            own = _own_template(client, address.format(case=case.pk), part)
            _milliseconds, ratio, _sql = _page(client, address.format(case=case.pk), part, own)
            yield Measure(f"its own template: {name}", _median_ms(own), "ms", ratio, "this, for the page")
    yield from _queue(user, case, trivial)
    yield from _searches(user, trivial)


def _fill() -> Iterator[Measure]:
    """Make so many reviews and open cases, with as many closed ones before them; entries of search and totals of days
    included.
    """
    cases = int(os.environ.get("BENCH_PAGE_CASES", "2000"))
    reviews = max(int(os.environ.get("BENCH_PAGE_REVIEWS", "20000")), 2 * cases)
    now = timezone.now()
    done = ImportBatch.Status.DONE
    shops = [
        Shop.objects.create(code=f"bench-{number}", name=f"bench {number}", platform="taobao")
        for number in range(SHOPS)
    ]
    batches = [
        ImportBatch.objects.create(shop=shop, file_name="made", file_bytes=0, status=done, finished_at=now)
        for shop in shops
    ]
    texts = made_texts(5_000, negative=0.3)
    told: dict[str, Any] = {
        "shops": [shop.pk for shop in shops],
        "products": [shop.products.create(title="商品").pk for shop in shops],
        "batches": [batch.pk for batch in batches],
        "of": SHOPS,
        "reviews": reviews,
        "cases": cases,
        "now": now,
        "texts": texts,
        "kinds": len(texts),
        "codes": Cause.values,
    }
    given = _defaults({"review", "shop", "state", "tier", "opened_at", "first_contact_due_at", "due_at", "closed_at"})
    names = "".join(f", {name}" for name in given)
    values = "".join(f", {value}" for value in given.values())
    with connection.cursor() as cursor:
        cursor.execute(FILL_REVIEWS, told)
        cursor.execute(FILL_CAUSES, told)
        for kind in (CLOSED, OPEN):
            cursor.execute(FILL_CASES.format(names=names, values=values, **kind), told)
        started = time.perf_counter()
        written = make_searchable()
        yield Measure("search: entries written in the background", written / (time.perf_counter() - started), "rows/s")
        started = time.perf_counter()
        count_stale_days()
        yield Measure("statistics: counted in the background", reviews / (time.perf_counter() - started), "rows/s")
        cursor.execute("vacuum analyze")


def _defaults(told: set[str]) -> dict[str, str]:
    """Columns of a case that must have a value and that nobody names, with an empty one."""
    empty = {"CharField": "''", "TextField": "''", "JSONField": "'[]'", "BooleanField": "false"}
    return {
        str(field.column): empty.get(field.get_internal_type(), "0")
        for field in Case._meta.concrete_fields
        if not (field.null or field.primary_key or field.name in told or field.generated)
    }


def _rendering(user: User) -> Callable[[], object]:
    """Renders the queue from rows at hand, without asking the database for anything."""
    request = RequestFactory().get(PAGES["desk"])
    request.user = user
    context = {"queue": Queue(cast("SignedInRequest", request), timezone.now())}
    render_to_string("cases/_queue.html", context)
    return lambda: render_to_string("cases/_queue.html", context)


def _own_template(client: Client, address: str, headers: dict[str, str]) -> Callable[[], object]:
    """Renders what the desk answers, from all that it has asked the database for."""
    with patch.object(desk, "render", side_effect=render) as drawn:
        client.get(address, headers=headers)
    return lambda: render(*drawn.call_args.args)


def _page(
    client: Client, address: str, headers: dict[str, str], baseline: Callable[[], object]
) -> tuple[float, float, float]:
    """Milliseconds of the whole answer, how many times that of `baseline`, and milliseconds of its SQL.

    Page and baseline take turns, so that whatever else the machine does slows both alike.
    """

    def get() -> None:
        answer = client.get(address, headers=headers)
        assert answer.status_code == 200, (address, answer.status_code)

    get()
    turns = [(_ms(baseline), _ms(get)) for _ in range(ROUNDS)]
    spent = []
    for _ in range(ROUNDS):
        stopwatch = Stopwatch()
        with connection.execute_wrapper(stopwatch):
            get()
        spent.append(stopwatch.milliseconds)
    return median(page for _, page in turns), median(page / base for base, page in turns), median(spent)


class Stopwatch:
    """Adds up what queries take, as an execute wrapper of the connection."""

    milliseconds = 0.0

    def __call__(self, execute: Callable[..., Any], *query: Any) -> Any:
        started = time.perf_counter()
        try:
            return execute(*query)
        finally:
            self.milliseconds += (time.perf_counter() - started) * 1000


def _queue(user: User, case: Case, trivial: float) -> Iterator[Measure]:
    filters = QueueFilters(view="all")
    for name, work in {
        "queue: a page of 50": lambda: list(queue_of(user, filters)[:50]),
        "queue: its counts": lambda: counts_of(user),
        "queue: on from a case": lambda: next_case_for(user, filters, case),
    }.items():
        milliseconds = _median_ms(work)
        yield Measure(name, milliseconds, "ms", milliseconds / trivial, "the time of select 1")


def _searches(user: User, trivial: float) -> Iterator[Measure]:
    shop_ids = list(Shop.objects.visible_to(user).values_list("pk", flat=True))
    for name, q in SEARCHES.items():

        def find(q: str = q) -> None:
            found = matching_reviews(Review.objects.get_queryset().filter(shop__in=shop_ids), ReviewFilter(q=q))
            page_of(found.select_related("shop", "product").prefetch_related("causes"), shops=shop_ids)
            found.order_by()[: FOUND_AT_MOST + 1].count()

        milliseconds = _median_ms(find)
        yield Measure(f"search: {name}, first page and total", milliseconds, "ms", milliseconds / trivial, "select 1")


def _run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        cursor.fetchall()


def _median_ms(work: Callable[[], object]) -> float:
    return median(_ms(work) for _ in range(ROUNDS))


def _ms(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000
