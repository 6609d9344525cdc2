"""Whatever changes a case leaves its line of history, in the same transaction."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from functools import partial
from io import BytesIO
from typing import Any
from unittest.mock import patch

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Model

from cases import assignment, flow, outcomes, remedies
from cases.assignment import AlreadyClaimed
from cases.buyer_data import notes, phones
from cases.contacts import entries, rulings
from cases.contacts.entries import ContactDraft
from cases.history import shown
from cases.inflow.opening import open_cases
from cases.models import (
    BuyerNote,
    Case,
    CaseChange,
    ContactEntry,
    ContactRuling,
    PublicReply,
    Remedy,
    RemedyRequest,
    State,
)
from cases.replies.writing import ReplyBlocked, write_reply
from cases.settling import claims, escalations, evidence
from reviews.models import Order, Review, ReviewRevision
from reviews.phones import kept
from reviews.signals import causes_corrected, orders_stored, review_gone, reviews_back
from tests.conftest import NOW

CLOSED = {"state": State.CLOSED, "closed_at": NOW, "outcome": "refused"}
ESCALATED = {"state": State.ESCALATED}
CLAIMED = CLOSED | {"outcome": "revised", "claim": "waiting", "check_claim_at": NOW}
GIFT = remedies.RemedyDraft("gift", Decimal(9))
REFUND = remedies.RemedyDraft("refund", Decimal(900))
DRAFT = ContactDraft("chat", "reached", "已道歉")
REPLY = "您好,很抱歉快递让您等了九天。我们已联系快递核实原因,并给您补发了运费券,也会换更快的线路发货。"


def reply(case: Case, **who: Any) -> None:
    write_reply(case=case, text=REPLY, **who)


def review_changed(case: Case, *, actor: User, now: Any) -> None:
    changes = {"content": ["一般", "太差了"]}
    ReviewRevision.objects.create(review=case.review, batch=case.review.batch, recorded_at=now, changes=changes)
    open_cases(review_ids=[case.review_id], changed={case.review_id: {"content"}}, now=now)


def causes_chosen(case: Case, **who: Any) -> None:
    causes_corrected.send(sender=Review, review=case.review, before=["courier.slow"], after=["other"], **who)


def causes_confirmed(case: Case, **who: Any) -> None:
    causes_corrected.send(sender=Review, review=case.review, before=["other"], after=["other"], **who)


def correction_withdrawn(case: Case, **who: Any) -> None:
    codes = {"before": ["other"], "after": ["courier.slow"]}
    causes_corrected.send(sender=Review, review=case.review, is_withdrawn=True, **codes, **who)


def order_told(case: Case, *, actor: User, now: Any) -> None:
    Order.objects.create(shop=case.shop, number=case.review.order_number, amount=Decimal(5000))
    orders_stored.send(sender=Order, shop_id=case.shop_id, numbers=[case.review.order_number], now=now)


def review_gone_from_platform(case: Case, **who: Any) -> None:
    review_gone.send(sender=Review, review=case.review, **who)


def review_back(case: Case, **who: Any) -> None:
    reviews_back.send(sender=Review, confirmed_at={case.review_id: NOW - timedelta(days=1)}, **who)


def rated_good(case: Case, *, actor: User, now: Any) -> None:
    told(case, {"rating": ["bad", "good"]}, now)


def rated_bad_again(case: Case, *, actor: User, now: Any) -> None:
    told(case, {"rating": ["good", "bad"]}, now)


def told(case: Case, changes: dict[str, list[str]], now: Any) -> None:
    ReviewRevision.objects.create(review=case.review, batch=case.review.batch, recorded_at=now, changes=changes)
    Review.objects.filter(pk=case.review_id).update(**{name: new for name, (_old, new) in changes.items()})
    open_cases(review_ids=[case.review_id], changed={case.review_id: set(changes)}, now=now)


def asked(case: Case, *, actor: User, now: Any) -> None:
    remedies.agree_remedy(case=case, draft=REFUND, actor=case.owner, now=now)  # type: ignore[arg-type]


def request_of(case: Case) -> RemedyRequest:
    return RemedyRequest.objects.create(case=case, kind="gift", amount=900, asked_by=case.owner, asked_at=NOW)


def promise_of(case: Case) -> Remedy:
    return Remedy.objects.create(
        case=case, kind="gift", amount=9, agreed_by=case.owner, agreed_at=NOW, due_on=NOW.date()
    )


@transaction.atomic
def promise_settled(case: Case, *, state: str, **who: Any) -> None:
    remedies.settle_remedy(remedy=promise_of(case), state=state, note="买家改主意", **who)


def phone_refusal_lifted(case: Case, **who: Any) -> None:
    Review.objects.filter(pk=case.review_id).update(content="别打电话")
    case.review.refresh_from_db()
    rulings.lift_phone_refusal(case=case, reason="改口了", **who)


def number_revealed(case: Case, **who: Any) -> None:
    mask, sealed = kept("13812345678")
    Order.objects.create(shop=case.shop, number=case.review.order_number, phone=mask, phone_sealed=sealed)
    phones.reveal_phone(case=case, purpose="first", words="", **who)


SERVICES: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {
    "assigned": (lambda case, actor, now: assignment.reassign_case(case=case, to=actor, actor=actor, now=now), {}),
    "claimed": (lambda case, **who: assignment.claim_case(case=case, **who), {"owner": None}),
    "released": (lambda case, **who: assignment.release_case(case=case, **who), {}),
    "tier": (lambda case, **who: flow.choose_tier(case=case, tier="priority", **who), {}),
    "causes": (causes_chosen, {}),
    "confirmed": (causes_confirmed, {}),
    "withdrawn": (correction_withdrawn, {}),
    "step": (lambda case, **who: flow.finish_step(case=case, step=1, reason="当面谈过", **who), {}),
    "contact": (lambda case, **who: entries.log_contact(case=case, draft=DRAFT, **who), {}),
    "no_phone": (lambda case, **who: rulings.ask_not_to_phone(case=case, reason="别打", **who), {}),
    "may_phone": (phone_refusal_lifted, {}),
    "exception": (lambda case, **who: rulings.allow_exception(case=case, reason="约好的", **who), {}),
    "remedy": (lambda case, **who: remedies.agree_remedy(case=case, draft=GIFT, **who), {}),
    "asked": (asked, {}),
    "refused": (lambda case, **who: remedies.refuse_remedy(request=request_of(case), remark="不", **who), {}),
    "unasked": (lambda case, **who: remedies.withdraw_request(request=request_of(case), **who), {}),
    "done": (partial(promise_settled, state="done"), {}),
    "dropped": (partial(promise_settled, state="dropped"), {}),
    "reply": (reply, {}),
    "revealed": (number_revealed, {}),
    "noted": (lambda case, **who: notes.write_note(case=case, text="性子急", **who), {}),
    "escalated": (lambda case, **who: escalations.escalate_case(case=case, question="?", **who), {}),
    "returned": (lambda case, **who: escalations.return_case(case=case, answer="!", **who), ESCALATED),
    "closed": (lambda case, **who: outcomes.close_case(case=case, outcome="revised", **who), {}),
    "reopened": (lambda case, **who: outcomes.reopen_case(case=case, **who), CLOSED),
    "review": (review_changed, {}),
    "proven": (rated_good, CLOSED),
    "unproven": (rated_bad_again, CLOSED | {"proven": "revised"}),
    "claim": (lambda case, **who: claims.accept_claim(case=case, **who), CLAIMED),
    "evidence": (lambda case, **who: evidence.collect_evidence(case=case, file=BytesIO(), **who), {}),
    "order": (order_told, {}),
    "gone": (review_gone_from_platform, CLOSED),
    "back": (review_back, CLOSED),
}
ELSEWHERE = {"opened", "moved", "rules", "taken_back"}
"""Lines that come of no act upon one case alone: of imports, of changed rules (`tests/cases/clocks`,
`tests/cases/rulebook`), of undoing what was done before (`test_taking_back`)."""
BY_THE_SYSTEM = {"review", "order", "proven", "unproven"}


def stored(case: Case) -> list[dict[str, Any]]:
    """Everything the database says of the case, its history left out."""
    models: list[tuple[type[Model], str]] = [
        (Case, "pk"), (ContactEntry, "case"), (ContactRuling, "case"), (Remedy, "case"), (PublicReply, "case"),
        (BuyerNote, "case"),
    ]  # fmt: skip
    return [row for model, key in models for row in model._default_manager.filter(**{key: case.pk}).values()]


def test_every_kind_of_line_has_its_service() -> None:
    assert {*SERVICES, *ELSEWHERE} == set(CaseChange.Kind.values)


@pytest.mark.parametrize("kind", SERVICES)
def test_every_service_writes_one_line(
    kind: str, make_case: Callable[..., Case], agent: User, supervisor: User
) -> None:
    service, fields = SERVICES[kind]
    case = make_case(**{"owner": agent, **fields})
    service(case, actor=supervisor, now=NOW)
    line = case.changes.get(kind=kind)
    assert line.at == NOW
    assert line.actor == (None if kind in BY_THE_SYSTEM else agent if kind == "asked" else supervisor)


@pytest.mark.parametrize("kind", SERVICES)
def test_without_its_line_nothing_is_changed(
    kind: str, make_case: Callable[..., Case], agent: User, supervisor: User
) -> None:
    service, fields = SERVICES[kind]
    case = make_case(**{"owner": agent, **fields})
    before = stored(case)
    with (
        patch.object(CaseChange, "save", side_effect=RuntimeError("no room for history")),
        patch.object(CaseChange.objects, "bulk_create", side_effect=RuntimeError("no room for history")),
        pytest.raises(RuntimeError, match="no room"),
    ):
        service(case, actor=supervisor, now=NOW)
    assert stored(case) == before


def test_opening_and_handing_out_write_history_or_nothing(
    make_review: Callable[..., Review], make_case: Callable[..., Case], agent: User
) -> None:
    review, waiting = make_review(), make_case()
    no_room = RuntimeError("no room for history")
    with patch("cases.inflow.opening.copy_rows", side_effect=no_room), pytest.raises(RuntimeError, match="no room"):
        open_cases(review_ids=[review.pk], changed={}, now=NOW)
    with (
        patch.object(CaseChange.objects, "bulk_create", side_effect=no_room),
        pytest.raises(RuntimeError, match="no room"),
    ):
        assignment.assign_cases([waiting], now=NOW)
    assert not Case.objects.filter(review=review).exists()
    assert Case.objects.get(pk=waiting.pk).owner is None


def test_a_refused_claim_writes_nothing(make_case: Callable[..., Case], agent: User, supervisor: User) -> None:
    case = make_case(owner=agent)
    with pytest.raises(AlreadyClaimed):
        assignment.claim_case(case=case, actor=supervisor, now=NOW)
    assert not case.changes.exists()


def test_the_history_keeps_earlier_wordings_of_the_reply(make_case: Callable[..., Case], agent: User) -> None:
    case = make_case(owner=agent)
    write_reply(case=case, text=REPLY, actor=agent, now=NOW)
    write_reply(case=case, text=REPLY + "感谢理解。", actor=agent, now=NOW)
    assert case.public_reply.text == REPLY + "感谢理解。"
    assert [line.changes["text"] for line in case.changes.order_by("pk")] == [
        ["", REPLY],
        [REPLY, REPLY + "感谢理解。"],
    ]


def test_a_blocked_reply_is_not_kept(make_case: Callable[..., Case], agent: User) -> None:
    case = make_case(owner=agent)
    with pytest.raises(ReplyBlocked) as refusal:
        write_reply(case=case, text="亲,改成好评就给您返现20元", actor=agent, now=NOW)
    assert refusal.value.verdict.findings
    assert not PublicReply.objects.exists()
    assert not case.changes.exists()


def test_a_closed_case_can_still_be_replied_to(make_case: Callable[..., Case], agent: User) -> None:
    case = make_case(owner=agent, **CLOSED)
    write_reply(case=case, text=REPLY, actor=agent, now=NOW)
    assert case.public_reply.written_by == agent


def test_values_as_history_keeps_them(agent: User) -> None:
    agent.first_name, agent.last_name = "小梅", ""
    assert [shown(value) for value in (None, agent, NOW, 3, ["a"], Decimal("9.90"), "x")] == [
        "", "小梅", NOW.isoformat(), 3, ["a"], "9.90", "x"
    ]  # fmt: skip
