"""Imports that cover days: what they lack is marked as not seen, what they have is seen again, nothing is deleted."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import override

from cases.models import Case, Outcome
from reviews.disappearance import confirm_gone
from reviews.ingest.reception import choose_columns, discard, request_undo
from reviews.ingest.running import run
from reviews.ingest.storing.coverage import Claim, check_claim, compare_with_stored, coverage_note, withdraw_claim
from reviews.models import ImportBatch, Review, Shop
from reviews.search import ReviewFilter, matching_reviews
from tests.connections import Killed, killed_at, together
from tests.reviews.ingest.exports import counts, csv_bytes, imported, looked_at, received, substance

pytestmark = pytest.mark.usefixtures("classifier", "_in_english")
MakeReview = Callable[..., Review]
NOVEMBER = (date(2026, 11, 1), date(2026, 11, 10))


@pytest.fixture
def _in_english() -> Iterator[None]:
    with override("en"):
        yield


def row(number: int, moment: str = "2026-11-05 10:00", rating: str = "好评") -> tuple[str, ...]:
    return (str(number), "买**1", rating, "质量很好", moment, "夏季短袖T恤", "黑色/M")


def export(numbers: Sequence[int], *more: tuple[str, ...]) -> bytes:
    return csv_bytes([*map(row, numbers), *more])


def covering(shop: Shop, content: bytes, claim: Claim = NOVEMBER) -> ImportBatch:
    """The batch of `content`, imported whole with the claim."""
    batch = received(shop, content)
    ImportBatch.objects.filter(pk=batch.pk).update(covers_from=claim[0], covers_to=claim[1])
    run(batch.pk)
    batch.refresh_from_db()
    return batch


def missing(shop: Shop) -> set[str]:
    """Order numbers of the reviews marked as not seen."""
    return set(Review.objects.filter(shop=shop, not_seen_at__isnull=False).values_list("order_number", flat=True))


def test_what_a_covering_file_lacks_is_marked_with_when_and_by_which(shop: Shop) -> None:
    imported(shop, export(range(10)))
    batch = covering(shop, export(range(8)))
    assert missing(shop) == {"8", "9"}
    review = Review.objects.get(order_number="9")
    assert review.not_seen_in == batch
    assert review.not_seen_at is not None
    assert batch.uploaded_at < review.not_seen_at < timezone.now()
    assert batch.coverage == {"stored": 10, "unseen": 2, "is_believed": True}
    assert coverage_note(batch) == "2 of 10 stored reviews of these days were not in the file."
    assert counts(batch) == {"rows": 8, "created": 0, "updated": 0, "unchanged": 8, "rejected": 0}


def test_without_a_claim_nothing_is_marked(shop: Shop) -> None:
    imported(shop, export(range(10)))
    batch = imported(shop, export([1]))
    assert (missing(shop), batch.coverage, coverage_note(batch)) == (set(), {}, "")


def test_the_days_are_those_of_shanghai_both_included(shop: Shop) -> None:
    moments = {
        "1": "2026-10-31 23:59:59", "2": "2026-11-01 00:00:00", "3": "2026-11-10 23:59:59", "4": "2026-11-11 00:00:00",
        "5": "2026-10-31T16:00:00+00:00", "6": "2026-11-10T16:00:00+00:00",
    }  # fmt: skip
    imported(shop, csv_bytes([row(int(number), moment) for number, moment in moments.items()]))
    covering(shop, export([100]))
    assert missing(shop) == {"2", "3", "5"}


def test_what_was_written_after_the_upload_cannot_be_missing(shop: Shop, make_review: MakeReview) -> None:
    today = timezone.localdate()
    before, after = timezone.now() - timedelta(minutes=5), timezone.now() + timedelta(minutes=5)
    make_review(order_number="early", reviewed_at=before)
    make_review(order_number="late", reviewed_at=after)
    covering(
        shop, csv_bytes([row(1, f"{timezone.localtime(before):%Y-%m-%d %H:%M:%S}")]), (today - timedelta(1), today)
    )
    assert missing(shop) == {"early"}


def test_another_shop_is_left_alone(shop: Shop, other_shop: Shop) -> None:
    imported(other_shop, export(range(5)))
    covering(shop, export([9]))
    assert missing(other_shop) == set()


def test_any_later_import_that_has_the_review_takes_the_mark_off(shop: Shop) -> None:
    imported(shop, export(range(6)))
    covering(shop, export(range(4)))
    batch = imported(shop, export([5]))
    assert missing(shop) == {"4"}
    assert counts(batch)["unchanged"] == 1
    assert not batch.revisions.exists()


def test_the_first_import_that_lacked_it_stays_named(shop: Shop) -> None:
    imported(shop, export(range(6)))
    first = covering(shop, export(range(5)))
    covering(shop, export(range(5)))
    assert Review.objects.get(order_number="5").not_seen_in == first


def test_the_order_of_two_imports_decides_by_what_the_later_one_has(shop: Shop, other_shop: Shop) -> None:
    for each in (shop, other_shop):
        imported(each, export(range(6)))
    covering(shop, export(range(5)))
    covering(shop, export(range(6)))
    covering(other_shop, export(range(6)))
    covering(other_shop, export(range(5)))
    assert (missing(shop), missing(other_shop)) == (set(), {"5"})


def test_reviews_that_the_file_itself_brings_are_seen(shop: Shop) -> None:
    batch = covering(shop, export(range(30)))
    assert (missing(shop), batch.coverage["stored"]) == (set(), 0)


@pytest.mark.parametrize(
    ("stored", "has", "is_believed"), [(20, 0, True), (21, 0, False), (50, 25, True), (50, 24, False)]
)
def test_a_file_that_lacks_most_is_not_believed(shop: Shop, stored: int, has: int, is_believed: bool) -> None:
    imported(shop, export(range(stored)))
    batch = covering(shop, export([*range(has), 1000]))
    assert batch.coverage == {"stored": stored, "unseen": stored - has, "is_believed": is_believed}
    assert len(missing(shop)) == (stored - has if is_believed else 0)
    assert ("too many" in coverage_note(batch)) != is_believed
    assert batch.status == ImportBatch.Status.DONE


@pytest.mark.parametrize("number", ["5", '="5"', "'5", " 5\t", "5.0", "5.00", "５", '="５.0"'])
def test_a_row_that_was_refused_is_no_missing_review(shop: Shop, number: str) -> None:
    imported(shop, export(range(6)))
    broken = [(number, *row(5)[1:4], "gestern", *row(5)[5:]), ("", *row(4)[1:])]
    batch = covering(shop, export(range(4), *broken))
    assert batch.rejected == 2
    assert missing(shop) == {"4"}


def test_an_upload_is_compared_when_a_person_confirms_it(shop: Shop) -> None:
    imported(shop, export(range(6)))
    batch = looked_at(shop, export(range(5)))
    choose_columns(batch, batch.mapping, is_confirmed=False, claim=NOVEMBER)
    assert missing(shop) == set()
    assert choose_columns(batch, batch.mapping, is_confirmed=True, claim=NOVEMBER)
    run(batch.pk)
    assert missing(shop) == {"5"}
    batch.refresh_from_db()
    assert (batch.status, batch.coverage["unseen"]) == ("done", 1)


def test_with_other_columns_it_is_compared_once_the_file_is_read_anew(shop: Shop) -> None:
    imported(shop, export(range(6)))
    batch = looked_at(shop, export(range(5)))
    without_rating = {field: index for field, index in batch.mapping.items() if field != "rating"}
    choose_columns(batch, without_rating, is_confirmed=True, claim=NOVEMBER)
    assert missing(shop) == set()
    run(batch.pk)
    assert missing(shop) == {"5"}


def test_a_file_of_orders_says_nothing_of_reviews(shop: Shop) -> None:
    imported(shop, export(range(6)))
    batch = covering(shop, csv_bytes([("1", "20")], ("订单编号", "买家应付货款")))
    assert (batch.kind, batch.coverage, missing(shop)) == ("orders", {}, set())


def test_marks_change_nothing_that_is_counted(shop: Shop) -> None:
    imported(shop, export(range(6), row(7, rating="差评")))
    before = substance(shop)
    covering(shop, export(range(6)))
    after = substance(shop)
    for review in after["reviews"]:
        review |= {"not_seen_at": None, "not_seen_in_id": None}
    assert after == before
    assert Case.objects.get().is_open


def test_a_review_that_was_gone_is_back_with_the_import_that_has_it(shop: Shop, admin: User) -> None:
    bad = row(7, rating="差评")
    imported(shop, export(range(6), bad))
    covering(shop, export(range(6)))
    review = Review.objects.get(order_number="7")
    confirm_gone(review=review, actor=admin, now=timezone.now())
    assert Case.objects.get().outcome == Outcome.DELETED
    assert covering(shop, export(range(6))).coverage == {"stored": 6, "unseen": 0, "is_believed": True}
    batch = imported(shop, export([], bad))
    review.refresh_from_db()
    assert (review.not_seen_at, review.not_seen_in, review.gone_at, review.gone_by) == (None, None, None, None)
    name, old, new = review.revisions.get(batch=batch).fields_changed[0]
    assert (name, bool(old), new) == ("confirmed gone", True, "")
    case = Case.objects.get()
    assert (case.is_open, case.outcome) == (True, "")
    assert list(case.changes.order_by("pk").values_list("kind", flat=True))[-6:] == [
        "gone",
        "proven",
        "closed",
        "back",
        "unproven",
        "reopened",
    ]


def test_the_filters_tell_who_was_looked_up(shop: Shop, admin: User) -> None:
    imported(shop, export(range(6)))
    covering(shop, export(range(4)))
    confirm_gone(review=Review.objects.get(order_number="5"), actor=admin, now=timezone.now())

    def listed(not_seen: str) -> set[str]:
        found = matching_reviews(Review.objects.all(), ReviewFilter(not_seen=not_seen))
        return set(found.values_list("order_number", flat=True))

    assert (listed("missing"), listed("gone"), len(listed(""))) == ({"4"}, {"5"}, 6)


def test_withdrawing_a_claim_takes_its_marks_off_and_leaves_what_a_person_confirmed(shop: Shop, admin: User) -> None:
    imported(shop, export(range(8)))
    other = covering(shop, export(range(7)))
    batch = covering(shop, export(range(5)))
    confirm_gone(review=Review.objects.get(order_number="6"), actor=admin, now=timezone.now())
    with transaction.atomic():
        assert withdraw_claim(batch) == 1
    assert missing(shop) == {"6", "7"}
    assert Review.objects.get(order_number="7").not_seen_in == other


def test_undoing_an_import_takes_its_marks_off(shop: Shop, admin: User) -> None:
    imported(shop, export(range(8)))
    batch = covering(shop, export(range(6)))
    assert request_undo(batch, admin)
    run(batch.pk)
    batch.refresh_from_db()
    assert (batch.status, missing(shop)) == ("undone", set())


def test_an_import_that_is_given_up_before_anything_is_stored_leaves_no_mark(shop: Shop) -> None:
    imported(shop, export(range(8)))
    batch = looked_at(shop, export(range(6)))
    choose_columns(batch, batch.mapping, is_confirmed=True, claim=NOVEMBER)
    with patch("reviews.ingest.storing.merging.store_products", lambda *_: 1 / 0):
        run(batch.pk)
    batch.refresh_from_db()
    assert (batch.status, batch.failed_during) == ("failed", "merging")
    assert missing(shop) == {"6", "7"}
    assert discard(batch)
    assert missing(shop) == set()


@pytest.mark.django_db(transaction=True)
def test_two_covering_imports_at_once_end_as_one_after_the_other(shop: Shop) -> None:
    for _ in range(3):
        imported(shop, export(range(20)))
        batches = [received(shop, export(range(0, 15))), received(shop, export(range(5, 20)))]
        ImportBatch.objects.filter(pk__in=[batch.pk for batch in batches]).update(
            covers_from=NOVEMBER[0], covers_to=NOVEMBER[1]
        )
        together(*(lambda pk=batch.pk: run(pk) for batch in batches))
        for batch in batches:
            batch.refresh_from_db()
        assert {batch.status for batch in batches} == {"done"}
        assert missing(shop) in ({str(number) for number in range(5)}, {str(number) for number in range(15, 20)})


def test_comparing_takes_the_same_few_queries_for_any_number(shop: Shop, django_assert_num_queries: Any) -> None:
    imported(shop, export(range(60)))
    batch = looked_at(shop, export(range(40)))
    batch.covers_from, batch.covers_to = NOVEMBER
    with transaction.atomic(), django_assert_num_queries(7):
        compare_with_stored(batch, timezone.now())
    assert len(missing(shop)) == 20


@pytest.mark.parametrize(
    ("first", "last", "reason"),
    [
        ("2026-11-02", "2026-11-01", "before the first"),
        ("2026-11-01", "2026-11-21", "days to come"),
        ("2025-10-16", "2026-11-20", "400 days"),
    ],
)
def test_claims_that_can_only_be_mistakes_are_refused(first: str, last: str, reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        check_claim((date.fromisoformat(first), date.fromisoformat(last)), date(2026, 11, 20))


@pytest.mark.parametrize(("first", "last"), [("2026-11-20", "2026-11-20"), ("2025-10-17", "2026-11-20")])
def test_claims_of_a_day_up_to_400_days_pass(first: str, last: str) -> None:
    check_claim((date.fromisoformat(first), date.fromisoformat(last)), date(2026, 11, 20))


@pytest.mark.parametrize("statement", range(1, 90, 8))
def test_killed_anywhere_it_ends_as_if_it_had_not_been(shop: Shop, other_shop: Shop, statement: int) -> None:
    for each in (shop, other_shop):
        imported(each, export(range(6)))
        covering(each, export(range(5)))
    clean = covering(other_shop, export([0, 1, 5, 9]))
    batch = received(shop, export([0, 1, 5, 9]))
    ImportBatch.objects.filter(pk=batch.pk).update(covers_from=NOVEMBER[0], covers_to=NOVEMBER[1])
    with contextlib.suppress(Killed), killed_at(statement):
        run(batch.pk)
    run(batch.pk)
    batch.refresh_from_db()
    assert (batch.status, batch.coverage, counts(batch)) == (clean.status, clean.coverage, counts(clean))
    assert missing(shop) == missing(other_shop) == {"2", "3", "4"}
