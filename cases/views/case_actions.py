"""What an agent does with a case: form, service, and back to the case. What is refused comes back as it was typed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial, wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cases import assignment, flow, outcomes, remedies, taking_back
from cases.buyer_data import notes, phones
from cases.buyer_data.forms import NoteForm, RevealForm
from cases.contacts import entries, rulings
from cases.contacts.entries import ContactDraft
from cases.contacts.rules import ill_timed
from cases.forms import (
    AgreeForm,
    AnswerForm,
    CaseForm,
    CloseForm,
    ContactForm,
    EscalateForm,
    ExceptionForm,
    MayPhoneForm,
    NoPhoneForm,
    RemedyForm,
    ReopenForm,
    ReplyForm,
    StepForm,
    TierForm,
)
from cases.models import Case, RemedyRequest
from cases.presence import asks_by_itself
from cases.remedies import RemedyDraft
from cases.replies import writing
from cases.settling import escalations
from cases.settling.escalations import Suggested
from cases.views import company
from cases.views.case import check_of
from cases.views.desk import DeskRequest, case_for, show_desk
from cases.views.queue import Queue
from cases.views.taking_back import remember, remembered
from reviewdesk.access import Role, name_of, role_required
from reviewdesk.uploads import lacks_room

REVEALED_SECONDS = 60
"""How long a number stays on the page; also in static/js/company.js."""
UNWARNED = frozenset({StepForm.name, RevealForm.name})
"""Forms that nothing is typed into that could be lost or out of date: their services refuse what does not fit."""
HANDING_ON = frozenset({ReopenForm.name, AgreeForm.name, AnswerForm.name})
"""Forms whose services hold the shop, which is held before the case."""
Action = Callable[[DeskRequest, Case], HttpResponse]


def case_action(action: Action) -> Callable[..., HttpResponseBase]:
    """A POST upon a case the user may see. Who comes by GET, say after switching the language, is shown the case."""

    @role_required(Role.AGENT)
    @wraps(action)
    def view(request: DeskRequest, pk: int) -> HttpResponse:
        case = case_for(request, pk)
        return action(request, case) if request.method == "POST" else _back(request, case)

    return view


@case_action
def claim(request: DeskRequest, case: Case) -> HttpResponse:
    return _attempt(request, case, assignment.claim_case)


@case_action
def release(request: DeskRequest, case: Case) -> HttpResponse:
    return _attempt(request, case, assignment.release_case)


@case_action
def finish_step(request: DeskRequest, case: Case) -> HttpResponse:
    return _submit(request, case, StepForm(case, request.POST), flow.finish_step)


@case_action
def choose_tier(request: DeskRequest, case: Case) -> HttpResponse:
    return _submit(request, case, TierForm(case, request.POST), flow.choose_tier)


@case_action
def escalate(request: DeskRequest, case: Case) -> HttpResponse:
    return _submit(request, case, EscalateForm(case, request.POST), partial(_escalate, request))


def _escalate(request: DeskRequest, *, case: Case, actor: Any, now: Any, question: str, **suggested: Any) -> None:
    asked: dict[str, Any] = {"question": question, "suggested": Suggested(**suggested)}
    if not _came_twice(request, case, escalations.is_asked, **asked):
        escalations.escalate_case(case=case, actor=actor, now=now, **asked)


@case_action
def answer(request: DeskRequest, case: Case) -> HttpResponse:
    return _submit(request, case, AnswerForm(case, request.POST), escalations.return_case)


@case_action
def agree(request: DeskRequest, case: Case) -> HttpResponse:
    return _submit(request, case, AgreeForm(case, request.POST), escalations.agree)


@case_action
def close(request: DeskRequest, case: Case) -> HttpResponse:
    return _submit(request, case, CloseForm(case, request.POST), outcomes.close_case)


@case_action
def reopen(request: DeskRequest, case: Case) -> HttpResponse:
    return _submit(request, case, ReopenForm(case, request.POST), outcomes.reopen_case)


@case_action
def undo(request: DeskRequest, case: Case) -> HttpResponse:
    """Take back what the person did last, if that was to this case."""
    return _attempt(request, case, partial(taking_back.take_back, act=remembered(request)))


@case_action
def log_contact(request: DeskRequest, case: Case) -> HttpResponse:
    form = ContactForm(case, request.POST, files=request.FILES)
    if lacks_room(request):
        form.add_error("attachments", _("There is no room on the disk of the server. Tell whoever runs it."))
    return _submit(request, case, form, partial(_log_contact, request))


def _log_contact(request: DeskRequest, *, case: Case, actor: Any, now: Any, **entered: Any) -> None:
    """What was said is kept as it was said, even where it should not have been."""
    draft = ContactDraft(**entered)
    if _came_twice(request, case, entries.is_logged, draft=draft):
        return
    entry = entries.log_contact(case=case, actor=actor, now=now, draft=draft)
    if objection := ill_timed(entry):
        messages.warning(request, objection.reason)
    if any(remedies.pays_for_review(text) for text in (draft.said, draft.circumstances)):
        warning = _(
            "Logged. It ties money to the review, which is unlawful: take the offer back and tell the supervisor."
        )
        messages.warning(request, warning)


@case_action
def ask_not_to_phone(request: DeskRequest, case: Case) -> HttpResponse:
    return _submit(request, case, NoPhoneForm(case, request.POST), rulings.ask_not_to_phone)


@case_action
def lift_phone_refusal(request: DeskRequest, case: Case) -> HttpResponse:
    return _submit(request, case, MayPhoneForm(case, request.POST), rulings.lift_phone_refusal)


@case_action
def allow_exception(request: DeskRequest, case: Case) -> HttpResponse:
    return _submit(request, case, ExceptionForm(case, request.POST), rulings.allow_exception)


@case_action
def reveal_phone(request: DeskRequest, case: Case) -> HttpResponse:
    """The buyer's number, in this one answer and nowhere else: no cache keeps it, and it hides itself."""
    numbers: list[str] = []

    def reveal(**entered: Any) -> None:
        numbers.append(phones.reveal_phone(**entered))

    refused = _submit(request, case, RevealForm(case, request.POST), reveal)
    if not numbers:
        return refused
    response = show_desk(request, case_for(request, case.pk), revealed=numbers[0])
    add_never_cache_headers(response)
    if not request.htmx:
        response["Refresh"] = f"{REVEALED_SECONDS}; url={Queue(request, timezone.now()).address(case)}"
    return response


@case_action
def write_note(request: DeskRequest, case: Case) -> HttpResponse:
    return _submit(request, case, NoteForm(case, request.POST), partial(_write_note, request))


def _write_note(request: DeskRequest, *, case: Case, actor: Any, now: Any, text: str) -> None:
    if not _came_twice(request, case, notes.is_written, text=text):
        notes.write_note(case=case, actor=actor, now=now, text=text)


@asks_by_itself
@role_required(Role.AGENT)
@require_POST
def presence(request: DeskRequest, pk: int) -> HttpResponse:
    """An open page says that somebody looks at the case, and learns who else does and what happened meanwhile."""
    case = case_for(request, pk)
    now = timezone.now()
    onlookers = company.look(case, request.user, is_writing=request.POST.get("writing") == "1")
    lines = company.news(case, request.user, request.POST.get("seen", ""))
    news = [company.in_words(case, line, now) for line in lines]
    address = Queue(request, now).address(case)
    context = {"case": case, "onlookers": onlookers, "news": news, "address": address}
    return render(request, "cases/_company.html", context)


@case_action
def agree_remedy(request: DeskRequest, case: Case) -> HttpResponse:
    return _submit(request, case, RemedyForm(case, request.POST), partial(_agree_remedy, request))


def _agree_remedy(request: DeskRequest, *, case: Case, actor: Any, now: Any, **entered: Any) -> None:
    draft = RemedyDraft(**entered)
    if _came_twice(request, case, remedies.is_agreed, draft=draft):
        return
    agreed = remedies.agree_remedy(case=case, actor=actor, now=now, draft=draft)
    if isinstance(agreed, RemedyRequest):
        messages.info(request, _("Above what an agent may grant: the supervisor is asked and decides."))


@case_action
def write_reply(request: DeskRequest, case: Case) -> HttpResponse:
    return _submit(request, case, ReplyForm(case, request.POST), writing.write_reply)


@case_action
def check_reply(request: DeskRequest, case: Case) -> HttpResponse:
    """What the rules say of a draft while it is being typed; nothing is kept."""
    if request.htmx.target == "div#reply-check":
        check = check_of(case, request.POST.get("text", ""))
        return render(request, "cases/_reply_check.html", {"check": check})
    return show_desk(request, case, bound=ReplyForm(case, request.POST))


def _submit(request: DeskRequest, case: Case, form: CaseForm, service: Callable[..., object]) -> HttpResponse:
    """Call `service` with what was entered. Where others changed the case since the form was shown, warn once instead:
    the page that warns shows the changes, so the same form sent from there is meant.
    """
    if not form.is_valid():
        return show_desk(request, case, bound=form, status=422)
    act = partial(service, **form.cleaned_data)
    return _attempt(request, case, act if form.name in UNWARNED else partial(_unless_news, request, form, act), form)


def _came_twice(request: DeskRequest, case: Case, is_kept: Callable[..., bool], **draft: Any) -> bool:
    """Whether the same was sent from the same page before, as in a hurry: it counts once, and the person is told so."""
    unseen = company.lines_since(case, request.POST.get("seen", ""))
    again = is_kept(case=case, actor=request.user, among=unseen, **draft)
    if again:
        messages.info(request, _("The same form came twice: it counts once."))
    return again


@transaction.atomic
def _unless_news(
    request: DeskRequest, form: CaseForm, act: Callable[..., object], *, case: Case, actor: User, now: datetime
) -> None:
    """Call `act` while nobody else can change the case. Raises Refused with what others did since it was shown."""
    if form.name in HANDING_ON:
        assignment.lock_shops([case.shop_id])
    flow.lock_case(case)
    if news := company.news(case, actor, request.POST.get("seen", "")):
        raise flow.Refused(company.warning(case, news, now))
    act(case=case, actor=actor, now=now)


def _attempt(
    request: DeskRequest, case: Case, service: Callable[..., object], form: CaseForm | None = None
) -> HttpResponse:
    """Call a service for the user. Refused, the case is shown as it stands now, with the reason and what was typed."""
    before = taking_back.fields_of(case)
    try:
        service(case=case, actor=request.user, now=timezone.now())
    except flow.CaseGone as gone:
        messages.error(request, str(gone))
        return redirect("cases:desk")
    except flow.Refused as refusal:
        reason, status, field = str(refusal), 409, refusal.field
    except PermissionDenied:
        reason, status, field = _not_yours(case_for(request, case.pk)), 403, ""
    else:
        remember(request, case, before)
        return _back(request, case)
    if form is not None and form.name != StepForm.name:
        form.add_error(field if field in form.fields else None, reason)
    else:
        messages.error(request, reason)
    return show_desk(request, case_for(request, case.pk), bound=form, status=status)


def _not_yours(case: Case) -> str:
    if case.owner is None:
        return _("Nobody has this case: claim it first. Nothing was saved.")
    return _("This case is worked by %(owner)s. Nothing was saved.") % {"owner": name_of(case.owner)}


def _back(request: DeskRequest, case: Case) -> HttpResponse:
    return redirect(Queue(request, timezone.now()).address(case))
