"""COPY into a table: the one fast way in for many rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import Field, Model


def copy_rows(model: type[Model], fields: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Append `rows`, values in the order of `fields`, to the table of `model`. JSON values come as text.

    None becomes NULL; an empty text stays one.
    """
    buffer = io.StringIO()
    csv.writer(buffer).writerows(rows)
    if not buffer.tell():
        return
    buffer.seek(0)
    columns = [model._meta.get_field(name) for name in fields]
    names = {str(column.column): column.null for column in columns if isinstance(column, Field)}
    told = ", ".join(map(_quoted, names))
    never_null = ", ".join(_quoted(name) for name, is_nullable in names.items() if not is_nullable)
    options = f"FORMAT csv, FORCE_NOT_NULL ({never_null})"
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {model._meta.db_table} ({told}) FROM STDIN WITH ({options})", buffer)


def commit_lazily(cursor: CursorWrapper) -> None:
    """Do not wait for the disk when this transaction commits. Should the server die right then, the transaction is gone
    as a whole, and the part of the import that it stored is simply due again.
    """
    cursor.execute("SET LOCAL synchronous_commit TO off")


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
