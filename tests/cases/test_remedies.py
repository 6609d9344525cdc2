"""Remedies: agreed up to the cap, asked for above it, decided once, promised until they are handed over."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied

from cases.flow import CaseClosed, Refused
from cases.models import Case, Notice, Remedy, RemedyRequest, ShopPolicy, State
from cases.remedies import (
    RemedyDraft,
    agree_remedy,
    grant_remedy,
    granted_worth,
    refuse_remedy,
    settle_remedy,
    withdraw_request,
)
from reviews.models import Shop
from tests.conftest import NOW
from tests.connections import together

LATER = NOW + timedelta(minutes=20)


@pytest.fixture
def case(make_case: Callable[..., Case], agent: User) -> Case:
    return make_case(owner=agent)


def agree(case: Case, actor: User, amount: str, note: str = "运费险未赔付") -> Remedy | RemedyRequest:
    return agree_remedy(case=case, actor=actor, now=NOW, draft=RemedyDraft("refund", Decimal(amount), note))


@pytest.fixture
def asked(case: Case, agent: User) -> RemedyRequest:
    request = agree(case, agent, "120")
    assert isinstance(request, RemedyRequest)
    return request


def kinds(case: Case) -> list[str]:
    return list(case.changes.order_by("pk").values_list("kind", flat=True))


def test_an_agent_grants_up_to_the_cap(case: Case, agent: User) -> None:
    remedy = agree(case, agent, "50.00")
    assert isinstance(remedy, Remedy)
    assert (remedy.agreed_by, remedy.agreed_at, remedy.note) == (agent, NOW, "运费险未赔付")
    line = case.changes.get()
    assert (line.kind, line.actor, line.comment) == ("remedy", agent, "运费险未赔付")
    assert line.changes == {"kind": ["", "refund"], "amount": ["", "50.00"]}


def test_above_the_cap_the_supervisor_is_asked(case: Case, agent: User, supervisor: User) -> None:
    request = agree(case, agent, "50.01")
    assert isinstance(request, RemedyRequest)
    assert (request.state, request.asked_by, request.amount) == ("asked", agent, Decimal("50.01"))
    assert not Remedy.objects.exists()
    assert kinds(case) == ["asked"]
    assert [(notice.person, notice.kind) for notice in Notice.objects.all()] == [(supervisor, "request")]


def test_a_supervisor_grants_any_worth_at_once(case: Case, supervisor: User) -> None:
    agree(case, supervisor, "500")
    assert case.remedies.get().agreed_by == supervisor


def test_the_cap_is_that_of_the_shop(case: Case, agent: User, shop: Shop) -> None:
    ShopPolicy.objects.create(shop=shop, remedy_cap=10)
    assert isinstance(agree(case, agent, "11"), RemedyRequest)


def test_the_cap_is_for_all_remedies_of_a_case_together(case: Case, agent: User) -> None:
    agree(case, agent, "30")
    assert isinstance(agree(case, agent, "20"), Remedy)
    assert isinstance(agree(case, agent, "0.01"), RemedyRequest)
    assert granted_worth(case) == 50


def test_one_request_of_a_case_waits_at_a_time(asked: RemedyRequest, agent: User) -> None:
    with pytest.raises(Refused):
        agree(asked.case, agent, "90")
    assert RemedyRequest.objects.count() == 1


def test_granted_it_is_a_remedy_and_the_case_comes_first(asked: RemedyRequest, agent: User, supervisor: User) -> None:
    remedy = grant_remedy(request=asked, actor=supervisor, now=LATER, remark="同意")
    assert (remedy.amount, remedy.agreed_by, remedy.kind) == (Decimal(120), supervisor, "refund")
    asked.refresh_from_db()
    assert (asked.state, asked.decided_by, asked.decided_at, asked.remedy) == ("granted", supervisor, LATER, remedy)
    case = Case.objects.get(pk=asked.case_id)
    assert case.answered_at == LATER
    assert kinds(case) == ["asked", "remedy"]
    assert Notice.objects.filter(person=agent, kind="answer", case=case).exists()


def test_refused_it_is_none_and_the_owner_learns_why(asked: RemedyRequest, agent: User, supervisor: User) -> None:
    with pytest.raises(Refused):
        refuse_remedy(request=asked, actor=supervisor, now=LATER, remark=" ")
    refuse_remedy(request=asked, actor=supervisor, now=LATER, remark="先换货")
    assert not Remedy.objects.exists()
    line = asked.case.changes.first()
    assert line is not None
    assert (line.kind, line.comment, line.actor) == ("refused", "先换货", supervisor)
    assert Case.objects.get(pk=asked.case_id).answered_at == LATER
    assert isinstance(agree(asked.case, agent, "60"), RemedyRequest)


def test_only_a_supervisor_decides(asked: RemedyRequest, agent: User, teammate: User, outsider: User) -> None:
    for person in (agent, teammate, outsider):
        with pytest.raises(PermissionDenied):
            grant_remedy(request=asked, actor=person, now=LATER)
        with pytest.raises(PermissionDenied):
            refuse_remedy(request=asked, actor=person, now=LATER, remark="不行")
    assert not Remedy.objects.exists()


def test_what_is_decided_is_not_decided_again(asked: RemedyRequest, supervisor: User, admin: User) -> None:
    refuse_remedy(request=asked, actor=supervisor, now=LATER, remark="先换货")
    with pytest.raises(Refused, match="supervisor"):
        grant_remedy(request=asked, actor=admin, now=LATER)
    assert not Remedy.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_supervisors_at_once_one_decides(asked: RemedyRequest, supervisor: User, admin: User) -> None:
    def grant(person: User) -> bool:
        try:
            grant_remedy(request=RemedyRequest.objects.get(pk=asked.pk), actor=person, now=LATER)
        except Refused:
            return False
        return True

    assert sorted(together(lambda: grant(supervisor), lambda: grant(admin))) == [False, True]
    assert asked.case.remedies.count() == 1


def test_a_request_can_be_taken_back(asked: RemedyRequest, agent: User, teammate: User, supervisor: User) -> None:
    with pytest.raises(PermissionDenied):
        withdraw_request(request=asked, actor=teammate, now=LATER)
    withdraw_request(request=asked, actor=agent, now=LATER)
    assert kinds(asked.case) == ["asked", "unasked"]
    with pytest.raises(Refused):
        grant_remedy(request=asked, actor=supervisor, now=LATER)


def test_a_closed_case_is_granted_nothing(asked: RemedyRequest, supervisor: User) -> None:
    Case.objects.filter(pk=asked.case_id).update(state=State.CLOSED, closed_at=NOW)
    with pytest.raises(CaseClosed):
        grant_remedy(request=asked, actor=supervisor, now=LATER)


def test_a_negative_worth_is_refused(case: Case, agent: User) -> None:
    with pytest.raises(Refused):
        agree(case, agent, "-1")


@pytest.mark.parametrize("amount", ["20", "2000"])
@pytest.mark.parametrize("note", ["改成好评就返现20元", "删差评后退款", "刷单补偿"])
def test_a_remedy_never_pays_for_the_review(case: Case, agent: User, note: str, amount: str) -> None:
    with pytest.raises(Refused):
        agree(case, agent, amount, note)
    assert not Remedy.objects.exists()
    assert not RemedyRequest.objects.exists()


@pytest.mark.parametrize("note", ["", "退差价20元", "衣服开线,退款不退货", "补寄纽扣,与评价无关"])
def test_a_remedy_for_the_problem_is_kept(case: Case, agent: User, note: str) -> None:
    assert agree(case, agent, "20", note).note == note


def test_a_closed_case_gets_no_remedy(make_case: Callable[..., Case], agent: User) -> None:
    with pytest.raises(CaseClosed):
        agree(make_case(owner=agent, state=State.CLOSED, closed_at=NOW), agent, "5")


def test_only_who_may_work_the_case_grants(case: Case, teammate: User) -> None:
    with pytest.raises(PermissionDenied):
        agree(case, teammate, "5")


def promised(case: Case, actor: User, amount: str = "20") -> Remedy:
    remedy = agree(case, actor, amount)
    assert isinstance(remedy, Remedy)
    return remedy


def test_a_promise_is_due_after_the_shops_days(case: Case, agent: User, shop: Shop) -> None:
    assert promised(case, agent).due_on == date(2026, 11, 23)
    ShopPolicy.objects.create(shop=shop, remedy_days=7)
    assert promised(case, agent).due_on == date(2026, 11, 27)
    chosen = RemedyDraft("gift", Decimal(1), due_on=date(2026, 12, 1))
    assert agree_remedy(case=case, actor=agent, now=NOW, draft=chosen).due_on == date(2026, 12, 1)  # type: ignore[union-attr]


def test_it_is_handed_over_even_after_the_case_closed(case: Case, agent: User) -> None:
    remedy = promised(case, agent)
    Case.objects.filter(pk=case.pk).update(state=State.CLOSED, closed_at=NOW)
    settle_remedy(remedy=remedy, state="done", actor=agent, now=LATER, note="转账单号 881")
    remedy.refresh_from_db()
    assert (remedy.state, remedy.settled_by, remedy.settled_at) == ("done", agent, LATER)
    line = case.changes.first()
    assert line is not None
    assert (line.kind, line.comment, line.changes["amount"]) == ("done", "转账单号 881", ["", "20.00"])
    with pytest.raises(Refused):
        settle_remedy(remedy=remedy, state="dropped", actor=agent, now=LATER, note="重复")


def test_dropping_a_promise_needs_a_reason_and_frees_its_worth(case: Case, agent: User) -> None:
    remedy = promised(case, agent, "50")
    with pytest.raises(Refused):
        settle_remedy(remedy=remedy, state="dropped", actor=agent, now=LATER)
    settle_remedy(remedy=remedy, state="dropped", actor=agent, now=LATER, note="买家不要")
    assert granted_worth(case) == 0
    assert isinstance(agree(case, agent, "50"), Remedy)


def test_who_may_not_work_the_case_settles_nothing(case: Case, agent: User, teammate: User) -> None:
    with pytest.raises(PermissionDenied):
        settle_remedy(remedy=promised(case, agent), state="done", actor=teammate, now=LATER)
