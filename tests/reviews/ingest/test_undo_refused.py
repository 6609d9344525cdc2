"""What stands in the way of undoing an import, and who may ask for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.utils import timezone, translation

from cases.assignment import claim_case
from cases.contacts.entries import ContactDraft, log_contact
from cases.flow import choose_tier, finish_step
from cases.models import Case, Outcome
from cases.outcomes import close_case
from cases.remedies import RemedyDraft, agree_remedy
from cases.replies.writing import write_reply
from cases.settling.escalations import escalate_case
from reviews.correction import correct_causes
from reviews.ingest.errors import UndoRefused
from reviews.ingest.reception import request_undo
from reviews.ingest.running import run
from reviews.ingest.storing.merging import merge_parts
from reviews.ingest.storing.undoing import obstacles_to_undo, undo_import
from reviews.models import ImportBatch, Order, Review, Shop
from tests.reviews.ingest.exports import ROWS, csv_bytes, imported, looked_at, received
from tests.reviews.ingest.seen import seen_by
from tests.reviews.ingest.test_undoing import CHANGES, changed, orders, undone

pytestmark = [pytest.mark.usefixtures("classifier", "_in_english"), pytest.mark.django_db]
Status = ImportBatch.Status


@pytest.fixture
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def _claim(case: Case, agent: User) -> None:
    Case.objects.filter(pk=case.pk).update(owner=None)
    claim_case(case=case, actor=agent, now=timezone.now())


WORK: dict[str, Callable[[Case, User], Any]] = {
    "contact": lambda case, agent: log_contact(
        case=case, actor=agent, now=timezone.now(), draft=ContactDraft(channel="chat", result="reached", said="道歉")
    ),
    "remedy": lambda case, agent: agree_remedy(
        case=case, actor=agent, now=timezone.now(), draft=RemedyDraft("coupon", Decimal(5))
    ),
    "reply": lambda case, agent: write_reply(
        case=case, text="非常抱歉,让您久等了,我们已联系快递核实,会跟进到底。", actor=agent, now=timezone.now()
    ),
    "tier": lambda case, agent: choose_tier(case=case, tier="disputed", actor=agent, now=timezone.now()),
    "step": lambda case, agent: finish_step(case=case, step=1, actor=agent, now=timezone.now(), reason="当面谈过"),
    "escalation": lambda case, agent: escalate_case(case=case, question="怎么办?", actor=agent, now=timezone.now()),
    "outcome": lambda case, agent: close_case(case=case, outcome="deleted", actor=agent, now=timezone.now()),
    "claim": _claim,
    "decision": lambda case, agent: correct_causes(
        review=case.review, codes=["courier.slow"], actor=agent, now=timezone.now()
    ),
}


@pytest.mark.parametrize("kind", WORK)
@pytest.mark.parametrize("by_change", [False, True])
def test_work_on_its_cases_stands_in_the_way(kind: str, by_change: bool, shop: Shop, agent: User, admin: User) -> None:
    if by_change:
        imported(shop, csv_bytes([changed(ROWS[0], 评价结果="好评", 评价内容="不错")]))
    batch = imported(shop, csv_bytes(ROWS[:1]))
    assert obstacles_to_undo(batch) == []
    WORK[kind](Case.objects.get(), agent)
    before = seen_by(shop, admin, timezone.now())
    with pytest.raises(UndoRefused) as refusal:
        request_undo(batch, admin)
    assert "1 case" in str(refusal.value)
    assert ("causes" in str(refusal.value)) == (kind == "decision")
    with pytest.raises(UndoRefused):
        undo_import(batch=batch, actor=admin, now=timezone.now())
    assert seen_by(shop, admin, timezone.now())["reviews"] == before["reviews"]
    assert Case.objects.get().outcome != Outcome.UNDONE


def test_work_before_a_change_does_not(shop: Shop, agent: User, admin: User) -> None:
    imported(shop, csv_bytes(ROWS[:1]))
    WORK["contact"](Case.objects.get(), agent)
    batch = imported(shop, csv_bytes([changed(ROWS[0], 评价内容="等了十天,太慢")]))
    assert obstacles_to_undo(batch) == []


@pytest.mark.parametrize("later", [ROWS, CHANGES, ROWS[3:4]])
def test_a_later_import_of_the_same_reviews_goes_first(
    later: tuple[tuple[str, ...], ...], shop: Shop, agent: User, admin: User
) -> None:
    now = timezone.now()
    empty = seen_by(shop, admin, now)
    first = imported(shop, csv_bytes())
    after_first = seen_by(shop, admin, now)
    second = imported(shop, csv_bytes(later))
    assert second.repeats == {str(first.pk): len(later)}
    with pytest.raises(UndoRefused, match=f"#{second.pk}"):
        request_undo(first, admin)
    undone(second, admin)
    assert seen_by(shop, admin, now) == after_first
    undone(first, admin)
    assert seen_by(shop, admin, now) == empty


def test_a_later_import_that_stopped_half_way_goes_first(
    shop: Shop, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It will not tell again of what it had stored before it stopped."""
    first = imported(shop, csv_bytes())
    monkeypatch.setattr("reviews.ingest.staging.PART_ROWS", 2)
    second = received(shop, csv_bytes(CHANGES + ROWS[3:]))
    with monkeypatch.context() as broken:
        parts = iter(merge_parts(second))
        broken.setattr("reviews.ingest.running.merge_parts", lambda _batch: (next(parts), 1 / 0))
        run(second.pk)
    second.refresh_from_db()
    assert (second.status, second.updated, second.repeats) == (Status.FAILED, 2, {})
    with pytest.raises(UndoRefused, match=f"#{second.pk}"):
        request_undo(first, admin)
    undone(second, admin)
    undone(first, admin)
    assert not Review.objects.exists()


def test_a_change_that_a_later_import_repeats_stays(shop: Shop, agent: User, admin: User) -> None:
    imported(shop, csv_bytes())
    change = imported(shop, csv_bytes(CHANGES))
    repeat = imported(shop, csv_bytes(CHANGES))
    assert (repeat.updated, repeat.unchanged) == (0, 4)
    with pytest.raises(UndoRefused, match=f"#{repeat.pk}"):
        request_undo(change, admin)


def test_an_import_that_waited_while_another_came_is_known_to_repeat_it(shop: Shop, admin: User) -> None:
    waiting = looked_at(shop, csv_bytes())
    other = imported(shop, csv_bytes(ROWS[:3]))
    ImportBatch.objects.filter(pk=waiting.pk).update(status=Status.MERGING, is_confirmed=True)
    run(waiting.pk)
    waiting.refresh_from_db()
    assert (waiting.created, waiting.unchanged) == (2, 3)
    assert waiting.repeats == {str(other.pk): 3}
    assert obstacles_to_undo(other)


def test_only_admins_undo(shop: Shop, agent: User, supervisor: User) -> None:
    batch = imported(shop, csv_bytes())
    for user in (agent, supervisor):
        with pytest.raises(PermissionDenied):
            request_undo(batch, user)
    batch.refresh_from_db()
    assert batch.status == Status.DONE


@pytest.mark.parametrize("status", [s for s in Status if s not in (Status.DONE, Status.UNDOING)])
def test_what_is_not_stored_cannot_be_undone(status: str, shop: Shop, admin: User) -> None:
    batch = imported(shop, csv_bytes())
    ImportBatch.objects.filter(pk=batch.pk).update(status=status)
    assert not request_undo(batch, admin)
    assert not undo_import(batch=batch, actor=admin, now=timezone.now())
    assert Review.objects.count() == 5


def test_work_that_begins_before_the_worker_does_saves_the_import(shop: Shop, agent: User, admin: User) -> None:
    batch = imported(shop, csv_bytes(ROWS[:1]))
    assert request_undo(batch, admin)
    WORK["step"](Case.objects.get(), agent)
    run(batch.pk)
    batch.refresh_from_db()
    assert (batch.status, batch.undone_by) == (Status.DONE, None)
    assert "1 case" in batch.error
    assert Review.objects.count() == 1


def test_a_later_file_of_the_same_orders_goes_first(shop: Shop, admin: User) -> None:
    first = imported(shop, orders("9001", "9002"))
    second = imported(shop, orders("9002", "9003", amount="60"))
    assert second.repeats == {str(first.pk): 1}
    with pytest.raises(UndoRefused, match=f"#{second.pk}"):
        request_undo(first, admin)
    undone(second, admin)
    assert (second.undone["orders"], Order.objects.get(number="9002").amount) == (1, Decimal(60)), (
        "filled-in facts stay"
    )
    undone(first, admin)
    assert not Order.objects.exists()
