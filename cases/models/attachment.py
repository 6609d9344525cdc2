"""Photos, screenshots and documents that belong to a contact: evidence, kept as it was taken in."""

from __future__ import annotations

from uuid import uuid4

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from reviewdesk.append_only import AppendOnlyModel

from .contact import ContactEntry


def unguessable_name(attachment: ContactAttachment, _name: str) -> str:
    """Where a file is stored: nothing of the name that was sent becomes part of it."""
    return f"contacts/{attachment.entry.at:%Y/%m}/{uuid4().hex}{attachment.suffix}"


def thumbnail_name(attachment: ContactAttachment, _name: str) -> str:
    return f"contacts/{attachment.entry.at:%Y/%m}/{uuid4().hex}.thumbnail.webp"


class ContactAttachment(AppendOnlyModel):
    class Kind(models.TextChoices):
        JPEG = "image/jpeg", "JPEG"
        PNG = "image/png", "PNG"
        WEBP = "image/webp", "WebP"
        GIF = "image/gif", "GIF"
        PDF = "application/pdf", "PDF"

    SUFFIXES = {Kind.JPEG: ".jpg", Kind.PNG: ".png", Kind.WEBP: ".webp", Kind.GIF: ".gif", Kind.PDF: ".pdf"}

    entry = models.ForeignKey(ContactEntry, models.PROTECT, related_name="attachments", verbose_name=_("contact"))
    kind = models.CharField(_("type"), max_length=15, choices=Kind)
    name = models.CharField(_("file name"), max_length=120)
    file = models.FileField(_("file"), upload_to=unguessable_name, max_length=200)
    thumbnail = models.FileField(upload_to=thumbnail_name, max_length=200, blank=True)
    bytes = models.PositiveIntegerField(_("size"))
    sha256 = models.CharField(max_length=64)
    """Of the stored file, in hexadecimal: shows that it is still what was taken in."""
    sent_sha256 = models.CharField(max_length=64)
    """Of the file as it was sent, before its hidden data was taken out: tells that it came from that original."""

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("cases:attachment", args=[self.pk])

    @property
    def suffix(self) -> str:
        return self.SUFFIXES[self.Kind(self.kind)]

    @property
    def is_image(self) -> bool:
        return self.kind != self.Kind.PDF
