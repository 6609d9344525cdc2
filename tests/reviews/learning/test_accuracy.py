"""The model against people, and causes over time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.contrib.auth.models import User
from pytest_django import DjangoAssertNumQueries

from reviews.correction import correct_causes, dismiss_complaint
from reviews.learning.accuracy import CauseAccuracy, accuracy_against_people
from reviews.learning.drift import Week, drift_of_causes, stability_index
from reviews.models import CauseDecision, Review
from tests.conftest import NOW

MakeReview = Callable[..., Review]


def counted(code: str) -> tuple[int, int, int]:
    rows = {row.code: (row.agreed, row.dropped, row.added) for row in accuracy_against_people(NOW).causes}
    return rows.get(code, (0, 0, 0))


def decide(review: Review, actor: User, *codes: str) -> None:
    correct_causes(review=review, codes=codes, actor=actor, now=NOW)


def test_kept_dropped_and_added_tags_are_counted(make_review: MakeReview, agent: User) -> None:
    decide(make_review(["courier.slow"]), agent, "courier.slow")
    decide(make_review(["courier.slow"]), agent, "courier.dispatch")
    decide(make_review(["courier.slow", "price.fee"]), agent, "courier.slow")
    assert counted("courier.slow") == (2, 1, 0)
    assert counted("courier.dispatch") == (0, 0, 1)
    assert counted("courier") == (3, 0, 0), "the top cause was right all three times"
    assert counted("price") == counted("price.fee") == (0, 1, 0)
    found = accuracy_against_people(NOW)
    assert (found.decisions, found.confirmed) == (3, 1)


def test_shares_follow_from_the_counts() -> None:
    row = CauseAccuracy("courier.slow", agreed=6, dropped=2, added=4)
    assert (row.precision, row.recall, row.f1) == (75, 60, pytest.approx(100 * 12 / 18))
    assert CauseAccuracy("price.fee", 0, 0, 0).precision is None


def test_the_last_word_on_a_review_counts(make_review: MakeReview, agent: User, teammate: User) -> None:
    review = make_review(["courier.slow"])
    decide(review, agent, "price.fee")
    decide(review, teammate, "courier.slow")
    assert counted("courier.slow") == (1, 0, 0)
    assert counted("price.fee") == (0, 0, 0)


def test_no_complaint_drops_all_tags_and_taking_back_counts_nothing(make_review: MakeReview, agent: User) -> None:
    dismiss_complaint(review=make_review(["price.fee"], rating="good"), actor=agent, now=NOW)
    taken_back = make_review(["courier.slow"])
    decide(taken_back, agent, "price.drop")
    CauseDecision.objects.create(
        review=taken_back, actor=agent, decided_at=NOW, is_withdrawn=True, said_by_model=[["courier.slow", 0.9]]
    )
    assert counted("price.fee") == (0, 1, 0)
    assert accuracy_against_people(NOW).decisions == 1


def test_old_decisions_and_reviews_without_a_model_are_left_out(make_review: MakeReview, agent: User) -> None:
    correct_causes(review=make_review(), codes=["price.fee"], actor=agent, now=NOW - timedelta(days=91))
    decide(make_review([], is_negative=False), agent, "price.fee")
    assert accuracy_against_people(NOW).decisions == 0


def test_sub_causes_stand_below_their_top_cause(make_review: MakeReview, agent: User) -> None:
    decide(make_review(["price.fee", "courier.slow"]), agent, "price.drop")
    codes = [row.code for row in accuracy_against_people(NOW).causes]
    assert codes == ["courier", "courier.slow", "price", "price.drop", "price.fee"]


def test_both_cost_one_query_each(
    make_review: MakeReview, agent: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(3):
        decide(make_review(), agent, "price.fee")
    with django_assert_num_queries(1):
        accuracy_against_people(NOW)
    with django_assert_num_queries(1):
        drift_of_causes(NOW)


def test_weeks_are_whole_and_start_on_monday(make_review: MakeReview) -> None:
    make_review(reviewed_at=NOW)
    make_review(["price.fee"], reviewed_at=NOW - timedelta(days=5))
    make_review(["price.fee"], reviewed_at=NOW - timedelta(days=4, hours=15))
    found = drift_of_causes(NOW)
    assert len(found.weeks) == 16
    assert found.weeks[-1].monday == date(2026, 11, 9)
    assert found.weeks[-1].tags == [0, 0, 0, 0, 2, 0]
    assert sum(week.total for week in found.weeks) == 2, "this week is not over"


def test_a_week_with_few_tags_has_no_shares() -> None:
    few, enough = Week(date(2026, 11, 9), [9, 0, 0, 0, 0, 0]), Week(date(2026, 11, 9), [5, 0, 0, 0, 5, 0])
    assert few.percents == [None] * 6
    assert enough.percents == [50, 0, 0, 0, 50, 0]


def test_what_the_model_had_said_counts_where_a_person_decided(make_review: MakeReview, agent: User) -> None:
    decide(make_review(["courier.slow"], reviewed_at=NOW - timedelta(weeks=2)), agent, "price.fee")
    found = drift_of_causes(NOW)
    assert [sum(week.tags[at] for week in found.weeks) for at in range(6)] == [0, 0, 1, 0, 0, 0]


def test_the_index_tells_a_shift_from_the_usual() -> None:
    assert stability_index([300, 100, 300, 100, 100, 100], [100, 33, 100, 33, 33, 34]) == pytest.approx(0, abs=0.01)
    shifted = stability_index([300, 100, 300, 100, 100, 100], [200, 10, 20, 30, 30, 30])
    assert shifted is not None
    assert shifted > 0.25
    assert stability_index([300] * 6, [9] * 6) is None


@pytest.mark.django_db
def test_nothing_at_all_is_no_verdict() -> None:
    found = drift_of_causes(NOW)
    assert (found.stability, found.verdict) == (None, "unknown")
