"""The list of reviews, and one review."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from reviewdesk.access import Role, SignedInRequest, role_required
from reviews.causes import TopCause, subs_of
from reviews.checking import COUNTED_AT_MOST as CHECKS_COUNTED_AT_MOST
from reviews.checking import count_to_check
from reviews.correction import may_dismiss
from reviews.filters import ReviewFilterForm
from reviews.models import Review
from reviews.search import COUNTED_AT_MOST, FOUND_AT_MOST, Page, ReviewFilter, matching_reviews, page_of
from reviews.text_search.query import SCANNED_AT_MOST, is_bounded, terms_of

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
    # By their ids, not by a join to the members, so that the index of each shop by date gives the order.
    found = matching_reviews(Review.objects.get_queryset().filter(shop__in=form.shops), wanted)
    listed = found.select_related("shop", "product", "case").prefetch_related("causes")
    at = {name: form.cleaned_data[name] for name in ("older", "newer")}
    shops = [shop.pk for shop in form.shops] if wanted.shop is None else [wanted.shop]
    page = page_of(listed, shops=shops, **at)
    counted_at_most = FOUND_AT_MOST if wanted.q else COUNTED_AT_MOST
    counted = found.order_by()[: counted_at_most + 1].count()
    context = {
        "form": form,
        "wanted": wanted,
        "found": terms_of(wanted.q),
        "page": page,
        "total": min(counted, counted_at_most),
        "has_more_than_total": counted > counted_at_most,
        "newest_searched": SCANNED_AT_MOST if is_bounded(wanted.q) else 0,
        "filters": urlencode(wanted.parameters),
        **_to_check(request, wanted.shop),
    }
    return render(request, "reviews/reviews.html", context)


def _to_check(request: SignedInRequest, shop: int | None) -> dict[str, int | bool]:
    """How much waits to be checked in the shop, or in all shops of the user."""
    counted = count_to_check(Review.objects.visible_to(request.user), ReviewFilter(shop=shop))
    return {
        "to_check": min(counted, CHECKS_COUNTED_AT_MOST),
        "has_more_to_check": counted > CHECKS_COUNTED_AT_MOST,
    }


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
        "next": request.GET.get("next", request.get_full_path()),
        "others": others,
        "cause_tree": [(top, subs_of(top)) for top in TopCause],
        "may_dismiss": shown.is_negative and may_dismiss(shown),
    }
    return render(request, "reviews/review.html", context)
