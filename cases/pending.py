"""What waits to be decided or done: questions, remedies above the cap, claims, promises, verdicts of the platform.

A supervisor sees what waits in all their shops; an agent what waits in the cases that are theirs.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.db import models
from django.db.models import Case as Choice
from django.db.models import DecimalField, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.models import Case, Claim, Escalation, Outcome, Remedy, RemedyRequest, State
from cases.settling.claims import to_check
from reviewdesk.access import Role, has_role


class Matter(models.TextChoices):
    QUESTIONS = "questions", _("Questions")
    REMEDIES = "remedies", _("Remedies to decide")
    CLAIMS = "claims", _("Claims to check")
    PROMISES = "promises", _("Promised, not done")
    VERDICTS = "verdicts", _("Verdict outstanding")


def questions(user: User) -> QuerySet[Escalation]:
    """Those whose answer is due first on top."""
    waiting = Escalation.objects.filter(answered_at=None, case__in=_cases(user).filter(state=State.ESCALATED))
    return waiting.order_by("due_at", "pk")


def requests(user: User) -> QuerySet[RemedyRequest]:
    """The longest waiting first."""
    cases = _cases(user).still_open()
    return RemedyRequest.objects.filter(state=RemedyRequest.State.ASKED, case__in=cases).order_by("asked_at", "pk")


def claims(user: User, now: datetime) -> QuerySet[Case]:
    """The contradicted ones before those that merely wait, the longest waiting first."""
    is_contradicted = Choice(When(claim=Claim.CONTRADICTED, then=Value(0)), default=Value(1))
    return _cases(user).filter(to_check(now)).order_by(is_contradicted, "check_claim_at", "pk")


def promises(user: User) -> QuerySet[Remedy]:
    """Of open and of closed cases: a promise outlives its case. What is due first on top."""
    return Remedy.objects.filter(state=Remedy.State.PROMISED, case__in=_cases(user)).order_by("due_on", "pk")


def verdicts(user: User) -> QuerySet[Case]:
    """Reports that the platform has not decided, the oldest first."""
    reported = _cases(user).filter(state=State.CLOSED, outcome=Outcome.REPORTED)
    return reported.order_by(F("closed_at").asc(), "pk")


def matters(user: User, now: datetime) -> dict[Matter, QuerySet[Any]]:
    return {
        Matter.QUESTIONS: questions(user),
        Matter.REMEDIES: requests(user),
        Matter.CLAIMS: claims(user, now),
        Matter.PROMISES: promises(user),
        Matter.VERDICTS: verdicts(user),
    }


class Waiting(NamedTuple):
    """How many of a matter wait, and how many of them are past their time."""

    matter: Matter
    size: int
    late: int


def waiting(user: User, now: datetime) -> list[Waiting]:
    """Every matter, in the order of the page."""
    late = overdue(user, now)
    return [Waiting(matter, found.count(), late.get(matter, 0)) for matter, found in matters(user, now).items()]


def overdue(user: User, now: datetime) -> dict[Matter, int]:
    """How many questions and promises are past their time."""
    today = timezone.localdate(now)
    return {
        Matter.QUESTIONS: questions(user).filter(due_at__lt=now).count(),
        Matter.PROMISES: promises(user).filter(due_on__lt=today).count(),
    }


def with_facts(found: QuerySet[Any], *, of_case: bool) -> QuerySet[Any]:
    """`found` with what a decision needs: review, causes, people, and the worth granted before as `granted`.

    With `of_case` it holds cases, else what belongs to one.
    """
    to_case = "" if of_case else "case__"
    granted = (
        Remedy.objects.filter(case=OuterRef("pk" if of_case else "case"))
        .exclude(state=Remedy.State.DROPPED)
        .order_by()
        .values("case")
        .annotate(sum=Sum("amount"))
        .values("sum")
    )
    related = [f"{to_case}{name}" for name in ("review__product", "shop", "owner")]
    return (
        found.select_related(*related)
        .prefetch_related(f"{to_case}review__causes")
        .annotate(granted=Coalesce(Subquery(granted), Value(0), output_field=DecimalField()))
    )


def _cases(user: User) -> Any:
    cases = Case.objects.visible_to(user)
    return cases if has_role(user, Role.SUPERVISOR) else cases.filter(Q(owner=user))
