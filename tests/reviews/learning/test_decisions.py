"""Every word of a person about causes is kept, beside what the model had said."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db.models import ProtectedError

from reviewdesk.append_only import AppendOnlyError
from reviews.correction import correct_causes, dismiss_complaint
from reviews.models import CauseDecision, Review
from tests.conftest import NOW

MakeReview = Callable[..., Review]


def said(decision: CauseDecision) -> list[tuple[str, float]]:
    return [(code, score) for code, score, *_ in decision.said_by_model]


def test_a_correction_is_kept_with_what_the_model_had_said(make_review: MakeReview, agent: User) -> None:
    review = make_review(["courier.slow", "colour.shade"], classifier_version="linear-1+2")
    correct_causes(review=review, codes=["price.fee"], actor=agent, now=NOW)
    decision = CauseDecision.objects.get()
    assert (decision.review, decision.actor, decision.decided_at) == (review, agent, NOW)
    assert said(decision) == [("courier.slow", 0.9), ("colour.shade", 0.9)]
    assert decision.decided == ["price.fee"]
    assert decision.model_version == "linear-1+2"
    assert not decision.is_withdrawn


def test_a_confirmation_is_a_decision_too(make_review: MakeReview, agent: User) -> None:
    correct_causes(review=make_review(), codes=["courier.slow"], actor=agent, now=NOW)
    assert CauseDecision.objects.get().decided == ["courier.slow"]


def test_no_complaint_is_an_empty_decision(make_review: MakeReview, agent: User) -> None:
    dismiss_complaint(review=make_review(rating="good"), actor=agent, now=NOW)
    decision = CauseDecision.objects.get()
    assert (decision.decided, said(decision)) == ([], [("courier.slow", 0.9)])


def test_a_second_decision_still_knows_what_the_model_said(
    make_review: MakeReview, agent: User, teammate: User
) -> None:
    review = make_review(classifier_version="linear-1")
    correct_causes(review=review, codes=["price.fee"], actor=agent, now=NOW)
    correct_causes(review=review, codes=["price.drop"], actor=teammate, now=NOW)
    first, second = CauseDecision.objects.order_by("pk")
    assert said(second) == said(first) == [("courier.slow", 0.9)]
    assert second.model_version == "linear-1"
    assert second.decided == ["price.drop"]


def test_a_refused_correction_leaves_no_decision(make_review: MakeReview, agent: User) -> None:
    with pytest.raises(ValidationError):
        correct_causes(review=make_review(), codes=["nonsense"], actor=agent, now=NOW)
    assert not CauseDecision.objects.exists()


def test_decisions_are_neither_changed_nor_deleted(make_review: MakeReview, agent: User) -> None:
    review = make_review()
    correct_causes(review=review, codes=["price.fee"], actor=agent, now=NOW)
    decision = CauseDecision.objects.get()
    with pytest.raises(AppendOnlyError):
        decision.save()
    with pytest.raises(AppendOnlyError):
        CauseDecision.objects.all().delete()
    for row in (review, agent):
        with pytest.raises(ProtectedError):
            row.delete()
