"""What waits to be decided or done: questions, remedies above the cap, claims, promises, verdicts of the platform.

A supervisor sees what waits in all their shops; an agent what waits in the cases that are theirs.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.db import models
from django.db.models import Case as Choice
from django.db.models import DecimalField, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.models import Case, Claim, Escalation, Outcome, Remedy, RemedyRequest, State
from cases.outcomes import CLAIMED
from cases.settling.claims import to_check
from reviewdesk.access import Role, has_role
from reviews.models import Shop

ASKING_AT_MOST = 100
"""So far is counted what asks for an act."""


class Matter(models.TextChoices):
    QUESTIONS = "questions", _("Questions")
    REMEDIES = "remedies", _("Remedies to decide")
    CLAIMS = "claims", _("Claims to check")
    PROMISES = "promises", _("Promised, not done")
    VERDICTS = "verdicts", _("Verdict outstanding")

    @property
    def of_cases(self) -> bool:
        """Whether cases wait, and not what belongs to one."""
        return self in (Matter.CLAIMS, Matter.VERDICTS)

    @property
    def kinds(self) -> Mapping[str, str | Promise]:
        """Value and name of the kinds that its list can be narrowed to; reports have none."""
        return {
            Matter.QUESTIONS: dict(Escalation.Suggestion.choices),
            Matter.REMEDIES: dict(Remedy.Kind.choices),
            Matter.CLAIMS: {value: name for value, name in Outcome.choices if value in CLAIMED},
            Matter.PROMISES: dict(Remedy.Kind.choices),
        }.get(self, {})


KIND_BY = {
    Matter.QUESTIONS: "suggestion",
    Matter.REMEDIES: "kind",
    Matter.CLAIMS: "outcome",
    Matter.PROMISES: "kind",
}
"""The field that tells the kind."""


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


def matters(user: User, now: datetime, shop: Shop | None = None) -> dict[Matter, QuerySet[Any]]:
    """In the order of the page; of one `shop`, or of all that `user` sees."""
    found: dict[Matter, QuerySet[Any]] = {
        Matter.QUESTIONS: questions(user),
        Matter.REMEDIES: requests(user),
        Matter.CLAIMS: claims(user, now),
        Matter.PROMISES: promises(user),
        Matter.VERDICTS: verdicts(user),
    }
    if shop is None:
        return found
    return {each: waits.filter(**{"shop" if each.of_cases else "case__shop": shop}) for each, waits in found.items()}


def asking(user: User, now: datetime) -> int:
    """How much asks for an act of `user`, counted up to ASKING_AT_MOST in one query.

    What is promised in their own cases and due by today, and what a supervisor decides. Other promises and reports
    wait for somebody else, questions and requests of an agent for the supervisor.
    """
    found: list[QuerySet[Any]] = [promises(user).filter(case__owner=user, due_on__lte=timezone.localdate(now))]
    if has_role(user, Role.SUPERVISOR):
        found += [questions(user), requests(user), claims(user, now)]
    first, *others = [waits.order_by().values("pk")[:ASKING_AT_MOST] for waits in found]
    return min(first.union(*others, all=True).count(), ASKING_AT_MOST)


class Waiting(NamedTuple):
    """How many of a matter wait, and how many of them are past their time."""

    matter: Matter
    size: int
    late: int


def waiting(user: User, now: datetime, shop: Shop | None = None) -> list[Waiting]:
    """Every matter, in the order of the page; of one `shop`, or of all that `user` sees."""
    found = matters(user, now, shop)
    late = {matter: waits.count() for matter, waits in _overdue(found, now).items()}
    return [Waiting(matter, waits.count(), late.get(matter, 0)) for matter, waits in found.items()]


def _overdue(found: dict[Matter, QuerySet[Any]], now: datetime) -> dict[Matter, QuerySet[Any]]:
    """Questions and promises past their time."""
    return {
        Matter.QUESTIONS: found[Matter.QUESTIONS].filter(due_at__lt=now),
        Matter.PROMISES: found[Matter.PROMISES].filter(due_on__lt=timezone.localdate(now)),
    }


def with_first(found: QuerySet[Any], pk: int) -> QuerySet[Any]:
    """`found` with what `pk` names on top, so that a link leads to it however long the list is."""
    return found.order_by(Choice(When(pk=pk, then=Value(0)), default=Value(1)), *found.query.order_by)


def with_facts(found: QuerySet[Any], matter: Matter) -> QuerySet[Any]:
    """`found` with what a decision needs: review, causes, people, and the worth granted before as `granted`."""
    to_case = "" if matter.of_cases else "case__"
    granted = (
        Remedy.objects.filter(case=OuterRef("pk" if matter.of_cases else "case"))
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
