"""From decisions to a challenger: fit a layer, compare it with the champion, keep it with its figures."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max

from reviewdesk import queue
from reviews.classifier import shipped
from reviews.classifier.adaptation import Adaptation
from reviews.classifier.measures import Said
from reviews.classifier.model import CODES
from reviews.ingest.locks import wait_for_learning
from reviews.models import ClassifierVersion, FittingRun

from .champions import champion_version, layer_of, retire_outdated, usable_versions
from .comparison import Comparison, Figures, Pair, both_levels, figures_of, reason_to_reject, share_worse
from .examples import Decided, anchor_and_measured, decided_reviews
from .fitting import STRENGTHS, Examples, Probabilities, calibration_of, fitted_layers, held_out

logger = logging.getLogger(__name__)
JOB = "reviews.jobs.fit_challenger"
FEWEST_DECISIONS = 30
"""Below it chance decides which layer looks better."""
PATIENCE = timedelta(minutes=10)
"""A run that has not ended by then has lost its worker; another may be asked for."""
Outcome = FittingRun.Outcome
Status = ClassifierVersion.Status


class Fit(NamedTuple):
    layer: Adaptation
    strength: float
    comparison: Comparison


def request_fit(*, actor: User | None, now: datetime) -> FittingRun:
    """Ask a worker to learn from decisions; answers the run under way where there is one. Raises RedisError."""
    waiting = pending_run(now)
    if waiting:
        return waiting
    run = FittingRun.objects.create(requested_by=actor, requested_at=now)
    try:
        queue.enqueue(JOB, run.pk)
    except queue.RedisError:
        _finish(run, now, Outcome.FAILED)
        raise
    return run


def pending_run(now: datetime) -> FittingRun | None:
    return FittingRun.objects.filter(finished_at=None, requested_at__gt=now - PATIENCE).first()


def carry_out(run: FittingRun, now: datetime) -> None:
    """Fit, and write down what came of it. One fit at a time: another one waits, and then finds nothing new."""
    try:
        with transaction.atomic():
            wait_for_learning()
            retire_outdated(now)
            _carry_out(run, now)
    except Exception:
        logger.exception("Fitting run %s stopped", run.pk)
        run.version = None
        _finish(run, now, Outcome.FAILED)
        raise


def _carry_out(run: FittingRun, now: datetime) -> None:
    decided = decided_reviews()
    run.decisions = len(decided.ids)
    if run.decisions < FEWEST_DECISIONS:
        return _finish(run, now, Outcome.TOO_FEW)
    known = usable_versions().aggregate(newest=Max("last_decision"))["newest"]
    if known is not None and known >= decided.ids.max():
        return _finish(run, now, Outcome.NOTHING_NEW)
    number = 1 + (ClassifierVersion.objects.aggregate(last=Max("number"))["last"] or 0)
    fit = fit_to(decided, champion_version(), str(number))
    reason = reason_to_reject(fit.comparison)
    if not reason:
        usable_versions().filter(status=Status.CHALLENGER).update(status=Status.RETIRED)
    run.version = ClassifierVersion.objects.create(
        number=number,
        based_on=shipped().version,
        layer=fit.layer.to_bytes(),
        strength=fit.strength,
        decisions=len(decided.ids),
        last_decision=int(decided.ids.max()),
        figures=fit.comparison,
        status=Status.REJECTED if reason else Status.CHALLENGER,
        reason=reason,
        fitted_at=now,
    )
    return _finish(run, now, Outcome.FITTED)


def _finish(run: FittingRun, now: datetime, outcome: str) -> None:
    run.outcome, run.finished_at = outcome, now
    run.save(update_fields=["outcome", "finished_at", "decisions", "version"])


def fit_to(decided: Decided, champion: ClassifierVersion | None, name: str) -> Fit:
    """The layer whose strength does best on decisions it has not seen, and how it compares with `champion`."""
    anchor, measured = anchor_and_measured()
    everything = np.ones(len(decided.ids), bool)
    tried = {
        strength: _figures(said, decided.examples)
        for strength, said in held_out(decided.examples, decided.folds, anchor, STRENGTHS, everything).items()
    }
    strength = max(STRENGTHS, key=lambda each: both_levels(tried[each]))
    path = STRENGTHS[: STRENGTHS.index(strength) + 1]
    *_weaker, layer = fitted_layers(anchor.and_also(decided.examples), calibration_of(anchor), path, name)
    before, after = measured.adapted(layer_of(champion) if champion else None), measured.adapted(layer)
    by_champion = _said_by_champion(decided, anchor, champion)
    return Fit(
        layer,
        strength,
        Comparison(
            against=str(champion or shipped().version),
            decisions=Pair(champion=_figures(by_champion, decided.examples), challenger=tried[strength]),
            validation=Pair(champion=_figures(before, measured), challenger=_figures(after, measured)),
            worse=round(share_worse(_said(before), _said(after), measured.targets[:, : len(CODES)] > 0), 3),
        ),
    )


def _said_by_champion(decided: Decided, anchor: Examples, champion: ClassifierVersion | None) -> Probabilities:
    """The champion has learnt from some of these decisions, so layers fitted as it was, each without a fold, stand in
    for it: it is tried on what it has not seen, like its challenger."""
    if champion is None:
        return decided.examples.adapted(None)
    known = decided.ids <= champion.last_decision
    return held_out(decided.examples, decided.folds, anchor, (champion.strength,), known)[champion.strength]


def _said(probabilities: Probabilities) -> Said:
    codes, tops = probabilities
    return shipped().decoder.said(tops, codes)


def _figures(probabilities: Probabilities, examples: Examples) -> Figures:
    return figures_of(shipped().decoder, *probabilities, examples.targets)
