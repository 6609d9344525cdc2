"""The history of the rules a shop works by, written in the transaction of the change it tells of."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import override

from cases.history import Changes
from cases.models import RuleChange
from reviews.models import Shop

Subject = RuleChange.Subject
SHOWN_AT_ONCE = 10


def record(
    *,
    shop: Shop | None,
    subject: str,
    actor: User | None,
    now: datetime,
    changes: Changes,
    comment: str = "",
    **kept: Any,
) -> RuleChange:
    """Write one line; `shop` None stands for all shops, `kept` may name `topic` and `replaced` of RuleChange.

    Names and words of the app go into `changes` as `source` gives them, so that each reader has them in their language.
    Raises RuntimeError outside a transaction: the line must stand or fall with its change.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("History is written in the transaction of the change.")
    return RuleChange.objects.create(
        shop=shop, subject=Subject(subject), actor=actor, at=now, changes=changes, comment=comment, **kept
    )


def last_changes(*, shop: Shop | None, subject: str, topic: str = "") -> QuerySet[RuleChange]:
    """The newest changes of a subject, with their actors: for templates/cases/_rule_changes.html."""
    found = RuleChange.objects.filter(shop=shop, subject=subject, topic=topic)
    return found.select_related("actor")[:SHOWN_AT_ONCE]


def source(words: str | Promise) -> str:
    """`words` of the app in the language of its source."""
    with override("en"):
        return str(words)
