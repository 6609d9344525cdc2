"""Everything the open case shows, for the person who looks at it."""

from __future__ import annotations

from datetime import datetime
from itertools import takewhile
from typing import NamedTuple

from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from cases.buyer_data.forms import NoteForm, RevealForm
from cases.buyers import order_of
from cases.contacts.rules import ContactRules, rules_for
from cases.flow import has_talked, may_supervise, may_work
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
    TierForm,
    cause_choices,
)
from cases.models import Case, CaseChange, ContactEntry, Outcome, Playbook, PublicReply, State
from cases.priority import explain
from cases.replies import Decision
from cases.replies.writing import verdict_on
from cases.risk import POINTS, Signal
from cases.views.company import seen_of
from cases.views.contact_rules import first_channel, rules_context
from cases.views.dues import dues_of, next_of, place_in_words
from cases.views.homework import buyer_context
from cases.views.playbook import steps_of
from cases.views.settling import settling_context
from cases.views.timeline import lines_of
from cases.views.wordings import revisions_of
from reviews.correction import may_dismiss
from reviews.models import Order, Review

CAUSES_AT_MOST = 3
"""Causes a person may set at the desk: the primary one and two more."""


class Action(NamedTuple):
    """Something to do with the case by a form of its own; `key` is its key on the keyboard, "" for none."""

    form: CaseForm
    url_name: str
    label: str
    key: str = ""


class Remark(NamedTuple):
    """A finding of the reply check with the words it is about, "" where something is missing."""

    words: str
    message: str


class Check(NamedTuple):
    """What the reply check says: `blocking` keeps the reply from being published, `advice` would improve it."""

    verdict: str
    label: str
    blocking: list[Remark]
    advice: list[Remark]


def case_context(user: User, case: Case, *, now: datetime, bound: CaseForm | None) -> dict[str, object]:
    """Context of the case pane. `bound`, a refused form, is shown even to who may not work the case any more."""
    is_mine = may_work(case, user)
    reply = PublicReply.objects.filter(case=case).select_related("written_by").first()
    changes = list(case.changes.select_related("actor"))
    order = order_of(case.review)
    rules = rules_for(case, order, now=now)
    contacts = list(case.contacts.select_related("actor").prefetch_related("attachments"))
    forms = _forms(case, reply, rules) if is_mine else {}
    if bound is not None:
        forms[bound.name] = bound
    is_supervised = may_supervise(case, user)
    return {
        "case": case,
        "review": case.review,
        "may_work": is_mine,
        "may_supervise": is_supervised,
        "may_claim": case.owner is None and case.is_open,
        "may_release": is_mine and case.is_open and case.owner is not None,
        "forms": forms,
        "actions": _actions(case, forms, bound, is_supervised=is_supervised),
        "contacts": contacts,
        "has_talked": has_talked(contacts, changes),
        "rule_actions": _rule_actions(case, rules, forms, bound, is_supervised=is_supervised),
        "remedies": list(case.remedies.select_related("agreed_by", "settled_by")),
        "remedy_cap": rules.policy.remedy_cap,
        "reply": reply,
        "check": check_of(case, bound["text"].value() or "") if isinstance(bound, ReplyForm) else None,
        "history": lines_of(changes),
        "seen": seen_of(changes),
        "tier_reasons": explain(case.tier_reasons),
        "risk_reasons": [(Signal(code).label, POINTS[Signal(code)]) for code in case.risk_reasons],
        **_talk(changes),
        **_review_facts(case.review),
        **_call_flow(case, user),
        **_clocks(case, order, rules.policy.first_contact_minutes, now),
        **buyer_context(case, order, rules, contacts),
        **rules_context(rules),
        **settling_context(case, now),
    }


def check_of(case: Case, text: str) -> Check:
    """The reply check of `text` in words."""
    verdict = verdict_on(case, text)
    remarks: dict[bool, list[Remark]] = {True: [], False: []}
    for each in verdict.findings:
        remarks[each.rule.decision is Decision.BLOCK].append(Remark(text[each.start : each.end], each.message))
    return Check(verdict.verdict.value, str(verdict.verdict.label), remarks[True], remarks[False])


def _forms(case: Case, reply: PublicReply | None, rules: ContactRules) -> dict[str, CaseForm]:
    empty: list[CaseForm] = [
        ContactForm(case, initial={"channel": first_channel(rules)}),
        RevealForm(case),
        NoteForm(case),
        NoPhoneForm(case),
        MayPhoneForm(case),
        ExceptionForm(case),
        RemedyForm(case),
        ReplyForm(case, initial={"text": reply.text if reply else ""}),
        CloseForm(case),
        ReopenForm(case),
        EscalateForm(case),
        AgreeForm(case),
        AnswerForm(case),
        TierForm(case, initial={"tier": case.tier}),
    ]
    return {form.name: form for form in empty}


def _actions(case: Case, forms: dict[str, CaseForm], bound: CaseForm | None, *, is_supervised: bool) -> list[Action]:
    """What can be done as the case stands, and a refused form even where its case has moved on."""
    is_escalated = case.state == State.ESCALATED
    closes = case.is_open or case.outcome == Outcome.REPORTED
    offered = [
        (is_escalated and is_supervised, AgreeForm.name, "cases:agree", _("Agree"), "y"),
        (is_escalated and is_supervised, AnswerForm.name, "cases:answer", _("Answer and give back"), ""),
        (closes, CloseForm.name, "cases:close", _("Close the case") if case.is_open else _("Enter the verdict"), "x"),
        (case.is_open and not is_escalated, EscalateForm.name, "cases:escalate", _("Escalate"), "e"),
        (case.is_open, TierForm.name, "cases:choose_tier", _("Choose the tier"), ""),
        (not case.is_open, ReopenForm.name, "cases:reopen", _("Reopen"), ""),
    ]
    return _offered(offered, forms, bound)


def _rule_actions(
    case: Case, rules: ContactRules, forms: dict[str, CaseForm], bound: CaseForm | None, *, is_supervised: bool
) -> list[Action]:
    """What can be decided about turning to the buyer."""
    is_limited = any(rules.limit(channel) for channel in ContactEntry.Channel) and not rules.exception
    offered = [
        (not rules.wishes, NoPhoneForm.name, "cases:no_phone", _("Buyer does not want calls"), ""),
        (bool(rules.wishes) and is_supervised, MayPhoneForm.name, "cases:may_phone", _("Allow calls again"), ""),
        (
            case.is_open and is_limited and is_supervised,
            ExceptionForm.name,
            "cases:exception",
            _("Allow one contact beyond the limits"),
            "",
        ),
    ]
    return _offered(offered, forms, bound)


def _offered(
    offers: list[tuple[bool, str, str, str, str]], forms: dict[str, CaseForm], bound: CaseForm | None
) -> list[Action]:
    """The actions that are due, and a refused one; an offer is (is due, form, URL name, label, key)."""
    return [
        Action(forms[name], url_name, label, key)
        for is_due, name, url_name, label, key in offers
        if name in forms and (is_due or forms[name] is bound)
    ]


def _talk(changes: list[CaseChange]) -> dict[str, CaseChange | None]:
    """The latest question to the supervisor since the case was last closed, and its answer; `changes` newest first."""
    kind = CaseChange.Kind
    answer = None
    for change in takewhile(lambda change: change.kind != kind.CLOSED, changes):
        if change.kind == kind.ESCALATED:
            return {"question": change, "answer": answer}
        if change.kind == kind.RETURNED:
            answer = answer or change
    return {"question": None, "answer": None}


def _review_facts(review: Review) -> dict[str, object]:
    codes = [cause.code for cause in review.causes.all()][:CAUSES_AT_MOST]
    return {
        "stars": [number <= (review.stars or 0) for number in range(1, 6)],
        "revisions": revisions_of(list(review.revisions.all())),
        "cause_slots": codes + [""] * (CAUSES_AT_MOST - len(codes)),
        "cause_choices": cause_choices(),
        "may_dismiss": review.is_negative and may_dismiss(review),
    }


def _call_flow(case: Case, user: User) -> dict[str, object]:
    primary = next(iter(case.review.causes.all()), None)
    playbook = Playbook.objects.filter(cause=primary.top).first() if primary else None
    steps = steps_of(case, playbook, user)
    return {
        "playbook": playbook,
        "steps": steps,
        "current_step": next((step for step in steps if step.state == "current"), None),
    }


def _clocks(case: Case, order: Order | None, minutes: int, now: datetime) -> dict[str, object]:
    dues = dues_of(case, order, minutes=minutes, now=now)
    return {"dues": dues, "next_due": next_of(dues) if case.is_open else None, "place": place_in_words(case, now)}
