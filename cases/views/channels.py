"""Robots and webhooks that notices are sent to: a person's own, and those of the shops they supervise."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from cases.models import NoticeChannel
from cases.notices.forms import ChannelForm
from cases.notices.sending import send_test
from reviewdesk.access import Role, SignedInRequest, role_required


@sensitive_post_parameters("address", "secret")
@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.AGENT)
def add_channel(request: SignedInRequest) -> HttpResponse:
    return _edit(request, NoticeChannel())


@sensitive_post_parameters("address", "secret")
@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.AGENT)
def channel(request: SignedInRequest, pk: int) -> HttpResponse:
    return _edit(request, _channel(request, pk))


@require_POST
@role_required(Role.AGENT)
def test_channel(request: SignedInRequest, pk: int) -> HttpResponse:
    """Send a test message now, and say what was answered."""
    channel = _channel(request, pk)
    answer = send_test(channel, now=timezone.now())
    if answer.error:
        messages.error(request, _("“%(name)s”: %(error)s") % {"name": channel.name, "error": answer.error})
    else:
        messages.success(request, _("“%(name)s” took the test message.") % {"name": channel.name})
    return redirect("cases:notice_settings")


@require_POST
@role_required(Role.AGENT)
def remove_channel(request: SignedInRequest, pk: int) -> HttpResponse:
    channel = _channel(request, pk)
    channel.delete()
    messages.success(request, _("“%(name)s” is removed; nothing is sent there any more.") % {"name": channel.name})
    return redirect("cases:notice_settings")


@transaction.atomic
def _edit(request: SignedInRequest, channel: NoticeChannel) -> HttpResponse:
    if request.method == "POST":
        # Of one person's requests, even at once, the later one finds what the earlier one kept.
        User.objects.select_for_update(no_key=True).get(pk=request.user.pk)
    data = request.POST if request.method == "POST" else None
    form = ChannelForm(data, instance=channel, user=request.user)
    if form.is_valid():
        kept = form.save()
        told = _("“%(name)s” is kept. Send a test message to see whether it works.")
        messages.success(request, told % {"name": kept})
        return redirect("cases:notice_settings")
    context = {"form": form, "channel": NoticeChannel.objects.filter(pk=channel.pk).first()}
    return render(request, "cases/channel.html", context, status=422 if form.errors else 200)


def _channel(request: SignedInRequest, pk: int) -> NoticeChannel:
    """Raises Http404 for a channel of somebody else, or of a shop the person does not supervise."""
    return get_object_or_404(NoticeChannel.objects.editable_by(request.user), pk=pk)
