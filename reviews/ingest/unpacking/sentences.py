"""What people are told of a refusal: what is wrong, and what to do."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .refusals import Code

SENTENCES: dict[Code, str | Promise] = {
    Code.BAD_JSON: _("Line %(line)d is no JSON object. Send JSON lines, or an array of objects."),
    Code.CELL_TOO_LONG: _(
        "Row %(row)d has a cell of more than %(limit)d million characters. That is not a table of reviews; "
        "check the export."
    ),
    Code.DAMAGED_ARCHIVE: _(
        "The workbook or archive is damaged, incomplete or packed in an unknown way. Export it again, or pack it as a "
        "plain ZIP file."
    ),
    Code.DAMAGED_MARKUP: _(
        "The web page or XML file breaks off, or is nested deeper than any table. Open it in a spreadsheet program, "
        "save it as “CSV UTF-8” and upload that."
    ),
    Code.DAMAGED_WORKBOOK: _(
        "The Excel workbook is damaged or incomplete. Open it in a spreadsheet program, save it as “CSV UTF-8” and "
        "upload that."
    ),
    Code.ENCRYPTED_ARCHIVE: _("The archive is locked by a password. Unpack it and upload the file inside."),
    Code.ENCRYPTED_WORKBOOK: _("The Excel workbook is locked by a password. Remove the password and upload it again."),
    Code.NESTED_ARCHIVE: _("The archive holds another archive. Unpack it and upload the inner file."),
    Code.NO_OBJECTS: _("The JSON holds no objects. Export it again and check that it has reviews."),
    Code.NO_ROWS: _("The file holds no rows. Export it again and check that it has some."),
    Code.NO_TABLE: _(
        "This is a web page or an XML file without a table. Perhaps it is a sign-in page: open it in a browser, and "
        "export again."
    ),
    Code.OPEN_FORMULAS: _(
        "A sheet holds nothing but formulas that were saved without results. Open the workbook in a spreadsheet "
        "program, save it there and upload it again."
    ),
    Code.TOO_MANY_COLUMNS: _(
        "Row %(row)d has %(count)d columns; at most %(limit)d can be read. Leave out those that are not needed."
    ),
    Code.TOO_MANY_MEMBERS: _("The archive holds %(count)d files; at most %(limit)d can be read. Split it."),
    Code.TOO_MANY_ROWS: _("The table has more than %(limit)d rows. Split it by time."),
    Code.TOO_MANY_TABLES: _("The file holds more than %(limit)d tables. Split it."),
    Code.TOO_MUCH_DATA: _(
        "The file unpacks to far more data than a table of reviews can have, and was not read on. Check it; if it is "
        "a real export, split it."
    ),
    Code.TOO_MUCH_MEMORY: _(
        "The file is too large for its kind, or damaged: it takes more memory than one upload may use. Save it as "
        "“CSV UTF-8”, which has no such limit, or split it."
    ),
    Code.TOO_SLOW: _(
        "Reading the file took too long and was stopped. Save it as “CSV UTF-8”, which is read faster, or split it."
    ),
    Code.UNEXPECTED: _(
        "The file could not be taken apart: something in it is damaged or was made to do harm. Save it as “CSV UTF-8” "
        "and upload that."
    ),
}


def sentence(code: Code, **details: str | int) -> str:
    """`details` are those of the Refusal."""
    return str(SENTENCES[code]) % details
