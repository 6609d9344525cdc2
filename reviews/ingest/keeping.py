"""Files of imports on their way into the storage."""

from __future__ import annotations

import secrets
from pathlib import PurePosixPath
from typing import Any

from django.core.files import File
from django.db.models.fields.files import FieldFile

from reviews.models import ImportBatch


def keep(place: FieldFile, file: File[Any], *, of: FieldFile | None = None) -> None:
    """Store `file` as that of `place`, whose row is the caller's to save; a table by a name that tells which upload it
    is `of`.

    Raises OSError where it cannot be written; nothing of it stays then.
    """
    # The name on the user's disk may tell of people; it is shown to admins only and names no file here.
    token = secrets.token_hex(8)
    if of is None:
        name = place.field.generate_filename(place.instance, f"{token}.csv")
    else:
        name = f"{PurePosixPath(str(of.name)).with_suffix('')}-{token}.csv"
    try:
        place.name = place.storage.save(name, file)
    except OSError:
        place.storage.delete(name)
        raise


def clear_strays(upload: FieldFile) -> None:
    """Delete tables of `upload` that no import knows: whoever kept them was killed before it could note them."""
    path = PurePosixPath(str(upload.name))
    try:
        _folders, names = upload.storage.listdir(str(path.parent))
    except FileNotFoundError:
        return
    found = {str(path.parent / name) for name in names if name.startswith(f"{path.stem}-")}
    if found:
        found.difference_update(ImportBatch.objects.filter(table__in=found).values_list("table", flat=True))
    for name in found:
        upload.storage.delete(name)
