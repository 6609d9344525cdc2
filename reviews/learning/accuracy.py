"""How often people agree with the model, cause by cause."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import NamedTuple

from reviews.causes import Cause, TopCause, full_name, subs_of, top_of
from reviews.models import CauseDecision

PERIOD = timedelta(days=90)


class CauseAccuracy(NamedTuple):
    """What people made of one cause (a code or a top cause), in reviews: the model had said it and they agreed, had
    said it and they did not, had not said it and they added it."""

    code: str
    agreed: int
    dropped: int
    added: int

    @property
    def name(self) -> str:
        return full_name(self.code) if self.is_top else str(Cause(self.code).label)

    @property
    def top(self) -> TopCause:
        return top_of(self.code)

    @property
    def is_top(self) -> bool:
        return self.code in TopCause.values

    @property
    def precision(self) -> float | None:
        """Of the tags given, the share (percent) that people kept."""
        return _percent(self.agreed, self.agreed + self.dropped)

    @property
    def recall(self) -> float | None:
        """Of the tags that people want, the share (percent) that the model gave."""
        return _percent(self.agreed, self.agreed + self.added)

    @property
    def f1(self) -> float | None:
        return _percent(2 * self.agreed, 2 * self.agreed + self.dropped + self.added)


class Accuracy(NamedTuple):
    """The decisions counted, in how many people changed nothing, and the causes that came up: each top cause, followed
    by those of its own."""

    decisions: int
    confirmed: int
    causes: list[CauseAccuracy]

    @property
    def confirmed_percent(self) -> float | None:
        return _percent(self.confirmed, self.decisions)


def accuracy_against_people(now: datetime) -> Accuracy:
    """By the last decision of each review of the last 90 days. A review found to be no complaint counts as one without
    causes. One query."""
    recent = CauseDecision.objects.filter(decided_at__gt=now - PERIOD).exclude(said_by_model=[])
    last = recent.order_by("review", "-pk").distinct("review").values_list("said_by_model", "decided", "is_withdrawn")
    agreed: Counter[str] = Counter()
    dropped: Counter[str] = Counter()
    added: Counter[str] = Counter()
    decisions = confirmed = 0
    for told, decided, is_withdrawn in last:
        if is_withdrawn:
            continue
        said, true = {code for code, *_ in told}, set(decided)
        decisions += 1
        confirmed += said == true
        said, true = _with_tops(said), _with_tops(true)
        agreed.update(said & true)
        dropped.update(said - true)
        added.update(true - said)
    rows = [CauseAccuracy(code, agreed[code], dropped[code], added[code]) for code in _tree()]
    return Accuracy(decisions, confirmed, [row for row in rows if row.agreed or row.dropped or row.added])


def _with_tops(codes: set[str]) -> set[str]:
    return codes | {top_of(code).value for code in codes}


def _tree() -> list[str]:
    """Every top cause, followed by its own; "other" is both, and listed once."""
    return list(dict.fromkeys(code for top in TopCause for code in (top.value, *(sub.value for sub in subs_of(top)))))


def _percent(part: int, whole: int) -> float | None:
    return 100 * part / whole if whole else None
