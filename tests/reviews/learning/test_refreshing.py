"""Tags given anew: all of the model's and none of a person's, once, however often it is killed."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from cases.models import Case
from reviewdesk import queue
from reviews.classifier import shipped
from reviews.correction import correct_causes
from reviews.ingest.locks import alone_on_refresh
from reviews.jobs import refresh_tags, resume_stalled_refresh
from reviews.learning.champions import put_in_force
from reviews.learning.refreshing import outdated_reviews, run, start_refresh
from reviews.models import ClassifierVersion, Review, TagRefresh
from tests.conftest import NOW
from tests.connections import Killed, in_another_connection, killed_at

MakeReview = Callable[..., Review]
MakeVersion = Callable[..., ClassifierVersion]
FEE = {"price": 20.0, "price__fee": 20.0}


@pytest.fixture
def promoted(make_version: MakeVersion, supervisor: User) -> ClassifierVersion:
    """A version that finds a fee everywhere is in force."""
    version = make_version(FEE)
    put_in_force(version=version, actor=supervisor, now=NOW)
    return version


def refreshed(actor: User) -> TagRefresh:
    refresh = start_refresh(actor=actor, now=timezone.now())
    run(refresh.pk)
    refresh.refresh_from_db()
    assert refresh.status == "done"
    return refresh


def tags(review: Review) -> list[tuple[str, str]]:
    return [(cause.code, cause.source) for cause in review.causes.all()]


def everything() -> list[tuple[object, ...]]:
    of_causes = [f"causes__{name}" for name in ("code", "rank", "score", "spans")]
    return list(
        Review.objects.order_by("pk", "causes__rank").values_list("pk", "is_negative", "classifier_version", *of_causes)
    )


def test_the_tags_and_their_scores_are_those_of_the_champion(
    make_review: MakeReview, promoted: ClassifierVersion, supervisor: User
) -> None:
    review = make_review(["other"], classifier_version=shipped().version)
    done = refreshed(supervisor)
    review.refresh_from_db()
    assert ("price.fee", "model") in tags(review)
    assert review.causes.get(code="price.fee").score > 0.9
    assert review.causes.get(code="courier.slow").spans
    assert review.classifier_version == str(promoted)
    assert (done.total, done.done, done.changed, done.cases_opened) == (1, 1, 1, 0)


def test_what_a_person_decided_stays(
    make_review: MakeReview, promoted: ClassifierVersion, supervisor: User, agent: User
) -> None:
    review = make_review()
    correct_causes(review=review, codes=["colour.shade"], actor=agent, now=NOW)
    assert refreshed(supervisor).total == 0
    review.refresh_from_db()
    assert tags(review) == [("colour.shade", "person")]
    assert review.classifier_version == ""


@pytest.mark.usefixtures("promoted")
def test_a_negative_review_stays_negative_and_its_case_as_it_is(
    make_review: MakeReview, make_case: Callable[..., Case], supervisor: User
) -> None:
    praise = make_review(rating="good", content="质量很好,非常满意,物流很快")
    case = make_case(praise)
    before = Case.objects.filter(pk=case.pk).values().get()
    refreshed(supervisor)
    praise.refresh_from_db()
    assert praise.is_negative
    assert praise.negative_score < 0.5
    assert praise.causes.exists()
    assert Case.objects.filter(pk=case.pk).values().get() == before
    assert not case.changes.exists()


def test_under_new_weights_a_complaint_found_late_opens_its_case(make_review: MakeReview, supervisor: User) -> None:
    review = make_review([], is_negative=False, rating="good", classifier_version="linear-1-old")
    done = refreshed(supervisor)
    review.refresh_from_db()
    assert review.is_negative
    assert Case.objects.get(review=review).state == "new"
    assert done.cases_opened == 1


def test_a_layer_alone_has_nothing_to_say_of_praise(
    make_review: MakeReview, promoted: ClassifierVersion, supervisor: User
) -> None:
    make_review([], is_negative=False, rating="good", content="很好", classifier_version=shipped().version)
    make_review([], is_negative=False, rating="good", content="很好", classifier_version=f"{shipped().version}+7")
    assert refreshed(supervisor).total == 0


def test_only_negative_reviews_of_other_versions_are_outdated(
    make_review: MakeReview, promoted: ClassifierVersion, agent: User
) -> None:
    old = make_review(classifier_version=shipped().version)
    make_review(classifier_version=str(promoted))
    make_review([], is_negative=False, classifier_version=shipped().version)
    correct_causes(review=make_review(), codes=["price.fee"], actor=agent, now=NOW)
    assert list(outdated_reviews()) == [old]


@pytest.mark.usefixtures("promoted")
def test_killed_at_any_statement_it_goes_on_behind_the_last_chunk(
    make_review: MakeReview, supervisor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reviews.learning.refreshing.CHUNK_REVIEWS", 3)
    for number in range(20):
        make_review(content=f"等了{number}天才到,太慢了")
    make_review([], is_negative=False, rating="good", content="太差了,收到就是坏的,不退款")
    refresh = start_refresh(actor=supervisor, now=timezone.now())
    moment, deaths, positions = random.Random(20261122), 0, [0]
    while refresh.status == "running":
        try:
            with killed_at(moment.randrange(25)):
                refresh_tags(refresh.pk)
        except Killed:
            deaths += 1
        refresh.refresh_from_db()
        positions.append(refresh.position)
    assert deaths > 5
    assert positions == sorted(positions)
    assert len(set(positions)) > 3, "chunks that were done stay done"
    assert (refresh.status, refresh.total, refresh.done) == ("done", 21, 21)
    found = everything()
    assert Case.objects.count() == refresh.cases_opened == 1
    again = refreshed(supervisor)
    assert everything() == found
    assert again.changed == 0


def test_another_version_coming_into_force_starts_it_over(
    make_review: MakeReview, make_version: MakeVersion, promoted: ClassifierVersion, supervisor: User
) -> None:
    reviews = [make_review() for _ in range(3)]
    refresh = start_refresh(actor=supervisor, now=timezone.now())
    TagRefresh.objects.filter(pk=refresh.pk).update(position=reviews[1].pk, total=3, done=2)
    second = make_version()
    put_in_force(version=second, actor=supervisor, now=NOW)
    run(refresh.pk)
    refresh.refresh_from_db()
    assert (refresh.version, refresh.done) == (str(second), 3)
    assert set(Review.objects.values_list("classifier_version", flat=True)) == {str(second)}


def test_one_refresh_at_a_time(supervisor: User, admin: User) -> None:
    first = start_refresh(actor=supervisor, now=NOW)
    assert start_refresh(actor=admin, now=NOW) == first
    run(first.pk)
    assert start_refresh(actor=admin, now=NOW) != first


def test_a_refresh_that_has_ended_is_not_run_again(make_review: MakeReview, supervisor: User) -> None:
    done = refreshed(supervisor)
    make_review()
    run(done.pk)
    done.refresh_from_db()
    assert done.done == 0


def test_a_failure_is_told_and_ends_it(
    make_review: MakeReview, supervisor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object) -> None:
        raise RuntimeError("broken")

    make_review()
    monkeypatch.setattr("reviews.learning.refreshing.judge", fail)
    refresh = start_refresh(actor=supervisor, now=NOW)
    run(refresh.pk)
    refresh.refresh_from_db()
    assert (refresh.status, refresh.error, refresh.done) == ("failed", "RuntimeError", 0)


def test_a_quiet_refresh_is_queued_again_once(
    supervisor: User, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    queued: list[tuple[object, ...]] = []
    monkeypatch.setattr(queue, "enqueue", lambda *job: queued.append(job))
    with django_capture_on_commit_callbacks(execute=True):
        refresh = start_refresh(actor=supervisor, now=timezone.now())
    assert resume_stalled_refresh() == 0
    TagRefresh.objects.update(beat_at=timezone.now() - timedelta(minutes=5))
    assert (resume_stalled_refresh(), resume_stalled_refresh()) == (1, 0)
    assert queued == [("reviews.jobs.refresh_tags", refresh.pk)] * 2


def test_where_redis_is_gone_it_waits_for_the_sweep(
    supervisor: User, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    def refuse(*_args: object) -> None:
        raise queue.RedisError

    monkeypatch.setattr(queue, "enqueue", refuse)
    with django_capture_on_commit_callbacks(execute=True) as asked:
        refresh = start_refresh(actor=supervisor, now=NOW)
    assert (len(asked), refresh.is_running) == (1, True)


@pytest.mark.django_db(transaction=True)
def test_a_second_worker_leaves_it_alone(make_review: MakeReview, supervisor: User) -> None:
    make_review()
    refresh = start_refresh(actor=supervisor, now=NOW)

    with alone_on_refresh(refresh.pk):
        in_another_connection(lambda: run(refresh.pk)).join()
    refresh.refresh_from_db()
    assert (refresh.is_running, refresh.done) == (True, 0)
