"""Uploads on their way to the disk, and what to make of one that is full."""

from __future__ import annotations

import contextlib
import errno
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import SkipFile, TemporaryFileUploadHandler
from django.http import HttpRequest

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""A disk, a share of it, or what one file may have, is used up."""


def is_disk_full(error: BaseException) -> bool:
    return isinstance(error, OSError) and error.errno in NO_ROOM


def lacks_room(request: HttpRequest) -> bool:
    """Whether a file of the request was left out because there was no room for it."""
    return getattr(request, "lacks_room", False)


class DiskUploadHandler(TemporaryFileUploadHandler):
    """Keeps files on disk. One that finds no room there is left out, so that a view can say so: see `lacks_room`."""

    def new_file(self, *args: Any, **options: Any) -> None:
        try:
            super().new_file(*args, **options)
        except OSError as error:
            self._leave_out(error)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        try:
            self.file.write(raw_data)
        except OSError as error:
            self._leave_out(error)

    def file_complete(self, file_size: int) -> UploadedFile | None:
        try:
            return super().file_complete(file_size)
        except OSError as error:
            # What was still on its way to the disk has come to its end there.
            with contextlib.suppress(SkipFile):
                self._leave_out(error)
        return None

    def _leave_out(self, error: OSError) -> None:
        if not is_disk_full(error):
            raise error
        self.request.lacks_room = True  # type: ignore[union-attr]
        if hasattr(self, "file"):
            with contextlib.suppress(OSError):
                self.file.close()
        raise SkipFile from error
