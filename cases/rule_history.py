"""The history of the rules a shop works by, written in the transaction of the change it tells of."""

from __future__ import annotations

from collections.abc import Iterable
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
JOINT = " · "


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


def changes_of(*, shop: Shop | None, subject: str, topic: str | None = None) -> QuerySet[RuleChange]:
    """The changes of a subject, or of one `topic` of it, newest first, with their actors."""
    found = RuleChange.objects.filter(shop=shop, subject=subject).select_related("actor")
    return found if topic is None else found.filter(topic=topic)


def last_changes(*, shop: Shop | None, subject: str, topic: str | None = None) -> QuerySet[RuleChange]:
    """As `changes_of`, as many as templates/cases/_rule_changes.html shows."""
    return changes_of(shop=shop, subject=subject, topic=topic)[:SHOWN_AT_ONCE]


def source(words: str | Promise) -> str:
    """`words` of the app in the language of its source."""
    with override("en"):
        return str(words)


def joined(words: Iterable[str | Promise]) -> str:
    """Several words of the app as one name; each is translated by itself when it is shown."""
    return JOINT.join(source(each) for each in words)
