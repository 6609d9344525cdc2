"""Imports and undos in any order, against a model that replays what was not undone; and all of it at once."""

from __future__ import annotations

import random
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from cases.contacts.entries import ContactDraft, log_contact
from cases.flow import CaseGone
from cases.models import Case, ContactEntry
from reviewdesk.access import Role, grant_role
from reviews.checking import decide
from reviews.ingest.errors import UndoRefused
from reviews.ingest.reception import go_on, request_undo
from reviews.ingest.running import run
from reviews.ingest.storing import undoing
from reviews.ingest.storing.undoing import obstacles_to_undo, undo_import
from reviews.models import CauseDecision, ImportBatch, Order, Review, Shop
from tests.connections import Killed, killed_at, together
from tests.reviews.ingest.exports import csv_bytes, imported, received

pytestmark = pytest.mark.usefixtures("classifier")
Status = ImportBatch.Status
OPINIONS = (("好评", "不错"), ("好评", "太慢了"), ("差评", "破的"), ("好评", "很喜欢"))
Rows = dict[str, tuple[str, str]]
"""Order number -> rating and text."""


class Told(NamedTuple):
    batch: ImportBatch
    rows: Rows


class World(NamedTuple):
    """What imports one after the other come to."""

    reviews: Rows
    origins: dict[str, int]
    """Order number -> import that brought it first."""
    complaining: dict[str, bool]
    """Order number of whatever has a case -> whether it is open: no more once an import shows the complaint gone."""
    touched: dict[int, set[int]]
    """Import -> whose reviews it brought or changed."""


def replayed(imports: list[Told]) -> World:
    world = World({}, {}, {}, {})
    for batch, rows in imports:
        of_others = {number: row for number, row in rows.items() if world.reviews.get(number, row) != row}
        world.touched[batch.pk] = {world.origins[number] for number in of_others}
        for number, row in rows.items():
            if world.origins.setdefault(number, batch.pk) == batch.pk:
                world.touched[batch.pk].add(batch.pk)
            follow(world, number, row)
            world.reviews[number] = row
    return world


def follow(world: World, number: str, row: tuple[str, str]) -> None:
    """What becomes of the case of a review that now says `row`."""
    before = world.reviews.get(number)
    is_negative = row[0] == "差评" or "慢" in row[1]
    if number not in world.complaining:
        if is_negative:
            world.complaining[number] = True
    elif row != before:
        turned_good = before is not None and (before[0], row[0]) == ("差评", "好评")
        world.complaining[number] = is_negative and not turned_good


def open_in(world: World) -> set[str]:
    return {number for number, is_open in world.complaining.items() if is_open}


def may_go(imports: list[Told], index: int) -> bool:
    world = replayed(imports)
    touched = world.touched[imports[index].batch.pk]
    return not any(world.origins[number] in touched for later in imports[index + 1 :] for number in later.rows)


def file_of(rows: Rows) -> bytes:
    return csv_bytes([(number, "买**1", *row, "2026-11-02 10:00", "T恤", "黑") for number, row in rows.items()])


def stored() -> tuple[Rows, set[str], set[str]]:
    ratings = {"good": "好评", "bad": "差评"}
    reviews = {review.order_number: (ratings[review.rating], review.content) for review in Review.objects.all()}
    complaining = {case.review.order_number for case in Case.objects.still_open().select_related("review")}
    return reviews, complaining, {order.number for order in Order.objects.all()}


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(12))
def test_any_order_of_imports_and_undos_leaves_what_was_not_undone(seed: int, shop: Shop, admin: User) -> None:
    chance = random.Random(seed)
    imports: list[Told] = []
    outcomes: set[bool] = set()
    for _step in range(14):
        if imports and chance.random() < 0.45:
            index = chance.randrange(len(imports))
            is_allowed = may_go(imports, index)
            outcomes.add(is_allowed)
            if is_allowed:
                assert undo_import(batch=imports.pop(index).batch, actor=admin, now=timezone.now())
            else:
                with pytest.raises(UndoRefused):
                    undo_import(batch=imports[index].batch, actor=admin, now=timezone.now())
        else:
            rows = {str(chance.randrange(12)): chance.choice(OPINIONS) for _ in range(4)}
            imports.append(Told(imported(shop, file_of(rows)), rows))
        world = replayed(imports)
        assert stored() == (world.reviews, open_in(world), set(world.reviews))
    while imports:
        assert undo_import(batch=imports.pop().batch, actor=admin, now=timezone.now())
    assert stored() == ({}, set(), set())
    assert outcomes, "nothing was undone on the way"


@pytest.mark.django_db
def test_killed_at_any_statement_it_is_undone_in_the_end(shop: Shop, admin: User) -> None:
    before = {"1": ("好评", "不错"), "2": ("好评", "太慢了"), "3": ("差评", "破的")}
    imported(shop, file_of(before))
    world = stored()
    batch = imported(
        shop, file_of({"1": ("差评", "破的"), "2": ("好评", "不错"), "7": ("差评", "慢"), "8": ("好评", "行")})
    )
    assert request_undo(batch, admin)
    deaths = 0
    while batch.status != Status.UNDONE:
        try:
            with killed_at(deaths):
                run(batch.pk)
        except Killed:
            deaths += 1
        batch.refresh_from_db()
        assert (stored() == world) == (batch.status == Status.UNDONE), "half an undo is never seen"
    assert deaths > 20


@pytest.mark.django_db(transaction=True)
def test_of_two_who_undo_at_once_one_does(shop: Shop, admin: User) -> None:
    batch = imported(shop, file_of({str(number): OPINIONS[2] for number in range(30)}))
    now = timezone.now()
    done = together(*[lambda: undo_import(batch=batch, actor=admin, now=now)] * 3)
    assert sorted(done) == [False, False, True]
    assert stored() == ({}, set(), set())


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(2))
def test_an_import_of_the_same_reviews_at_the_same_time_loses_nothing(
    attempt: int, shop: Shop, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reviews.ingest.staging.PART_ROWS", 5)
    rows = {str(number): OPINIONS[number % 4] for number in range(40)}
    first = imported(shop, file_of(rows))
    second = received(shop, file_of(rows))

    def undo() -> bool:
        try:
            return undo_import(batch=first, actor=admin, now=timezone.now())
        except UndoRefused:
            return False

    is_undone, _none = together(undo, lambda: bool(run(second.pk)))
    second.refresh_from_db()
    assert second.status == Status.DONE
    assert second.created == (40 if is_undone else 0)
    assert second.created + second.unchanged == 40
    assert stored()[0] == rows
    assert bool(obstacles_to_undo(first)) is not is_undone


@pytest.mark.django_db(transaction=True)
def test_an_import_that_begins_to_store_meanwhile_waits_for_the_undo(
    shop: Shop, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = {str(number): OPINIONS[number % 4] for number in range(10)}
    first = imported(shop, file_of(rows))
    second = received(shop, file_of(rows))
    with monkeypatch.context() as broken:
        broken.setattr("reviews.ingest.running.merge_parts", lambda _batch: 1 / 0)
        run(second.pk)
    remove_orders = undoing._remove_orders
    others = ThreadPoolExecutor(1)

    def run_second() -> None:
        try:
            assert go_on(second)
            run(second.pk)
        finally:
            connection.close()

    def remove_beside_another(batch: ImportBatch) -> int:
        running.append(others.submit(run_second))
        with pytest.raises(TimeoutError):
            running[0].result(timeout=1.5)
        return remove_orders(batch)

    running: list[Future[None]] = []
    monkeypatch.setattr("reviews.ingest.storing.undoing._remove_orders", remove_beside_another)
    assert undo_import(batch=first, actor=admin, now=timezone.now())
    running[0].result(timeout=30)
    second.refresh_from_db()
    assert (second.status, second.created, second.repeats) == (Status.DONE, 10, {})
    assert stored()[0] == rows


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_decision", [False, True])
def test_work_at_the_same_time_either_counts_or_is_told(is_decision: bool, shop: Shop, agent: User) -> None:
    admin = User.objects.create_user("undoer")
    grant_role(admin, Role.ADMIN)
    batch = imported(shop, file_of({"1": ("差评", "破的")}))
    case = Case.objects.get()
    now = timezone.now()
    draft = ContactDraft(channel="chat", result="reached", said="道歉")

    def undo() -> bool:
        try:
            return undo_import(batch=batch, actor=admin, now=now)
        except UndoRefused:
            return False

    def work() -> bool:
        try:
            if is_decision:
                seen = case.review.causes_seen
                decide(review=case.review, seen=seen, codes=["price.fee"], actor=agent, now=timezone.now())
            else:
                log_contact(case=case, actor=agent, now=timezone.now(), draft=draft)
        except (CaseGone, ValidationError):
            return False
        return True

    is_undone, is_worked = together(undo, work)
    assert is_undone is not is_worked
    assert ContactEntry.objects.count() + CauseDecision.objects.count() == is_worked
    assert Review.objects.count() == (not is_undone)
