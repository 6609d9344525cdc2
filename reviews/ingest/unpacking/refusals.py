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
    TOO_MANY_COLUMNS = "too_many_columns"
    TOO_MANY_MEMBERS = "too_many_members"
    TOO_MANY_ROWS = "too_many_rows"
    TOO_MUCH_DATA = "too_much_data"
    TOO_MUCH_MEMORY = "too_much_memory"
    TOO_SLOW = "too_slow"
    UNDECODABLE = "undecodable"
    UNEXPECTED = "unexpected"


_OUT_OF_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class Refusal(Exception):
    """`details` fill in the sentence made of `code`; `member` is the file in an archive that is at fault, or ""."""

    def __init__(self, code: Code, member: str = "", **details: str | int) -> None:
        super().__init__(code.value)
        self.code, self.member, self.details = code, member, details


def is_out_of_space(error: OSError) -> bool:
    return error.errno in _OUT_OF_SPACE
