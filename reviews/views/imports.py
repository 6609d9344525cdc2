"""Pages of the imports: drop a file, look at what it holds, confirm, watch, and read what became of it."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from reviewdesk.access import Role, SignedInRequest, role_required
from reviews.forms.imports import MappingForm, UploadForm, upload_limit_bytes
from reviews.ingest.cells import Reason
from reviews.ingest.errors import UnreadableFile
from reviews.ingest.presets import missing_fields, preset_named
from reviews.ingest.preview import preview_of
from reviews.ingest.progress import progress_of
from reviews.ingest.reception import choose_columns, earlier_import, go_on, receive_file
from reviews.ingest.rejections import rejections_csv
from reviews.ingest.running import queue_import
from reviews.models import ImportBatch, Shop

IMPORTS_ON_A_PAGE = 25
REJECTIONS_SHOWN = 5
Status = ImportBatch.Status


@role_required(Role.ADMIN)
def imports(request: SignedInRequest) -> HttpResponse:
    """The drop zone, and earlier imports with their counts; POST takes a file."""
    posted = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = UploadForm(*posted, shops=Shop.objects.visible_to(request.user))
    if form.is_valid():
        batch = receive_file(shop=form.cleaned_data["shop"], file=form.cleaned_data["file"], uploaded_by=request.user)
        queue_import(batch.pk)
        return redirect(batch)
    earlier = ImportBatch.objects.visible_to(request.user).select_related("shop", "uploaded_by")
    page = Paginator(earlier, IMPORTS_ON_A_PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "limit_bytes": upload_limit_bytes()}
    return render(request, "reviews/imports.html", context, status=422 if form.errors else 200)


@role_required(Role.ADMIN)
@require_safe
def import_(request: SignedInRequest, pk: int) -> HttpResponse:
    """One import: its preview while it waits, then its progress (polled by htmx), then its result."""
    batch = _batch(request, pk)
    if batch.status == Status.READY:
        return _preview(request, batch, MappingForm(batch=batch))
    rejections = [] if batch.is_running else batch.rejections.all()[:REJECTIONS_SHOWN]
    context = {
        "batch": batch,
        "progress": progress_of(batch, timezone.now()),
        "rejections": [(rejection, Reason(rejection.reason).label) for rejection in rejections],
    }
    template = "reviews/_import_state.html" if request.htmx else "reviews/import.html"  # type: ignore[attr-defined]
    return render(request, template, context)


@role_required(Role.ADMIN)
@require_POST
def confirm_import(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take the chosen columns, and start unless only a new preview was asked for. A failed import goes on."""
    batch = _batch(request, pk)
    if batch.status == Status.READY:
        form = MappingForm(request.POST, batch=batch)
        if not form.is_valid():
            return _preview(request, batch, form)
        choose_columns(batch, form.mapping, is_confirmed="preview" not in request.POST)
    else:
        go_on(batch)
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
    batches = ImportBatch.objects.visible_to(request.user).select_related("shop", "uploaded_by")
    return get_object_or_404(batches, pk=pk)


def _preview(request: HttpRequest, batch: ImportBatch, form: MappingForm) -> HttpResponse:
    try:
        preview = preview_of(batch, timezone.now())
    except UnreadableFile as error:
        form.add_error(None, str(error)) if form.is_bound else None
        preview = None
    preset = preset_named(batch.preset)
    context = {
        "batch": batch,
        "form": form,
        "columns": list(zip(form, preview.samples, strict=True)) if preview else [],
        "preview": preview,
        "preset": preset.label if preset else _("none: choose the columns"),
        "is_of_another_platform": bool(preset and preset.platforms and batch.shop.platform not in preset.platforms),
        "missing": missing_fields(batch.mapping),
        "earlier": earlier_import(batch),
    }
    return render(request, "reviews/import_preview.html", context, status=422 if form.errors else 200)
