"""What waits to be decided or done, a list for each matter, settled row by row with one key."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from cases import remedies
from cases.flow import Refused
from cases.models import Case, Remedy, RemedyRequest
from cases.pending import KIND_BY, Matter, matters, waiting, with_facts, with_first
from cases.rulebook.standards import standards_of
from cases.settling import claims, escalations
from cases.views.clock import Clock, clock
from cases.views.queue import Queue
from reviewdesk.access import Role, SignedInRequest, has_role, named_pk, role_required
from reviews.models import Shop

PAGE_SIZE = 30
LONGEST_REMARK = 300
Service = Callable[..., object]


class Row(NamedTuple):
    """One thing that waits: `what` is the question, request or remedy, or the case itself."""

    what: Any
    case: Case
    clock: Clock | None
    is_late: bool
    standards: list[Any]


class DecisionForm(forms.Form):
    decision = forms.CharField(max_length=10)
    remark = forms.CharField(max_length=LONGEST_REMARK, required=False)


@require_safe
@role_required(Role.AGENT)
def pending(request: SignedInRequest, matter: str = "") -> HttpResponse:
    """`matter`, or else the first of which something waits; narrowed by `shop` and `kind` of the address.

    `typed` and `row` in the address bring back the remark of a decision that was refused; without a page the row comes
    first.
    """
    if matter and matter not in Matter.values:
        raise Http404
    now = timezone.now()
    shops = {str(shop.pk): shop for shop in Shop.objects.visible_to(request.user)}
    shop = shops.get(request.GET.get("shop", ""))
    if shop is None and request.GET.get("shop"):
        raise Http404
    tabs = waiting(request.user, now, shop)
    shown = Matter(matter) if matter else next((tab.matter for tab in tabs if tab.size), Matter.QUESTIONS)
    kind = request.GET.get("kind", "")
    page = _page(request, matters(request.user, now, shop)[shown], shown)
    context = {
        "tabs": tabs,
        "shown": shown,
        "shops": list(shops.values()),
        "shop": shop,
        "kinds": shown.kinds,
        "kind": kind,
        "page": page,
        "rows": _rows(list(page), shown, now),
        "kept": _kept(request),
        "is_supervisor": has_role(request.user, Role.SUPERVISOR),
        "typed": request.GET.get("typed", "")[:LONGEST_REMARK],
        "refused_row": request.GET.get("row", "") if "typed" in request.GET else "",
    }
    return render(request, "cases/pending.html", context)


def _page(request: SignedInRequest, listed: QuerySet[Any], shown: Matter) -> Page[Any]:
    """The page asked for of what is `listed`, with all that its rows show."""
    if (kind := request.GET.get("kind")) in shown.kinds:
        listed = listed.filter(**{KIND_BY[shown]: kind})
    row = named_pk(request.GET.get("row", ""))
    if row and "page" not in request.GET:
        listed = with_first(listed, row)
    listed = with_facts(listed, shown)
    if shown in (Matter.QUESTIONS, Matter.REMEDIES):
        listed = listed.select_related("asked_by")
    return Paginator(listed, PAGE_SIZE).get_page(request.GET.get("page"))


def _kept(request: SignedInRequest) -> str:
    """What of the address says which rows are shown, as the end of another address."""
    kept = {name: request.GET[name] for name in ("shop", "kind", "page") if request.GET.get(name)}
    return f"?{urlencode(kept)}" if kept else ""


def _rows(found: list[Any], shown: Matter, now: datetime) -> list[Row]:
    cases = [each if isinstance(each, Case) else each.case for each in found]
    standards = standards_of(cases) if shown in (Matter.QUESTIONS, Matter.REMEDIES) else {}
    today = timezone.localdate(now)
    return [
        Row(
            what=each,
            case=case,
            clock=clock(each.due_at, now) if shown == Matter.QUESTIONS else None,
            is_late=shown == Matter.PROMISES and each.due_on < today,
            standards=standards.get(case.pk, []),
        )
        for each, case in zip(found, cases, strict=True)
    ]


@require_POST
@role_required(Role.SUPERVISOR)
def decide_question(request: SignedInRequest, pk: int) -> HttpResponse:
    case = get_object_or_404(Case.objects.visible_to(request.user), pk=pk)
    services: dict[str, Service] = {"agree": escalations.agree, "answer": escalations.return_case}
    chosen = {name: partial(service, case=case) for name, service in services.items()}
    return _settle(request, Matter.QUESTIONS, pk, chosen, "answer")


@require_POST
@role_required(Role.SUPERVISOR)
def decide_remedy(request: SignedInRequest, pk: int) -> HttpResponse:
    asked = get_object_or_404(RemedyRequest, pk=pk, case__in=Case.objects.visible_to(request.user))
    services: dict[str, Service] = {"grant": remedies.grant_remedy, "refuse": remedies.refuse_remedy}
    chosen = {name: partial(service, request=asked) for name, service in services.items()}
    return _settle(request, Matter.REMEDIES, pk, chosen, "remark")


@require_POST
@role_required(Role.AGENT)
def withdraw_remedy(request: SignedInRequest, pk: int) -> HttpResponse:
    """The agent takes back what was asked, and stays with the case."""
    asked = get_object_or_404(RemedyRequest, pk=pk, case__in=Case.objects.visible_to(request.user))
    try:
        remedies.withdraw_request(request=asked, actor=request.user, now=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect(Queue(request, timezone.now()).address(asked.case))


@require_POST
@role_required(Role.SUPERVISOR)
def check_claim(request: SignedInRequest, pk: int) -> HttpResponse:
    case = get_object_or_404(Case.objects.visible_to(request.user), pk=pk)
    services: dict[str, Service] = {
        "confirm": claims.confirm_claim,
        "back": claims.send_back,
        "accept": claims.accept_claim,
    }
    chosen = {name: partial(service, case=case) for name, service in services.items()}
    return _settle(request, Matter.CLAIMS, pk, chosen, "comment")


@require_POST
@role_required(Role.AGENT)
def settle_promise(request: SignedInRequest, pk: int) -> HttpResponse:
    remedy = get_object_or_404(Remedy, pk=pk, case__in=Case.objects.visible_to(request.user))
    chosen = {
        state.value: partial(remedies.settle_remedy, remedy=remedy, state=state.value)
        for state in (Remedy.State.DONE, Remedy.State.DROPPED)
    }
    return _settle(request, Matter.PROMISES, pk, chosen, "note", back_to=remedy.case)


def _settle(
    request: SignedInRequest,
    matter: Matter,
    pk: int,
    services: dict[str, Any],
    remark_name: str,
    back_to: Case | None = None,
) -> HttpResponse:
    """Do what was decided, with the remark under its name. Refused, the row comes back with what was typed.

    `back_to` is where a decision leads that was taken on the page of a case (`from=case`).
    """
    form = DecisionForm(request.POST)
    address = reverse("cases:pending", args=[matter.value]) + _kept(request)
    if back_to is not None and request.POST.get("from") == "case":
        address = Queue(request, timezone.now()).address(back_to)
    if not form.is_valid() or form.cleaned_data["decision"] not in services:
        messages.error(request, _("A remark has at most %(n)d characters.") % {"n": LONGEST_REMARK})
        return redirect(address)
    remark = form.cleaned_data["remark"]
    service = services[form.cleaned_data["decision"]]
    try:
        service(actor=request.user, now=timezone.now(), **{remark_name: remark})
    except Refused as refusal:
        messages.error(request, str(refusal))
        typed = urlencode({"row": pk, "typed": remark})
        return redirect(f"{address}{'&' if '?' in address else '?'}{typed}")
    messages.success(request, _("Done."))
    return redirect(address)
