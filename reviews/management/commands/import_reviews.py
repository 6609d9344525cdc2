"""`manage.py import_reviews`: the import of the upload page, from a shell, at once."""

from __future__ import annotations

import json
import os
import sys
import time
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import django
from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from reviews.ingest.errors import NoRoom, UnreadableFile
from reviews.ingest.reading.presets import PRESETS, Preset, missing_fields, preset_named
from reviews.ingest.reception import discard, receive_file
from reviews.ingest.running import run
from reviews.ingest.storing.coverage import Claim, check_claim, coverage_note
from reviews.models import ImportBatch, Shop
from reviews.models.shop import Platform

SUMMED = (
    "rows", "created", "updated", "unchanged", "rejected", "negative", "cases_opened", "seconds",
)  # fmt: skip
WAIT_SECONDS = 0.2
WORTH_HELP_BYTES = 8 << 20
"""A file from this size on is shared by as many processes as there are processors."""
HELPERS_AT_MOST = 3


def _days(written: str) -> Claim:
    """The first and last day of FROM..TO. Raises ArgumentTypeError."""
    try:
        first, last = (date.fromisoformat(day) for day in written.split(".."))
        check_claim((first, last), timezone.localdate())
    except ValidationError as error:
        raise ArgumentTypeError(" ".join(error.messages)) from None
    except ValueError:
        raise ArgumentTypeError(
            _("“%(days)s” is not FROM..TO, as in 2026-11-01..2026-11-07.") % {"days": written}
        ) from None
    return first, last


def _run_to_its_end(batch_id: int) -> None:
    """Run an import here, and where workers have taken a part of it, wait for them."""
    run(batch_id)
    while ImportBatch.objects.filter(pk=batch_id, status__in=ImportBatch.RUNNING).exists():
        time.sleep(WAIT_SECONDS)
        run(batch_id)


def _about(batch: ImportBatch, problem: str) -> str:
    return _("“%(file)s”: %(problem)s") % {"file": batch.file_name, "problem": problem}


@contextmanager
def _helpers(count: int, batch_id: int) -> Iterator[None]:
    """So many other processes at the same import: they share its parts as workers do. None of them is needed for it."""
    if not count:
        yield
        return
    with ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=django.setup) as pool:
        for _number in range(count):
            pool.submit(_run_to_its_end, batch_id)
        yield


class Command(BaseCommand):
    help = "Import a review export. The last line of stdout is a JSON object with what became of its rows."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--shop", required=True, metavar="CODE", help="code of the shop the reviews belong to")
        parser.add_argument("--platform", choices=Platform.values, help="creates the shop when there is none")
        parser.add_argument("--preset", metavar="NAME", help=f"one of {', '.join(preset.name for preset in PRESETS)}")
        parser.add_argument("--encoding", default="", help="instead of the detected one")
        parser.add_argument(
            "--covers",
            metavar="FROM..TO",
            type=_days,
            help="days of which the file holds every review, as 2026-11-01..2026-11-07; others are marked as not seen",
        )

    def handle(self, **options: Any) -> None:
        try:
            batches = self._run(self._received(options))
        except (UnreadableFile, NoRoom) as error:
            raise CommandError(str(error)) from None
        except OSError as error:
            raise CommandError(
                _("%(file)s cannot be opened: %(error)s") % {"file": options["file"], "error": error}
            ) from None
        except DatabaseError as error:
            raise CommandError(_("The database failed: %(error)s") % {"error": error}) from None
        problems = {batch: problem for batch in batches if (problem := self._problem_of(batch))}
        if len(problems) < len(batches):
            self._report(batches)
        if problems:
            told = problems.values() if len(batches) == 1 else (_about(*problem) for problem in problems.items())
            raise CommandError("\n".join(told))

    def _received(self, options: dict[str, Any]) -> ImportBatch:
        """The batch of the file, ready to run."""
        path: Path = options["file"]
        preset = self._preset(options["preset"])
        wishes: dict[str, Any] = {"encoding": options["encoding"], "preset": preset.name if preset else ""}
        if options["covers"]:
            wishes["covers_from"], wishes["covers_to"] = options["covers"]
        try:
            file = path.open("rb")
        except OSError as error:
            raise CommandError(
                _("%(file)s cannot be opened: %(error)s") % {"file": path, "error": error.strerror}
            ) from None
        with file:
            return receive_file(
                shop=self._shop(options["shop"], options["platform"]),
                file=File(file, name=path.name),
                source=ImportBatch.Source.COMMAND,
                wishes=wishes,
            )

    def _run(self, batch: ImportBatch) -> list[ImportBatch]:
        """The import of each table of the upload, as far as it came."""
        is_worth_help = batch.file_bytes >= WORTH_HELP_BYTES
        with _helpers(min(HELPERS_AT_MOST, (os.cpu_count() or 1) - 1) if is_worth_help else 0, batch.pk):
            _run_to_its_end(batch.pk)
        for table in batch.other_tables.all():
            _run_to_its_end(table.pk)
        return list(ImportBatch.objects.filter(Q(pk=batch.pk) | Q(upload=batch)).order_by("pk"))

    def _problem_of(self, batch: ImportBatch) -> str:
        """Why nothing of `batch` was stored, or ""; what else is to be known of it is written."""
        if batch.status == ImportBatch.Status.READY:
            discard(batch)
            return _("No column was recognised for: %(fields)s. The headings are: %(headings)s.") % {
                "fields": ", ".join(missing_fields(batch.mapping)),
                "headings": ", ".join(batch.headings),
            }
        ignored = [name for index, name in enumerate(batch.headings) if index not in batch.mapping.values()]
        if ignored:
            self.stderr.write(_("Ignored columns: %(columns)s") % {"columns": ", ".join(ignored)})
        if note := coverage_note(batch):
            self.stderr.write(note)
        return batch.error if batch.status == ImportBatch.Status.FAILED else ""

    def _preset(self, name: str | None) -> Preset | None:
        preset = preset_named(name) if name else None
        if name and preset is None:
            raise CommandError(
                _("There is no preset “%(name)s”. Known: %(known)s.")
                % {"name": name, "known": ", ".join(known.name for known in PRESETS)}
            )
        return preset

    def _shop(self, code: str, platform: str | None) -> Shop:
        if platform:
            return Shop.objects.get_or_create(code=code, defaults={"name": code, "platform": platform})[0]
        shop = Shop.objects.filter(code=code).first()
        if shop is None:
            raise CommandError(
                _("There is no shop “%(code)s”. --platform creates it; known: %(known)s.")
                % {"code": code, "known": ", ".join(Shop.objects.values_list("code", flat=True)) or "–"}
            )
        return shop

    def _report(self, batches: list[ImportBatch]) -> None:
        """Of an upload with several tables, the first import and the sums of all."""
        report = {"batch": batches[0].pk, "status": batches[0].status}
        report |= {name: sum(getattr(batch, name) for batch in batches) for name in SUMMED}
        self.stdout.write(json.dumps(report))
        sys.stdout.flush()
