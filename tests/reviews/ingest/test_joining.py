"""A review that comes by two names, with a number of its own and without it, is one review; a doubtful one is left."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date
from itertools import permutations
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from cases.models import Case
from reviews.ingest.reception import choose_columns
from reviews.ingest.running import run
from reviews.ingest.storing import joining, merging
from reviews.ingest.storing.undoing import obstacles_to_undo, undo_import
from reviews.models import ImportBatch, Review, ReviewRevision, Shop
from reviews.push.bodies import Table
from reviews.push.receiving import receive_push
from reviews.push.tokens import create_token
from tests.connections import together
from tests.reviews.ingest.exports import counts, csv_bytes, imported, looked_at, received

pytestmark = [pytest.mark.usefixtures("classifier"), pytest.mark.django_db]
Told = dict[str, str]
SAID: Told = {
    "order_number": "1001", "buyer_name": "买**1", "rating": "差评", "content": "等了九天,物流太慢",
    "reviewed_at": "2026-11-02 10:00:20", "product_title": "夏季短袖T恤", "sku": "黑色/M",
}  # fmt: skip


def said(**cells: str) -> Told:
    return SAID | cells


def export(*rows: Told) -> bytes:
    """A file by our own field names, with a column for whatever a row tells."""
    headings = list(dict.fromkeys(name for row in rows for name in row))
    return csv_bytes([[row.get(name, "") for name in headings] for row in rows], headings)


def stored(shop: Shop, *files: Sequence[Told]) -> list[Review]:
    for rows in files:
        imported(shop, export(*rows))
    return list(Review.objects.filter(shop=shop).order_by("pk"))


BY_ITSELF = said()
BY_SUB_ORDER = said(sub_order_id="71")
BY_REVIEW = said(platform_review_id="81")
NAMES = [BY_ITSELF, BY_SUB_ORDER, BY_REVIEW]


@pytest.mark.parametrize("names", [*permutations(NAMES, 2)])
def test_two_names_in_either_order_are_one_review_and_one_case(names: Sequence[Told], shop: Shop) -> None:
    first, second = names
    [review] = stored(shop, [first], [second])
    told = first | second
    assert (review.sub_order_id, review.platform_review_id) == (
        told.get("sub_order_id", ""),
        told.get("platform_review_id", ""),
    )
    assert Case.objects.filter(review=review).count() == Case.objects.count() == 1


def test_the_number_that_was_missing_is_an_ordinary_change_and_nothing_else_is_one(shop: Shop) -> None:
    imported(shop, export(BY_ITSELF))
    batch = imported(shop, export(BY_SUB_ORDER | {"reviewed_at": "2026-11-02 10:00"}))
    assert counts(batch) == {"rows": 1, "created": 0, "updated": 1, "unchanged": 0, "rejected": 0}
    assert [revision.changes for revision in ReviewRevision.objects.all()] == [{"sub_order_id": ["", "71"]}]


@pytest.mark.parametrize("names", [*permutations(NAMES)])
def test_whichever_name_it_comes_by_next_it_is_found_again(names: Sequence[Told], shop: Shop) -> None:
    assert len(stored(shop, *([name] for name in names))) == 1
    for name in names:
        assert counts(imported(shop, export(name)))["unchanged"] == 1


@pytest.mark.parametrize("is_pushed_first", [True, False])
def test_a_push_and_a_file(is_pushed_first: bool, shop: Shop, admin: User) -> None:
    token, _secret = create_token(shop=shop, name="ERP", actor=admin, now=timezone.now())
    names = list(BY_SUB_ORDER)
    table = Table(names, [[BY_SUB_ORDER[name] for name in names]])
    for is_push in (is_pushed_first, not is_pushed_first):
        if is_push:
            run(receive_push(token=token, table=table, now=timezone.now()).pk)
        else:
            imported(shop, export(BY_ITSELF))
    assert Review.objects.get().sub_order_id == "71"


@pytest.mark.parametrize("is_renamed_first", [True, False])
def test_a_retitled_product_with_its_item_id(is_renamed_first: bool, shop: Shop) -> None:
    files = [[said(item_id="5")], [said(item_id="5", product_title="【爆款】夏季短袖T恤")]]
    assert len(stored(shop, *(files[::-1] if is_renamed_first else files))) == 1


def test_an_item_that_had_no_title_yet(shop: Shop) -> None:
    assert len(stored(shop, [said(item_id="5", product_title="")], [said(item_id="5")])) == 1


def test_without_any_product_on_both_sides(shop: Shop) -> None:
    bare = said(product_title="")
    assert len(stored(shop, [bare], [bare | {"sub_order_id": "71"}])) == 1


def test_a_variant_that_only_one_side_tells(shop: Shop) -> None:
    [review] = stored(shop, [said(sku="", sub_order_id="71")], [BY_ITSELF])
    assert review.sku == "黑色/M"


@pytest.mark.parametrize(
    "other",
    [
        {"order_number": "1002"},
        {"product_title": "不锈钢保温杯"},
        {"product_title": ""},
        {"sku": "白色/M"},
        {"reviewed_at": "2026-11-02 10:01:20"},
        {"reviewed_at": "2026-11-02 09:59:20"},
        {"sub_order_id": "72"},
        {"sub_order_id": "72", "platform_review_id": "81"},
    ],
)
@pytest.mark.parametrize("is_numbered_first", [True, False])
def test_what_differs_in_anything_that_counts_is_another(other: Told, is_numbered_first: bool, shop: Shop) -> None:
    files = [[BY_SUB_ORDER], [BY_ITSELF | other]]
    assert len(stored(shop, *(files if is_numbered_first else files[::-1]))) == 2


@pytest.mark.parametrize("moment", ["2026-11-02 10:01:19", "2026-11-02 09:59:21"])
def test_less_than_a_minute_apart_is_the_same_moment(moment: str, shop: Shop) -> None:
    assert len(stored(shop, [BY_SUB_ORDER], [said(reviewed_at=moment)])) == 1


def test_without_an_order_number_nothing_is_joined(shop: Shop) -> None:
    nameless = said(order_number="", platform_review_id="81")
    assert len(stored(shop, [nameless], [nameless | {"platform_review_id": "", "sub_order_id": "71"}])) == 2


def test_the_same_numbers_in_another_shop_are_another_review(shop: Shop, other_shop: Shop) -> None:
    stored(shop, [BY_SUB_ORDER])
    assert len(stored(other_shop, [BY_ITSELF])) == 1
    assert Review.objects.count() == 2


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_items_of_one_order_each_find_their_own(order: Sequence[int], shop: Shop) -> None:
    items = [{"product_title": "T恤"}, {"product_title": "保温杯"}, {"sku": "白色/L"}]
    files = [
        [said(**item) for item in items],
        [said(**item, sub_order_id=str(70 + number)) for number, item in enumerate(items)],
    ]
    reviews = stored(shop, *(files[index] for index in order))
    assert sorted(review.sub_order_id for review in reviews) == ["70", "71", "72"]


def test_of_two_stored_reviews_that_would_do_none_is_taken(shop: Shop) -> None:
    numbered = [said(sku="", sub_order_id="71"), said(sku="", sub_order_id="72")]
    reviews = stored(shop, numbered, [BY_ITSELF])
    assert sorted(review.sub_order_id for review in reviews) == ["", "71", "72"]


def test_two_rows_that_would_do_are_both_left_wherever_they_are_in_the_file(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reviews.ingest.staging.PART_ROWS", 2)
    monkeypatch.setattr(joining, "LINES_AT_ONCE", 3)
    between = [said(order_number=str(number)) for number in range(9)]
    reviews = stored(
        shop,
        [said(sku="", product_title="T恤")],
        [said(product_title="T恤"), *between, said(product_title="T恤", sku="白")],
    )
    assert len(reviews) == 1 + 9 + 2


def test_a_row_beside_the_one_that_is_the_review_is_left(shop: Shop) -> None:
    assert len(stored(shop, [BY_SUB_ORDER], [BY_SUB_ORDER, BY_ITSELF])) == 2
    nameless = BY_SUB_ORDER | {"order_number": "", "reviewed_at": "2026-11-09 10:00"}
    other = {"order_number": "1009", "sub_order_id": "79"}
    stored(shop, [said(**other)])
    before = Review.objects.count()
    stored(shop, [nameless | {"sub_order_id": "79"}, said(order_number="1009")])
    assert Review.objects.count() == before + 1


def test_two_lines_of_one_file_are_left(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reviews.ingest.staging.PART_ROWS", 1)
    assert len(stored(shop, [BY_SUB_ORDER, BY_ITSELF])) == 2


def test_a_withdrawn_review_is_no_match(shop: Shop, admin: User) -> None:
    batch = imported(shop, export(BY_SUB_ORDER))
    assert undo_import(batch=batch, actor=admin, now=timezone.now())
    [review] = stored(shop, [BY_ITSELF])
    assert (review.sub_order_id, review.identity[:3]) == ("", "fp:")


def test_undone_it_is_as_before_and_can_come_again(shop: Shop, admin: User) -> None:
    first = imported(shop, export(BY_ITSELF))
    second = imported(shop, export(BY_SUB_ORDER | {"rating": "好评", "content": "不错"}))
    assert obstacles_to_undo(first), "the later one holds the same review"
    assert undo_import(batch=second, actor=admin, now=timezone.now())
    review = Review.objects.get()
    assert (review.sub_order_id, review.content, review.is_negative) == ("", SAID["content"], True)
    assert [len(stored(shop, [name])) for name in NAMES] == [1, 1, 1]
    assert Case.objects.count() == 1


def test_an_undo_between_reading_and_storing(shop: Shop, admin: User) -> None:
    first = imported(shop, export(BY_SUB_ORDER))
    second = looked_at(shop, export(BY_ITSELF))
    assert second.forecast["unchanged"] == 1
    assert undo_import(batch=first, actor=admin, now=timezone.now())
    choose_columns(second, second.mapping, is_confirmed=True)
    run(second.pk)
    assert len(stored(shop, [BY_ITSELF], [BY_SUB_ORDER])) == 1


def test_the_dry_run_tells_what_becomes_of_it(shop: Shop) -> None:
    stored(shop, [said(order_number=str(number), sub_order_id=f"7{number}") for number in range(4)])
    rows = [said(order_number=str(number)) for number in range(6)]
    rows[0] = rows[0] | {"content": "破的"}
    batch = looked_at(shop, export(*rows))
    assert batch.forecast == {"created": 2, "updated": 1, "unchanged": 3, "rejected": 0}
    choose_columns(batch, batch.mapping, is_confirmed=True)
    run(batch.pk)
    batch.refresh_from_db()
    assert counts(batch) == {"rows": 6, **batch.forecast}


def test_what_came_by_another_name_since_the_dry_run_is_joined_all_the_same(shop: Shop) -> None:
    batch = looked_at(shop, export(BY_ITSELF))
    assert batch.forecast["created"] == 1
    imported(shop, export(BY_SUB_ORDER))
    choose_columns(batch, batch.mapping, is_confirmed=True)
    run(batch.pk)
    batch.refresh_from_db()
    assert counts(batch)["unchanged"] == 1
    assert Review.objects.count() == 1


def test_what_a_file_has_by_another_name_is_not_missing_from_it(shop: Shop) -> None:
    stored(shop, [said(order_number=str(number), sub_order_id=f"7{number}") for number in range(4)])
    batch = received(shop, export(*(said(order_number=str(number)) for number in range(3))))
    ImportBatch.objects.filter(pk=batch.pk).update(covers_from=date(2026, 11, 1), covers_to=date(2026, 11, 5))
    run(batch.pk)
    unseen = Review.objects.filter(not_seen_at__isnull=False)
    assert unseen.get().order_number == "3"
    imported(shop, export(said(order_number="3", platform_review_id="83", sub_order_id="73")))
    assert not unseen.exists()


def test_the_size_of_parts_and_stretches_makes_no_difference(
    shop: Shop, other_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(5)
    files = [[view(number, index) for number in range(40)] for index in range(len(VIEWS))]
    for rows in files:
        chance.shuffle(rows)
        imported(shop, export(*rows))
    monkeypatch.setattr("reviews.ingest.staging.PART_ROWS", 3)
    monkeypatch.setattr(joining, "LINES_AT_ONCE", 7)
    for rows in files:
        imported(other_shop, export(*rows))
    assert world(shop) == world(other_shop)
    assert len(world(shop)) == 40


VIEWS: Sequence[Callable[[int], Told]] = (
    lambda number: {"sub_order_id": f"7{number}", "sku": ""},
    lambda number: {"platform_review_id": f"8{number}"},
    lambda number: {
        "platform_review_id": f"8{number}",
        "sub_order_id": f"7{number}",
        "reviewed_at": "2026-11-02 10:00",
    },
    lambda _number: {},
    lambda _number: {"sku": ""},
    lambda number: {"product_title": f"新品{number % 3}", "item_id": str(number % 3 + 1)},
)
"""What a source tells of a review beside or instead of the rest."""


def view(number: int, index: int) -> Told:
    """The review `number` as the source `index` tells it: up to three of an order, each of another product."""
    truth = said(order_number=str(number // 3), product_title=f"商品{number % 3}", item_id=str(number % 3 + 1))
    return truth | VIEWS[index](number)


def world(shop: Shop) -> set[tuple[str, ...]]:
    reviews = Review.objects.filter(shop=shop)
    told = {
        (review.order_number, review.product.item_id, review.sku, review.sub_order_id, review.platform_review_id)
        for review in reviews.select_related("product")
        if review.product
    }
    assert len(told) == reviews.count()
    return told


@pytest.mark.parametrize("seed", range(8))
def test_files_in_any_order_come_to_the_same_reviews(seed: int, shop: Shop, other_shop: Shop) -> None:
    chance = random.Random(seed)
    files = []
    for _file in range(5):
        # A file has an order whole or not at all.
        orders = chance.sample(range(4), chance.randint(1, 4))
        rows = [order * 3 + item for order in orders for item in range(order % 3 + 1)]
        index = chance.randrange(len(VIEWS))
        files.append(export(*(view(number, index) for number in chance.sample(rows, len(rows)))))
    for where in (shop, other_shop):
        for content in chance.sample(files, len(files)):
            batch = looked_at(where, content)
            forecast = batch.forecast
            choose_columns(batch, batch.mapping, is_confirmed=True)
            run(batch.pk)
            batch.refresh_from_db()
            assert counts(batch) == {"rows": batch.rows, **forecast}
    assert world(shop) == world(other_shop)
    assert len({told[:2] for told in world(shop)}) == len(world(shop)), "each is one review"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_order_known", [True, False])
def test_two_names_at_the_same_moment(is_order_known: bool, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both have looked, and found nothing, before either stores: unless the one waits for the other."""
    # With a product, or something new of the order, they would wait for each other's row of that already.
    orders = [said(order_number=str(number), product_title="", buyer_name="") for number in range(20)]
    if is_order_known:
        content = csv_bytes([(row["order_number"], "20") for row in orders], ("订单编号", "买家应付货款"))
        assert imported(shop, content).kind == ImportBatch.Kind.ORDERS
    batches = [
        received(shop, export(*orders)),
        received(shop, export(*(row | {"sub_order_id": f"7{row['order_number']}"} for row in orders[::-1]))),
    ]
    both = threading.Barrier(2)
    new_reviews = merging.new_reviews

    def late(*arguments: Any) -> Any:
        if arguments[2]:
            with suppress(threading.BrokenBarrierError):
                both.wait(timeout=1)
        return new_reviews(*arguments)

    monkeypatch.setattr(merging, "new_reviews", late)
    together(*(lambda pk=batch.pk: run(pk) for batch in batches))
    assert {batch.status for batch in ImportBatch.objects.all()} == {ImportBatch.Status.DONE}
    assert Review.objects.count() == 20
    assert set(Review.objects.values_list("sub_order_id", flat=True)) == {f"7{number}" for number in range(20)}
    assert Case.objects.count() == 20


def test_where_nothing_is_new_it_costs_no_statement(shop: Shop) -> None:
    imported(shop, export(BY_ITSELF))
    asked: list[str] = []

    def note(execute: Callable[..., Any], sql: str, *more: Any) -> Any:
        asked.append(sql)
        return execute(sql, *more)

    batch = received(shop, export(BY_ITSELF))
    with connection.execute_wrapper(note):
        run(batch.pk)
    assert not [sql for sql in asked if "FOR NO KEY UPDATE" in sql and "reviews_order" in sql]
