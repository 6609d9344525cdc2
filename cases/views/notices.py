"""What a person was told: the bell of every page, the list, and how they want to be told."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cases.models import NoticeChannel, NoticeChoice
from cases.notices.forms import ChoiceForm
from cases.notices.reading import COUNTED_AT_MOST, mark_read, notices_of, unread_count
from cases.pending import ASKING_AT_MOST, asking
from reviewdesk.access import Role, SignedInRequest, role_of, role_required

PAGE_SIZE = 50
NOTHING = 204


@require_safe
@never_cache
def bell(request: HttpRequest) -> HttpResponse:
    """The count of the bell, and how much of what is pending asks for the person.

    Who is signed out meanwhile gets nothing: a login page has no room there.
    """
    if not request.user.is_authenticated or role_of(request.user) is None:
        return HttpResponse(status=NOTHING)
    count = unread_count(request.user)
    context = {
        "count": count,
        "is_more": count >= COUNTED_AT_MOST,
        "asking": asking(request.user, timezone.now()),
        "asking_at_most": ASKING_AT_MOST,
    }
    return render(request, "cases/_bell.html", context)


@require_safe
@role_required(Role.AGENT)
def notices(request: SignedInRequest) -> HttpResponse:
    page = Paginator(notices_of(request.user), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "cases/notices.html", {"page": page})


@require_POST
@role_required(Role.AGENT)
def read_all(request: SignedInRequest) -> HttpResponse:
    mark_read(request.user, now=timezone.now())
    return redirect("cases:notices")


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.AGENT)
def settings(request: SignedInRequest) -> HttpResponse:
    """The person's choice and the channels they may change."""
    choice = NoticeChoice.of(request.user)
    form = ChoiceForm(request.POST if request.method == "POST" else None, instance=choice)
    if form.is_valid():
        form.save()
        messages.success(request, _("Your choice is kept."))
        return redirect("cases:notice_settings")
    channels = NoticeChannel.objects.editable_by(request.user).select_related("shop")
    context = {"form": form, "channels": channels}
    return render(request, "cases/notice_settings.html", context, status=422 if form.errors else 200)
