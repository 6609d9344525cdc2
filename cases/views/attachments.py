"""Attachments of contacts, for who may see the case: shown or handed out so that nothing in them can act."""

from __future__ import annotations

from django.db.models.fields.files import FieldFile
from django.http import FileResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from cases.models import Case, ContactAttachment
from reviewdesk.access import Role, SignedInRequest, role_required


@role_required(Role.AGENT)
@require_GET
def attachment(request: SignedInRequest, pk: int) -> FileResponse:
    """Pictures are shown; documents, which may hold scripts, are only handed out."""
    found = _visible(request, pk)
    return _answer(found.file, found.kind, found.name, is_handed_out=not found.is_image)


@role_required(Role.AGENT)
@require_GET
def thumbnail(request: SignedInRequest, pk: int) -> FileResponse:
    found = _visible(request, pk, kind__startswith="image/")
    return _answer(found.thumbnail, ContactAttachment.Kind.WEBP.value, "thumbnail.webp", is_handed_out=False)


def _visible(request: SignedInRequest, pk: int, **conditions: str) -> ContactAttachment:
    cases = Case.objects.visible_to(request.user)
    return get_object_or_404(ContactAttachment, pk=pk, entry__case__in=cases, **conditions)


def _answer(file: FieldFile, kind: str, name: str, *, is_handed_out: bool) -> FileResponse:
    response = FileResponse(file.open("rb"), as_attachment=is_handed_out, filename=name, content_type=kind)
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    # What is stored under an address never changes; who may see it does.
    response["Cache-Control"] = "private, max-age=3600"
    return response
