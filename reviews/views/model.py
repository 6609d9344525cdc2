"""The model page: how good the classifier in force is, what it learnt from people, and which version is in force."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from reviewdesk import queue
from reviewdesk.access import Role, SignedInRequest, named_pk, role_required
from reviews.causes import TopCause
from reviews.classifier import shipped
from reviews.classifier.measures import Reliability
from reviews.learning.accuracy import accuracy_against_people
from reviews.learning.challenging import FEWEST_DECISIONS, pending_run, request_fit
from reviews.learning.champions import champion_version, predecessor, put_in_force
from reviews.learning.drift import Drift, drift_of_causes
from reviews.learning.next_step import next_step
from reviews.learning.refreshing import outdated_reviews, start_refresh
from reviews.learning.reliability import reliability_in_force
from reviews.learning.versions import champion_changes, version_rows
from reviews.models import ClassifierVersion, FittingRun, TagRefresh
from reviews.search import COUNTED_AT_MOST


@require_safe
@role_required(Role.SUPERVISOR)
def model(request: SignedInRequest) -> HttpResponse:
    """The page; htmx polls its first section while a fit or a refresh is under way, and loads all anew at the end."""
    now = timezone.now()
    version = champion_version()
    state = _state(version)
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "reviews/model/_state.html", state) if state["is_busy"] else HttpResponseClientRefresh()
    reliability, figures = reliability_in_force(version)
    drift = drift_of_causes(now)
    outdated = outdated_reviews()[: COUNTED_AT_MOST + 1].count()
    rows = version_rows()
    context = {
        **state,
        "reliability": reliability,
        "figures": figures,
        "accuracy": accuracy_against_people(now),
        "drift": drift,
        "tops": list(TopCause),
        "rows": rows,
        "next": None if state["is_busy"] else next_step(rows, is_any_outdated=outdated > 0),
        "changes": champion_changes(),
        "outdated": min(outdated, COUNTED_AT_MOST),
        "has_more_outdated": outdated > COUNTED_AT_MOST,
        "chart": _chart(reliability, drift),
    }
    return render(request, "reviews/model.html", context)


def _state(version: ClassifierVersion | None) -> dict[str, Any]:
    """What the first section shows."""
    run = FittingRun.objects.select_related("version").defer("version__layer").first()
    refresh = TagRefresh.objects.first()
    is_fitting = pending_run(timezone.now()) is not None
    return {
        "version": version,
        "shipped": shipped().version,
        "predecessor": predecessor() if version else None,
        "run": run,
        "fewest": FEWEST_DECISIONS,
        "refresh": refresh,
        "is_fitting": is_fitting,
        "is_busy": is_fitting or bool(refresh and refresh.is_running),
    }


def _chart(reliability: Reliability, drift: Drift) -> dict[str, Any]:
    """What static/js/model.js draws; the tables of the page have the same figures."""
    weeks = drift.weeks
    return {
        "reliability": [[each.promised, each.right, each.tags] for each in reliability.bins],
        "weeks": [week.monday.isoformat() for week in weeks],
        "drift": [
            {
                "cause": top.value,
                "name": str(top.label),
                "values": [week.percents[at] for week in drift.weeks],
            }
            for at, top in enumerate(TopCause)
        ],
        "words": {"promised": _("Score"), "right": _("Share right"), "tags": _("Tags")},
    }


@require_POST
@role_required(Role.SUPERVISOR)
def fit(request: SignedInRequest) -> HttpResponse:
    try:
        request_fit(actor=request.user, now=timezone.now())
    except queue.RedisError:
        messages.error(request, _("The queue cannot be reached just now. Please try again."))
    return redirect("reviews:model")


@require_POST
@role_required(Role.SUPERVISOR)
def choose(request: SignedInRequest) -> HttpResponse:
    """POST `version`, the number of a version, or 0 for the shipped weights alone."""
    number = named_pk(request.POST.get("version", ""))
    if number is None:
        raise Http404
    version = get_object_or_404(ClassifierVersion.objects.defer("layer"), number=number) if number else None
    try:
        put_in_force(version=version, actor=request.user, now=timezone.now())
    except ValidationError as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("In force. New reviews are tagged by it; earlier ones once you refresh the tags."))
    return redirect("reviews:model")


@require_POST
@role_required(Role.SUPERVISOR)
def refresh(request: SignedInRequest) -> HttpResponse:
    start_refresh(actor=request.user, now=timezone.now())
    return redirect("reviews:model")
