"""The list of reviews, one review, and the correction of its causes."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from reviewdesk.access import Role, SignedInRequest, role_required
from reviews.causes import TopCause, subs_of
from reviews.correction import correct_causes, dismiss_complaint, may_dismiss
from reviews.filters import ReviewFilterForm
from reviews.models import Review
from reviews.search import COUNTED_AT_MOST, Page, matching_reviews, page_of

OTHERS_SHOWN = 20
"""Other reviews under the same buyer name that a review's page lists."""


@require_safe
@role_required(Role.AGENT)
def reviews(request: SignedInRequest) -> HttpResponse:
    form = ReviewFilterForm(request.GET, user=request.user)
    if not form.is_valid():
        form.refuse_foreign()
        return render(request, "reviews/reviews.html", {"form": form, "page": Page([], None, None), "total": 0})
    wanted = form.wanted
    found = matching_reviews(Review.objects.visible_to(request.user), wanted)
    listed = found.select_related("shop", "product", "case").prefetch_related("causes")
    page = page_of(listed, older=form.cleaned_data["older"], newer=form.cleaned_data["newer"])
    counted = found.order_by()[: COUNTED_AT_MOST + 1].count()
    context = {
        "form": form,
        "wanted": wanted,
        "page": page,
        "total": min(counted, COUNTED_AT_MOST),
        "has_more_than_total": counted > COUNTED_AT_MOST,
        "filters": urlencode(wanted.parameters),
    }
    return render(request, "reviews/reviews.html", context)


@require_safe
@role_required(Role.AGENT)
def review(request: SignedInRequest, pk: int) -> HttpResponse:
    shown = get_object_or_404(
        Review.objects.visible_to(request.user)
        .select_related("shop", "product", "case", "causes_decided_by", "batch")
        .prefetch_related("causes", "revisions__batch"),
        pk=pk,
    )
    others: list[Review] = []
    if shown.buyer_name:
        same_name = Review.objects.filter(shop=shown.shop_id, buyer_name=shown.buyer_name).exclude(pk=pk)
        others = list(
            same_name.select_related("product").prefetch_related("causes").order_by("-reviewed_at")[:OTHERS_SHOWN]
        )
    context = {
        "review": shown,
        "others": others,
        "cause_tree": [(top, subs_of(top)) for top in TopCause],
        "may_dismiss": shown.is_negative and may_dismiss(shown),
    }
    return render(request, "reviews/review.html", context)


@require_POST
@role_required(Role.AGENT)
def correct(request: SignedInRequest, pk: int) -> HttpResponse:
    """POST `codes`, repeated, primary first; or `verdict=dismiss` where the review is no complaint at all."""
    subject = get_object_or_404(Review.objects.visible_to(request.user), pk=pk)
    now = timezone.now()
    try:
        if request.POST.get("verdict") == "dismiss":
            dismiss_complaint(review=subject, actor=request.user, now=now)
            messages.success(request, _("Recorded: this review is not a complaint."))
        else:
            codes = [code for code in request.POST.getlist("codes") if code]
            correct_causes(review=subject, codes=codes, actor=request.user, now=now)
            messages.success(request, _("The causes are corrected. No model and no import changes them any more."))
    except ValidationError as refusal:
        messages.error(request, refusal.message)
    return redirect(_next_address(request) or subject)


def _next_address(request: HttpRequest) -> str:
    """Where the form asked to go on, "" unless that is a page of ours."""
    wanted = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if is_ours else ""
