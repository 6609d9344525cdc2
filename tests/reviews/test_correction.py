"""A person's word about the causes of a review."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError

from cases.models import Case
from reviews.correction import correct_causes, dismiss_complaint, may_dismiss
from reviews.models import Review
from reviews.signals import batch_classified, causes_corrected
from tests.conftest import NOW

MakeReview = Callable[..., Review]


@pytest.fixture
def announced() -> Iterator[list[dict[str, Any]]]:
    """What `causes_corrected` told."""
    told: list[dict[str, Any]] = []

    def hear(sender: object, **words: Any) -> None:
        told.append(words)

    causes_corrected.connect(hear)
    yield told
    causes_corrected.disconnect(hear)


def stored(review: Review) -> list[tuple[str, int, float, str, list[list[int]]]]:
    return [(cause.code, cause.rank, cause.score, cause.source, cause.spans) for cause in review.causes.all()]


def test_the_chosen_causes_replace_the_old_ones_in_their_order(make_review: MakeReview, agent: User) -> None:
    review = make_review(["courier.slow", "colour.shade"])
    correct_causes(review=review, codes=["quality.defect", "courier.slow"], actor=agent, now=NOW)
    assert stored(review) == [
        ("quality.defect", 0, 1, "person", []),
        ("courier.slow", 1, 1, "person", [[0, 6]]),
    ]
    review.refresh_from_db()
    assert (review.causes_decided_by, review.causes_decided_at) == (agent, NOW)


def test_it_is_announced_with_before_and_after(
    make_review: MakeReview, agent: User, announced: list[dict[str, Any]]
) -> None:
    review = make_review(["courier.slow", "colour.shade"])
    correct_causes(review=review, codes=["price.fee"], actor=agent, now=NOW)
    (told,) = announced
    assert (told["review"], told["before"], told["after"]) == (review, ["courier.slow", "colour.shade"], ["price.fee"])
    assert (told["actor"], told["now"]) == (agent, NOW)


def test_a_code_given_twice_counts_once_at_its_first_place(make_review: MakeReview, agent: User) -> None:
    review = make_review()
    correct_causes(review=review, codes=["price.fee", "price.drop", "price.fee"], actor=agent, now=NOW)
    assert [(code, rank) for code, rank, *_ in stored(review)] == [("price.fee", 0), ("price.drop", 1)]


@pytest.mark.parametrize("codes", [[], ["quality"], ["price.unknown"], ["other", "price.fee"], ["price.fee", "other"]])
def test_refused_codes_change_nothing(
    make_review: MakeReview, agent: User, announced: list[dict[str, Any]], codes: list[str]
) -> None:
    review = make_review()
    with pytest.raises(ValidationError):
        correct_causes(review=review, codes=codes, actor=agent, now=NOW)
    assert [code for code, *_ in stored(review)] == ["courier.slow"]
    review.refresh_from_db()
    assert review.causes_decided_at is None
    assert not announced


def test_a_listener_that_fails_undoes_the_correction(make_review: MakeReview, agent: User) -> None:
    def fail(**_words: Any) -> None:
        raise RuntimeError("the case could not be told")

    review = make_review()
    causes_corrected.connect(fail)
    try:
        with pytest.raises(RuntimeError):
            correct_causes(review=review, codes=["price.fee"], actor=agent, now=NOW)
    finally:
        causes_corrected.disconnect(fail)
    assert [code for code, *_ in stored(review)] == ["courier.slow"]


def test_a_review_found_harmless_becomes_a_complaint_with_a_case(make_review: MakeReview, agent: User) -> None:
    review = make_review([], rating="good", is_negative=False)
    correct_causes(review=review, codes=["price.fee"], actor=agent, now=NOW)
    review.refresh_from_db()
    assert review.is_negative
    assert Case.objects.get(review=review).opened_at == NOW


def test_a_review_that_was_negative_is_not_announced_again(make_review: MakeReview, agent: User) -> None:
    def refuse(**_words: Any) -> None:
        raise AssertionError("announced again")

    review = make_review()
    batch_classified.connect(refuse)
    try:
        correct_causes(review=review, codes=["price.fee"], actor=agent, now=NOW)
    finally:
        batch_classified.disconnect(refuse)


def test_a_dismissed_complaint_is_a_decision_of_its_own(
    make_review: MakeReview, agent: User, announced: list[dict[str, Any]]
) -> None:
    review = make_review(rating="good")
    dismiss_complaint(review=review, actor=agent, now=NOW)
    review.refresh_from_db()
    assert not review.is_negative
    assert (review.causes_decided_by, review.causes_decided_at) == (agent, NOW)
    assert not stored(review)
    (told,) = announced
    assert (told["before"], told["after"]) == (["courier.slow"], [])


@pytest.mark.parametrize("rated", [{"rating": "bad"}, {"rating": "neutral"}, {"rating": "", "stars": 3}])
def test_a_poor_rating_cannot_be_dismissed(make_review: MakeReview, agent: User, rated: dict[str, Any]) -> None:
    review = make_review(**rated)
    assert not may_dismiss(review)
    with pytest.raises(ValidationError):
        dismiss_complaint(review=review, actor=agent, now=NOW)
    review.refresh_from_db()
    assert review.is_negative
    assert [code for code, *_ in stored(review)] == ["courier.slow"]


def test_a_later_correction_replaces_an_earlier_one(make_review: MakeReview, agent: User, teammate: User) -> None:
    review = make_review()
    correct_causes(review=review, codes=["price.fee"], actor=agent, now=NOW)
    correct_causes(review=review, codes=["price.drop"], actor=teammate, now=NOW)
    review.refresh_from_db()
    assert [code for code, *_ in stored(review)] == ["price.drop"]
    assert review.causes_decided_by == teammate
