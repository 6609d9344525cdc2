"""Who is shown the whole number of a buyer, when, and what remains of that."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied

from cases.buyer_data.phones import NotShown, phone_of, reveal_phone
from cases.buyers import order_of
from cases.contacts.entries import ContactDraft, log_contact
from cases.contacts.rules import contact_rules
from cases.contacts.rulings import allow_exception, ask_not_to_phone
from cases.flow import CaseClosed
from cases.models import Case, CaseChange
from reviews.models import Order, Review
from reviews.phones import kept
from tests.conftest import NOW

MakeCase = Callable[..., Case]
NIGHT = NOW.replace(hour=22)


@pytest.fixture
def case(make_case: MakeCase, agent: User) -> Case:
    return with_number(make_case(owner=agent), "13812345678")


def with_number(case: Case, number: str, **facts: Any) -> Case:
    mask, sealed = kept(number)
    order = case.review.order_number
    Order.objects.create(shop=case.shop, number=order, phone=mask, phone_sealed=sealed, **facts)
    return case


def reveal(case: Case, actor: User, now: datetime = NOW, words: str = "") -> str:
    return reveal_phone(case=case, purpose="first", words=words, actor=actor, now=now)


def test_the_owner_and_a_supervisor_see_it_and_a_line_says_so(case: Case, agent: User, supervisor: User) -> None:
    assert reveal(case, agent, words="约好18:00,号码13812345678") == "13812345678"
    assert reveal(case, supervisor) == "13812345678"
    line = case.changes.order_by("pk")[0]
    assert (line.kind, line.actor, line.changes) == ("revealed", agent, {"purpose": ["", "first"]})
    assert line.comment == "约好18:00,号码138****5678"
    assert case.changes.count() == 2


def test_nobody_else_does(case: Case, teammate: User, outsider: User) -> None:
    for stranger in (teammate, outsider):
        with pytest.raises(PermissionDenied):
            reveal(case, stranger)
    assert not case.changes.exists()


def refused(case: Case, actor: User, now: datetime = NOW) -> str:
    order = order_of(case.review)
    phone = phone_of(case, order, contact_rules(case, now=now))
    with pytest.raises(NotShown) as refusal:
        reveal(case, actor, now)
    assert phone
    assert phone.objection == str(refusal.value), "the page does not offer what would be refused"
    assert not case.changes.filter(kind=CaseChange.Kind.REVEALED).exists()
    return phone.objection


def test_not_of_a_buyer_who_asked_not_to_be_phoned(case: Case, agent: User, supervisor: User) -> None:
    ask_not_to_phone(case=case, reason="旺旺上说别打电话", actor=agent, now=NOW)
    assert refused(case, agent) == refused(case, supervisor)


def test_not_in_quiet_hours_unless_a_supervisor_allows_it(case: Case, agent: User, supervisor: User) -> None:
    assert "11-21 09:00" in refused(case, agent, NIGHT)
    allow_exception(case=case, reason="买家约了22点", actor=supervisor, now=NIGHT)
    assert reveal(case, agent, NIGHT) == "13812345678"


def test_not_when_the_calls_are_used_up(case: Case, agent: User) -> None:
    for _call in range(2):
        log_contact(case=case, actor=agent, now=NOW, draft=ContactDraft("phone", "no_answer", "未接"))
    assert refused(case, agent)


def test_a_virtual_number_is_shown_as_long_as_it_lives(make_case: MakeCase, agent: User) -> None:
    for days, lives in ((14, True), (16, False)):
        case = make_case(owner=agent)
        with_number(case, "17000000000-1234", completed_at=NOW - timedelta(days=days))
        if lives:
            assert reveal(case, agent) == "17000000000-1234"
        else:
            assert "2026-11-19" in refused(case, agent)


def test_a_number_of_ones_own_does_not_end(make_case: MakeCase, agent: User) -> None:
    case = with_number(make_case(owner=agent), "13812345678", completed_at=NOW - timedelta(days=16))
    assert reveal(case, agent) == "13812345678"


def test_a_virtual_number_that_may_have_ended_is_said_to(
    make_case: MakeCase, make_review: Callable[..., Review], agent: User
) -> None:
    case = make_case(make_review(reviewed_at=NOW - timedelta(days=2)), owner=agent)
    with_number(case, "17000000000-1234", ordered_at=NOW - timedelta(days=20))
    phone = phone_of(case, order_of(case.review), contact_rules(case, now=NOW))
    assert phone
    assert not phone.objection
    assert phone.note
    assert reveal(case, agent) == "17000000000-1234"


def test_of_a_mask_nothing_more_is_known(make_case: MakeCase, agent: User) -> None:
    assert refused(with_number(make_case(owner=agent), "138****5678"), agent)
    bare = make_case(owner=agent)
    assert phone_of(bare, None, contact_rules(bare, now=NOW)) is None
    with pytest.raises(NotShown):
        reveal(bare, agent)


def test_not_of_a_closed_case(make_case: MakeCase, agent: User) -> None:
    case = make_case(owner=agent, state="closed", closed_at=NOW, due_at=None, outcome="satisfied")
    with_number(case, "13812345678")
    phone = phone_of(case, order_of(case.review), contact_rules(case, now=NOW))
    assert phone
    assert phone.objection
    with pytest.raises(CaseClosed):
        reveal(case, agent)


def test_without_its_key_it_stays_unread(case: Case, agent: User, settings: Any) -> None:
    settings.PHONE_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(NotShown, match=r"密钥|key"):
        reveal(case, agent)
    assert not case.changes.exists()
