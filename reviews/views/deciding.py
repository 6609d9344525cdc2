"""A person's word about the causes of one review, from whatever page it is said."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from reviewdesk.access import Role, SignedInRequest, name_of, role_required
from reviewdesk.going_on import asked_next
from reviews.checking import ChangedMeanwhile, decide
from reviews.models import Review


@require_POST
@role_required(Role.AGENT)
def correct(request: SignedInRequest, pk: int) -> HttpResponse:
    """POST `codes`, repeated, primary first; or `verdict=dismiss` where the review is no complaint at all.

    `primary` moves one of the codes to the front, `without` takes some away (joined by blanks). `seen` is
    `Review.causes_seen` of the page; where it is missing, what was there is replaced unseen.
    """
    review = get_object_or_404(Review.objects.visible_to(request.user), pk=pk)
    before = [cause.code for cause in review.causes.all()]
    seen = request.POST.get("seen", review.causes_seen)
    codes = None if request.POST.get("verdict") == "dismiss" else chosen_codes(request.POST)
    try:
        decide(review=review, seen=seen, codes=codes, actor=request.user, now=timezone.now())
    except ValidationError as refusal:
        messages.error(request, refusal.message)
    except ChangedMeanwhile:
        tell_changed(request, review)
    except PermissionDenied:
        messages.error(request, _("A colleague works the case of this review and decides on it."))
    else:
        messages.success(request, _said(before, codes))
    return back(request, review)


def _said(before: list[str], after: list[str] | None) -> str:
    if after is None:
        return _("Recorded: this review is not a complaint.")
    if after == before:
        return _("The causes are confirmed. No model and no import changes them any more.")
    return _("The causes are corrected. No model and no import changes them any more.")


def chosen_codes(posted: QueryDict) -> list[str]:
    """The codes a form means, primary first, as they were typed: unknown ones too."""
    dropped = posted.get("without", "").split()
    codes = [code for code in posted.getlist("codes") if code and code not in dropped]
    return sorted(codes, key=lambda code: code != posted.get("primary"))


def tell_changed(request: HttpRequest, review: Review) -> None:
    """Say that nothing was saved because somebody or something was faster."""
    decider = review.causes_decided_by
    if decider is None:
        words = _("The causes of review #%(number)s were found anew meanwhile. Look at them again.")
        messages.warning(request, words % {"number": review.pk})
    else:
        words = _("%(who)s decided on review #%(number)s meanwhile. Nothing of yours was saved.")
        messages.warning(request, words % {"who": name_of(decider), "number": review.pk})


def back(request: HttpRequest, review: Review) -> HttpResponse:
    """To where the form asked to go on, the page of the review unless that is a page of ours."""
    return redirect(asked_next(request) or review)
