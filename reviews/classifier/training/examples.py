"""Labelled reviews to learn from, read from CSV files."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..model import CODES
from ..normalise import Codes, normalise_all

SEPARATOR = ";"


class UnusableExamples(ValueError):
    """The file cannot be learnt from; the message says why, and where."""


class LabelledReview(NamedTuple):
    """A negative review and its causes, primary first. `category` is "" where the file has none."""

    id: str
    category: str
    content: str
    codes: tuple[str, ...]


class RatedReview(NamedTuple):
    """A review and whether its buyer rated badly."""

    category: str
    content: str
    is_negative: bool


def read_labelled(paths: Sequence[Path]) -> list[LabelledReview]:
    """Columns `id`, `content`, `causes` and perhaps `category`. Raises UnusableExamples."""
    return [
        LabelledReview(row["id"], row.get("category") or "", row["content"], _codes(row["causes"], place))
        for path in paths
        for place, row in _rows(path, {"id", "content", "causes"})
    ]


def read_rated(paths: Sequence[Path]) -> list[RatedReview]:
    """Columns `content`, `negative` (0 or 1) and perhaps `category`. Raises UnusableExamples."""
    return [
        RatedReview(row.get("category") or "", row["content"], _is_negative(row["negative"], place))
        for path in paths
        for place, row in _rows(path, {"content", "negative"})
    ]


def _rows(path: Path, columns: set[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Rows with the place they stand at, for messages."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = columns - set(reader.fieldnames or ())
            if missing:
                raise UnusableExamples(f"{path}: no column {', '.join(sorted(missing))}")
            for row in reader:
                place = f"{path}, line {reader.line_num}"
                if any(row[column] is None for column in columns):
                    raise UnusableExamples(f"{place}: too few cells")
                yield place, row
    except OSError as error:
        raise UnusableExamples(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UnusableExamples(f"{path}: not UTF-8") from error
    except csv.Error as error:
        raise UnusableExamples(f"{path}: {error}") from error


def _codes(cell: str, place: str) -> tuple[str, ...]:
    codes = tuple(code for code in cell.split(SEPARATOR) if code)
    unknown = [code for code in codes if code not in CODES]
    if unknown or not codes:
        raise UnusableExamples(f"{place}: {f'unknown cause {unknown[0]}' if unknown else 'no cause'}")
    return codes


def _is_negative(cell: str, place: str) -> bool:
    if cell not in {"0", "1"}:
        raise UnusableExamples(f"{place}: negative is {cell!r}, not 0 or 1")
    return cell == "1"


def texts_of(contents: Sequence[str]) -> list[Codes]:
    """Each text spelt alike."""
    normal = normalise_all(contents)
    bounds = zip(normal.starts[:-1].tolist(), normal.starts[1:].tolist(), strict=True)
    return [normal.codes[start : end - 1] for start, end in bounds]


def folds_of(texts: Sequence[Codes], *, folds: int, seed: int) -> NDArray[np.int64]:
    """The fold of each text. It hangs on the text alone: twins, in whatever file, fall into the same fold."""
    return np.array([_fold(text, folds, seed) for text in texts], np.int64)


def _fold(text: Codes, folds: int, seed: int) -> int:
    digest = hashlib.sha256(f"{seed} ".encode() + text.astype("<u4").tobytes()).digest()
    return int.from_bytes(digest[:8], "big") % folds
