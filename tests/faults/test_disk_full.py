"""A disk without room. The limit is one of the operating system on the size of a file: that takes no root."""

from __future__ import annotations

import io
import resource
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.utils.translation import gettext, override

from reviews.ingest.errors import NoRoom
from reviews.ingest.reception import go_on, receive_file
from reviews.ingest.running import run
from reviews.models import ImportBatch, Shop
from tests.faults.imports import export, finish, leftovers, outcome, undisturbed
from tests.faults.machine import Machine
from tests.faults.visitor import Visitor
from tests.reviews.ingest.exports import received
from tests.reviews.ingest.files import gz

ROOM = 8 << 10
ROOM_OF_WEB = 66 << 10
"""More than is read of a request at a time, so that the rest is still on its way to the disk when the file ends."""


@contextmanager
def little_room() -> Iterator[None]:
    """This process may write `ROOM` bytes into a file."""
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, usual[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)


@pytest.mark.parametrize("size", [ROOM_OF_WEB + 100, 4 * ROOM_OF_WEB], ids=["at its end", "in the middle"])
def test_an_upload_that_finds_no_room_says_so_and_leaves_nothing(
    machine: Machine, shops: Iterator[Shop], admin: User, size: int
) -> None:
    shop, imports = next(shops), ImportBatch.objects.count()
    machine.start_web(file_limit=ROOM_OF_WEB)
    file = io.BytesIO(export()[:1].ljust(size, b"x"))
    file.name = "export.csv"
    page = Visitor(machine, admin).post("/imports/", shop=shop.pk, file=file)
    assert page.status == 200
    with override("zh-hans"):
        sentence = gettext(
            "There is no room on the disk of the server. Tell whoever runs it, then upload the files again."
        )
    assert sentence in page.text
    assert ImportBatch.objects.count() == imports
    assert leftovers(machine) == []


def test_a_file_that_cannot_be_kept_is_no_import(machine: Machine, shops: Iterator[Shop]) -> None:
    shop = next(shops)
    with little_room(), pytest.raises(NoRoom, match=r"export\.csv"):
        receive_file(shop=shop, file=ContentFile(export(), name="export.csv"))
    assert not shop.imports.exists()
    assert leftovers(machine) == []


def test_without_room_to_unpack_it_stops_and_goes_on(machine: Machine, shops: Iterator[Shop]) -> None:
    expected = outcome(*undisturbed(machine, next(shops), gz(export())))
    batch = received(next(shops), gz(export()))
    with little_room():
        run(batch.pk)
    batch.refresh_from_db()
    assert (batch.status, batch.failed_during) == ("failed", "received")
    assert batch.error == gettext(
        "There is no room on the disk of the server. Tell whoever runs it; then “Go on” continues."
    )
    assert leftovers(machine) == []
    assert go_on(batch)
    finish(machine, batch)
    assert outcome(batch) == expected
