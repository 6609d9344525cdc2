"""Remedies and the cap an agent may grant."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied

from cases.flow import CaseClosed, Refused
from cases.models import Case, Remedy, ShopPolicy, State
from cases.remedies import OverCap, agree_remedy
from reviews.models import Shop
from tests.conftest import NOW


@pytest.fixture
def case(make_case: Callable[..., Case], agent: User) -> Case:
    return make_case(owner=agent)


def agree(case: Case, actor: User, amount: str) -> Remedy:
    return agree_remedy(case=case, actor=actor, now=NOW, kind="refund", amount=Decimal(amount), note="运费险未赔付")


def test_an_agent_grants_up_to_the_cap(case: Case, agent: User) -> None:
    remedy = agree(case, agent, "50.00")
    assert (remedy.agreed_by, remedy.agreed_at, remedy.note) == (agent, NOW, "运费险未赔付")
    line = case.changes.get()
    assert (line.kind, line.actor, line.comment) == ("remedy", agent, "运费险未赔付")
    assert line.changes == {"kind": ["", "refund"], "amount": ["", "50.00"]}


def test_above_the_cap_only_a_supervisor_grants(case: Case, agent: User, supervisor: User) -> None:
    with pytest.raises(OverCap) as refusal:
        agree(case, agent, "50.01")
    assert refusal.value.cap == Decimal(50)
    assert not Remedy.objects.exists()
    agree(case, supervisor, "500")
    assert case.remedies.get().agreed_by == supervisor


def test_the_cap_is_that_of_the_shop(case: Case, agent: User, shop: Shop) -> None:
    ShopPolicy.objects.create(shop=shop, remedy_cap=10)
    with pytest.raises(OverCap):
        agree(case, agent, "11")


def test_a_negative_worth_is_refused(case: Case, agent: User) -> None:
    with pytest.raises(Refused):
        agree(case, agent, "-1")


@pytest.mark.parametrize("note", ["改成好评就返现20元", "删差评后退款", "刷单补偿"])
def test_a_remedy_never_pays_for_the_review(case: Case, agent: User, note: str) -> None:
    with pytest.raises(Refused):
        agree_remedy(case=case, actor=agent, now=NOW, kind="refund", amount=Decimal(20), note=note)
    assert not Remedy.objects.exists()


@pytest.mark.parametrize("note", ["", "退差价20元", "衣服开线,退款不退货", "补寄纽扣,与评价无关"])
def test_a_remedy_for_the_problem_is_kept(case: Case, agent: User, note: str) -> None:
    assert agree_remedy(case=case, actor=agent, now=NOW, kind="refund", amount=Decimal(20), note=note).note == note


def test_a_closed_case_gets_no_remedy(make_case: Callable[..., Case], agent: User) -> None:
    with pytest.raises(CaseClosed):
        agree(make_case(owner=agent, state=State.CLOSED, closed_at=NOW), agent, "5")


def test_only_who_may_work_the_case_grants(case: Case, teammate: User) -> None:
    with pytest.raises(PermissionDenied):
        agree(case, teammate, "5")


def test_the_cap_is_for_all_remedies_of_a_case_together(case: Case, agent: User) -> None:
    agree(case, agent, "30")
    with pytest.raises(OverCap):
        agree(case, agent, "20.01")
    agree(case, agent, "20")
    assert case.remedies.count() == 2
