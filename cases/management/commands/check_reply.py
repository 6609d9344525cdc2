"""`manage.py check_reply [--cause CODE] FILE`: the check of a draft reply, for scripts and editors."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from cases.replies import check_reply
from reviews.causes import Cause, TopCause

ENCODINGS = ("utf-8-sig", "gb18030")


class Command(BaseCommand):
    help = "Check a draft reply to a review and print the verdict as one JSON object. Needs no database."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="the draft, in UTF-8 or GB18030; - reads standard input")
        parser.add_argument("--cause", help="cause of the review the reply answers, such as courier or courier.slow")
        parser.add_argument("--platform", help="platform the reply is for, such as taobao or tmall")

    def handle(self, *args: Any, **options: Any) -> None:
        cause: str | None = options["cause"]
        if cause is not None and cause not in {*TopCause.values, *Cause.values}:
            raise CommandError(f"Unknown cause {cause!r}. Known are: {', '.join([*TopCause.values, *Cause.values])}.")
        text = _decoded(_read(options["file"]))
        verdict = check_reply(text, cause=cause, platform=options["platform"])
        self.stdout.write(json.dumps(asdict(verdict), ensure_ascii=False))


def _read(file: str) -> bytes:
    if file == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(file).read_bytes()
    except (OSError, ValueError) as error:
        raise CommandError(f"Cannot read {file!r}: {error}") from error


def _decoded(draft: bytes) -> str:
    for encoding in ENCODINGS:
        try:
            return draft.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise CommandError("The draft is neither UTF-8 nor GB18030 text.")
