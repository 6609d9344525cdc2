"""What somebody who opens the model page should do next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from reviews.classifier import shipped
from reviews.models import ClassifierVersion

from .challenging import FEWEST_DECISIONS
from .examples import telling_decisions
from .versions import VersionRow


class NextStep(NamedTuple):
    """`to` is one of "promote", "refresh", "learn", "check"; `version` the one to promote, else None. `unlearnt` counts
    the reviews decided on that no version over the shipped weights has learnt from."""

    to: str
    version: ClassifierVersion | None
    unlearnt: int


def next_step(rows: Sequence[VersionRow], *, is_any_outdated: bool) -> NextStep:
    """By the newest versions, and whether tags of another version are stored. One query."""
    versions = [row.version for row in rows if row.version.based_on == shipped().version]
    waiting = next((each for each in versions if each.status == ClassifierVersion.Status.CHALLENGER), None)
    known = max((each.last_decision for each in versions), default=0)
    unlearnt = telling_decisions(newer_than=known).count()
    if waiting:
        return NextStep("promote", waiting, unlearnt)
    if is_any_outdated:
        return NextStep("refresh", None, unlearnt)
    return NextStep("learn" if unlearnt >= FEWEST_DECISIONS else "check", None, unlearnt)
