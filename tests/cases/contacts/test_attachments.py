"""What may be attached to a contact, and what is left of it."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation
from PIL import Image

from cases.contacts.attachments import AttachmentRefused, Intake, take_in
from cases.contacts.entries import ContactDraft, log_contact
from cases.models import Case, CaseChange, ContactAttachment
from reviewdesk.append_only import AppendOnlyError
from tests.cases.pictures import PDF, moving, photo, picture
from tests.conftest import NOW


def taken(content: bytes, name: str = "截图.png") -> Intake:
    return take_in(SimpleUploadedFile(name, content, content_type="text/html"))


def opened(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content))


def bomb(side: int = 60_000) -> bytes:
    """A PNG of some hundred bytes that claims to be a picture of 3,600 million pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    data = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + data


@pytest.mark.parametrize(
    ("content", "kind", "suffix"),
    [
        (photo(), "image/jpeg", ".jpg"),
        (picture("JPEG", "CMYK"), "image/jpeg", ".jpg"),
        (picture("PNG"), "image/png", ".png"),
        (picture("PNG", "P"), "image/png", ".png"),
        (picture("PNG", "I;16"), "image/png", ".png"),
        (picture("WEBP"), "image/webp", ".webp"),
        (picture("GIF", "P"), "image/gif", ".gif"),
        (PDF, "application/pdf", ".pdf"),
    ],
)
def test_the_content_tells_the_type(content: bytes, kind: str, suffix: str) -> None:
    intake = taken(content, "C:\\照片\\../买家.html")
    assert (intake.kind, intake.name) == (kind, f"买家{suffix}")
    assert intake.sent_sha256 == sha256(content).hexdigest()
    assert bool(intake.thumbnail) is (kind != "application/pdf")


def test_a_photo_stands_upright_without_place_camera_and_comment() -> None:
    intake = taken(photo((60, 40)))
    assert opened(photo()).getexif()
    drawn = opened(intake.content)
    assert drawn.size == (40, 60)
    assert not drawn.getexif()
    assert b"SECRET" not in intake.content
    assert b"Exif" not in intake.content
    assert b"SECRET" not in intake.thumbnail
    assert opened(intake.thumbnail).format == "WEBP"


@pytest.mark.parametrize("kind", ["GIF", "WEBP"])
def test_what_moves_goes_on_moving(kind: str) -> None:
    intake = taken(moving(kind))
    assert opened(intake.content).n_frames == 3  # type: ignore[attr-defined]
    assert b"SECRET" not in intake.content


def test_what_hangs_behind_a_picture_is_gone() -> None:
    assert b"<script>" not in taken(picture() + b"<script>alert(1)</script>").content


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<!doctype html><script>alert(1)</script>",
        b"GIF89a<script>alert(1)</script>",
        b" %PDF-1.7",
        photo()[:200],
        picture("BMP", "RGB"),
        picture("TIFF", "RGB"),
        b"PK\x03\x04",
    ],
)
def test_other_types_and_broken_pictures_are_refused(content: bytes) -> None:
    with translation.override("en"), pytest.raises(AttachmentRefused, match="no picture"):
        taken(content)


def test_a_picture_that_would_fill_the_memory_is_refused_unread() -> None:
    with pytest.raises(AttachmentRefused):
        taken(bomb())
    with translation.override("en"), pytest.raises(AttachmentRefused, match="too many pixels"):
        taken(bomb(7_000))
    with pytest.raises(AttachmentRefused, match="40"):
        taken(moving("GIF", 250))


def test_too_large_a_file_is_refused(settings: Any) -> None:
    settings.ATTACHMENT_LIMIT_MB = 1
    with translation.override("en"), pytest.raises(AttachmentRefused, match=r"larger than 1\.0.MB"):
        taken(PDF + bytes(1 << 20))


@pytest.fixture
def case(make_case: Callable[..., Case], agent: User) -> Case:
    return make_case(owner=agent)


def log(case: Case, *files: bytes) -> None:
    draft = ContactDraft("chat", "reached", "发来照片", attachments=tuple(taken(file) for file in files))
    assert case.owner
    log_contact(case=case, actor=case.owner, now=NOW, draft=draft)


def stored_files(settings: Any) -> list[Path]:
    return [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


def test_attachments_are_kept_with_their_hash_under_random_names(case: Case, settings: Any) -> None:
    log(case, picture(), PDF)
    image, document = ContactAttachment.objects.all()
    for attachment in (image, document):
        content = attachment.file.read()
        assert (attachment.sha256, attachment.bytes) == (sha256(content).hexdigest(), len(content))
        assert "截图" not in attachment.file.name
    assert document.sha256 == document.sent_sha256 == sha256(PDF).hexdigest()
    assert not document.thumbnail
    assert len(stored_files(settings)) == 3
    assert case.changes.get(kind="contact").changes["attachments"] == ["", 2]


def test_attachments_are_never_changed_or_deleted(case: Case) -> None:
    log(case, picture())
    attachment = ContactAttachment.objects.get()
    for act in (attachment.save, attachment.delete, ContactAttachment.objects.all().delete):
        with pytest.raises(AppendOnlyError):
            act()


def test_what_cannot_be_stored_leaves_neither_entry_nor_files(case: Case, settings: Any) -> None:
    with patch.object(ContactAttachment, "save", side_effect=OSError("full")), pytest.raises(OSError, match="full"):
        log(case, picture(), PDF)
    assert not case.contacts.exists()
    assert not CaseChange.objects.exists()
    assert stored_files(settings) == []
