"""What the page of a case shows of what was asked, promised and proven."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from cases.models import Case, Escalation, RemedyRequest
from cases.rulebook.standards import standards_for


def settling_context(case: Case, now: datetime) -> dict[str, object]:
    """The latest request for a remedy unless it became one, the usual remedies, and the question that waits."""
    request = case.remedy_requests.select_related("asked_by", "decided_by").first()
    waiting: Escalation | None = case.escalations.filter(answered_at=None).first() if case.is_open else None
    return {
        "remedy_request": request if request and request.state != RemedyRequest.State.GRANTED else None,
        "standards": standards_for(case) if case.is_open else [],
        "waiting_question": waiting,
        "today": timezone.localdate(now),
    }
