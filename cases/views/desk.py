"""The desk of an agent: the queue, the open case, and what is known around it. One address, one context; htmx only
picks the part of the page it swaps."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpResponse, HttpResponseBadRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.middleware import HtmxDetails

from cases.assignment import claim_next, set_duty
from cases.flow import Refused
from cases.forms import CaseForm
from cases.models import Agent, Case
from cases.notices.reading import mark_read
from cases.presence import asks_by_itself
from cases.queues import QueueFilters, View, news_since, next_case_for, queue_of
from cases.views.case import case_context
from cases.views.clock import clock_words
from cases.views.queue import Queue
from cases.views.queue_news import SEEN, SHOWN
from cases.views.taking_back import bulk_offer, offer
from reviewdesk.access import Role, SignedInRequest, has_role, named_pk, role_required
from reviewdesk.going_on import asked_next
from reviews.phones import dialled


class DeskRequest(SignedInRequest):
    """A signed-in request as django-htmx hands it on."""

    htmx: HtmxDetails


QUEUE_PART = "cases/queue/_swap.html"
CASE_PART = "cases/_swap.html"
SOON = timedelta(minutes=15)
"""A contact promised for so soon is no longer passed over."""
PARTS = {"section#queue": QUEUE_PART, "section#case": CASE_PART}
"""Swap target of an htmx request -> the part of the page it gets."""


@role_required(Role.AGENT)
@require_GET
def desk(request: DeskRequest) -> HttpResponse:
    """The queue with the case of `?case=` open beside it, else its first one; questions to a supervisor come first."""
    if not request.GET and _is_asked(request.user):
        return redirect(f"{reverse('cases:desk')}?view={View.ESCALATED}")
    return show_desk(request, _chosen(request), is_case_page=False)


@role_required(Role.AGENT)
@require_GET
def case(request: DeskRequest, pk: int) -> HttpResponse:
    """The same with one case open: on a narrow screen a page of its own. Notices of the case are read by that."""
    case = case_for(request, pk)
    mark_read(request.user, now=timezone.now(), case=case)
    return show_desk(request, case)


@asks_by_itself
@role_required(Role.AGENT)
@require_GET
def changes(request: DeskRequest) -> HttpResponse:
    """The queue anew, with how it differs from the rows that the page shows; 204 where nothing happened to any case of
    the person's shops since the line of history the page has seen. Without one the list itself is looked at."""
    seen = named_pk(request.headers.get(SEEN, ""))
    if seen is not None:
        last, is_news = news_since(request.user, seen)
        if not is_news:
            return HttpResponse(status=204, headers={SEEN: str(last)})
    queue = Queue(request, timezone.now())
    selected = named_pk(request.GET.get("case", ""))
    if selected is not None:
        queue.selected = Case.objects.visible_to(request.user).filter(pk=selected).first()
    return render(request, "cases/_queue.html", {"queue": queue})


@role_required(Role.AGENT)
@require_http_methods(["GET", "HEAD", "POST"])
def next_case(request: DeskRequest) -> HttpResponse:
    """On to what follows the case of `?case=` in its queue. A POST makes the best case that waits one's own, from the
    list of those nobody has, or once none of one's own asks for an act soon."""
    queue = Queue(request, timezone.now())
    current = _chosen(request)
    try:
        found = _take_next(queue, current) if request.method == "POST" and queue.takes else queue.after(current)
    except Refused as refusal:
        messages.warning(request, str(refusal))
        return redirect(queue.here)
    if found is None:
        messages.info(request, _("No other case is waiting for you.") if current else _("Nothing is waiting for you."))
    goal = found or current
    return redirect(queue.address(goal) if goal else queue.here)


def _take_next(queue: Queue, current: Case | None) -> Case | None:
    """What of one's own asks for an act, else the best that waits, which becomes one's own, else what is left of one's
    own. Raises NoRoom."""
    asking = next_case_for(queue.user, queue.filters, current, asking_at=queue.now + SOON)
    if asking and asking.owner_id:
        return asking
    waiting = queue_of(queue.user, replace(queue.filters, view=View.UNASSIGNED))
    if taken := claim_next(cases=waiting, actor=queue.user, now=queue.now):
        return taken
    rest = queue.after(current)
    return rest if rest and rest.owner_id else None


@role_required(Role.AGENT)
@require_POST
def duty(request: DeskRequest) -> HttpResponseBase:
    """Go on or off duty, and stay on the page."""
    agent = get_object_or_404(Agent, user=request.user)
    choice = request.POST.get("duty")
    if choice not in {"on", "off"}:
        return HttpResponseBadRequest()
    set_duty(agent=agent, is_on_duty=choice == "on", now=timezone.now())
    if choice == "off":
        _tell_what_is_left(request)
    return redirect(asked_next(request) or "cases:desk")


def _tell_what_is_left(request: SignedInRequest) -> None:
    """Cases do not go with the duty: who leaves should know what they leave behind."""
    left = Case.objects.still_open().filter(owner=request.user).count()
    if left:
        told = ngettext(
            "Off duty. %(n)d open case stays yours and its clock runs on; a supervisor can hand it to others.",
            "Off duty. %(n)d open cases stay yours and their clocks run on; a supervisor can hand them to others.",
            left,
        )
        messages.info(request, told % {"n": left})


def _is_asked(user: User) -> bool:
    """Whether questions wait for `user` as their supervisor."""
    return has_role(user, Role.SUPERVISOR) and queue_of(user, QueueFilters(view=View.ESCALATED)).exists()


def _chosen(request: DeskRequest) -> Case | None:
    pk = named_pk(request.GET.get("case", ""))
    return case_for(request, pk) if pk is not None else None


def case_for(request: DeskRequest, pk: int) -> Case:
    """The case with all that its page shows. Raises Http404 for a case of another shop."""
    cases = Case.objects.visible_to(request.user).select_related("review__product", "review__shop", "shop", "owner")
    return get_object_or_404(cases.prefetch_related("review__causes", "review__revisions"), pk=pk)


def show_desk(
    request: DeskRequest,
    case: Case | None,
    *,
    is_case_page: bool = True,
    bound: CaseForm | None = None,
    status: int = 200,
    revealed: str = "",
) -> HttpResponse:
    """The page, or the part of it that htmx swaps.

    `bound` is a form that was refused, with what was typed; `revealed` a phone number to be shown for a moment.
    """
    now = timezone.now()
    queue = Queue(request, now)
    context: dict[str, object] = {"queue": queue}
    queue.selected = case or next(iter(queue.page), None)
    part = PARTS.get(request.htmx.target or "")
    if part != QUEUE_PART:
        context |= {"case": None, "clock_words": clock_words(), "is_case_page": is_case_page}
        context |= {"revealed": revealed, "revealed_address": dialled(revealed)}
        context |= {"undo": offer(request), "bulk_act": bulk_offer(request)}
        if queue.selected is not None:
            context |= case_context(request.user, queue.selected, now=now, bound=bound)
    response = render(request, part or "cases/desk.html", context, status=status)
    if part and (request.htmx.source or "").startswith("form"):
        # Forms send what was left empty too, and actions have addresses of their own: neither belongs in the bar.
        response["HX-Replace-Url"] = queue.here if case is None or part == QUEUE_PART else queue.address(case)
    patch_vary_headers(response, ["HX-Request", "HX-Target", SHOWN])
    return response
