"""Why a file cannot be unpacked, as a code and its details: the process that parses knows no languages."""

from __future__ import annotations

import errno
from enum import StrEnum


class Code(StrEnum):
    BAD_JSON = "bad_json"
    CELL_TOO_LONG = "cell_too_long"
    DAMAGED_ARCHIVE = "damaged_archive"
    DAMAGED_MARKUP = "damaged_markup"
    DAMAGED_WORKBOOK = "damaged_workbook"
    DISK_FULL = "disk_full"
    ENCRYPTED_ARCHIVE = "encrypted_archive"
    ENCRYPTED_WORKBOOK = "encrypted_workbook"
    NESTED_ARCHIVE = "nested_archive"
    NO_OBJECTS = "no_objects"
    NO_ROWS = "no_rows"
    NO_TABLE = "no_table"
    OPEN_FORMULAS = "open_formulas"
    TOO_MANY_COLUMNS = "too_many_columns"
    TOO_MANY_MEMBERS = "too_many_members"
    TOO_MANY_ROWS = "too_many_rows"
    TOO_MANY_TABLES = "too_many_tables"
    TOO_MUCH_DATA = "too_much_data"
    TOO_MUCH_MEMORY = "too_much_memory"
    TOO_SLOW = "too_slow"
    UNDECODABLE = "undecodable"
    UNEXPECTED = "unexpected"


_OF_WRITING = {errno.ENOSPC: Code.DISK_FULL, errno.EDQUOT: Code.DISK_FULL, errno.EFBIG: Code.TOO_MUCH_DATA}


class Refusal(Exception):
    """`details` fill in the sentence made of `code`; `member` is the file in an archive that is at fault, or ""."""

    def __init__(self, code: Code, member: str = "", **details: str | int) -> None:
        super().__init__(code.value)
        self.code, self.member, self.details = code, member, details


def code_of(error: OSError) -> Code | None:
    """What stopped the writing of a table, None where it was something else."""
    return _OF_WRITING.get(error.errno or 0)
