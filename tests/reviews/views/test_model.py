"""The model page: who may see it, what it shows, and its buttons."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from reviewdesk import queue
from reviews.correction import correct_causes
from reviews.learning.challenging import FEWEST_DECISIONS
from reviews.learning.champions import champion_version, put_in_force
from reviews.models import CauseDecision, ClassifierVersion, FittingRun, Review, TagRefresh
from tests.reviews.learning.conftest import comparison
from tests.reviews.learning.conftest import make_version as make_version

SignIn = Callable[[User], Client]
MakeVersion = Callable[..., ClassifierVersion]
PAGE = "/model/"
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _english(settings: object) -> None:
    settings.LANGUAGE_CODE = "en"  # type: ignore[attr-defined]


@pytest.mark.parametrize(("who", "status"), [("agent", 403), ("supervisor", 200), ("admin", 200)])
def test_supervisors_and_admins_see_it(request: pytest.FixtureRequest, sign_in: SignIn, who: str, status: int) -> None:
    assert sign_in(request.getfixturevalue(who)).get(PAGE).status_code == status


@pytest.mark.parametrize("name", ["fit_model", "choose_model", "refresh_tags"])
def test_agents_change_nothing_and_nobody_by_a_link(agent: User, supervisor: User, sign_in: SignIn, name: str) -> None:
    address = reverse(f"reviews:{name}")
    assert sign_in(agent).post(address, {"version": "0"}).status_code == 403
    assert sign_in(supervisor).get(address).status_code == 405
    assert not FittingRun.objects.exists()
    assert not TagRefresh.objects.exists()


def test_the_page_shows_figures_and_versions(
    supervisor: User, agent: User, sign_in: SignIn, make_version: MakeVersion, make_review: Callable[..., Review]
) -> None:
    version = make_version()
    correct_causes(review=make_review(), codes=["price.fee"], actor=agent, now=timezone.now())
    page = sign_in(supervisor).get(PAGE)
    text = page.content.decode()
    assert page.context["figures"]["five"] > 0.8
    assert page.context["accuracy"].decisions == 1
    assert f"Put version {version.number} in force" in text
    assert "without a layer" in text


def test_it_says_what_to_do_next(
    supervisor: User, agent: User, sign_in: SignIn, make_version: MakeVersion, make_review: Callable[..., Review]
) -> None:
    client, now = sign_in(supervisor), timezone.now()

    def to_do() -> str:
        return str(client.get(PAGE).context["next"].to)

    assert "New ones so far: 0 of 30." in client.get(PAGE).content.decode()
    for _ in range(FEWEST_DECISIONS):
        correct_causes(review=make_review(), codes=["price.fee"], actor=agent, now=now)
    assert to_do() == "learn"
    version = make_version(last_decision=CauseDecision.objects.latest("pk").pk)
    assert to_do() == "promote"
    make_review(classifier_version=version.based_on)
    put_in_force(version=version, actor=supervisor, now=now)
    assert to_do() == "refresh"
    Review.objects.update(classifier_version=str(version))
    assert to_do() == "check"


def test_a_figure_that_reads_the_same_is_neither_better_nor_worse(
    supervisor: User, sign_in: SignIn, make_version: MakeVersion
) -> None:
    make_version(figures=comparison(0.79997))
    assert "is-worse" not in sign_in(supervisor).get(PAGE).content.decode()


def test_texts_of_buyers_do_not_show(
    supervisor: User, agent: User, sign_in: SignIn, make_review: Callable[..., Review], other_shop: object
) -> None:
    review = make_review(shop=other_shop, content="隔壁店铺的秘密评价")
    correct_causes(review=review, codes=["price.fee"], actor=agent, now=timezone.now())
    assert "隔壁店铺" not in sign_in(supervisor).get(PAGE).content.decode()


def test_its_queries_do_not_grow_with_what_it_lists(
    supervisor: User,
    agent: User,
    sign_in: SignIn,
    make_version: MakeVersion,
    make_review: Callable[..., Review],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    now = timezone.now()
    for _ in range(4):
        put_in_force(version=make_version(), actor=supervisor, now=now)
        correct_causes(review=make_review(), codes=["price.fee"], actor=agent, now=now)
        FittingRun.objects.create(requested_at=now, finished_at=now, outcome="fitted")
    client = sign_in(supervisor)
    client.get(PAGE)
    with django_assert_num_queries(17):
        client.get(PAGE)


def test_a_version_is_put_in_force_and_rolled_back(
    supervisor: User, sign_in: SignIn, make_version: MakeVersion
) -> None:
    version = make_version()
    client = sign_in(supervisor)
    client.post(reverse("reviews:choose_model"), {"version": version.number})
    assert champion_version() == version
    assert "Roll back to the shipped model" in client.get(PAGE).content.decode()
    client.post(reverse("reviews:choose_model"), {"version": "0"})
    assert champion_version() is None


@pytest.mark.parametrize("version", ["", "7", "x", "-1", "9" * 18])
def test_there_is_no_other_version(supervisor: User, sign_in: SignIn, version: str) -> None:
    assert sign_in(supervisor).post(reverse("reviews:choose_model"), {"version": version}).status_code == 404


def test_a_refused_choice_says_why(supervisor: User, sign_in: SignIn, make_version: MakeVersion) -> None:
    version = make_version(status="rejected", reason="decisions")
    page = sign_in(supervisor).post(reverse("reviews:choose_model"), {"version": version.number}, follow=True)
    assert "was rejected" in page.content.decode()
    assert f"Put version {version.number} in force" not in page.content.decode()


def test_learning_is_asked_for_once_and_polled(supervisor: User, sign_in: SignIn) -> None:
    client = sign_in(supervisor)
    client.post(reverse("reviews:fit_model"))
    client.post(reverse("reviews:fit_model"))
    run = FittingRun.objects.get()
    assert run.requested_by == supervisor
    assert 'hx-trigger="every 1s"' in client.get(PAGE, headers=HTMX).content.decode()
    FittingRun.objects.update(finished_at=timezone.now(), outcome="too_few", decisions=3)
    assert client.get(PAGE, headers=HTMX).headers["HX-Refresh"] == "true"
    assert "There are 3, and 30 are needed." in client.get(PAGE).content.decode()


def test_where_the_queue_is_gone_the_page_says_so(
    supervisor: User, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object) -> None:
        raise queue.RedisError

    monkeypatch.setattr(queue, "enqueue", refuse)
    page = sign_in(supervisor).post(reverse("reviews:fit_model"), follow=True)
    assert "cannot be reached" in page.content.decode()


def test_a_refresh_shows_how_far_it_is(supervisor: User, sign_in: SignIn) -> None:
    client = sign_in(supervisor)
    client.post(reverse("reviews:refresh_tags"))
    TagRefresh.objects.update(total=200, done=50)
    state = client.get(PAGE, headers=HTMX).content.decode()
    assert 'aria-valuenow="25"' in state
    assert "50 of 200" in state
    TagRefresh.objects.update(status="done", finished_at=timezone.now(), done=200, changed=7)
    assert "with other causes now 7" in client.get(PAGE).content.decode()


def test_polling_costs_little(
    supervisor: User, sign_in: SignIn, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    TagRefresh.objects.create(requested_at=timezone.now(), beat_at=timezone.now(), version="x")
    client = sign_in(supervisor)
    with django_assert_num_queries(7):
        client.get(PAGE, headers=HTMX)
