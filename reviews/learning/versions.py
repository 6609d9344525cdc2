"""What the model page tells of versions: what each changed, and who put which in force."""

from __future__ import annotations

from typing import NamedTuple

from django.template.defaultfilters import floatformat

from reviews.causes import TopCause, full_name, top_of
from reviews.classifier import shipped
from reviews.models import ChampionChange, ClassifierVersion

from .comparison import Figures, Pair

SHOWN = 12
CHANGES_SHOWN = 20
CHOOSABLE = {ClassifierVersion.Status.CHALLENGER, ClassifierVersion.Status.RETIRED}


class Difference(NamedTuple):
    """F1 (0-1) of one cause before and after, over `reviews` that have it."""

    code: str
    before: float
    after: float
    reviews: int

    @property
    def name(self) -> str:
        return full_name(self.code)

    @property
    def top(self) -> TopCause:
        return top_of(self.code)

    @property
    def change(self) -> float:
        return self.after - self.before


def _as_read(f1: float) -> str:
    return floatformat(f1, 3)


class Measured(NamedTuple):
    """Figures of the champion of that time and of the version, on the same reviews."""

    before: Figures
    after: Figures
    differences: list[Difference]

    @classmethod
    def of(cls, pair: Pair) -> Measured:
        before, after = pair["champion"], pair["challenger"]
        differences = [
            Difference(code, before["causes"][code][0], f1, reviews)
            for code, (f1, reviews) in after["causes"].items()
            if reviews and _as_read(f1) != _as_read(before["causes"][code][0])
        ]
        return cls(before, after, sorted(differences, key=lambda each: -abs(each.change)))


class VersionRow(NamedTuple):
    version: ClassifierVersion
    against: str
    decisions: Measured
    validation: Measured
    may_be_chosen: bool


def version_rows() -> list[VersionRow]:
    """The newest versions, newest first. One query."""
    shipped_now = shipped().version
    versions = ClassifierVersion.objects.defer("layer")[:SHOWN]
    return [
        VersionRow(
            version,
            version.figures["against"],
            Measured.of(version.figures["decisions"]),
            Measured.of(version.figures["validation"]),
            version.based_on == shipped_now and version.status in CHOOSABLE,
        )
        for version in versions
    ]


def champion_changes() -> list[ChampionChange]:
    """Who put what in force, newest first. One query."""
    changes = ChampionChange.objects.select_related("version", "replaced", "actor")
    return list(changes.defer("version__layer", "replaced__layer")[:CHANGES_SHOWN])
