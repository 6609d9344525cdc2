"""Which classifier is in force, and putting another one there."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from reviews.classifier import Classifier, shipped
from reviews.classifier.adaptation import Adaptation
from reviews.models import ChampionChange, ClassifierVersion

Status = ClassifierVersion.Status


def usable_versions() -> QuerySet[ClassifierVersion]:
    """Those fitted over the weights that are shipped now."""
    return ClassifierVersion.objects.filter(based_on=shipped().version)


def champion_version() -> ClassifierVersion | None:
    """The layer in force, None while the shipped weights serve alone."""
    return usable_versions().filter(status=Status.CHAMPION).defer("layer").first()


def champion() -> Classifier:
    """The classifier in force. Asks the database, by one look into a small table, so that every process follows a
    promotion with its next batch; a layer is loaded once."""
    in_force = usable_versions().filter(status=Status.CHAMPION).values_list("pk", flat=True).first()
    return shipped() if in_force is None else _adapted(in_force)


@lru_cache(maxsize=2)
def _adapted(version_id: int) -> Classifier:
    # A version's layer is written once, and ids are not used again: what is kept here cannot grow stale.
    return shipped().adapted(layer_of(ClassifierVersion.objects.get(pk=version_id)))


def layer_of(version: ClassifierVersion) -> Adaptation:
    return Adaptation.from_bytes(str(version.number), bytes(version.layer))


@transaction.atomic
def put_in_force(*, version: ClassifierVersion | None, actor: User, now: datetime) -> None:
    """Make `version` the champion, or with None the shipped weights alone.

    Raises ValidationError where the version was rejected, belongs to other weights, or is in force already.
    """
    retire_outdated(now)
    usable = {each.pk: each for each in usable_versions().defer("layer").select_for_update().order_by("pk")}
    before = next((each for each in usable.values() if each.status == Status.CHAMPION), None)
    after = usable.get(version.pk) if version else None
    if version and after is None:
        raise ValidationError(_("This version was fitted over other weights than those shipped now."))
    if after and after.status == Status.REJECTED:
        raise ValidationError(_("This version was rejected, for it is no better."))
    if after == before:
        raise ValidationError(_("This version is in force already."))
    _replace(before, after, actor, now)


def retire_outdated(now: datetime) -> None:
    """Set aside what was fitted over weights that are no longer shipped."""
    outdated = ClassifierVersion.objects.exclude(based_on=shipped().version)
    champion = outdated.filter(status=Status.CHAMPION).defer("layer").select_for_update().first()
    if champion:
        _replace(champion, None, None, now)
    outdated.filter(status=Status.CHALLENGER).update(status=Status.RETIRED)


def predecessor() -> ClassifierVersion | None:
    """What a roll-back returns to: the version that the champion replaced, None for the shipped weights."""
    change = ChampionChange.objects.select_related("replaced").defer("replaced__layer").first()
    replaced = change.replaced if change else None
    return replaced if replaced and replaced.based_on == shipped().version else None


def _replace(
    before: ClassifierVersion | None, after: ClassifierVersion | None, actor: User | None, now: datetime
) -> None:
    if before:
        before.status = Status.RETIRED
        before.save(update_fields=["status"])
    if after:
        after.status = Status.CHAMPION
        after.save(update_fields=["status"])
    ChampionChange.objects.create(version=after, replaced=before, shipped=shipped().version, actor=actor, at=now)
