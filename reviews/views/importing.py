"""One import: what it is doing, what it would do, what a person decides, and what became of it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from reviewdesk.access import Role, SignedInRequest, role_required
from reviews.forms.imports import DecisionForm
from reviews.ingest import reception
from reviews.ingest.errors import UndoRefused, UnreadableFile
from reviews.ingest.preview import column_samples, first_rejections, preview_of
from reviews.ingest.progress import overall_speed, progress_of
from reviews.ingest.reading.presets import missing_fields, preset_named
from reviews.ingest.reading.remembering import last_choice
from reviews.ingest.rejections import rejections_csv
from reviews.ingest.storing.coverage import coverage_note
from reviews.ingest.storing.identical import earlier_import
from reviews.ingest.storing.undoing import obstacles_to_undo
from reviews.models import ImportBatch

Status = ImportBatch.Status


@role_required(Role.ADMIN)
@require_safe
def import_(request: SignedInRequest, pk: int) -> HttpResponse:
    """Whatever state the import is in; htmx polls the part that changes while it runs."""
    batch = _batch(request, pk)
    return _page(request, batch, DecisionForm(batch=batch) if batch.status == Status.READY else None)


@role_required(Role.ADMIN)
@require_POST
def confirm_import(request: SignedInRequest, pk: int) -> HttpResponse:
    """Start to store what was shown. With other columns than those the file is read anew first, and shown again."""
    batch = _batch(request, pk)
    if batch.status != Status.READY:
        return _decided(request, batch, False)
    form = DecisionForm(request.POST, batch=batch)
    if not form.is_valid():
        return _page(request, batch, form)
    is_shown = bool(batch.forecast) and form.mapping == batch.mapping
    is_confirmed = is_shown and "look" not in request.POST
    if not is_shown and "look" not in request.POST:
        messages.info(request, _("The columns were changed: look at what the import would do now, then confirm."))
    return _decided(
        request,
        batch,
        reception.choose_columns(batch, form.mapping, is_confirmed=is_confirmed, actor=request.user, claim=form.claim),
    )


@role_required(Role.ADMIN)
@require_POST
def go_on(request: SignedInRequest, pk: int) -> HttpResponse:
    batch = _batch(request, pk)
    return _decided(request, batch, reception.go_on(batch))


@role_required(Role.ADMIN)
@require_POST
def discard(request: SignedInRequest, pk: int) -> HttpResponse:
    batch = _batch(request, pk)
    return _decided(request, batch, reception.discard(batch, request.user))


@role_required(Role.ADMIN)
@require_POST
def undo(request: SignedInRequest, pk: int) -> HttpResponse:
    batch = _batch(request, pk)
    try:
        return _decided(request, batch, reception.request_undo(batch, request.user))
    except UndoRefused as refused:
        messages.error(request, str(refused))
        return redirect(batch)


@role_required(Role.ADMIN)
@require_safe
def rejections(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """The refused rows as a CSV that can be corrected and uploaded again."""
    batch = _batch(request, pk)
    response = StreamingHttpResponse(rejections_csv(batch), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="rejected-{batch.pk}.csv"'
    return response


def _batch(request: SignedInRequest, pk: int) -> ImportBatch:
    batches = ImportBatch.objects.visible_to(request.user)
    return get_object_or_404(batches.select_related("shop", "uploaded_by", "discarded_by", "undone_by"), pk=pk)


def _decided(request: SignedInRequest, batch: ImportBatch, is_done: bool) -> HttpResponse:
    if not is_done:
        messages.warning(request, _("That is no longer possible: the import has moved on. This is how it stands now."))
    return redirect(batch)


def _page(request: SignedInRequest, batch: ImportBatch, form: DecisionForm | None) -> HttpResponse:
    context = {"batch": batch, "siblings": _siblings(batch), **(_waiting(batch, form) if form else _state(batch))}
    template = "reviews/import/_state.html" if request.htmx else "reviews/import.html"  # type: ignore[attr-defined]
    return render(request, template, context, status=422 if form and form.errors else 200)


def _siblings(batch: ImportBatch) -> list[ImportBatch]:
    """The imports of the other tables of the same upload."""
    if not batch.table:
        return []
    first = batch.upload_id or batch.pk
    tables = ImportBatch.objects.filter(Q(pk=first) | Q(upload=first)).exclude(pk=batch.pk)
    return list(tables.order_by("pk"))


def _waiting(batch: ImportBatch, form: DecisionForm) -> dict[str, Any]:
    try:
        samples = column_samples(batch)
    except UnreadableFile:
        # What is wrong with its rows is said once they are read; the columns can be chosen without them.
        samples = ["" for _heading in batch.headings]
    preset = preset_named(batch.preset)
    counts = batch.forecast
    return {
        "form": form,
        "columns": list(zip(form.columns, samples, strict=True)),
        "preview": preview_of(batch) if counts else None,
        "storable": sum(counts.values()) - counts["rejected"] if counts else 0,
        "preset": preset,
        "remembered": last_choice(batch),
        "is_of_another_platform": bool(preset and preset.platforms and batch.shop.platform not in preset.platforms),
        "missing": missing_fields(batch.mapping),
        "earlier": earlier_import(batch),
    }


def _state(batch: ImportBatch) -> dict[str, Any]:
    if batch.is_running:
        return {"progress": progress_of(batch, timezone.now())}
    return {
        "rejected": first_rejections(batch),
        "speed": overall_speed(batch),
        "coverage_note": coverage_note(batch),
        "obstacles": obstacles_to_undo(batch) if batch.is_undoable else [],
    }
