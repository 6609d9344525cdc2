"""The lists of the desk: who sees what, in which order, found how."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import QuerySet

from cases import pending, queues
from cases.models import Case, State
from cases.queues import QueueFilters, Sort, View, count_of, counts_of, next_case_for, queue_of
from reviews.models import ImportBatch, Shop
from tests.conftest import NOW

MakeCase = Callable[..., Case]
MakeReview = Callable[..., Any]


def shown(user: User, **filters: Any) -> list[Case]:
    return list(queue_of(user, QueueFilters(**{"view": "all", **filters})))


def closed(make_case: MakeCase, **fields: Any) -> Case:
    return make_case(**{"state": State.CLOSED, "closed_at": NOW, "due_at": None, **fields})


def test_each_view_holds_its_cases(
    make_case: MakeCase, make_review: MakeReview, agent: User, teammate: User, outsider: User, other_shop: Shop
) -> None:
    new, follow_up, escalated = (
        make_case(owner=agent),
        make_case(owner=agent, state=State.FOLLOW_UP),
        make_case(owner=agent, state=State.ESCALATED),
    )
    theirs = make_case(owner=teammate, state=State.FOLLOW_UP)
    nobodys = make_case()
    settled = closed(make_case, owner=teammate)
    make_case(make_review(shop=other_shop), owner=outsider)
    expected = {
        "mine": [new, follow_up],
        "all": [new, follow_up, escalated, theirs, nobodys],
        "unassigned": [nobodys],
        "follow_up": [follow_up],
        "escalated": [escalated],
        "closed": [settled],
    }
    assert {view: shown(agent, view=view) for view in expected} == expected
    assert counts_of(agent) == {view: len(cases) for view, cases in expected.items()}


def test_a_supervisor_sees_the_follow_ups_and_questions_of_the_whole_shop(
    make_case: MakeCase, agent: User, teammate: User, supervisor: User
) -> None:
    follow_ups = [make_case(owner=user, state=State.FOLLOW_UP) for user in (agent, teammate)]
    escalated = make_case(owner=agent, state=State.ESCALATED)
    assert shown(supervisor, view="follow_up") == follow_ups
    assert shown(supervisor, view="escalated") == [escalated]
    assert counts_of(supervisor)["follow_up"] == 2


def test_an_admin_sees_every_shop(make_case: MakeCase, make_review: MakeReview, admin: User, other_shop: Shop) -> None:
    cases = [make_case(), make_case(make_review(shop=other_shop))]
    assert shown(admin) == cases
    assert shown(admin, shop=other_shop.pk) == cases[1:]


def test_another_shop_cannot_be_asked_for(
    make_case: MakeCase, make_review: MakeReview, agent: User, other_shop: Shop
) -> None:
    make_case(make_review(shop=other_shop))
    assert shown(agent, shop=other_shop.pk) == []


def test_by_tier_then_by_what_closes_first_then_age_and_what_has_no_clock_last(
    make_case: MakeCase, agent: User
) -> None:
    soon, later = NOW, NOW + timedelta(hours=1)
    clockless = make_case(due_at=None, tier="priority")
    general = make_case(due_at=soon, tier="general")
    disputed = make_case(due_at=soon, tier="disputed")
    late = make_case(due_at=later + timedelta(hours=1), tier="priority")
    by_window = make_case(due_at=None, window_at=later, window_by="explanation", tier="priority")
    urgent = make_case(due_at=soon, window_at=later, window_by="explanation", tier="priority")
    second_urgent = make_case(due_at=soon, tier="priority")
    assert shown(agent) == [urgent, second_urgent, by_window, late, clockless, disputed, general]


def test_other_orders(make_case: MakeCase, agent: User) -> None:
    old = make_case(opened_at=NOW - timedelta(days=1), risk_score=70)
    new = make_case(opened_at=NOW, risk_score=10)
    assert shown(agent, sort="newest") == [new, old]
    assert shown(agent, sort="risk") == [old, new]


def test_closed_cases_show_the_last_closed_first(make_case: MakeCase, agent: User) -> None:
    first = closed(make_case, closed_at=NOW - timedelta(hours=1))
    last = closed(make_case, closed_at=NOW)
    assert shown(agent, view="closed") == [last, first]


@pytest.mark.parametrize("filters", [{"view": "secret"}, {"sort": "secret"}])
def test_an_unknown_view_or_order_is_refused(agent: User, filters: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="secret"):
        shown(agent, **filters)


def test_filter_by_tier(make_case: MakeCase, agent: User) -> None:
    make_case(tier="general")
    disputed = make_case(tier="disputed")
    assert shown(agent, tier="disputed") == [disputed]


def test_filter_by_cause_on_both_levels_finds_each_case_once(
    make_case: MakeCase, make_review: MakeReview, agent: User
) -> None:
    slow = make_case(make_review(["courier.slow", "courier.damage"]))
    shade = make_case(make_review(["colour.shade", "courier.damage"]))
    anger = make_case(make_review(["other"]))
    assert shown(agent, cause="courier") == [slow, shade]
    assert shown(agent, cause="courier.slow") == [slow]
    assert shown(agent, cause="colour.shade") == [shade]
    assert shown(agent, cause="other") == [anger]
    assert shown(agent, cause="price") == []


def test_filter_by_import(make_case: MakeCase, make_review: MakeReview, agent: User, shop: Shop) -> None:
    make_case()
    batch = ImportBatch.objects.create(shop=shop, file_name="later.csv", file_bytes=0)
    brought = make_case(make_review(batch=batch))
    assert shown(agent, batch=batch.pk) == [brought]


@pytest.mark.parametrize("words", ["色差", "脱线", "momo_88", "8800123", "保温杯", " 色差 ", "MOMO"])
def test_search_over_review_follow_up_buyer_order_and_product(
    make_case: MakeCase, make_review: MakeReview, agent: User, words: str
) -> None:
    make_case()
    found = make_case(
        make_review(
            content="有色差",
            append_content="洗一次就脱线",
            buyer_name="momo_88",
            order_number="8800123",
            product_title="不锈钢保温杯",
        )
    )
    assert shown(agent, q=words) == [found]


def test_signs_of_the_pattern_language_are_plain_text(
    make_case: MakeCase, make_review: MakeReview, agent: User
) -> None:
    make_case(make_review(content="颜色差"))
    found = make_case(make_review(content="说好100%棉,实际_不是"))
    assert shown(agent, q="100%") == [found]
    assert shown(agent, q="_不是") == [found]


def test_a_review_without_a_product_is_found_too(make_case: MakeCase, make_review: MakeReview, agent: User) -> None:
    found = make_case(make_review(product=None, content="有色差"))
    assert shown(agent, q="色差") == [found]


def test_a_list_shows_everything_in_two_queries(
    make_case: MakeCase, make_review: MakeReview, agent: User, django_assert_num_queries: Any
) -> None:
    for number in range(12):
        make_case(make_review(["courier.slow", "colour.shade"], product_title=f"商品{number}"), owner=agent)
    counts_of(agent)  # Asks for role and shops, which a request does once.
    with django_assert_num_queries(2):
        for case in queue_of(agent, QueueFilters(view="mine")):
            assert case.review.product
            assert case.shop.name
            assert case.owner == agent
            assert len(case.review.causes.all()) == 2


def test_counts_take_one_query(make_case: MakeCase, supervisor: User, django_assert_num_queries: Any) -> None:
    counts_of(supervisor)  # Asks for role and shops, which a request does once.
    with django_assert_num_queries(1):
        counts_of(supervisor)


def test_open_cases_are_counted_along_their_index_and_not_behind_the_closed_ones(
    make_case: MakeCase, supervisor: User, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(3) as asked:  # The role, the shops, the counts.
        counts_of(supervisor)
    counting = asked.captured_queries[-1]["sql"]
    for condition in ("NOT (U0.\"state\" = 'closed')", 'U0."owner_id" IS NULL', f'U0."owner_id" = {supervisor.pk}'):
        ordered = counting[counting.index(condition) :].split("LIMIT", 1)[0]
        assert 'ORDER BY U0."tier_rank" ASC, U0."closes_at" ASC, U0."id" ASC' in ordered


def test_the_next_case_is_the_first_of_ones_own_queue(make_case: MakeCase, agent: User, teammate: User) -> None:
    make_case(owner=teammate, due_at=NOW - timedelta(hours=3))
    make_case(owner=agent, state=State.ESCALATED, due_at=NOW - timedelta(hours=2))
    make_case(owner=agent, due_at=NOW + timedelta(hours=1))
    due = make_case(owner=agent, due_at=NOW)
    make_case(due_at=NOW - timedelta(hours=4))
    assert next_case_for(agent, QueueFilters()) == due


def test_the_next_case_follows_the_open_one_and_the_last_leads_to_the_first(
    make_case: MakeCase, agent: User, teammate: User
) -> None:
    first, second, third = (make_case(owner=agent, due_at=NOW + timedelta(minutes=n)) for n in range(3))
    make_case()
    queue = QueueFilters()
    assert [next_case_for(agent, queue, case) for case in (first, second, third)] == [second, third, first]
    assert next_case_for(agent, queue, make_case(owner=teammate)) == first
    newest_first = QueueFilters(view="mine", sort="newest")
    assert next_case_for(agent, newest_first, third) == second


def test_the_next_case_keeps_to_the_filters(make_case: MakeCase, agent: User) -> None:
    first, general, last = (make_case(tier=tier) for tier in ("disputed", "general", "disputed"))
    disputed = QueueFilters(view="unassigned", tier="disputed")
    assert next_case_for(agent, disputed, first) == last
    assert next_case_for(agent, disputed, last) == first
    assert next_case_for(agent, QueueFilters(view="unassigned", tier="general"), general) is None


def test_with_an_empty_queue_the_next_case_is_one_nobody_has(make_case: MakeCase, agent: User, teammate: User) -> None:
    assert next_case_for(agent, QueueFilters()) is None
    make_case(owner=teammate)
    free = make_case()
    assert next_case_for(agent, QueueFilters()) == free
    assert next_case_for(agent, QueueFilters(), make_case(owner=agent)) == free


@pytest.mark.parametrize("sort", list(Sort))
def test_going_on_meets_every_case_once_in_the_order_of_the_list(make_case: MakeCase, agent: User, sort: str) -> None:
    for number in range(4):
        moment = NOW + timedelta(minutes=number // 2)
        make_case(owner=agent, due_at=moment, opened_at=moment, risk_score=number // 2)
        make_case(owner=agent, due_at=None, tier="priority", opened_at=moment)
    filters = QueueFilters(sort=sort)
    cases = list(queue_of(agent, filters))
    met = [next_case_for(agent, filters, case) for case in cases]
    assert met == cases[1:] + cases[:1]


def test_going_on_through_what_was_closed(make_case: MakeCase, agent: User) -> None:
    cases = [closed(make_case, closed_at=NOW - timedelta(hours=number // 2)) for number in range(4)]
    filters = QueueFilters(view="closed")
    listed = shown(agent, view="closed")
    assert {case.pk for case in cases} == {case.pk for case in listed}
    assert [next_case_for(agent, filters, case) for case in listed] == listed[1:] + listed[:1]


def test_counting_ends_where_nobody_looks_further(
    make_case: MakeCase, agent: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queues, "COUNTED_AT_MOST", 2)
    for _ in range(5):
        make_case(owner=agent)
    assert counts_of(agent)["mine"] == 3
    assert count_of(queue_of(agent, QueueFilters(tier="general"))) == 3


def test_somebody_without_a_shop_has_empty_lists(make_case: MakeCase, agent: User) -> None:
    make_case(owner=agent)
    agent.shops.clear()
    assert set(counts_of(agent).values()) == {0}
    assert shown(agent) == []


@pytest.mark.parametrize(
    ("outcome", "listed", "index"),
    [
        ("refused", lambda user: queue_of(user, QueueFilters(view=View.CLOSED)), "case_by_closing"),
        ("reported", pending.verdicts, "case_reported"),
    ],
)
def test_an_index_gives_the_order_of_closed_cases_of_several_shops(
    make_case: MakeCase, make_review: MakeReview, shop: Shop, other_shop: Shop, supervisor: User,
    outcome: str, listed: Callable[[User], QuerySet[Case]], index: str,
) -> None:  # fmt: skip
    supervisor.shops.add(other_shop)
    for of_shop in (shop, other_shop):
        make_case(make_review(shop=of_shop), state=State.CLOSED, outcome=outcome, closed_at=NOW)
    with connection.cursor() as cursor:
        # So few rows would be sorted; sorting is what does not end where there are many.
        cursor.execute("set local enable_seqscan = off; set local enable_sort = off; set local enable_bitmapscan = off")
    plan = listed(supervisor)[:50].explain()
    assert index in plan
    assert "Sort" not in plan
