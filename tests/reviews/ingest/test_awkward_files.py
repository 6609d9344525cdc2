"""docs/imports.md says what each awkward file comes to: the table there is the test."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation

from reviews.models import Shop
from tests.reviews.ingest.awkward_files import awkward_files
from tests.reviews.ingest.exports import imported

ROW = re.compile(r"\| `(?P<name>[\w-]+\.[\w.-]+)` \| [^|]+ \| (?P<comes_to>[^|]+) \|")
STATED = {
    match["name"]: match["comes_to"]
    for match in map(ROW.fullmatch, Path(settings.BASE_DIR, "docs", "imports.md").read_text().splitlines())
    if match
}
FILES = awkward_files()


def test_every_file_is_stated() -> None:
    assert STATED.keys() == FILES.keys()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", STATED)
def test_a_file_comes_to_what_is_stated(shop: Shop, name: str) -> None:
    translation.activate("en")
    batch = imported(shop, FILES[name], name)
    reasons = sorted(batch.rejections.values_list("reason", flat=True))
    if batch.error:
        comes_to = f"refused: {batch.error}"
        assert shop.reviews.count() == 0
    elif reasons:
        comes_to = f"{batch.created} stored, {batch.rejected} rejected: {', '.join(reasons)}"
    else:
        comes_to = f"{batch.created} stored"
    assert batch.rows == batch.created + len(reasons)
    stated = STATED[name].replace("`", "")
    assert comes_to.startswith(stated) if batch.error else comes_to == stated
