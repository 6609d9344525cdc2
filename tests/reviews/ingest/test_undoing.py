"""An import that is undone leaves everything people see as it was before, and what they did as it is."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from cases.assignment import claim_case
from cases.contacts import ContactDraft, log_contact
from cases.flow import CaseGone, choose_tier, escalate_case, finish_step
from cases.models import Case, CaseChange, Outcome, State
from cases.outcomes import close_case
from cases.remedies import agree_remedy
from cases.replies.writing import write_reply
from reviews.correction import correct_causes, dismiss_complaint
from reviews.ingest.errors import UndoRefused
from reviews.ingest.reception import discard, go_on, request_undo
from reviews.ingest.running import run
from reviews.ingest.undoing import obstacles_to_undo, undo_import
from reviews.jobs import resume_stalled_imports
from reviews.models import ImportBatch, Order, Review, ReviewRevision, Shop
from tests.reviews.ingest.exports import HEADINGS, ROWS, counts, csv_bytes, imported, looked_at, received, substance
from tests.reviews.ingest.seen import seen_by

pytestmark = [pytest.mark.usefixtures("classifier"), pytest.mark.django_db]
Status = ImportBatch.Status
MORE = (*HEADINGS, "追评内容")


def undone(batch: ImportBatch, admin: User) -> ImportBatch:
    """The batch after an undo by way of the worker."""
    assert request_undo(batch, admin)
    run(batch.pk)
    batch.refresh_from_db()
    return batch


def changed(row: tuple[str, ...], **cells: str) -> tuple[str, ...]:
    told = dict(zip(HEADINGS, row, strict=True)) | cells
    return tuple(told.values())


def test_what_it_brought_is_gone_from_everywhere(shop: Shop, agent: User, admin: User) -> None:
    imported(shop, csv_bytes(ROWS[:2]))
    now = timezone.now()
    before = {user.pk: seen_by(shop, user, now) for user in (agent, admin)}
    batch = imported(shop, csv_bytes(ROWS[2:]))
    assert seen_by(shop, agent, now) != before[agent.pk]
    undone(batch, admin)
    assert (batch.status, batch.undone_by, batch.error) == (Status.UNDONE, admin, "")
    assert batch.undone == {"reviews": 3, "restored": 0, "cases": 2, "orders": 3}
    assert {user.pk: seen_by(shop, user, now) for user in (agent, admin)} == before


def test_nothing_is_deleted_but_orders(shop: Shop, agent: User, admin: User) -> None:
    batch = imported(shop, csv_bytes())
    undone(batch, admin)
    assert Review.with_withdrawn.filter(withdrawn_at__isnull=False, batch=batch).count() == 5
    cases = Case.with_undone.all()
    assert {(case.state, case.outcome, case.due_at) for case in cases} == {(State.CLOSED, Outcome.UNDONE, None)}
    for case in cases:
        assert [line.kind for line in case.changes.all()] == ["closed", "opened"]
        assert case.changes.first().changes == {"state": ["new", "closed"], "outcome": ["", "undone"]}
    assert not Order.objects.exists()


def test_importing_it_again_is_a_clean_import(shop: Shop, other_shop: Shop, agent: User, admin: User) -> None:
    undone(imported(shop, csv_bytes()), admin)
    again = imported(shop, csv_bytes())
    clean = imported(other_shop, csv_bytes())
    assert counts(again) == counts(clean)
    assert (again.negative, again.cases_opened) == (clean.negative, clean.cases_opened)
    live = {name: [row for row in rows if not row.get("withdrawn_at")] for name, rows in substance(shop).items()}
    expected = substance(other_shop)
    for row in (*live["orders"], *expected["orders"]):
        row.pop("batch_id", None)
    assert live == expected
    assert obstacles_to_undo(again) == []


CHANGES = (
    changed(ROWS[0], 评价结果="好评", 评价内容="后来到了,不错"),
    changed(ROWS[1], 评价结果="差评", 评价内容="洗了就破"),
    changed(ROWS[2], 评价时间="2026-11-05 09:30"),
    changed(ROWS[3], 评价内容="太贵了"),
)


def test_what_it_changed_says_again_what_it_said(shop: Shop, agent: User, admin: User) -> None:
    first = csv_bytes([(*row, "") for row in ROWS], MORE)
    imported(shop, first)
    now = timezone.now()
    before = seen_by(shop, admin, now)
    batch = imported(
        shop, csv_bytes([(*row, "还是慢") for row in CHANGES[:1]] + [(*row, "") for row in CHANGES[1:]], MORE)
    )
    assert batch.updated == 4
    assert batch.cases_opened == 2
    undone(batch, admin)
    assert batch.undone == {"reviews": 0, "restored": 4, "cases": 2, "orders": 0}
    assert seen_by(shop, admin, now) == before
    assert ReviewRevision.objects.filter(takes_back=True).count() == 4
    assert ReviewRevision.objects.filter(takes_back=False).count() == 4
    again = imported(shop, csv_bytes(CHANGES))
    assert (again.updated, again.cases_opened) == (4, 2)
    assert Case.objects.count() == 5
    assert Case.with_undone.count() == 5, "an undone case starts afresh"


def test_a_case_that_a_change_opened_again_closes_as_it_was(shop: Shop, agent: User, admin: User) -> None:
    imported(shop, csv_bytes(ROWS[:1]))
    case = Case.objects.get()
    moment = timezone.now()
    log_contact(case=case, actor=agent, now=moment, draft=ContactDraft(channel="phone", result="reached", said="道歉"))
    close_case(case=case, outcome=Outcome.SATISFIED, actor=agent, now=timezone.now())
    before = seen_by(shop, admin, moment)
    batch = imported(shop, csv_bytes([(*ROWS[0], "还是慢")], MORE))
    case.refresh_from_db()
    assert case.is_open
    undone(batch, admin)
    assert batch.undone["cases"] == 1
    assert seen_by(shop, admin, moment) == before
    assert [line.kind for line in case.changes.all()][:2] == ["closed", "review"]


def test_a_dismissal_that_a_change_overruled_stands_again(shop: Shop, agent: User, admin: User) -> None:
    good = changed(ROWS[0], 评价结果="好评")
    imported(shop, csv_bytes([good]))
    dismiss_complaint(review=Review.objects.get(), actor=agent, now=timezone.now())
    now = timezone.now()
    before = seen_by(shop, admin, now)
    batch = imported(shop, csv_bytes([changed(good, 评价结果="差评")]))
    assert Case.objects.get().is_open
    undone(batch, admin)
    assert seen_by(shop, admin, now) == before
    assert Case.objects.get().outcome == Outcome.MISTAKEN


def test_causes_that_a_person_chose_before_it_stay(shop: Shop, agent: User, admin: User) -> None:
    imported(shop, csv_bytes(ROWS[:1]))
    correct_causes(review=Review.objects.get(), codes=["price.fee"], actor=agent, now=timezone.now())
    now = timezone.now()
    before = seen_by(shop, admin, now)
    undone(imported(shop, csv_bytes([changed(ROWS[0], 评价内容="杯子是破的")])), admin)
    assert seen_by(shop, admin, now) == before


def _claim(case: Case, agent: User) -> None:
    Case.objects.filter(pk=case.pk).update(owner=None)
    claim_case(case=case, actor=agent, now=timezone.now())


WORK: dict[str, Callable[[Case, User], Any]] = {
    "contact": lambda case, agent: log_contact(
        case=case, actor=agent, now=timezone.now(), draft=ContactDraft(channel="chat", result="reached", said="道歉")
    ),
    "remedy": lambda case, agent: agree_remedy(
        case=case, actor=agent, now=timezone.now(), kind="coupon", amount=Decimal(5)
    ),
    "reply": lambda case, agent: write_reply(
        case=case, text="非常抱歉,让您久等了,我们已联系快递核实,会跟进到底。", actor=agent, now=timezone.now()
    ),
    "tier": lambda case, agent: choose_tier(case=case, tier="disputed", actor=agent, now=timezone.now()),
    "step": lambda case, agent: finish_step(case=case, step=1, actor=agent, now=timezone.now()),
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


def test_a_change_that_a_later_import_repeats_stays(shop: Shop, agent: User, admin: User) -> None:
    imported(shop, csv_bytes())
    change = imported(shop, csv_bytes(CHANGES))
    repeat = imported(shop, csv_bytes(CHANGES))
    assert (repeat.updated, repeat.unchanged) == (0, 4)
    with pytest.raises(UndoRefused, match=f"#{repeat.pk}"):
        request_undo(change, admin)


def test_imports_of_other_reviews_do_not_matter(shop: Shop, other_shop: Shop, agent: User, admin: User) -> None:
    first = imported(shop, csv_bytes(ROWS[:2]))
    imported(shop, csv_bytes(ROWS[2:]))
    imported(other_shop, csv_bytes())
    undone(first, admin)
    assert first.undone["reviews"] == 2
    assert Review.objects.filter(shop=shop).count() == 3
    assert Review.objects.filter(shop=other_shop).count() == 5


def test_an_import_that_waited_while_another_came_is_known_to_repeat_it(shop: Shop, admin: User) -> None:
    waiting = looked_at(shop, csv_bytes())
    other = imported(shop, csv_bytes(ROWS[:3]))
    ImportBatch.objects.filter(pk=waiting.pk).update(status=Status.MERGING, is_confirmed=True)
    run(waiting.pk)
    waiting.refresh_from_db()
    assert (waiting.created, waiting.unchanged) == (2, 3)
    assert waiting.repeats == {str(other.pk): 3}
    assert obstacles_to_undo(other)


def test_orders_that_another_review_refers_to_stay(shop: Shop, agent: User, admin: User) -> None:
    first = imported(shop, csv_bytes(ROWS[:1]))
    imported(shop, csv_bytes([changed(ROWS[0], 商品规格="白色/L")]))
    undone(first, admin)
    assert first.undone == {"reviews": 1, "restored": 0, "cases": 1, "orders": 0}
    assert Order.objects.get().number == "1001"


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


def test_undoing_twice_is_undoing_once(shop: Shop, admin: User) -> None:
    batch = undone(imported(shop, csv_bytes()), admin)
    assert not request_undo(batch, admin)
    assert not undo_import(batch=batch, actor=admin, now=timezone.now())
    run(batch.pk)
    batch.refresh_from_db()
    assert (batch.undone["reviews"], CaseChange.objects.filter(kind="closed").count()) == (5, 3)


def test_work_that_begins_before_the_worker_does_saves_the_import(shop: Shop, agent: User, admin: User) -> None:
    batch = imported(shop, csv_bytes(ROWS[:1]))
    assert request_undo(batch, admin)
    WORK["step"](Case.objects.get(), agent)
    run(batch.pk)
    batch.refresh_from_db()
    assert (batch.status, batch.undone_by) == (Status.DONE, None)
    assert "1 case" in batch.error
    assert Review.objects.count() == 1


def test_an_import_that_failed_half_way_can_be_undone(
    shop: Shop, agent: User, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = timezone.now()
    empty = seen_by(shop, admin, now)
    monkeypatch.setattr("reviews.ingest.staging.PART_ROWS", 2)
    batch = received(shop, csv_bytes())
    with monkeypatch.context() as broken:
        broken.setattr("reviews.ingest.running._finish_merging", lambda _batch: 1 / 0)
        run(batch.pk)
    batch.refresh_from_db()
    assert (batch.status, Review.objects.count()) == (Status.FAILED, 5)
    undone(batch, admin)
    assert batch.status == Status.UNDONE
    assert not batch.parts.exists()
    assert not batch.staged_rows.exists()
    assert seen_by(shop, admin, now) == empty


def test_an_undo_that_fails_goes_on_and_is_never_discarded(
    shop: Shop, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = imported(shop, csv_bytes())
    request_undo(batch, admin)
    with monkeypatch.context() as broken:
        broken.setattr("reviews.ingest.undoing._remove_orders", lambda *_: 1 / 0)
        run(batch.pk)
    batch.refresh_from_db()
    assert (batch.status, batch.failed_during, Review.objects.count()) == (Status.FAILED, Status.UNDOING, 5)
    assert not discard(batch)
    assert go_on(batch)
    run(batch.pk)
    batch.refresh_from_db()
    assert (batch.status, Review.objects.count()) == (Status.UNDONE, 0)


def test_a_sweep_finds_an_undo_whose_worker_died(shop: Shop, admin: User) -> None:
    batch = imported(shop, csv_bytes())
    request_undo(batch, admin)
    ImportBatch.objects.update(beat_at=timezone.now() - timezone.timedelta(minutes=2))
    assert resume_stalled_imports() == 1


def test_who_works_on_an_undone_case_is_told(shop: Shop, agent: User, admin: User) -> None:
    batch = imported(shop, csv_bytes(ROWS[:1]))
    case = Case.objects.get()
    undone(batch, admin)
    with pytest.raises(CaseGone):
        finish_step(case=case, step=1, actor=agent, now=timezone.now())
    with pytest.raises(CaseGone):
        claim_case(case=case, actor=agent, now=timezone.now())
