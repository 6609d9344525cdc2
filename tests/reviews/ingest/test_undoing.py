"""An import that is undone leaves everything people see as it was before, and what they did as it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from cases.assignment import claim_case
from cases.contacts.entries import ContactDraft, log_contact
from cases.flow import CaseGone, finish_step
from cases.models import Case, CaseChange, Outcome, State
from cases.outcomes import close_case
from reviews.correction import correct_causes, dismiss_complaint
from reviews.ingest.reception import choose_columns, discard, go_on, request_undo
from reviews.ingest.running import run
from reviews.ingest.storing.undoing import obstacles_to_undo, undo_import
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
    log_contact(case=case, actor=agent, now=moment, draft=ContactDraft(channel="chat", result="reached", said="道歉"))
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


def test_imports_of_other_reviews_do_not_matter(shop: Shop, other_shop: Shop, agent: User, admin: User) -> None:
    first = imported(shop, csv_bytes(ROWS[:2]))
    imported(shop, csv_bytes(ROWS[2:]))
    imported(other_shop, csv_bytes())
    undone(first, admin)
    assert first.undone["reviews"] == 2
    assert Review.objects.filter(shop=shop).count() == 3
    assert Review.objects.filter(shop=other_shop).count() == 5


def test_orders_that_another_review_refers_to_stay(shop: Shop, agent: User, admin: User) -> None:
    first = imported(shop, csv_bytes(ROWS[:1]))
    imported(shop, csv_bytes([changed(ROWS[0], 商品规格="白色/L")]))
    undone(first, admin)
    assert first.undone == {"reviews": 1, "restored": 0, "cases": 1, "orders": 0}
    assert Order.objects.get().number == "1001"


def test_undoing_twice_is_undoing_once(shop: Shop, admin: User) -> None:
    batch = undone(imported(shop, csv_bytes()), admin)
    assert not request_undo(batch, admin)
    assert not undo_import(batch=batch, actor=admin, now=timezone.now())
    run(batch.pk)
    batch.refresh_from_db()
    assert (batch.undone["reviews"], CaseChange.objects.filter(kind="closed").count()) == (5, 3)


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
        broken.setattr("reviews.ingest.storing.undoing._remove_orders", lambda *_: 1 / 0)
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
        finish_step(case=case, step=1, actor=agent, now=timezone.now(), reason="当面谈过")
    with pytest.raises(CaseGone):
        claim_case(case=case, actor=agent, now=timezone.now())


ORDER_HEADINGS = ("订单编号", "买家会员名", "买家应付货款", "订单创建时间")


def orders(*numbers: str, amount: str = "59.90") -> bytes:
    return csv_bytes([(number, "小明", amount, "2026-11-01 09:00") for number in numbers], ORDER_HEADINGS)


def test_orders_go_unless_a_review_belongs_to_them(shop: Shop, agent: User, admin: User) -> None:
    batch = imported(shop, orders("1001", "9001", "9002"))
    imported(shop, csv_bytes(ROWS[:1]))
    undone(batch, admin)
    assert batch.undone == {"reviews": 0, "restored": 0, "cases": 0, "orders": 2}
    assert [(order.number, order.amount) for order in Order.objects.all()] == [("1001", Decimal("59.90"))]
    assert Case.objects.count() == 1


def test_its_marks_of_what_it_lacked_go(shop: Shop, agent: User, admin: User) -> None:
    imported(shop, csv_bytes())
    now = timezone.now()
    before = seen_by(shop, admin, now)
    claiming = looked_at(shop, csv_bytes(ROWS[:2]))
    claim = (date(2026, 11, 2), date(2026, 11, 4))
    assert choose_columns(claiming, claiming.mapping, is_confirmed=True, claim=claim)
    run(claiming.pk)
    assert Review.objects.filter(not_seen_at__isnull=False).count() == 3
    claiming.refresh_from_db()
    undone(claiming, admin)
    assert seen_by(shop, admin, now) == before


def test_a_link_to_what_is_gone_leads_nowhere(
    shop: Shop, agent: User, admin: User, sign_in: Callable[[User], Client]
) -> None:
    batch = imported(shop, csv_bytes(ROWS[:1]))
    case, review = Case.objects.get(), Review.objects.get()
    undone(batch, admin)
    for user in (agent, admin):
        for gone in (case, review):
            assert sign_in(user).get(gone.get_absolute_url()).status_code == 404
    response = sign_in(agent).get("/desk/", {"view": "closed"})
    assert response.status_code == 200
    assert "买**1" not in response.content.decode()


def test_a_review_whose_case_went_shows_no_case(
    shop: Shop, agent: User, admin: User, sign_in: Callable[[User], Client]
) -> None:
    imported(shop, csv_bytes([changed(ROWS[0], 评价结果="好评", 评价内容="不错")]))
    undone(imported(shop, csv_bytes(ROWS[:1])), admin)
    case = Case.with_undone.get()
    for page in (Review.objects.get().get_absolute_url(), "/reviews/"):
        response = sign_in(agent).get(page)
        assert response.status_code == 200
        assert case.get_absolute_url() not in response.content.decode()


def test_every_kind_of_field_comes_back(shop: Shop, agent: User, admin: User) -> None:
    headings = (
        "评价id",
        "评分",
        "评价内容",
        "评价时间",
        "宝贝名称",
        "商品规格",
        "追评内容",
        "追评时间",
        "回复",
        "回复时间",
    )
    one = ("r1", "5", "挺好", "2026-11-02 10:00", "夏季短袖T恤", "", "", "", "", "")
    two = ("r2", "2", "破的", "2026-11-02 11:00", "", "红", "还行", "2026-11-03 08:00", "抱歉", "2026-11-03 09:00")
    imported(shop, csv_bytes([one, two], headings))
    now = timezone.now()
    before = seen_by(shop, admin, now)
    turned = ("1", "太慢", "2026-11-04 10:00", "新款T恤", "蓝", "更慢", "2026-11-05 08:00", "会改", "2026-11-05 09:00")
    batch = imported(shop, csv_bytes([("r1", *turned), ("r2", *turned)], headings))
    assert {len(revision.changes) for revision in batch.revisions.all()} == {9}
    undone(batch, admin)
    assert batch.undone["restored"] == 2
    assert seen_by(shop, admin, now) == before
    for revision in ReviewRevision.objects.filter(takes_back=True):
        made = ReviewRevision.objects.get(review=revision.review_id, takes_back=False)
        assert revision.changes == {name: pair[::-1] for name, pair in made.changes.items()}
