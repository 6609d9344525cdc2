"""One version in force at a time, put there by people, and followed by every process at once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries

from reviews.classifier import shipped
from reviews.ingest.storing.classifying import Opinion, judge
from reviews.learning import champion
from reviews.learning.champions import champion_version, predecessor, put_in_force, retire_outdated
from reviews.models import ChampionChange, ClassifierVersion
from tests.conftest import NOW

MakeVersion = Callable[..., ClassifierVersion]
FEE = {"price": 20.0, "price__fee": 20.0}


def statuses() -> list[str]:
    return list(ClassifierVersion.objects.order_by("number").values_list("status", flat=True))


@pytest.mark.django_db
def test_without_a_version_the_shipped_weights_serve() -> None:
    assert champion() is shipped()
    assert champion_version() is None
    assert predecessor() is None


def test_a_promoted_version_tags_the_next_batch(make_version: MakeVersion, supervisor: User) -> None:
    version = make_version(FEE)
    opinion = Opinion("bad", None, "等了九天才到", "")
    assert "price.fee" not in {cause.code for cause in judge([opinion])[0].causes}
    put_in_force(version=version, actor=supervisor, now=NOW)
    assert champion().version == str(version) == f"{shipped().version}+1"
    assert "price.fee" in {cause.code for cause in judge([opinion])[0].causes}


def test_asking_costs_one_query_and_loads_a_layer_once(
    make_version: MakeVersion, supervisor: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    put_in_force(version=make_version(), actor=supervisor, now=NOW)
    first = champion()
    with django_assert_num_queries(1):
        assert champion() is first


def test_a_promotion_sets_the_old_champion_aside_and_is_kept(make_version: MakeVersion, supervisor: User) -> None:
    first, second = make_version(), make_version()
    put_in_force(version=first, actor=supervisor, now=NOW)
    put_in_force(version=second, actor=supervisor, now=NOW)
    assert statuses() == ["retired", "champion"]
    changes = [(change.replaced, change.version, change.actor) for change in ChampionChange.objects.order_by("pk")]
    assert changes == [(None, first, supervisor), (first, second, supervisor)]
    assert predecessor() == first


def test_rolling_back_returns_to_an_earlier_version_or_the_shipped_weights(
    make_version: MakeVersion, supervisor: User
) -> None:
    first, second = make_version(), make_version()
    for version in (first, second, first):
        put_in_force(version=version, actor=supervisor, now=NOW)
    assert champion_version() == first
    put_in_force(version=None, actor=supervisor, now=NOW)
    assert champion() is shipped()
    assert statuses() == ["retired", "retired"]


def test_what_is_in_force_cannot_be_put_there_again(make_version: MakeVersion, supervisor: User) -> None:
    version = make_version()
    put_in_force(version=version, actor=supervisor, now=NOW)
    with pytest.raises(ValidationError):
        put_in_force(version=version, actor=supervisor, now=NOW)
    assert ChampionChange.objects.count() == 1


@pytest.mark.parametrize("fields", [{"status": "rejected"}, {"based_on": "linear-1-other"}])
def test_rejected_and_foreign_versions_are_refused(
    make_version: MakeVersion, supervisor: User, fields: dict[str, str]
) -> None:
    with pytest.raises(ValidationError):
        put_in_force(version=make_version(**fields), actor=supervisor, now=NOW)
    assert champion() is shipped()
    assert not ChampionChange.objects.exists()


def test_there_is_one_champion_at_most(make_version: MakeVersion) -> None:
    make_version(status="champion")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_version(status="champion")


def test_new_shipped_weights_put_older_versions_out_of_use(make_version: MakeVersion) -> None:
    old = make_version(status="champion", based_on="linear-1-old")
    make_version(based_on="linear-1-old")
    assert champion() is shipped(), "at once, before anybody does anything"
    retire_outdated(NOW)
    assert statuses() == ["retired", "retired"]
    change = ChampionChange.objects.get()
    assert (change.replaced, change.version, change.actor) == (old, None, None)
    assert predecessor() is None


def test_a_retired_foreign_champion_does_not_stand_in_the_way(make_version: MakeVersion, supervisor: User) -> None:
    make_version(status="champion", based_on="linear-1-old")
    new = make_version()
    put_in_force(version=new, actor=supervisor, now=NOW)
    assert champion_version() == new
