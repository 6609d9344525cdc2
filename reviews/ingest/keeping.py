"""Files of imports on their way into the storage."""

from __future__ import annotations

import secrets
from typing import Any

from django.core.files import File
from django.db.models.fields.files import FieldFile


def keep(place: FieldFile, file: File[Any]) -> None:
    """Store `file` as that of `place`, whose row is the caller's to save.

    Raises OSError where it cannot be written; nothing of it stays then.
    """
    # The name on the user's disk may tell of people; it is shown to admins only and names no file here.
    name = place.field.generate_filename(place.instance, f"{secrets.token_hex(8)}.csv")
    try:
        place.name = place.storage.save(name, file)
    except OSError:
        place.storage.delete(name)
        raise
