"""Many cases at once: chosen in the queue, looked at ahead on a page of their own, done, and taken back as one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseBadRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from cases.bulk import running
from cases.bulk.choosing import AT_MOST, choose, ticked
from cases.bulk.deeds import kinds_for
from cases.bulk.forms import BulkForm, bulk_form
from cases.flow import Refused
from cases.models import BulkAct, BulkItem, Case, Outcome, Tier
from cases.queues import queue_of
from cases.views.desk import DeskRequest
from cases.views.queue import Queue
from cases.views.taking_back import remember_bulk
from reviewdesk.access import Role, name_of, named_pk, role_required

PART = "section#bulk"
"""Swap target of the request by which the page follows an act at work."""
LISTED_AT_MOST = 50
"""Cases shown of a group."""
Kind = BulkAct.Kind
Status = BulkAct.Status
ItemStatus = BulkItem.Status
READY = frozenset({Status.CHOSEN, Status.FORESEEN})
CONCERNED = {
    Status.LOOKING: frozenset(ItemStatus),
    Status.DOING: frozenset({ItemStatus.WILL, ItemStatus.DONE, ItemStatus.REFUSED}),
    Status.UNDOING: frozenset({ItemStatus.DONE, ItemStatus.UNDONE, ItemStatus.KEPT}),
}
"""Status of an act at work -> those of the cases it goes through."""


@dataclass(frozen=True)
class Group:
    """Cases of which the same came, or will come."""

    status: BulkItem.Status
    reason: str
    cases: list[Case]

    @property
    def label(self) -> str:
        return str(self.status.label)

    @property
    def is_refused(self) -> bool:
        return bool(self.reason)

    @property
    def count(self) -> int:
        return len(self.cases)

    @property
    def shown(self) -> list[Case]:
        return self.cases[:LISTED_AT_MOST]

    @property
    def further(self) -> int:
        return len(self.cases) - len(self.shown)


@role_required(Role.AGENT)
@require_http_methods(["GET", "HEAD", "POST"])
def choose_cases(request: DeskRequest) -> HttpResponse:
    """POST `kind` and `case`, repeated, or `all` for the whole list of the address: on to the page of the new act."""
    queue = Queue(request, timezone.now())
    if request.method != "POST":
        return redirect(queue.here)
    kind = request.POST.get("kind", "")
    if kind not in Kind.values:
        return HttpResponseBadRequest()
    if kind not in kinds_for(request.user):
        raise PermissionDenied
    ids = [pk for pk in map(named_pk, request.POST.getlist("case")) if pk is not None]
    try:
        is_all = request.POST.get("all") == "1"
        cases = queue_of(request.user, queue.filters) if is_all else ticked(request.user, ids)
    except Case.DoesNotExist:
        raise Http404 from None
    if not cases.exists():
        messages.warning(request, _("Choose at least one case."))
        return redirect(queue.here)
    act = choose(cases=cases, kind=kind, actor=request.user, now=queue.now, query=queue.query)
    if not bulk_form(act).fields:
        running.look_ahead(act=act, details={}, now=queue.now)
    return redirect(act)


@role_required(Role.AGENT)
@require_http_methods(["GET", "HEAD", "POST"])
def bulk(request: DeskRequest, pk: int) -> HttpResponse:
    """The act as it stands. POST of its form looks ahead with what was entered."""
    act = _act_of(request, pk)
    if request.method != "POST":
        return _show(request, act)
    form = bulk_form(act, request.POST)
    if not form.is_valid():
        return _show(request, act, form, 422)
    return _attempt(request, act, running.look_ahead, details=form.details) or redirect(act)


@role_required(Role.AGENT)
@require_POST
def do_bulk(request: DeskRequest, pk: int) -> HttpResponseBase:
    """Do what was foreseen; where all of it is done at once, back to the list."""
    act = _act_of(request, pk)
    if refused := _attempt(request, act, running.carry_out):
        return refused
    remember_bulk(request, act)
    return _after(request, act, Status.DONE, ItemStatus.REFUSED)


@role_required(Role.AGENT)
@require_POST
def undo_bulk(request: DeskRequest, pk: int) -> HttpResponseBase:
    act = _act_of(request, pk)
    return _attempt(request, act, running.take_back) or _after(request, act, Status.UNDONE, ItemStatus.KEPT)


def _act_of(request: DeskRequest, pk: int) -> BulkAct:
    return get_object_or_404(BulkAct.objects.select_related("actor"), pk=pk, actor=request.user)


def _attempt(
    request: DeskRequest, act: BulkAct, service: Callable[..., None], **entered: object
) -> HttpResponse | None:
    """Call a service; the page with its reason where it is refused."""
    try:
        service(act=act, now=timezone.now(), **entered)
    except Refused as refusal:
        messages.error(request, str(refusal))
        act.refresh_from_db()
        return _show(request, act, status=409)
    return None


def _after(request: DeskRequest, act: BulkAct, end: Status, exception: BulkItem.Status) -> HttpResponse:
    if act.status != end or act.items.filter(status=exception).exists():
        return redirect(act)
    messages.success(request, _told(act))
    return redirect(_list_of(act))


def _told(act: BulkAct) -> str:
    """What came of an act that has ended."""
    if act.status == Status.UNDONE:
        n = act.items.filter(status=ItemStatus.UNDONE).count()
        words = ngettext("%(act)s: taken back for %(n)d case.", "%(act)s: taken back for %(n)d cases.", n)
    else:
        n = act.items.filter(status=ItemStatus.DONE).count()
        words = ngettext("%(act)s: done for %(n)d case.", "%(act)s: done for %(n)d cases.", n)
    return words % {"act": in_words(act), "n": n}


def in_words(act: BulkAct) -> str:
    """The act with its details: "Close: refused"."""
    return ": ".join(part for part in (act.get_kind_display(), _detail(act)) if part)


def _detail(act: BulkAct) -> str:
    details = act.details
    if not details:
        return ""
    if act.kind == Kind.GIVE:
        # An account that owns and did nothing can be deleted.
        person = User.objects.filter(pk=details["to"]).first()
        return name_of(person) if person else ""
    if act.kind == Kind.TIER:
        return str(Tier(details["tier"]).label)
    if act.kind == Kind.CLOSE:
        return str(Outcome(details["outcome"]).label)
    return str(details.get("question", ""))


def _list_of(act: BulkAct) -> str:
    return f"{reverse('cases:desk')}{'?' if act.query else ''}{act.query}"


def _show(request: DeskRequest, act: BulkAct, bound: BulkForm | None = None, status: int = 200) -> HttpResponse:
    groups = _groups(request.user, act)
    counts = {of: sum(group.count for group in groups if group.status == of) for of in ItemStatus}
    context: dict[str, Any] = {
        "act": act,
        "title": in_words(act),
        "form": (bound or bulk_form(act)) if act.status in READY else None,
        "groups": groups,
        "figures": [{"label": of.label, "count": count} for of, count in counts.items() if count],
        "total": sum(counts.values()),
        "will": counts[ItemStatus.WILL],
        "progress": _progress(act, counts),
        "at_most": AT_MOST,
        "is_undoable": running.is_undoable(act, timezone.now()) and counts[ItemStatus.DONE],
        "list": _list_of(act),
    }
    part = request.htmx.target == PART
    response = render(request, "cases/_bulk.html" if part else "cases/bulk.html", context, status=status)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


def _progress(act: BulkAct, counts: dict[BulkItem.Status, int]) -> dict[str, int] | None:
    """How many cases are through, of how many; None while nothing runs."""
    if not act.is_running:
        return None
    status = Status(act.status)
    total = sum(counts[of] for of in CONCERNED[status])
    done = total - counts[running.LEFT[status]]
    return {"done": done, "total": total, "percent": done * 100 // total if total else 0}


def _groups(user: User, act: BulkAct) -> list[Group]:
    """The act's cases that `user` may see, by what comes of them: refusals first, the most frequent reason on top."""
    items = act.items.filter(case__in=Case.objects.visible_to(user)).select_related("case__review")
    shown = ("act", "status", "reason", "case__tier", "case__review__content", "case__review__append_content")
    found: dict[tuple[str, str], list[Case]] = {}
    for item in items.only(*shown):
        found.setdefault((item.status, item.reason), []).append(item.case)
    groups = [Group(ItemStatus(status), reason, cases) for (status, reason), cases in found.items()]
    return sorted(groups, key=lambda group: (not group.is_refused, -group.count))
