"""Whom the shop may turn to, when and how often: over all cases of a buyer, refused with the reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.utils import translation

from cases.contacts.entries import ContactDraft, ContactRefused, log_contact
from cases.contacts.rules import Source, contact_rules
from cases.contacts.rulings import allow_exception, ask_not_to_phone, lift_phone_refusal
from cases.flow import CaseClosed, Refused
from cases.models import Case, ContactEntry, ShopPolicy
from reviews.models import Order, Review, ReviewRevision, Shop
from tests.conftest import NOW
from tests.connections import together

MakeCase = Callable[..., Case]
MakeReview = Callable[..., Review]
HOUR = timedelta(hours=1)
NIGHT = NOW.replace(hour=22)


@pytest.fixture(autouse=True)
def _english() -> Any:
    with translation.override("en"):
        yield


@pytest.fixture
def make_own(make_case: MakeCase, make_review: MakeReview, agent: User) -> Callable[..., Case]:
    """A case of the agent's; keyword arguments are the review's."""
    return lambda **review: make_case(make_review(**review), owner=agent)


def contact(case: Case, channel: str = "phone", *, now: datetime = NOW, **given: Any) -> ContactEntry:
    draft = ContactDraft(**{"channel": channel, "result": "reached", "said": "道歉", **given})
    assert case.owner
    return log_contact(case=case, actor=case.owner, now=now, draft=draft)


def sources(case: Case) -> list[tuple[Source, str]]:
    return [(wish.source, wish.words) for wish in contact_rules(case, now=NOW).wishes]


@pytest.mark.parametrize(("field", "source"), [("content", Source.REVIEW), ("append_content", Source.FOLLOW_UP)])
def test_a_buyer_who_wrote_so_is_not_phoned_but_may_be_written_to(
    make_own: Callable[..., Case], field: str, source: Source
) -> None:
    case = make_own(**{field: "难看,别打电话"})
    assert sources(case) == [(source, "别打电话")]
    with pytest.raises(ContactRefused, match="not to be phoned"):
        contact(case)
    assert contact(case, "chat").channel == "chat"


def test_a_wish_stands_after_the_text_was_changed(make_own: Callable[..., Case]) -> None:
    case = make_own(content="还行")
    changes = {"content": ["别打电话", "还行"]}
    ReviewRevision.objects.create(review=case.review, batch=case.review.batch, recorded_at=NOW, changes=changes)
    assert sources(case) == [(Source.REVIEW, "别打电话")]


def test_what_the_buyer_said_to_us_counts_and_what_we_said_does_not(make_own: Callable[..., Case]) -> None:
    case = make_own()
    contact(case, "chat", said="以后不要打电话了我们只用旺旺")
    assert sources(case) == []
    contact(case, "chat", said="别打电话了", direction="incoming")
    assert sources(case) == [(Source.CONTACT, "别打电话")]
    contact(case, "phone", said="买家自己打来", direction="incoming")


def test_an_agent_notes_it_by_hand_on_a_closed_case_too(make_case: MakeCase, agent: User, teammate: User) -> None:
    case = make_case(owner=agent, state="closed", closed_at=NOW, outcome="refused")
    with pytest.raises(PermissionDenied):
        ask_not_to_phone(case=case, reason="电话里说的", actor=teammate, now=NOW)
    ask_not_to_phone(case=case, reason="电话里说的", actor=agent, now=NOW)
    assert sources(case) == [(Source.BY_HAND, "电话里说的")]


@pytest.mark.parametrize(
    ("first", "second", "is_same"),
    [
        ({"buyer_name": "momo_88"}, {"buyer_name": "momo_88"}, True),
        ({"buyer_name": "momo_88"}, {"buyer_name": "momo_89"}, False),
        ({"buyer_name": "m**8"}, {"buyer_name": "m**8"}, False),
        ({"buyer_name": "匿名用户"}, {"buyer_name": "匿名用户"}, False),
        ({"buyer_name": "m**8", "order_number": "7"}, {"buyer_name": "m**8", "order_number": "7"}, True),
        ({"buyer_name": "m**8", "order_number": "known"}, {"buyer_name": "momo_88"}, True),
        ({"buyer_name": "", "order_number": ""}, {"buyer_name": "", "order_number": ""}, False),
    ],
)
def test_a_wish_holds_for_all_cases_of_the_buyer(
    make_own: Callable[..., Case], shop: Shop, first: dict[str, str], second: dict[str, str], is_same: bool
) -> None:
    Order.objects.create(shop=shop, number="known", buyer_name="momo_88")
    asked, other = make_own(content="别打电话", **first), make_own(**second)
    assert contact_rules(asked, now=NOW).refuses_phone
    assert contact_rules(other, now=NOW).refuses_phone is is_same
    contact(asked, "chat")
    assert contact_rules(other, now=NOW).messages.uses[0].made == is_same


def test_another_shop_is_not_bound(make_own: Callable[..., Case], other_shop: Shop) -> None:
    make_own(content="别打电话", buyer_name="momo_88")
    assert not contact_rules(make_own(buyer_name="momo_88", shop=other_shop), now=NOW).refuses_phone


def test_a_supervisor_lifts_what_was_said_and_not_what_is_said_later(
    make_own: Callable[..., Case], agent: User, supervisor: User
) -> None:
    case, other = make_own(content="别打电话", buyer_name="momo_88"), make_own(buyer_name="momo_88")
    with pytest.raises(PermissionDenied):
        lift_phone_refusal(case=case, reason="我想打", actor=agent, now=NOW)
    ruling = lift_phone_refusal(case=other, reason="买家约了电话", actor=supervisor, now=NOW)
    rules = contact_rules(case, now=NOW)
    assert (rules.refuses_phone, rules.lifted) == (False, ruling)
    assert other.changes.get(kind="may_phone").comment == "买家约了电话"
    contact(case)
    with pytest.raises(Refused, match="Nothing keeps"):
        lift_phone_refusal(case=case, reason="又来", actor=supervisor, now=NOW)
    Review.objects.filter(pk=case.review_id).update(append_content="再打电话我就投诉", append_at=NOW - 9 * HOUR)
    case.refresh_from_db()
    assert sources(case) == [(Source.FOLLOW_UP, "再打电话我就投诉")]


def test_calls_and_other_contacts_have_budgets_of_their_own(make_own: Callable[..., Case]) -> None:
    case, other = make_own(buyer_name="momo_88"), make_own(buyer_name="momo_88")
    contact(case, now=NOW - 2 * HOUR, result="no_answer")
    contact(other, now=NOW - HOUR)
    with pytest.raises(ContactRefused, match=r"called often enough.*from 11-21 12:00"):
        contact(case)
    for _number in range(4):
        contact(case, "chat")
    with pytest.raises(ContactRefused, match=r"written to often enough.*from 11-21 14:00"):
        contact(other, "other")
    contact(other, "phone", now=NOW + timedelta(hours=23))


def test_what_the_buyer_begins_never_counts_and_is_never_refused(make_own: Callable[..., Case]) -> None:
    case = make_own(content="别打电话")
    for _number in range(5):
        contact(case, direction="incoming", now=NIGHT)
    rules = contact_rules(case, now=NIGHT)
    assert [use.made for use in rules.calls.uses] == [0, 0]


def test_the_next_time_is_not_within_the_quiet_hours(make_own: Callable[..., Case]) -> None:
    case = make_own()
    late = NOW.replace(hour=20, minute=50)
    for _number in range(2):
        contact(case, now=late)
    ShopPolicy.objects.create(shop=case.shop, quiet_starts=time(20), quiet_ends=time(9))
    with pytest.raises(ContactRefused, match="11-22 09:00"):
        contact(case, now=late)


@pytest.mark.parametrize(("channel", "is_refused"), [("phone", True), ("sms", True), ("chat", False), ("other", False)])
def test_quiet_hours_keep_what_rings(make_own: Callable[..., Case], channel: str, is_refused: bool) -> None:
    case = make_own()
    if is_refused:
        with pytest.raises(ContactRefused, match=r"quiet time.*from 11-21 09:00"):
            contact(case, channel, now=NIGHT)
    else:
        contact(case, channel, now=NIGHT)


def test_a_talk_that_began_before_the_quiet_hours_may_be_written_up_after(make_own: Callable[..., Case]) -> None:
    case = make_own()
    contact(case, now=NOW.replace(hour=21, minute=14))
    with pytest.raises(ContactRefused):
        contact(case, now=NOW.replace(hour=21, minute=16))
    contact(case, now=NOW.replace(hour=21, minute=40), duration_seconds=1800)


def test_a_shop_has_its_own_limits(make_own: Callable[..., Case]) -> None:
    case = make_own()
    ShopPolicy.objects.create(shop=case.shop, quiet_starts=time(0), quiet_ends=time(0), calls_a_day=1)
    contact(case, now=NIGHT)
    with pytest.raises(ContactRefused, match="called often enough"):
        contact(case, now=NIGHT + HOUR)


def test_a_supervisor_allows_one_contact_beyond_the_limits(
    make_own: Callable[..., Case], agent: User, supervisor: User
) -> None:
    case = make_own()
    with pytest.raises(PermissionDenied):
        allow_exception(case=case, reason="买家约的", actor=agent, now=NIGHT)
    ruling = allow_exception(case=case, reason="买家约的", actor=supervisor, now=NIGHT)
    with pytest.raises(Refused, match="already"):
        allow_exception(case=case, reason="买家约的", actor=supervisor, now=NIGHT)
    assert contact(case, "chat", now=NIGHT).exception is None
    assert contact(case, now=NIGHT).exception == ruling
    with pytest.raises(ContactRefused):
        contact(case, now=NIGHT)
    assert [use.made for use in contact_rules(case, now=NIGHT).calls.uses] == [1, 1]
    assert case.changes.get(kind="exception").comment == "买家约的"


def test_an_exception_is_for_its_case_for_a_day_and_never_against_the_buyers_wish(
    make_own: Callable[..., Case], supervisor: User
) -> None:
    case, other = make_own(buyer_name="momo_88"), make_own(buyer_name="momo_88")
    allow_exception(case=case, reason="买家约的", actor=supervisor, now=NIGHT)
    with pytest.raises(ContactRefused):
        contact(other, now=NIGHT)
    with pytest.raises(ContactRefused):
        contact(case, now=NIGHT + 24 * HOUR)
    ask_not_to_phone(case=other, reason="别打", actor=supervisor, now=NIGHT)
    with pytest.raises(ContactRefused, match="not to be phoned"):
        contact(case, now=NIGHT)


def test_a_closed_case_needs_no_exception(make_case: MakeCase, agent: User, supervisor: User) -> None:
    case = make_case(owner=agent, state="closed", closed_at=NOW, outcome="refused")
    with pytest.raises(CaseClosed):
        allow_exception(case=case, reason="x", actor=supervisor, now=NOW)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("buyer", [{"buyer_name": "momo_88"}, {"buyer_name": "m**8", "order_number": "7"}])
def test_of_two_calls_at_once_upon_the_last_free_one_is_refused(
    make_case: MakeCase, make_review: MakeReview, agent: User, teammate: User, buyer: dict[str, str]
) -> None:
    cases = [make_case(make_review(**buyer), owner=owner) for owner in (agent, teammate)]
    contact(cases[0], now=NOW - HOUR)

    def call(case: Case) -> bool:
        try:
            contact(case)
        except ContactRefused:
            return False
        return True

    assert sorted(together(*(partial(call, case) for case in cases))) == [False, True]
    assert ContactEntry.objects.filter(channel="phone").count() == 2


def test_the_rules_take_few_queries_for_any_history(
    make_own: Callable[..., Case], shop: Shop, django_assert_num_queries: Any
) -> None:
    cases = [make_own(buyer_name="momo_88", content="别打电话") for _number in range(8)]
    for case in cases:
        Order.objects.create(shop=shop, number=case.review.order_number, buyer_name="momo_88")
        contact(case, "chat", direction="incoming")
    with django_assert_num_queries(7):
        assert len(contact_rules(cases[0], now=NOW).wishes) == 8
