"""The page of imports: drop files, and find what became of earlier ones."""

from __future__ import annotations

from datetime import datetime, time
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reviewdesk.access import Role, SignedInRequest, role_required
from reviewdesk.uploads import lacks_room
from reviews.forms.imports import ImportFilterForm, UploadForm, upload_limit_bytes
from reviews.ingest.errors import NoRoom
from reviews.ingest.reception import receive_file
from reviews.ingest.running import queue_import
from reviews.models import ImportBatch, Shop

IMPORTS_ON_A_PAGE = 25
Source = ImportBatch.Source


@role_required(Role.ADMIN)
def imports(request: SignedInRequest) -> HttpResponse:
    """The drop zone, and earlier imports with their counts (polled by htmx while one runs); POST takes files."""
    shops = list(Shop.objects.visible_to(request.user))
    posted = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = UploadForm(*posted, shops=shops)
    if lacks_room(request):
        messages.error(
            request, _("There is no room on the disk of the server. Tell whoever runs it, then upload the files again.")
        )
        return redirect("reviews:imports")
    if form.is_valid():
        return _receive(request, form)
    context = {"form": form, "limit_bytes": upload_limit_bytes(), **_earlier(request, shops)}
    template = "reviews/import/_list.html" if request.htmx else "reviews/imports.html"  # type: ignore[attr-defined]
    return render(request, template, context, status=422 if form.errors else 200)


def _receive(request: SignedInRequest, form: UploadForm) -> HttpResponse:
    files = form.cleaned_data["file"]
    batches = []
    try:
        for file in files:
            batches.append(receive_file(shop=form.cleaned_data["shop"], file=file, uploaded_by=request.user))
            queue_import(batches[-1].pk)
    except NoRoom as error:
        messages.error(request, str(error))
    if len(batches) == len(files) == 1:
        return redirect(batches[0])
    if batches:
        received = ngettext("%(n)d file received.", "%(n)d files received.", len(batches)) % {"n": len(batches)}
        messages.success(request, received)
    return redirect("reviews:imports")


def _earlier(request: SignedInRequest, shops: list[Shop]) -> dict[str, object]:
    visible = ImportBatch.objects.visible_to(request.user)
    filters = ImportFilterForm(request.GET, shops=shops)
    found = visible.filter(**filters.conditions).select_related("shop", "uploaded_by")
    page = Paginator(found, IMPORTS_ON_A_PAGE).get_page(request.GET.get("page"))
    today = timezone.make_aware(datetime.combine(timezone.localdate(), time.min))
    wanted = {name: value for name, value in request.GET.items() if name in filters.fields and value}
    return {
        "filters": filters,
        "is_filtered": bool(wanted),
        "address": f"{request.path}?{urlencode(wanted)}",
        "page": page,
        "is_any_running": any(batch.is_running for batch in page),
        "pushes_today": visible.filter(source=Source.PUSH, uploaded_at__gte=today).count(),
    }
