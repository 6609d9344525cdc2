"""Notes about a buyer for the next talk: temperament and what to mind, never occupation or sex."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet

from cases import history
from cases.buyers import Buyer, cases_of
from cases.flow import begin_work
from cases.models import BuyerNote, Case, CaseChange
from reviews.privacy import with_phones_masked

SHOWN_AT_MOST = 20


@transaction.atomic
def write_note(*, case: Case, text: str, actor: User, now: datetime) -> BuyerNote:
    """Keep a note about the buyer of `case`; phone numbers in it are masked. A closed case takes it too.

    Raises PermissionDenied unless `actor` may work the case.
    """
    begin_work(case, actor)
    note = BuyerNote.objects.create(case=case, at=now, actor=actor, text=with_phones_masked(text))
    # The line is kept for good and the note is not: it says no more than that there was one.
    history.record(case=case, kind=CaseChange.Kind.NOTED, actor=actor, now=now)
    return note


def is_written(*, case: Case, actor: User, text: str, among: QuerySet[CaseChange]) -> bool:
    """Whether one of the lines of history `among` tells of a note by `actor` that says `text`."""
    moments = among.filter(kind=CaseChange.Kind.NOTED, actor=actor).values("at")
    return BuyerNote.objects.filter(case=case, actor=actor, at__in=moments, text=with_phones_masked(text)).exists()


def notes_about(buyer: Buyer) -> QuerySet[BuyerNote]:
    """The latest notes of all the buyer's cases in the shop, newest first."""
    return BuyerNote.objects.filter(case__in=cases_of(buyer)).select_related("actor", "case")[:SHOWN_AT_MOST]
