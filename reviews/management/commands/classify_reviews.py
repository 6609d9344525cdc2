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
from reviews.ingest.reading.cells import Refused, rating
from reviews.judgement import is_default_text, is_negative

ROWS_AT_ONCE = 2_000
REQUIRED = ("id", "content")
HEADINGS = ("id", "negative", "causes", "evidence")


class Row(NamedTuple):
    """`content` and `follow_up` are what the buyer wrote, "" where the platform wrote it."""

    id: str
    content: str
    follow_up: str
    rating: str
    stars: int | None

    @property
    def said(self) -> str:
        """Content first and unchanged, so that offsets into all of it are offsets into the content."""
        return f"{self.content}\n{self.follow_up}" if self.follow_up else self.content


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
        given = self._rating(cells.get("rating") or "", place)
        word, stars = ("", given) if isinstance(given, int) else (given or "", None)
        written = (content, cells.get("append_content") or "")
        content, follow_up = ("" if is_default_text(text) else text for text in written)
        return Row(cells["id"] or "", content, follow_up, word, stars)

    def _rating(self, cell: str, place: str) -> str | int | None:
        try:
            return rating(cell)
        except Refused:
            self.stderr.write(f"{place}: {cell!r} is not a rating; the text alone decides.")
            return None


def _classified(rows: list[Row]) -> Iterator[tuple[str, int, str, str]]:
    # A follow-up is also judged by itself: after much praise, its complaint would not carry the whole text.
    predictions = shipped().classify([row.said for row in rows])
    follow_ups = shipped().classify([row.follow_up for row in rows])
    for row, prediction, follow_up in zip(rows, predictions, follow_ups, strict=True):
        is_complaint = prediction.is_negative or follow_up.is_negative
        negative = is_negative(rating=row.rating, stars=row.stars, is_complaint=is_complaint)
        causes = ";".join(tag.code for tag in prediction.tags)
        yield row.id, int(negative), causes, _evidence(prediction, len(row.content))


def _evidence(prediction: Prediction, length: int) -> str:
    """The marks within the content, which is the first `length` characters of what was classified."""
    return ";".join(f"{start}-{end}:{tag.code}" for tag in prediction.tags for start, end in tag.spans if end <= length)
