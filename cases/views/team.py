"""The team at work: who carries what, which cases wait and why, and handing cases on."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe
from django_htmx.middleware import HtmxDetails

from cases import rule_history
from cases.assignment import foresee_spread, reassign_case, set_duty, spread_cases
from cases.assignment.skills import lines_of, set_skills
from cases.assignment.waiting import why_waiting
from cases.flow import Refused
from cases.models import Agent, Case, RuleChange
from cases.rulebook.editing import ChangedMeanwhile
from cases.statistics import CaseFilter, CaseKind, listed_cases
from cases.views.clock import clock
from cases.views.filters import TeamForm
from cases.views.team_forms import SkillsForm
from cases.workload import AgentLoad, agent_loads, takers
from reviewdesk.access import Role, SignedInRequest, name_of, named_pk, role_required
from reviews.models import Shop
from reviews.scope import Number

PAGE_SIZE = 50
REFRESHED = "div#team"
"""Swap target of the request by which the page keeps itself up to date."""


class TeamRequest(SignedInRequest):
    """A signed-in request as django-htmx hands it on."""

    htmx: HtmxDetails


@require_safe
@role_required(Role.SUPERVISOR)
def team(request: TeamRequest) -> HttpResponse:
    """Loads, and a list of cases; `choose`, repeated, and `give_to` bring back what was chosen for handing on.

    `edit` and `spread` name the agent whose skills, or whose cases to be spread, are shown below their line.
    """
    return show_team(request)


def show_team(request: TeamRequest, bound: SkillsForm | None = None, status: int = 200) -> HttpResponse:
    """The page, with a form that was refused where there is one."""
    now = timezone.now()
    shops = list(Shop.objects.visible_to(request.user))
    loads = agent_loads(shops, now)
    form = TeamForm(request.GET, user=request.user, people=[load.user for load in loads])
    visible = Case.objects.visible_to(request.user)
    asking = CaseFilter(kind=CaseKind.ESCALATED.value)
    context = {
        "form": form,
        "loads": loads,
        "waiting": why_waiting(shops, [load.taker for load in loads if load.taker]),
        "escalated": Number(listed_cases(visible, asking, now).count(), asking.address),
        "shown": CaseKind.ATTENTION,
        "sort": request.GET.get("sort"),
        "now": now,
    }
    if request.GET.get("sort") == "won":
        loads.sort(key=lambda load: (-load.won.value, -load.won_today.value))
    if form.is_valid():
        context |= _listed(request, form, loads, now)
    else:
        form.refuse_foreign()
    context |= _opened(request, shops, loads, bound, now)
    is_part = request.htmx.target == REFRESHED
    return render(request, "cases/_team.html" if is_part else "cases/team.html", context, status=status)


def _listed(request: SignedInRequest, form: TeamForm, loads: list[AgentLoad], now: datetime) -> dict[str, object]:
    """The page of cases that a valid form asks for."""
    cases = listed_cases(Case.objects.visible_to(request.user), form.wanted, now)
    cases = cases.select_related("review__product", "shop", "owner").prefetch_related("review__causes")
    page = Paginator(cases, PAGE_SIZE).get_page(request.GET.get("page"))
    filters = {name: value for name, value in request.GET.items() if name in form.fields and value}
    return {
        "page": page,
        "rows": [(case, clock(case.due_at, now) if case.is_open and case.due_at else None) for case in page],
        "shown": CaseKind(form.wanted.kind),
        "filters": urlencode(filters),
        "place": urlencode(filters | ({"page": page.number} if page.number > 1 else {})),
        "takers": takers(loads, {case.shop_id for case in page if case.is_open}),
        "chosen": _ids(request.GET.getlist("choose")),
        "give_to": _ids(request.GET.getlist("give_to")),
    }


def _opened(
    request: SignedInRequest, shops: list[Shop], loads: list[AgentLoad], bound: SkillsForm | None, now: datetime
) -> dict[str, object]:
    """What stands open below the line of one agent. Raises Http404 for somebody who has no line here."""
    lines = {load.user.pk: load for load in loads}
    edited = str(bound.agent.user_id) if bound else request.GET.get("edit", "")
    if edited:
        load = lines.get(named_pk(edited) or 0)
        if load is None or load.agent is None:
            raise Http404
        history = rule_history.last_changes(shop=None, subject=RuleChange.Subject.SKILLS, topic=str(load.user.pk))
        return {
            "edited": load.user,
            "skills": bound or SkillsForm(load.agent, lines_of(load.user.shops.all())),
            "skill_changes": history,
        }
    if request.GET.get("spread"):
        load = lines.get(named_pk(request.GET["spread"]) or 0)
        if load is None:
            raise Http404
        return {"leaving": load.user, "spread": foresee_spread(person=load.user, shops=shops, now=now)}
    return {}


@require_POST
@role_required(Role.SUPERVISOR)
def skills(request: TeamRequest) -> HttpResponse:
    """POST `agent` with causes, lines and capacities: what may be handed out to the agent from now on."""
    person = _person(request, "agent")
    agent = get_object_or_404(Agent.objects.select_related("user"), user=person)
    form = SkillsForm(agent, lines_of(person.shops.all()), request.POST)
    if not form.is_valid():
        return show_team(request, form, 422)
    try:
        changed = set_skills(agent=agent, skills=form.skills, edit=form.edit_of(request.user))
    except ChangedMeanwhile as meanwhile:
        form.tell(meanwhile)
        return show_team(request, form, 409)
    told = _("Skills and capacity of %(agent)s are kept.") if changed else _("Nothing of %(agent)s was changed.")
    messages.success(request, told % {"agent": agent})
    return _back(request)


@require_POST
@role_required(Role.SUPERVISOR)
def spread(request: SignedInRequest) -> HttpResponse:
    """POST `agent`: their open cases go to the others, and they go off duty."""
    shops = list(Shop.objects.visible_to(request.user))
    holders = User.objects.filter(Q(shops__in=shops) | Q(cases__shop__in=shops)).distinct()
    person = get_object_or_404(holders, pk=named_pk(request.POST.get("agent", "")))
    done = spread_cases(person=person, shops=shops, actor=request.user, now=timezone.now())
    given = done.total - done.left
    told = ngettext("%(n)d case of %(name)s has a new owner.", "%(n)d cases of %(name)s have new owners.", given)
    messages.success(request, told % {"n": given, "name": name_of(person)})
    if done.left:
        waits = ngettext(
            "%(n)d case waits: nobody at work has room for it.",
            "%(n)d cases wait: nobody at work has room for them.",
            done.left,
        )
        messages.warning(request, waits % {"n": done.left})
    return _back(request)


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
        messages.success(request, told % {"n": moved, "to": name_of(to)})
    elif not cases:
        messages.warning(request, _("Choose at least one case."))
    if refused or not cases:
        return _back(request, "cases", choose=refused, give_to=[to.pk])
    return _back(request, "cases")


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


def _back(request: SignedInRequest, part: str = "board", **kept: list[int]) -> HttpResponse:
    """To the `part` of the page the form was sent from: `filters` is its query, to which `kept` is added."""
    query = QueryDict(request.POST.get("filters", ""), mutable=True)
    for name, values in kept.items():
        query.setlist(name, [str(value) for value in values])
    return HttpResponseRedirect(f"{reverse('cases:team')}{'?' if query else ''}{query.urlencode()}#{part}")
