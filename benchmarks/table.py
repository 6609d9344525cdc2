"""The lines of the benchmark table."""

from __future__ import annotations

from typing import NamedTuple


class Measure(NamedTuple):
    """One line: `value` in `unit`; `ratio` to `baseline`, which was measured in the same run."""

    name: str
    value: float
    unit: str
    ratio: float | None = None
    baseline: str = ""
