"""What a bulk act is about: the cases somebody ticked, or all that a list holds."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import get_language

from cases.models import BulkAct, BulkItem, Case
from cases.models.case import IN_QUEUE

AT_MOST = 1_000
"""Cases of one act."""


def ticked(user: User, ids: Collection[int]) -> QuerySet[Case]:
    """The cases with these ids in the order of the queue. Raises Case.DoesNotExist where `user` may not see one."""
    cases = Case.objects.visible_to(user).filter(pk__in=ids)
    if cases.count() != len(set(ids)):
        raise Case.DoesNotExist
    return cases.order_by(*IN_QUEUE)


@transaction.atomic
def choose(*, cases: QuerySet[Case], kind: str, actor: User, now: datetime, query: str = "") -> BulkAct:
    """Begin an act of `kind` upon the first thousand of `cases`, in their order; nothing is done to them yet.

    `query` is that of the list they come from. Raises ValueError for an unknown kind.
    """
    ids = list(cases.prefetch_related(None).values_list("pk", flat=True)[: AT_MOST + 1])
    act = BulkAct.objects.create(
        actor=actor,
        kind=BulkAct.Kind(kind),
        query=query[:1000],
        language=get_language() or "",
        is_cut=len(ids) > AT_MOST,
        made_at=now,
    )
    BulkItem.objects.bulk_create(BulkItem(act=act, case_id=pk) for pk in ids[:AT_MOST])
    return act
