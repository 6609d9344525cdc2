"""What the page of a case shows of what was asked, promised and proven, and the evidence to take away."""

from __future__ import annotations

from datetime import datetime
from tempfile import SpooledTemporaryFile

from django.http import FileResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_POST

from cases.models import Case, Escalation, RemedyRequest
from cases.rulebook.standards import standards_for
from cases.settling.evidence import collect_evidence
from reviewdesk.access import Role, SignedInRequest, role_required

HELD_BYTES = 8 << 20
"""An archive above that is written to the disk before it is sent."""


@require_POST
@role_required(Role.AGENT)
def evidence(request: SignedInRequest, pk: int) -> FileResponse:
    """The evidence for a report of malice as a zip archive. Who collects it is kept in the history."""
    case = get_object_or_404(Case.objects.visible_to(request.user), pk=pk)
    file = SpooledTemporaryFile(HELD_BYTES)  # noqa: SIM115 - the response closes it
    collect_evidence(case=case, actor=request.user, now=timezone.now(), file=file)
    file.seek(0)
    response = FileResponse(
        file, as_attachment=True, filename=f"evidence-{case.pk}.zip", content_type="application/zip"
    )
    response["Cache-Control"] = "no-store"
    return response


def settling_context(case: Case, now: datetime) -> dict[str, object]:
    """The latest request for a remedy unless it became one, the usual remedies, and the question that waits."""
    asked = case.remedy_requests.select_related("asked_by", "decided_by").first()
    waiting: Escalation | None = case.escalations.filter(answered_at=None).first() if case.is_open else None
    return {
        "remedy_request": asked if asked and asked.state != RemedyRequest.State.GRANTED else None,
        "standards": standards_for(case) if case.is_open else [],
        "waiting_question": waiting,
        "today": timezone.localdate(now),
    }
