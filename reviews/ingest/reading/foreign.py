"""Files that hold no table, called by their name."""

from __future__ import annotations

from typing import IO

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ..errors import UnreadableFile

SIGNATURES: dict[tuple[int, bytes], str | Promise] = {
    (0, b"%PDF"): _("This is a PDF document, not a table."),
    (0, b"Rar!"): _("This is a RAR archive. Unpack it, or pack it as a ZIP file."),
    (0, b"7z\xbc\xaf\x27\x1c"): _("This is a 7-Zip archive. Unpack it, or pack it as a ZIP file."),
    (257, b"ustar"): _("This is a TAR archive. Unpack it, or pack it as a ZIP file."),
    (0, b"\x89PNG"): _("This is a picture, not a table."),
    (0, b"\xff\xd8\xff"): _("This is a picture, not a table."),
}
"""Place and beginning of what people upload by mistake. What can be unpacked never comes here."""


def refuse_foreign(stream: IO[bytes]) -> None:
    """Raises UnreadableFile where `stream` is empty, or a kind of file that holds no table."""
    stream.seek(0)
    top = stream.read(1 << 16)
    if not top.removeprefix(b"\xef\xbb\xbf").strip():
        raise UnreadableFile(gettext("The file is empty. Export it again and check that it has rows."))
    for (place, signature), what in SIGNATURES.items():
        if top.startswith(signature, place):
            raise UnreadableFile(str(what))
