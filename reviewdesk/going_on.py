"""Where a form asks to go on."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def asked_next(request: HttpRequest) -> str | None:
    """The page of ours that the posted `next` names by its path; None for anything else, and for the name of a view."""
    wanted = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if is_ours and wanted.startswith("/") else None
