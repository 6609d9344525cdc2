"""What the supervisor sees of causes, and the same figures as a file."""

from __future__ import annotations

import csv
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cases.pending import waiting
from cases.statistics import case_totals, open_cases_now
from cases.views.filters import PRESETS, StatisticsForm
from reviewdesk.access import Role, SignedInRequest, role_required
from reviews.causes import Cause, TopCause
from reviews.ingest.rejections import guarded
from reviews.period import Period
from reviews.scope import Scope, change_percent
from reviews.statistics import CauseRow, ReviewStatistics, review_statistics


@require_safe
@role_required(Role.SUPERVISOR)
def statistics(request: SignedInRequest) -> HttpResponse:
    now = timezone.now()
    form = _read(request)
    scope = form.scope
    if not form.is_readable:
        return render(request, "cases/statistics.html", {"form": form, "presets": _presets(form)})
    found = review_statistics(scope)
    totals, before = case_totals(scope)
    context = {
        "form": form,
        "scope": scope,
        "presets": _presets(form),
        "query": urlencode({**_days(form), **_chosen(scope)}),
        "to_check": urlencode({"from": scope.period.first, "to": scope.period.last, **_chosen(scope)}),
        "includes_today": form.today in scope.period,
        "is_compared": form.is_compared,
        "found": found,
        "cases": totals,
        "changes": _changes(found, totals, before),
        "open_cases": open_cases_now(scope, now),
        "waiting": [each for each in waiting(request.user, now) if each.size],
        "tops": list(TopCause),
        "chart": _chart(found),
    }
    return render(request, "cases/statistics.html", context)


def _read(request: SignedInRequest) -> StatisticsForm:
    form = StatisticsForm(request.GET, user=request.user, today=timezone.localdate())
    if not form.is_valid():
        form.refuse_foreign()
    return form


def _chosen(scope: Scope) -> dict[str, int]:
    """The shop and the product in force, as parameters of the address."""
    return {name: pk for name in ("shop", "product") if (pk := getattr(scope, name)) is not None}


def _days(form: StatisticsForm) -> dict[str, Any]:
    """The days in force, as parameters of the address."""
    period = form.scope.period
    return {"period": form.preset} if form.preset else {"from": period.first, "to": period.last}


def _presets(form: StatisticsForm) -> list[dict[str, Any]]:
    """Links to the usual periods, with the shop and product in force."""
    chosen = _chosen(form.scope)
    return [
        {"label": label, "query": urlencode({"period": value, **chosen}), "is_chosen": value == form.preset}
        for value, (_days, label) in PRESETS.items()
    ]


def _changes(found: ReviewStatistics, totals: Any, before: Any) -> dict[str, float | None]:
    """Changes against the previous period: negatives in percent, shares in points, the median in minutes."""

    def difference(now: float | None, then: float | None) -> float | None:
        return None if now is None or then is None else now - then

    return {
        "negative": change_percent(found.totals.negative.value, found.previous.negative.value),
        "good": difference(found.totals.good_percent, found.previous.good_percent),
        "median": difference(totals.median_minutes, before.median_minutes),
        "saved": difference(totals.saved_percent, before.saved_percent),
        "proven": difference(totals.proven_percent, before.proven_percent),
    }


def _chart(found: ReviewStatistics) -> dict[str, Any]:
    """What static/js/charts.js draws; `url` is the list of negative reviews, to which it adds a cause or a day."""
    return {
        "url": found.totals.negative.url,
        "pareto": [
            {"cause": row.code, "top": row.top.value, "name": row.name, "value": row.reviews.value}
            for row in found.pareto
        ],
        "days": [row.day.isoformat() for row in found.days],
        "trend": [
            {"cause": top.value, "name": str(top.label), "values": [row.causes[number].value for row in found.days]}
            for number, top in enumerate(TopCause)
        ],
        "words": {
            "reviews": _("Reviews"),
            "cumulative": _("Cumulative share"),
        },
    }


@require_safe
@role_required(Role.SUPERVISOR)
def statistics_csv(request: SignedInRequest) -> HttpResponse:
    """The table of causes; each line repeats what was counted, so that lines of several files can be put together."""
    form = _read(request)
    scope, period = form.scope, form.scope.period
    response, table = _file("causes", period)
    heading = [_("From"), _("To"), _("Shop"), _("Product"), _("Code"), _("Cause"), _("Sub-cause"), _("Reviews")]
    table.writerow([*heading, _("As primary cause"), _("Share, %"), _("Previous period"), _("Change, %")])
    about = [period.first, period.last, *_counted_of(form)]
    for row in review_statistics(scope).causes:
        table.writerow([*about, *_cells(row, form.is_compared)])
    return response


@require_safe
@role_required(Role.SUPERVISOR)
def outcomes_csv(request: SignedInRequest) -> HttpResponse:
    """The period and the one before it: what became of their cases, as stated and as proven."""
    form = _read(request)
    scope = form.scope
    response, table = _file("outcomes", scope.period)
    heading = [_("From"), _("To"), _("Shop"), _("Product"), _("Contacted"), _("Closed")]
    table.writerow([*heading, _("Saved, as stated"), _("Share, %"), _("Saved, as proven"), _("Share, %")])
    about = _counted_of(form)
    for period, totals in zip((scope.period, scope.period.previous), case_totals(scope), strict=True):
        stated, proven = totals.saved_percent, totals.proven_percent
        counted = [totals.contacted.value, totals.closed.value]
        shares = [totals.saved.value, _rounded(stated), totals.proven.value, _rounded(proven)]
        table.writerow([period.first, period.last, *about, *counted, *shares])
    return response


def _file(name: str, period: Period) -> tuple[HttpResponse, Any]:
    """A CSV file of `period` to take away, and its writer. By the mark at its beginning Excel reads it as UTF-8."""
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}_{period.first}_{period.last}.csv"'
    return response, csv.writer(response)


def _counted_of(form: StatisticsForm) -> list[str]:
    """The cells that name shop and product."""
    named = (form.cleaned_data.get(name) for name in ("shop", "product"))
    return guarded([str(each) if each else _("all") for each in named])


def _rounded(share: float | None) -> float | str:
    return "" if share is None else round(share, 1)


def _cells(row: CauseRow, is_compared: bool) -> list[object]:
    change = "" if row.change is None or not is_compared else round(row.change, 1)
    sub = "" if row.is_top else Cause(row.code).label
    numbers = (row.reviews.value, row.primary.value, round(row.percent, 1), row.previous.value, change)
    return [row.code, row.top.label, sub, *numbers]
