"""What an import says of reviews by not having them: those of the days it covers are marked as not seen.

The mark never says "deleted": the export may have been filtered, or the tool may have missed a page. The next import
that has the review takes the mark off; only a person says that it is gone (`reviews.disappearance`).
"""

from __future__ import annotations

import contextlib
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reviews.models import ImportBatch, Review, ReviewRevision, StagedRow
from reviews.period import end_of, start_of
from reviews.signals import reviews_back

from ..locks import wait_for_coverage
from ..reading.cells import Refused, number
from ..reading.presets import Field

Claim = tuple[date, date]
"""First and last day, both included, of which a file is said to hold every review."""
LONGEST_CLAIM = timedelta(days=400)
BELIEVED_UP_TO = 20
"""So many reviews may be missing whatever their share is; of more, a file that lacks most is not believed."""
NUMBERS = (Field.PLATFORM_REVIEW_ID, Field.SUB_ORDER_ID, Field.ORDER_NUMBER)
UNMARKED = {"not_seen_at": None, "not_seen_in": None, "gone_at": None, "gone_by": None}


def check_claim(claim: Claim, today: date) -> None:
    """Raises ValidationError where no file can hold what `claim` says, or only a mistake would say so."""
    first, last = claim
    if first > last:
        raise ValidationError(_("The last day lies before the first."))
    if last > today:
        raise ValidationError(_("A file cannot cover days to come."))
    if last - first >= LONGEST_CLAIM:
        raise ValidationError(_("A file can cover at most %(days)d days."), params={"days": LONGEST_CLAIM.days})


def compare_with_stored(batch: ImportBatch, now: datetime) -> None:
    """Take the mark off every review that `batch` has, and mark those that it lacks though it covers their days.

    Call it once all its rows are staged, before any is stored, in the transaction that opens the storing.
    """
    if batch.kind != ImportBatch.Kind.REVIEWS:
        return
    wait_for_coverage(batch.shop_id)
    _take_marks_off(batch, now)
    if batch.covers_from and batch.covers_to:
        _mark_unseen(batch, (batch.covers_from, batch.covers_to), now)


def withdraw_claim(batch: ImportBatch) -> int:
    """Take off the marks that `batch` set, but for those a person has confirmed since; how many. For its undoing."""
    marked = _marked(batch).filter(not_seen_in=batch, gone_at=None)
    return _in_order(marked).update(**UNMARKED)


def coverage_note(batch: ImportBatch) -> str:
    """What became of the claim of `batch`, in a translated sentence; "" where there was none, or it is too early."""
    if not batch.coverage:
        return ""
    unseen, stored = batch.coverage["unseen"], batch.coverage["stored"]
    if batch.coverage["is_believed"]:
        return ngettext(
            "%(unseen)d of %(stored)d stored reviews of these days was not in the file.",
            "%(unseen)d of %(stored)d stored reviews of these days were not in the file.",
            unseen,
        ) % {"unseen": unseen, "stored": stored}
    return _(
        "%(unseen)d of %(stored)d stored reviews of these days were not in the file. That is too many to be believed:"
        " it may be filtered, or name its reviews in another way. None was marked as not seen."
    ) % {"unseen": unseen, "stored": stored}


def _take_marks_off(batch: ImportBatch, now: datetime) -> None:
    seen = _marked(batch).filter(Exists(_staged(batch)))
    held = seen.order_by("pk").select_for_update().values_list("pk", "gone_at")
    confirmed_at = {pk: gone_at for pk, gone_at in held.iterator() if gone_at}
    seen.update(**UNMARKED)
    if not confirmed_at:
        return
    ReviewRevision.objects.bulk_create(
        ReviewRevision(
            review_id=review_id,
            batch=batch,
            recorded_at=now,
            changes={"gone_at": [timezone.localtime(gone_at).isoformat(" ", "seconds"), ""]},
            takes_back=True,
        )
        for review_id, gone_at in confirmed_at.items()
    )
    reviews_back.send(sender=ImportBatch, confirmed_at=confirmed_at, actor=None, now=now)


def _mark_unseen(batch: ImportBatch, claim: Claim, now: datetime) -> None:
    first, last = claim
    # What was written after the upload cannot be in the file, whatever day it claims to cover.
    until = min(end_of(last), batch.uploaded_at)
    stored = Review.objects.filter(
        shop=batch.shop_id, reviewed_at__gte=start_of(first), reviewed_at__lt=until, gone_at=None
    )
    unseen = stored.filter(~Exists(_staged(batch)), *_not_refused(batch))
    stored_count, unseen_count = stored.count(), unseen.count()
    is_believed = unseen_count <= BELIEVED_UP_TO or 2 * unseen_count <= stored_count
    batch.coverage = {"stored": stored_count, "unseen": unseen_count, "is_believed": is_believed}
    batch.save(update_fields=["coverage"])
    if is_believed:
        _in_order(unseen.filter(not_seen_at=None)).update(not_seen_at=now, not_seen_in=batch)


def _marked(batch: ImportBatch) -> QuerySet[Review]:
    return Review.objects.filter(shop=batch.shop_id, not_seen_at__isnull=False)


def _staged(batch: ImportBatch) -> QuerySet[StagedRow]:
    return StagedRow.objects.filter(batch=batch, identity=OuterRef("identity"))


def _in_order(reviews: QuerySet[Review]) -> QuerySet[Review]:
    """The same, locked in the order in which a part of an import locks its reviews: two of them never deadlock."""
    return Review.objects.filter(pk__in=reviews.order_by("pk").select_for_update().values("pk"))


def _not_refused(batch: ImportBatch) -> list[Q]:
    """Conditions that leave out reviews which a refused row names by number: the file has them, if in a bad state."""
    if not batch.rejected:
        return []
    named = {field.value: batch.mapping[field] for field in NUMBERS if field in batch.mapping}
    return [~Q(**{f"{field}__in": _refused_numbers(batch, index)}) for field, index in named.items()]


def _refused_numbers(batch: ImportBatch, index: int) -> set[str]:
    """What refused rows have in the column `index`, read as in any row.

    A list, and no subquery: how often the planner would run that hangs on statistics from before the shop grew.
    """
    numbers = set()
    for cell in batch.rejections.order_by().values_list(KeyTextTransform(str(index), "cells"), flat=True).iterator():
        with contextlib.suppress(Refused):
            numbers.add(number(cell or ""))
    return numbers - {""}
