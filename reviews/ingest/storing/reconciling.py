"""Staged rows against stored reviews: which are new, which differ and how, and writing both in one statement each.

An empty cell tells nothing: it neither makes a review differ nor erases what is stored.
"""

# ruff: noqa: S608 - only names of our own columns are put into SQL text; values are parameters.

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from reviews.models.review import ReviewText

from .catalogue import PART, PartLines
from .classifying import Judgement, Opinion

_FIELDS = {field.name: field.null for field in ReviewText._meta.local_fields}
"""Field of a review that an export tells -> whether null says "not told"; for texts an empty one does."""
_ALWAYS_TOLD = "reviewed_at"
JUDGED_BY = frozenset(Opinion._fields)


def _differs(name: str) -> str:
    if name == _ALWAYS_TOLD:
        return f"s.{name} <> r.{name}"
    told = f"s.{name} IS NOT NULL" if _FIELDS[name] else f"s.{name} <> ''"
    return f"{told} AND s.{name} IS DISTINCT FROM r.{name}"


TELLS_OTHERWISE = " OR ".join(map(_differs, _FIELDS))
"""Whether a staged row `s` says something else of the review `r` than is stored."""
KNOWN = """
    reviews_stagedrow s
    JOIN reviews_importbatch b ON b.id = s.batch_id
    LEFT JOIN LATERAL (
        SELECT r.* FROM reviews_review r WHERE r.shop_id = b.shop_id AND r.identity = s.identity OFFSET 0
    ) AS r ON true
"""
"""Staged rows `s`, and the stored review `r` that each is about: null where it is new.

The fence (LATERAL, OFFSET 0, the shop out of a table) makes every row one look into the unique index. A plain join
leaves the planner to statistics from before the shop grew tenfold, and it reads all reviews of the shop per part.
"""


class NewReview(NamedTuple):
    line: int
    identity: str
    opinion: Opinion


@dataclass
class ChangedReview:
    """A stored review about which the row at `line` says something else: `changes` is field -> [old, new]."""

    line: int
    review_id: int
    was_negative: bool
    is_decided: bool
    """A person chose its causes."""
    changes: dict[str, list[Any]]
    opinion: Opinion
    """With the changes in it."""

    @property
    def needs_judgement(self) -> bool:
        return not JUDGED_BY.isdisjoint(self.changes)


class Compared(NamedTuple):
    """A part beside what is stored: lines whose review is new, (line, id) of reviews that it tells something else of,
    and how many rows are about reviews that each other import (id) had brought.
    """

    new: list[int]
    changed: list[tuple[int, int]]
    repeats: dict[str, int]


_DIFFERS = f"({TELLS_OTHERWISE} OR s.product_title <> '' AND s.product_title IS DISTINCT FROM p.title)"


def compare(cursor: CursorWrapper, part: PartLines) -> Compared:
    cursor.execute(
        f"""
        WITH told AS MATERIALIZED (
            SELECT s.line, r.id, r.batch_id AS origin, {_DIFFERS} AS differs
            FROM {KNOWN} LEFT JOIN reviews_product p ON p.id = r.product_id WHERE {PART}
        )
        SELECT ARRAY(SELECT line FROM told WHERE id IS NULL),
            ARRAY(SELECT ARRAY[line, id] FROM told WHERE id IS NOT NULL AND differs),
            (SELECT coalesce(jsonb_object_agg(origin, rows), '{{}}') FROM (
                SELECT origin, count(*) AS rows FROM told WHERE origin <> %(batch)s GROUP BY origin
            ) AS of_import)
        """,
        part._asdict(),
    )
    new, changed, repeats = cursor.fetchone()
    return Compared(new, changed, json.loads(repeats))


def new_reviews(cursor: CursorWrapper, part: PartLines, lines: Sequence[int]) -> list[NewReview]:
    """The rows at `lines`, in their order in the file."""
    cursor.execute(
        f"""
        SELECT s.line, s.identity, s.rating, s.stars, s.content, s.append_content
        FROM reviews_stagedrow s WHERE {PART} AND s.line = ANY(%(lines)s::int[]) ORDER BY s.line
        """,
        {**part._asdict(), "lines": _array(lines)},
    )
    return [NewReview(line, identity, Opinion(*opinion)) for line, identity, *opinion in cursor.fetchall()]


def changed_reviews(cursor: CursorWrapper, part: PartLines, pairs: Sequence[tuple[int, int]]) -> list[ChangedReview]:
    """The stored reviews of `pairs` (line, id) that still differ, locked until the transaction ends."""
    if not pairs:
        return []
    values = ", ".join(f"r.{name}, s.{name}" for name in _FIELDS)
    cursor.execute(
        f"""
        SELECT s.line, r.id, r.is_negative, r.causes_decided_at IS NOT NULL,
            coalesce(p.title, ''), s.product_title, {values}
        FROM unnest(%(lines)s::int[], %(ids)s::bigint[]) AS k (line, id)
        JOIN reviews_stagedrow s ON s.line = k.line AND {PART}
        JOIN reviews_review r ON r.id = k.id
        LEFT JOIN reviews_product p ON p.id = r.product_id
        WHERE {_DIFFERS} ORDER BY r.id FOR UPDATE OF r
        """,
        {**part._asdict(), "lines": [line for line, _id in pairs], "ids": [review_id for _line, review_id in pairs]},
    )
    return [_changed(row) for row in cursor.fetchall()]


def insert_reviews(
    cursor: CursorWrapper, part: PartLines, lines: Sequence[int], judgements: Sequence[Judgement], **given: Any
) -> dict[str, int]:
    """Store the rows at `lines` as new reviews. `given` holds `version` (of the classifier) and `now`.

    Answers the ids of the negative ones by identity. Raises IntegrityError when another import has just stored one of
    them: asking for each whether it is there costs a fifth of its insertion. Two imports go by the same order, and what
    a file tells of one order lies side by side in the indexes.
    """
    names = ", ".join(_FIELDS)
    cursor.execute(
        f"""
        WITH stored AS (
            INSERT INTO reviews_review (shop_id, batch_id, product_id, identity, {names},
                is_default, is_negative, negative_score, classifier_version, created_at, updated_at)
            SELECT %(shop)s, %(batch)s, p.id, s.identity, {", ".join(f"s.{name}" for name in _FIELDS)},
                j.is_default, j.is_negative, j.negative_score, %(version)s, %(now)s, %(now)s
            FROM unnest(%(keys)s::int[], %(defaults)s::bool[], %(negatives)s::bool[], %(scores)s::float8[])
                AS j (line, is_default, is_negative, negative_score)
            JOIN reviews_stagedrow s ON s.line = j.line AND {PART}
            LEFT JOIN reviews_product p ON p.shop_id = %(shop)s AND p.title = s.product_title
            ORDER BY s.order_number, s.identity RETURNING identity, id, is_negative
        )
        SELECT identity, id FROM stored WHERE is_negative
        """,
        {**part._asdict(), **_judged(lines, judgements), **given},
    )
    return dict(cursor.fetchall())


def update_reviews(cursor: CursorWrapper, part: PartLines, changed: Sequence[ChangedReview], now: datetime) -> None:
    """Bring the stored reviews up to what their rows tell."""
    cursor.execute(
        f"""
        UPDATE reviews_review r SET {", ".join(f"{name} = {_told_or_stored(name)}" for name in _FIELDS)},
            product_id = coalesce(p.id, r.product_id), updated_at = %(now)s
        FROM unnest(%(lines)s::int[], %(ids)s::bigint[]) AS c (line, id)
        JOIN reviews_stagedrow s ON s.line = c.line AND {PART}
        LEFT JOIN reviews_product p ON p.shop_id = %(shop)s AND p.title = s.product_title
        WHERE r.id = c.id
        """,
        {
            **part._asdict(),
            "lines": [review.line for review in changed],
            "ids": [review.review_id for review in changed],
            "now": now,
        },
    )


def update_judgements(
    cursor: CursorWrapper, review_ids: Sequence[int], judgements: Sequence[Judgement], version: str
) -> None:
    """Store a new judgement of known reviews."""
    cursor.execute(
        """
        UPDATE reviews_review r SET is_default = j.is_default, is_negative = j.is_negative,
            negative_score = j.negative_score, classifier_version = %(version)s
        FROM unnest(%(keys)s::bigint[], %(defaults)s::bool[], %(negatives)s::bool[], %(scores)s::float8[])
            AS j (id, is_default, is_negative, negative_score)
        WHERE r.id = j.id
        """,
        {**_judged(review_ids, judgements), "version": version},
    )


def _judged(keys: Sequence[int], judgements: Sequence[Judgement]) -> dict[str, str]:
    """Arrays as PostgreSQL writes them: the driver would look at each value by itself."""
    return {
        "keys": _array(keys),
        "defaults": _array([judgement.is_default for judgement in judgements]),
        "negatives": _array([judgement.is_negative for judgement in judgements]),
        "scores": _array([judgement.negative_score for judgement in judgements]),
    }


def _array(values: Sequence[float]) -> str:
    """Of truths and numbers alone: neither has anything to quote."""
    return f"{{{','.join(map(str, values))}}}"


def _told_or_stored(name: str) -> str:
    if _FIELDS[name] or name == _ALWAYS_TOLD:
        return f"coalesce(s.{name}, r.{name})"
    return f"coalesce(nullif(s.{name}, ''), r.{name})"


def _changed(row: Sequence[Any]) -> ChangedReview:
    line, review_id, was_negative, is_decided, *values = row
    pairs = dict(zip(("product", *_FIELDS), zip(values[::2], values[1::2], strict=True), strict=True))
    changes = {name: [old, told] for name, (old, told) in pairs.items() if told not in ("", None) and told != old}
    opinion = Opinion(*(changes[name][1] if name in changes else pairs[name][0] for name in Opinion._fields))
    shown = {name: [_as_json(value) for value in change] for name, change in changes.items()}
    return ChangedReview(line, review_id, was_negative, is_decided, shown, opinion)


def _as_json(value: Any) -> Any:
    return timezone.localtime(value).isoformat(" ") if isinstance(value, datetime) else value
