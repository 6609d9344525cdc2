"""What columns meant the last time somebody said so: the next file with the same headings needs no asking."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth.models import User

from reviews.models import ImportBatch, RememberedColumns, Shop

from .presets import Field, plain


def remember_columns(*, batch: ImportBatch, actor: User | None, now: datetime) -> None:
    """Keep what the columns of `batch` are stored as; what was kept of the same headings before is replaced."""
    names = _names(batch.headings)
    field_of = {index: field for field, index in batch.mapping.items()}
    RememberedColumns.objects.update_or_create(
        shop=batch.shop,
        digest=_digest(names),
        defaults={
            "fields": {name: field_of.get(index, "") for index, name in enumerate(names)},
            "remembered_at": now,
            "remembered_by": actor,
        },
    )


def remembered_columns(shop: Shop, headings: Sequence[str]) -> dict[str, int] | None:
    """Field name -> index of its column in `headings`, in whatever order they come; None where nobody said so yet."""
    choice = RememberedColumns.objects.filter(shop=shop, digest=_digest(_names(headings))).first()
    return _mapping(choice, headings) if choice else None


def last_choice(batch: ImportBatch) -> RememberedColumns | None:
    """Who said what the columns of `batch` mean, and when, where it is read just as that person said."""
    known = RememberedColumns.objects.filter(shop=batch.shop_id, digest=_digest(_names(batch.headings)))
    choice = known.select_related("remembered_by").first()
    return choice if choice and _mapping(choice, batch.headings) == batch.mapping else None


def _mapping(choice: RememberedColumns, headings: Sequence[str]) -> dict[str, int]:
    # A field that a later release no longer knows is as good as ignored.
    fields = choice.fields
    return {fields[name]: index for index, name in enumerate(_names(headings)) if fields[name] in Field.values}


def _names(headings: Sequence[str]) -> list[str]:
    """Headings as `plain` writes them; of several that are the same, each but the first has its number behind it."""
    seen: Counter[str] = Counter()
    names = []
    for heading in map(plain, headings):
        seen[heading] += 1
        names.append(f"{heading} {seen[heading]}" if seen[heading] > 1 else heading)
    return names


def _digest(names: Sequence[str]) -> str:
    return hashlib.sha256(json.dumps(sorted(names)).encode()).hexdigest()
