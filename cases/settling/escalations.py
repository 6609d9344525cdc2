"""Asking the supervisor: a question with what the agent would do, answered by agreeing to that or in words.

An answered case comes first in its owner's queue until the owner acts upon it (`Case.answered_at`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from cases import history
from cases.assignment import lock_shops, reassign_case
from cases.clocks.pace import hours_of
from cases.flow import Refused, begin_open_work, change_case, contact_deadline, lock_case, may_supervise
from cases.models import Case, CaseChange, Escalation, Outcome, ShopPolicy, State
from cases.notices.telling import tell_answer, tell_late, tell_question
from cases.outcomes import close_case
from cases.remedies import RemedyDraft, agree_remedy

Kind = CaseChange.Kind
Suggestion = Escalation.Suggestion


class Suggested(NamedTuple):
    """What the agent would do; a remedy has its kind and its worth in yuan."""

    what: str = Suggestion.OTHER.value
    remedy: str = ""
    amount: Decimal | None = None


NOTHING = Suggested()


@transaction.atomic
def escalate_case(
    *, case: Case, question: str, actor: User, now: datetime, suggested: Suggested = NOTHING
) -> Escalation:
    """Ask the supervisor. The case keeps its owner and its clock, and leaves the owner's queue until it is answered.

    Raises Refused where a question waits already, or a suggested remedy is not said in full; CaseClosed; and
    PermissionDenied unless `actor` may work the case.
    """
    begin_open_work(case, actor)
    if case.state == State.ESCALATED:
        raise Refused(_("This case waits for the supervisor's answer already."))
    is_remedy = suggested.what == Suggestion.REMEDY
    if is_remedy and not (suggested.remedy and suggested.amount):
        raise Refused(_("Say which remedy you suggest, and what it is worth."))
    case.escalations.filter(answered_at=None).update(answered_at=now)
    asked = Escalation.objects.create(
        case=case,
        asked_by=actor,
        asked_at=now,
        question=question,
        suggestion=suggested.what,
        remedy=suggested.remedy if is_remedy else "",
        amount=suggested.amount if is_remedy else None,
        due_at=_answer_due(case, now),
    )
    changes = change_case(case, state=State.ESCALATED.value)
    changes["suggestion"] = ["", suggested.what]
    tell_question(case, now=now, actor=actor)
    history.record(case=case, kind=Kind.ESCALATED, actor=actor, now=now, changes=changes, comment=question)
    return asked


def is_asked(*, case: Case, actor: User, question: str, suggested: Suggested, among: QuerySet[CaseChange]) -> bool:
    """Whether one of the lines of history `among` tells that `actor` asked `question` and suggested the same."""
    moments = among.filter(kind=Kind.ESCALATED, actor=actor).values("at")
    asked = case.escalations.filter(asked_by=actor, asked_at__in=moments, question=question, suggestion=suggested.what)
    if suggested.what == Suggestion.REMEDY:
        asked = asked.filter(remedy=suggested.remedy, amount=suggested.amount)
    return asked.exists()


@transaction.atomic
def return_case(*, case: Case, answer: str, actor: User, now: datetime) -> None:
    """Answer an escalated case in words and give it back to its owner.

    Raises Refused where it is not escalated, and PermissionDenied unless `actor` supervises the shop.
    """
    asked = _begin_answer(case, actor)
    _give_back(case, actor, now, answer)
    _end(asked, actor, now, answer, is_agreed=False)


@transaction.atomic
def agree(*, case: Case, actor: User, now: datetime, answer: str = "") -> None:
    """Do what the agent suggested, as far as the desk can do it, and tell the agent.

    Raises as `return_case` does, and Refused where what was suggested cannot be done: then nothing is.
    """
    asked = _begin_answer(case, actor)
    if asked is None:
        raise Refused(_("Nothing was suggested: answer in words."))
    words = answer.strip() or _("Agreed.")
    DEEDS[Suggestion(asked.suggestion)](case, asked, actor, now, words)
    _end(asked, actor, now, words, is_agreed=True)


@transaction.atomic
def tell_late_questions(*, now: datetime) -> int:
    """Tell the supervisors, once, of every question that was not answered in time; how many there are."""
    late = Escalation.objects.filter(answered_at=None, due_at__lte=now, case__state=State.ESCALATED)
    questions = [(asked.case, asked.due_at) for asked in late.select_related("case").order_by("case")]
    tell_late(questions, now=now)
    return len(questions)


def _answer_due(case: Case, now: datetime) -> datetime:
    minutes = ShopPolicy.of(case.shop).answer_minutes
    return hours_of([case.shop_id])[case.shop_id].deadline(now, timedelta(minutes=minutes))


def _begin_answer(case: Case, actor: User) -> Escalation | None:
    """Hold the case for an answer; the question that waits, None for a case that was escalated without one."""
    lock_shops([case.shop_id])
    lock_case(case)
    if not may_supervise(case, actor):
        raise PermissionDenied
    if case.state != State.ESCALATED:
        raise Refused(_("This case is not escalated."))
    return case.escalations.filter(answered_at=None).first()


def _give_back(case: Case, actor: User, now: datetime, words: str) -> None:
    due_at = case.due_at or contact_deadline(case, now)
    changes = change_case(case, state=State.WORKING.value, due_at=due_at, answered_at=now)
    tell_answer(case, now=now, actor=actor)
    history.record(case=case, kind=Kind.RETURNED, actor=actor, now=now, changes=changes, comment=words)


def _end(asked: Escalation | None, actor: User, now: datetime, words: str, *, is_agreed: bool) -> None:
    if asked is None:
        return
    asked.answered_by, asked.answered_at, asked.answer, asked.is_agreed = actor, now, words, is_agreed
    asked.save(update_fields=["answered_by", "answered_at", "answer", "is_agreed"])


def _grant(case: Case, asked: Escalation, actor: User, now: datetime, words: str) -> None:
    _give_back(case, actor, now, words)
    agree_remedy(case=case, actor=actor, now=now, draft=RemedyDraft(asked.remedy, asked.amount or Decimal(0)))


def _refuse(case: Case, asked: Escalation, actor: User, now: datetime, words: str) -> None:
    tell_answer(case, now=now, actor=actor)
    close_case(case=case, outcome=Outcome.REFUSED, actor=actor, now=now, comment=words)


def _report(case: Case, asked: Escalation, actor: User, now: datetime, words: str) -> None:
    tell_answer(case, now=now, actor=actor)
    close_case(case=case, outcome=Outcome.REPORTED, actor=actor, now=now, comment=f"{asked.question}\n{words}")


def _take_over(case: Case, asked: Escalation, actor: User, now: datetime, words: str) -> None:
    _give_back(case, actor, now, words)
    reassign_case(case=case, to=actor, actor=actor, now=now)


def _say_so(case: Case, asked: Escalation, actor: User, now: datetime, words: str) -> None:
    _give_back(case, actor, now, words)


DEEDS: dict[Suggestion, Callable[[Case, Escalation, User, datetime, str], None]] = {
    Suggestion.REMEDY: _grant,
    Suggestion.REFUSE: _refuse,
    Suggestion.REPORT: _report,
    Suggestion.HAND_OVER: _take_over,
    Suggestion.OTHER: _say_so,
}
