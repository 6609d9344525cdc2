"""`manage.py classify_reviews`: the classifier from a shell, CSV in and out. Needs no database."""

from __future__ import annotations

import csv
from argparse import ArgumentParser
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from django.core.management.base import BaseCommand, CommandError

from reviews.classifier import Prediction, shipped
from reviews.ingest.cells import Refused, rating
from reviews.judgement import is_default_text, is_negative
from reviews.models.review import Rating

ROWS_AT_ONCE = 2_000
REQUIRED = ("id", "content")
HEADINGS = ("id", "negative", "causes", "evidence")


class Row(NamedTuple):
    """`said` is what the buyer wrote: the content, if it is no default, with the follow-up after it."""

    id: str
    content: str
    said: str
    rating: str
    stars: int | None


class Command(BaseCommand):
    help = "Classify the reviews of a CSV file: negative or not, causes, and the words that speak for them."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file", metavar="IN.csv", type=Path, help="columns id, content; perhaps rating, append_content"
        )
        parser.add_argument("--output", required=True, type=Path, metavar="OUT.csv")

    def handle(self, **options: Any) -> None:
        source: Path = options["file"]
        output: Path = options["output"]
        if not output.parent.is_dir() or (output.exists() and not output.is_file()):
            raise CommandError(f"{output} cannot be written: no such directory, or not a file.")
        # Beside the output and renamed at the end: a file that cannot be read to its end leaves no half answer.
        unfinished = output.with_name(f"{output.name}.part")
        try:
            with unfinished.open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file, lineterminator="\n")
                writer.writerow(HEADINGS)
                rows = self._rows(source)
                while batch := list(islice(rows, ROWS_AT_ONCE)):
                    writer.writerows(_classified(batch))
            unfinished.replace(output)
        except OSError as error:
            raise CommandError(f"{output} cannot be written: {error.strerror}.") from None
        finally:
            unfinished.unlink(missing_ok=True)

    def _rows(self, source: Path) -> Iterator[Row]:
        try:
            file = source.open(encoding="utf-8-sig", newline="")
        except OSError as error:
            raise CommandError(f"{source} cannot be opened: {error.strerror}.") from None
        with file:
            reader = csv.DictReader(file, strict=True)
            try:
                missing = [name for name in REQUIRED if name not in (reader.fieldnames or ())]
                if missing:
                    raise CommandError(f"{source} has no column {', '.join(missing)}.")
                for cells in reader:
                    yield self._row(cells, f"{source}, line {reader.line_num}")
            except UnicodeDecodeError:
                raise CommandError(f"{source} is not UTF-8 (after line {reader.line_num}).") from None
            except csv.Error as error:
                raise CommandError(f"{source}, line {reader.line_num}: {error}.") from None

    def _row(self, cells: dict[str, str | None], place: str) -> Row:
        content = cells["content"]
        if content is None:
            raise CommandError(f"{place}: too few cells.")
        given: Rating | int | None = None
        try:
            given = rating(cells.get("rating") or "")
        except Refused:
            self.stderr.write(f"{place}: {cells['rating']!r} is not a rating; the text alone decides.")
        stars = given if isinstance(given, int) else None
        return Row(
            cells["id"] or "", content, _said(content, cells.get("append_content") or ""), str(given or ""), stars
        )


def _said(content: str, append_content: str) -> str:
    parts = (content, append_content)
    return "\n".join("" if is_default_text(part) else part for part in parts).rstrip("\n")


def _classified(rows: list[Row]) -> Iterator[tuple[str, int, str, str]]:
    for row, prediction in zip(rows, shipped().classify([row.said for row in rows]), strict=True):
        negative = is_negative(rating=row.rating, stars=row.stars, is_complaint=prediction.is_negative)
        length = 0 if is_default_text(row.content) else len(row.content)
        yield row.id, int(negative), ";".join(tag.code for tag in prediction.tags), _evidence(prediction, length)


def _evidence(prediction: Prediction, length: int) -> str:
    """The marks within the content, which is the first `length` characters of what was classified."""
    return ";".join(f"{start}-{end}:{tag.code}" for tag in prediction.tags for start, end in tag.spans if end <= length)
