"""From decisions to a version: when there is one, what it keeps, and when it is not offered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from reviewdesk import queue
from reviews.correction import dismiss_complaint
from reviews.jobs import fit_challenger, learn_daily
from reviews.learning.challenging import FEWEST_DECISIONS, carry_out, pending_run, request_fit
from reviews.learning.champions import layer_of, put_in_force
from reviews.learning.comparison import reason_to_reject, share_worse
from reviews.learning.examples import anchor_and_measured, decided_reviews
from reviews.models import CauseDecision, ClassifierVersion, FittingRun, Review
from tests.conftest import NOW
from tests.connections import together
from tests.reviews.learning.conftest import comparison

DecideMany = Callable[..., list[Review]]
Outcome = FittingRun.Outcome


def fitted(outcome: str) -> FittingRun:
    run = FittingRun.objects.create(requested_at=NOW)
    carry_out(run, NOW)
    run.refresh_from_db()
    assert run.outcome == outcome
    assert run.finished_at == NOW
    return run


def test_too_few_decisions_teach_nothing(decide_many: DecideMany) -> None:
    decide_many(FEWEST_DECISIONS - 1)
    assert fitted(Outcome.TOO_FEW).decisions == FEWEST_DECISIONS - 1
    assert not ClassifierVersion.objects.exists()


def test_enough_make_a_version_with_the_figures_of_both(decide_many: DecideMany) -> None:
    decide_many(FEWEST_DECISIONS + 10, ["courier.dispatch"])
    version = fitted(Outcome.FITTED).version
    assert version is not None
    assert (version.number, version.decisions) == (1, FEWEST_DECISIONS + 10)
    assert version.last_decision == CauseDecision.objects.latest("pk").pk
    assert version.figures["decisions"]["champion"]["same"] < version.figures["decisions"]["challenger"]["same"]
    assert version.figures["validation"]["champion"]["reviews"] == anchor_and_measured()[1].reviews
    assert version.figures["validation"]["champion"]["five"] > 0.8
    assert (version.status == "rejected") == bool(version.reason) == bool(reason_to_reject(version.figures))
    assert layer_of(version).weights.any()


def test_nothing_new_makes_no_version(decide_many: DecideMany) -> None:
    decide_many(FEWEST_DECISIONS)
    fitted(Outcome.FITTED)
    fitted(Outcome.NOTHING_NEW)
    decide_many(1)
    fitted(Outcome.FITTED)
    assert list(ClassifierVersion.objects.values_list("number", flat=True)) == [2, 1]


def test_new_shipped_weights_are_fitted_though_nothing_new_was_decided(
    decide_many: DecideMany, make_version: Callable[..., ClassifierVersion]
) -> None:
    decide_many(FEWEST_DECISIONS)
    make_version(based_on="linear-1-old", status="champion", last_decision=10**12)
    assert fitted(Outcome.FITTED).version.number == 2  # type: ignore[union-attr]
    assert ClassifierVersion.objects.get(number=1).status == "retired"


def test_a_rejected_version_leaves_the_waiting_one(
    decide_many: DecideMany, make_version: Callable[..., ClassifierVersion], monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = make_version()
    decide_many(FEWEST_DECISIONS)
    monkeypatch.setattr("reviews.learning.challenging.reason_to_reject", lambda _: "decisions")
    fitted(Outcome.FITTED)
    waiting.refresh_from_db()
    assert waiting.status == "challenger"
    decide_many(1)
    monkeypatch.setattr("reviews.learning.challenging.reason_to_reject", lambda _: "")
    fitted(Outcome.FITTED)
    waiting.refresh_from_db()
    assert waiting.status == "retired"


def test_the_champion_is_judged_without_what_it_has_seen(decide_many: DecideMany, supervisor: User) -> None:
    decide_many(FEWEST_DECISIONS + 10, ["courier.dispatch"])
    first = fitted(Outcome.FITTED).version
    assert first is not None
    ClassifierVersion.objects.filter(pk=first.pk).update(status="challenger", reason="")
    put_in_force(version=first, actor=supervisor, now=NOW)
    decide_many(1, ["courier.dispatch"])
    second = fitted(Outcome.FITTED).version
    assert second is not None
    assert second.figures["against"] == str(first)
    told = second.figures["decisions"]
    assert abs(told["champion"]["same"] - told["challenger"]["same"]) < 0.1


def test_what_was_taken_back_or_found_no_complaint_is_no_lesson(
    decide_many: DecideMany, make_review: Callable[..., Review], agent: User
) -> None:
    first, *_others = decide_many(3)
    dismiss_complaint(review=make_review(rating="good"), actor=agent, now=NOW)
    CauseDecision.objects.create(review=first, actor=agent, decided_at=NOW, is_withdrawn=True)
    assert len(decided_reviews().ids) == 2


def test_the_same_words_are_in_the_same_fold(
    make_review: Callable[..., Review], agent: User, decide_many: DecideMany
) -> None:
    decide_many(20)
    Review.objects.update(content="等了九天才到")
    assert len(set(decided_reviews().folds.tolist())) == 1


@pytest.mark.parametrize(
    ("decisions", "worse", "reason"),
    [(0.81, 0.5, ""), (0.8, 0.0, "decisions"), (0.7, 0.0, "decisions"), (0.9, 0.95, "validation"), (0.9, 0.89, "")],
)
def test_a_version_must_be_better_and_not_surely_worse(decisions: float, worse: float, reason: str) -> None:
    assert reason_to_reject(comparison(decisions, worse)) == reason  # type: ignore[arg-type]


def test_share_worse_tells_the_clear_cases() -> None:
    measured = anchor_and_measured()[1]
    true = measured.targets[:, :20] > 0
    wrong = ~true
    assert share_worse(true, wrong, true) == 1
    assert share_worse(wrong, true, true) == 0
    assert share_worse(true, true, true) == 0


def test_the_shipped_data_is_used_once() -> None:
    anchor, measured = anchor_and_measured()
    assert anchor.reviews + measured.reviews >= 1000
    both = {tuple(row) for row in anchor.features.tolist()} & {tuple(row) for row in measured.features.tolist()}
    assert len(both) < 20, "but for texts that buyers copied"


def test_asking_twice_queues_once(supervisor: User) -> None:
    now = timezone.now()
    assert request_fit(actor=supervisor, now=now) == request_fit(actor=supervisor, now=now) == pending_run(now)
    assert FittingRun.objects.count() == 1


def test_a_lost_run_can_be_asked_for_again(supervisor: User) -> None:
    FittingRun.objects.create(requested_at=timezone.now() - timedelta(hours=1))
    assert pending_run(timezone.now()) is None
    assert request_fit(actor=supervisor, now=timezone.now()).requested_by == supervisor


@pytest.mark.django_db
def test_a_failure_is_written_down(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("reviews.learning.challenging.decided_reviews", fail)
    run = FittingRun.objects.create(requested_at=NOW)
    with pytest.raises(RuntimeError):
        fit_challenger(run.pk)
    run.refresh_from_db()
    assert run.outcome == Outcome.FAILED


def test_where_redis_is_gone_the_run_has_failed(supervisor: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object) -> None:
        raise queue.RedisError

    monkeypatch.setattr(queue, "enqueue", refuse)
    with pytest.raises(queue.RedisError):
        request_fit(actor=supervisor, now=timezone.now())
    assert pending_run(timezone.now()) is None


@pytest.mark.django_db
def test_the_clock_leaves_a_trace_too() -> None:
    learn_daily()
    run = FittingRun.objects.get()
    assert (run.requested_by, run.outcome) == (None, Outcome.TOO_FEW)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_make_one_version(decide_many: DecideMany) -> None:
    decide_many(FEWEST_DECISIONS)
    together(learn_daily, learn_daily)
    assert ClassifierVersion.objects.count() == 1
    assert sorted(FittingRun.objects.values_list("outcome", flat=True)) == ["fitted", "nothing_new"]
