"""The list of reviews to check, and taking back what one decided there."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.middleware import HtmxDetails

from reviewdesk.access import Role, SignedInRequest, role_required
from reviews.causes import TopCause, subs_of
from reviews.checking import (
    COUNTED_AT_MOST,
    ROWS_SHOWN,
    ChangedMeanwhile,
    count_to_check,
    dismissable,
    reviews_to_check,
    take_back,
)
from reviews.filters import CheckFilterForm
from reviews.models import Review
from reviews.search import page_of
from reviews.views.deciding import back, tell_changed


class CheckRequest(SignedInRequest):
    """A signed-in request as django-htmx hands it on."""

    htmx: HtmxDetails


class Row(NamedTuple):
    """A review to check. `uncertain` joins the codes that can be dropped at once, "" where nothing would be left."""

    review: Review
    may_dismiss: bool
    uncertain: str


@require_safe
@role_required(Role.AGENT)
def check(request: CheckRequest) -> HttpResponse:
    """The list; for htmx only the part below the filters. `?decided=` names the review decided last."""
    form = CheckFilterForm(request.GET, user=request.user)
    context: dict[str, object] = {"form": form, "total": 0}
    if form.is_valid():
        context |= _found(request, form)
    else:
        form.refuse_foreign()
    is_part = request.htmx.target == "section#check"
    response = render(request, "reviews/check/_swap.html" if is_part else "reviews/check.html", context)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


def _found(request: CheckRequest, form: CheckFilterForm) -> dict[str, object]:
    reviews = Review.objects.visible_to(request.user)
    at = {name: form.cleaned_data[name] for name in ("older", "newer")}
    listed = reviews_to_check(reviews, form.wanted).select_related("shop", "product", "case")
    page = page_of(listed.prefetch_related("causes"), size=ROWS_SHOWN, **at)
    counted = count_to_check(reviews, form.wanted)
    filters = form.wanted.parameters
    place = filters | {name: found.pk for name, found in at.items() if found}
    return {
        "page": page,
        "total": min(counted, COUNTED_AT_MOST),
        "has_more_than_total": counted > COUNTED_AT_MOST,
        "filters": urlencode(filters),
        "here": f"{request.path}?{urlencode(place)}",
        "rows": _rows(page.reviews),
        "cause_tree": [(top, subs_of(top)) for top in TopCause],
        "decided": form.cleaned_data["decided"],
    }


def _rows(reviews: list[Review]) -> list[Row]:
    free = dismissable(reviews)
    return [Row(review, review.pk in free, _droppable(review)) for review in reviews]


def _droppable(review: Review) -> str:
    causes = list(review.causes.all())
    uncertain = [cause.code for cause in causes if cause.is_uncertain]
    return " ".join(uncertain) if len(uncertain) < len(causes) else ""


@require_POST
@role_required(Role.AGENT)
def take_back_decision(request: SignedInRequest, pk: int) -> HttpResponse:
    """POST `seen`: the decision is undone while nobody else changed the causes."""
    review = get_object_or_404(Review.objects.visible_to(request.user), pk=pk)
    try:
        take_back(review=review, seen=request.POST.get("seen", ""), actor=request.user, now=timezone.now())
    except ValidationError as refusal:
        messages.error(request, refusal.message)
    except ChangedMeanwhile:
        tell_changed(request, review)
    except PermissionDenied:
        messages.error(request, _("A colleague works the case of this review and decides on it."))
    else:
        messages.success(request, _("Taken back: the causes of the model are in force again."))
    return back(request, review)
