"""The team at work: who carries what, handing cases on, and who is on duty."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from cases.assignment import reassign_case, set_duty
from cases.flow import Refused
from cases.models import Agent, Case
from cases.statistics import CaseFilter, CaseKind, listed_cases
from cases.views.clock import clock
from cases.views.filters import TeamForm
from cases.workload import agent_loads, takers
from reviewdesk.access import Role, SignedInRequest, named_pk, role_required
from reviews.models import Shop
from reviews.scope import Number

PAGE_SIZE = 50


@require_safe
@role_required(Role.SUPERVISOR)
def team(request: SignedInRequest) -> HttpResponse:
    """Loads, and a list of cases; `choose`, repeated, and `give_to` bring back what was chosen for handing on."""
    now = timezone.now()
    loads = agent_loads(list(Shop.objects.visible_to(request.user)), now)
    form = TeamForm(request.GET, user=request.user, people=[load.user for load in loads])
    visible = Case.objects.visible_to(request.user)
    asking = CaseFilter(kind=CaseKind.ESCALATED.value)
    escalated = Number(listed_cases(visible, asking, now).count(), asking.address)
    context = {"form": form, "loads": loads, "escalated": escalated, "shown": CaseKind.ATTENTION}
    if form.is_valid():
        cases = listed_cases(visible, form.wanted, now)
        cases = cases.select_related("review__product", "shop", "owner").prefetch_related("review__causes")
        page = Paginator(cases, PAGE_SIZE).get_page(request.GET.get("page"))
        rows = [(case, clock(case.due_at, now) if case.is_open and case.due_at else None) for case in page]
        filters = {name: value for name, value in request.GET.items() if name in form.fields and value}
        context |= {
            "page": page,
            "rows": rows,
            "shown": CaseKind(form.wanted.kind),
            "filters": urlencode(filters),
            "place": urlencode(filters | ({"page": page.number} if page.number > 1 else {})),
            "takers": takers(loads, {case.shop_id for case in page if case.is_open}),
            "chosen": _ids(request.GET.getlist("choose")),
            "give_to": _ids(request.GET.getlist("give_to")),
        }
    else:
        form.refuse_foreign()
    return render(request, "cases/team.html", context)


@require_POST
@role_required(Role.SUPERVISOR)
def reassign(request: SignedInRequest) -> HttpResponse:
    """POST `case`, repeated, and `to`: the cases become `to`'s, one by one; the messages say which did not and why."""
    ids = _ids(request.POST.getlist("case"))
    cases = list(Case.objects.visible_to(request.user).filter(pk__in=ids).order_by("pk"))
    if len(cases) != len(ids):
        raise Http404
    to = _person(request, "to")
    moved = 0
    refused: list[int] = []
    for case in cases:
        try:
            reassign_case(case=case, to=to, actor=request.user, now=timezone.now())
            moved += 1
        except Refused as refusal:
            refused.append(case.pk)
            messages.warning(request, _("Case %(case)s: %(reason)s") % {"case": case, "reason": refusal})
    if moved:
        told = ngettext("%(n)d case now belongs to %(to)s.", "%(n)d cases now belong to %(to)s.", moved)
        messages.success(request, told % {"n": moved, "to": to.get_full_name() or to.username})
    elif not cases:
        messages.warning(request, _("Choose at least one case."))
    if refused or not cases:
        return _back(request, choose=refused, give_to=[to.pk])
    return _back(request)


@require_POST
@role_required(Role.SUPERVISOR)
def team_duty(request: SignedInRequest) -> HttpResponse:
    """POST `agent` and `duty` (on or off): new cases reach the agent, or no longer do."""
    person = _person(request, "agent")
    agent = get_object_or_404(Agent, user=person)
    is_on_duty = request.POST.get("duty") == "on"
    set_duty(agent=agent, is_on_duty=is_on_duty, now=timezone.now())
    told = _("%(agent)s is on duty now.") if is_on_duty else _("%(agent)s is off duty now.")
    messages.success(request, told % {"agent": agent})
    return _back(request)


def _ids(named: list[str]) -> set[int]:
    return {pk for pk in map(named_pk, named) if pk is not None}


def _person(request: SignedInRequest, field: str) -> User:
    """The user named by a posted field. Raises Http404 unless they work for a shop of the supervisor."""
    pk = named_pk(request.POST.get(field, ""))
    if pk is None:
        raise Http404
    people = User.objects.filter(shops__in=Shop.objects.visible_to(request.user)).distinct()
    return get_object_or_404(people, pk=pk)


def _back(request: SignedInRequest, **kept: list[int]) -> HttpResponse:
    """To the list the form was sent from: `filters` is the query of the team page, to which `kept` is added."""
    query = QueryDict(request.POST.get("filters", ""), mutable=True)
    for name, values in kept.items():
        query.setlist(name, [str(value) for value in values])
    return HttpResponseRedirect(f"{reverse('cases:team')}{'?' if query else ''}{query.urlencode()}")
