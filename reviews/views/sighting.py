"""What a person says of a review that an import missed: whether the platform still shows it."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from reviewdesk.access import Role, SignedInRequest, role_required
from reviews.disappearance import confirm_gone, not_gone, still_there
from reviews.models import Review
from reviews.views.deciding import back

ANSWERS = {
    "gone": (confirm_gone, _("Recorded: the platform no longer shows this review.")),
    "not-gone": (not_gone, _("Taken back: the review counts as not seen again.")),
    "still-there": (still_there, _("Recorded: the platform still shows this review.")),
}


@require_POST
@role_required(Role.AGENT)
def sighting(request: SignedInRequest, pk: int) -> HttpResponse:
    """POST `answer`: a key of `ANSWERS`."""
    review = get_object_or_404(Review.objects.visible_to(request.user), pk=pk)
    answer = request.POST.get("answer", "")
    if answer not in ANSWERS:
        raise BadRequest
    record, recorded = ANSWERS[answer]
    try:
        record(review=review, actor=request.user, now=timezone.now())
    except ValidationError as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, recorded)
    return back(request, review)
