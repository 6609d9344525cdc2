"""The phrases of a shop as a CSV: out for a look or another shop, and in again."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from typing import IO, NamedTuple

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from reviews.causes import full_name
from reviews.ingest.errors import UnreadableFile
from reviews.ingest.reading.charset import detect_encoding
from reviews.ingest.rejections import guarded
from reviews.models import Shop, ShopPhrase

from .keeping import add_phrase, change_phrase
from .rules import Kind
from .wording import CAUSES, Wording, checked_wording

COLUMNS = ("phrase", "cause", "note", "meaning")
LINES_AT_MOST = 2_000
BYTES_AT_MOST = 1 << 20


class Refused(NamedTuple):
    """A line of the file, counted from 1, and why nothing was made of it."""

    line: int
    phrase: str
    reason: str


class Received(NamedTuple):
    added: int
    changed: int
    unchanged: int
    refused: list[Refused]


def phrases_csv(shop: Shop | None) -> str:
    """The phrases of the shop, or those of all shops, that are switched on; with a byte order mark."""
    buffer = io.StringIO()
    buffer.write("\ufeff")
    table = csv.writer(buffer)
    table.writerow(COLUMNS)
    for phrase in ShopPhrase.objects.filter(shop=shop, is_active=True):
        table.writerow(guarded([phrase.text, phrase.cause, phrase.note, phrase.kind]))
    return buffer.getvalue()


@transaction.atomic
def receive_phrases(*, file: IO[bytes], shop: Shop | None, actor: User, now: datetime) -> Received:
    """Add or change what the lines say; a line that says nothing useful is refused, and the others count all the same.

    Columns are found by the headings of `COLUMNS`, of which "phrase" must be there. A cause is given by code or name;
    without a meaning, a phrase with a cause is a sign of it and one without is just a word. Raises UnreadableFile.
    """
    lines = _lines(file)
    known = {(phrase.normal, phrase.cause): phrase for phrase in ShopPhrase.objects.filter(shop=shop)}
    codes = {cause.value: cause.value for cause in CAUSES}
    codes |= {name: cause.value for cause in CAUSES for name in (str(cause.label), full_name(cause.value))}
    counts = {"added": 0, "changed": 0, "unchanged": 0}
    refused = []
    for number, cells in lines:
        cause = codes.get(cells["cause"], cells["cause"])
        kind = cells["meaning"] or (Kind.SIGN if cause else Kind.WORD).value
        try:
            wording = checked_wording(shop, cells["phrase"], kind, cause, cells["note"])
            key = (wording.rule.phrase, wording.cause)
            kept_as = _kept_as(known.get(key), wording)
            if key in known:
                known[key] = change_phrase(phrase=known[key], wording=wording, actor=actor, now=now)
            else:
                known[key] = add_phrase(wording=wording, actor=actor, now=now)
        except ValidationError as error:
            refused.append(Refused(number, cells["phrase"], " ".join(error.messages)))
        else:
            counts[kept_as] += 1
    return Received(**counts, refused=refused)


def _kept_as(phrase: ShopPhrase | None, wording: Wording) -> str:
    if phrase is None:
        return "added"
    return "unchanged" if Wording.of(phrase) == wording else "changed"


def _lines(file: IO[bytes]) -> list[tuple[int, dict[str, str]]]:
    """Number and cells, by name of the column, of each line with anything in it."""
    encoding = detect_encoding(file)
    file.seek(0)
    table = csv.reader(io.StringIO(file.read().decode(encoding).removeprefix("\ufeff"), newline=""), strict=True)
    try:
        headings = [heading.strip().lower() for heading in next(table, [])]
        if "phrase" not in headings:
            raise UnreadableFile(_("The first line must name the columns: phrase, cause, note, meaning."))
        places = {name: headings.index(name) for name in COLUMNS if name in headings}
        found = [(table.line_num, _cells(row, places)) for row in table if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise UnreadableFile(
            _("Line %(line)d cannot be read as CSV: %(error)s") % {"line": table.line_num, "error": error}
        ) from error
    if len(found) > LINES_AT_MOST:
        raise UnreadableFile(_("At most %(limit)d phrases can be read from one file.") % {"limit": LINES_AT_MOST})
    return found


def _cells(row: list[str], places: dict[str, int]) -> dict[str, str]:
    told = {name: row[place].strip().removeprefix("'") for name, place in places.items() if place < len(row)}
    return {name: told.get(name, "") for name in COLUMNS}
