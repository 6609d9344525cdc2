"""A playbook: read by supervisors, written by admins, looked at as it reads for a real case."""

from __future__ import annotations

from typing import NamedTuple

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from cases.models import Case, Playbook, RuleChange, Step
from cases.rule_history import changes_of, last_changes
from cases.rulebook.editing import ChangedMeanwhile, Edit, may_edit, state_of
from cases.rulebook.forms.editing import EditForm
from cases.rulebook.forms.playbooks import PlaybookForm
from cases.rulebook.playbooks import Content, content_of, save_playbook
from cases.views.playbook import ScriptPart, fill, names_of, script_language
from reviewdesk.access import Role, SignedInRequest, role_required
from reviews.causes import TopCause

PLAYBOOK = RuleChange.Subject.PLAYBOOK


class ReadStep(NamedTuple):
    """A step as the agent of a case reads it."""

    step: Step
    goal: str
    scripts: list[list[ScriptPart]]


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.SUPERVISOR)
def playbook(request: SignedInRequest, cause: str) -> HttpResponse:
    """POST, for admins, with `do`: `preview` shows how it reads for a case, `save` keeps it."""
    if cause not in TopCause.values:
        raise Http404
    content = content_of(Playbook.objects.filter(cause=cause).first())
    seen = state_of(shop=None, subject=PLAYBOOK, topic=cause)
    form = PlaybookForm(request.POST or None, cause=cause, content=content, seen=seen)
    if form.is_bound and not may_edit(request.user, None):
        raise PermissionDenied
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            content, status = form.content, 200
            if request.POST.get("do") == "save":
                try:
                    return _back(request, cause, _saved(cause, content, form.edit_of(request.user)))
                except ChangedMeanwhile as meanwhile:
                    form.tell(meanwhile)
                    status = 409
    return _page(request, form, content, status)


@require_POST
@role_required(Role.ADMIN)
def restore_playbook(request: SignedInRequest, pk: int) -> HttpResponse:
    """Bring back what the change `pk` replaced; POST `seen`."""
    change = get_object_or_404(RuleChange, pk=pk, subject=PLAYBOOK, replaced__isnull=False)
    form = EditForm(request.POST)
    if not form.is_valid():
        return HttpResponse(status=400)
    cause = change.topic
    try:
        return _back(request, cause, _saved(cause, Content(**(change.replaced or {})), form.edit_of(request.user)))
    except ChangedMeanwhile:
        messages.error(
            request, _("Somebody else changed the playbook meanwhile. Look at the history, then decide anew.")
        )
    except ValueError:
        messages.error(request, _("That version holds what may not be said to a buyer any more. Write it anew."))
    return redirect("cases:playbook", cause)


def _saved(cause: str, content: Content, edit: Edit) -> RuleChange | None:
    return save_playbook(cause=cause, content=content, edit=edit)


def _page(request: SignedInRequest, form: PlaybookForm, content: Content, status: int) -> HttpResponse:
    cause = form.cause
    case = _example(request, cause)
    context = {
        "form": form,
        "cause": TopCause(cause),
        "may_edit": may_edit(request.user, None),
        "guidance": content.guidance_zh if script_language() == "zh" else content.guidance_en,
        "case": case,
        "reading": read_for(case, content, request) if case else [],
        "changes": last_changes(shop=None, subject=PLAYBOOK, topic=cause),
        "versions": changes_of(shop=None, subject=PLAYBOOK, topic=cause).filter(replaced__isnull=False)[:10],
        "seen": form["seen"].value(),
    }
    return render(request, "cases/rulebook/playbook.html", context, status=status)


def _example(request: SignedInRequest, cause: str) -> Case | None:
    """The newest open case the user sees whose primary cause is of `cause`."""
    cases: QuerySet[Case] = Case.objects.visible_to(request.user).still_open()
    told = cases.filter(review__causes__rank=0, review__causes__code__startswith=cause)
    return told.select_related("review", "shop").order_by("-opened_at").first()


def read_for(case: Case, content: Content, request: SignedInRequest) -> list[ReadStep]:
    """The steps of `content` with the names of `case` filled in."""
    language = script_language()
    names = names_of(case, request.user, language)
    return [
        ReadStep(step, written[f"goal_{language}"], [fill(script[language], names) for script in written["scripts"]])
        for step, written in zip(Step, content.steps, strict=True)
    ]


def _back(request: SignedInRequest, cause: str, change: RuleChange | None) -> HttpResponseRedirect:
    if change is None:
        messages.info(request, _("Nothing was changed."))
    else:
        messages.success(request, _("The playbook is changed: agents read it so from now on."))
    return redirect("cases:playbook", cause)
