"""Takes in what comes with a contact: pictures are drawn anew without their hidden data, documents are kept as sent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import PurePath
from typing import Any

from django.conf import settings
from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from cases.flow import Refused
from cases.models import ContactAttachment, ContactEntry

Kind = ContactAttachment.Kind
PIXELS_AT_MOST = 40_000_000
"""Of all frames together: some kilobytes can claim to be a picture that fills the memory."""
FRAMES_AT_MOST = 200
THUMBNAIL = (240, 240)
KINDS = {"JPEG": Kind.JPEG, "MPO": Kind.JPEG, "PNG": Kind.PNG, "WEBP": Kind.WEBP, "GIF": Kind.GIF}
"""Pillow's names; phones write MPO, which is a JPEG with a second picture behind it."""
DRAWN_ALONG = ("transparency", "icc_profile")
"""What a picture needs to look as it did. The rest (place, camera, comments) stays behind."""


class AttachmentRefused(Refused):
    """The file cannot be taken in."""


@dataclass(frozen=True, slots=True)
class Intake:
    """A file that may be kept: its content as it will be stored, and the SHA-256 of what was sent."""

    kind: Kind
    name: str
    content: bytes
    sent_sha256: str
    thumbnail: bytes = b""


def size_limit_bytes() -> int:
    return settings.ATTACHMENT_LIMIT_MB << 20


def take_in(file: File[Any]) -> Intake:
    """`file` made safe to keep and to show. What it is, its content tells: name and type that were sent do not count.

    Raises AttachmentRefused for other types, broken files, and what is too large.
    """
    name = _shown_name(file.name or "")
    if file.size > size_limit_bytes():
        limit = filesizeformat(size_limit_bytes())
        raise AttachmentRefused(_("“%(name)s” is larger than %(limit)s.") % {"name": name, "limit": limit})
    sent = file.read()
    digest = sha256(sent).hexdigest()
    if sent.startswith(b"%PDF-"):
        return Intake(Kind.PDF, _with_suffix(name, Kind.PDF), sent, digest)
    try:
        kind, content, thumbnail = _drawn_anew(sent, name)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        words = _("“%(name)s” is no picture (JPEG, PNG, WebP, GIF) or PDF that can be read.")
        raise AttachmentRefused(words % {"name": name}) from error
    return Intake(kind, _with_suffix(name, kind), content, digest, thumbnail)


def keep(entry: ContactEntry, intakes: Iterable[Intake]) -> None:
    """Store what was taken in with its entry. Where one cannot be stored, none of their files stays behind."""
    stored: list[str] = []
    try:
        for intake in intakes:
            attachment = ContactAttachment(
                entry=entry,
                kind=intake.kind,
                name=intake.name,
                bytes=len(intake.content),
                sha256=sha256(intake.content).hexdigest(),
                sent_sha256=intake.sent_sha256,
            )
            for field, content in ((attachment.file, intake.content), (attachment.thumbnail, intake.thumbnail)):
                if content:
                    field.save("", ContentFile(content), save=False)
                    stored.append(str(field.name))
            attachment.save()
    except BaseException:
        for name in stored:
            default_storage.delete(name)
        raise


def _drawn_anew(sent: bytes, name: str) -> tuple[Kind, bytes, bytes]:
    with Image.open(BytesIO(sent), formats=["JPEG", "PNG", "WEBP", "GIF"]) as picture:
        kind = KINDS[picture.format or ""]
        frames = getattr(picture, "n_frames", 1) if kind in {Kind.GIF, Kind.WEBP} else 1
        if frames > FRAMES_AT_MOST or picture.width * picture.height * frames > PIXELS_AT_MOST:
            words = _("“%(name)s” has too many pixels: %(limit)s million at most.")
            raise AttachmentRefused(words % {"name": name, "limit": PIXELS_AT_MOST // 1_000_000})
        content = BytesIO()
        if frames > 1:
            picture.save(content, kind.label, save_all=True, comment=b"", exif=b"", xmp=b"")
            picture.seek(0)
            still = picture.copy()
        else:
            still = ImageOps.exif_transpose(picture)
            still.info = {key: still.info[key] for key in DRAWN_ALONG if key in still.info}
            still.save(content, kind.label, quality=90)
    return kind, content.getvalue(), _thumbnail(still)


def _thumbnail(still: Image.Image) -> bytes:
    content = BytesIO()
    small = still.convert("RGBA" if still.has_transparency_data else "RGB")
    small.thumbnail(THUMBNAIL)
    small.info = {}
    small.save(content, "WEBP", quality=80)
    return content.getvalue()


def _shown_name(name: str) -> str:
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(letter for letter in last if letter.isprintable())[-100:] or _("attachment")


def _with_suffix(name: str, kind: Kind) -> str:
    """The name with the suffix of what the file is, whatever it called itself."""
    return f"{PurePath(name).stem[:100]}{ContactAttachment.SUFFIXES[kind]}"
