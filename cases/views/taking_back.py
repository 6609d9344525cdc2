"""What a person did last, kept in their session for as long as it can be taken back."""

from __future__ import annotations

from typing import NamedTuple

from django.http import HttpRequest
from django.utils import timezone

from cases.models import Case, CaseChange
from cases.taking_back import Act, act_upon, line_of
from reviewdesk.access import SignedInRequest

KEPT_AS = "act"
"""Key of the session."""


class Offer(NamedTuple):
    """What was done and can be undone."""

    case: Case
    line: CaseChange


def remember(request: SignedInRequest, case: Case, before: dict[str, object]) -> None:
    """Keep what the person just did to `case`, whose fields were `before`."""
    if act := act_upon(case, before=before, actor=request.user):
        request.session[KEPT_AS] = act.kept()
    else:
        request.session.pop(KEPT_AS, None)


def remembered(request: HttpRequest) -> Act | None:
    kept = request.session.get(KEPT_AS)
    return Act(**kept) if kept else None


def offer(request: HttpRequest) -> Offer | None:
    """What can be taken back. One query while something is remembered, else none."""
    act = remembered(request)
    line = line_of(act, timezone.now()) if act else None
    return Offer(line.case, line) if line else None
