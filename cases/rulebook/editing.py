"""What every change of rules goes through: who may, one after another, and nobody over what another just wrote."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied

from cases import rule_history
from cases.assignment import lock_shops
from cases.models import RuleChange
from reviewdesk.access import Role, has_role
from reviews.models import Shop, shops_of

ALL_SHOPS = 0
"""Stands among the locks of shops for the rules that hold for all of them."""


class Edit(NamedTuple):
    """Who changes rules when, and why; `seen` is what `state_of` told when they began."""

    actor: User
    now: datetime
    seen: int
    comment: str = ""


class ChangedMeanwhile(Exception):
    """Somebody else changed the same rules since the person began; `change` is the newest."""

    def __init__(self, change: RuleChange) -> None:
        super().__init__(str(change))
        self.change = change


def may_edit(user: User, shop: Shop | None) -> bool:
    """Whether `user` writes the rules of `shop`: its supervisors and admins; those of all shops (None): admins."""
    if has_role(user, Role.ADMIN):
        return True
    return shop is not None and has_role(user, Role.SUPERVISOR) and shop.pk in shops_of(user)


def state_of(*, shop: Shop | None, subject: str, topic: str = "") -> int:
    """A number that grows with every change of these rules; 0 before the first."""
    newest = _newest(shop, subject, topic)
    return newest.pk if newest else 0


def begin_edit(edit: Edit, *, shop: Shop | None, subject: str, topic: str = "") -> None:
    """Let nobody else change rules of the shop until the transaction ends.

    Raises PermissionDenied unless the person may edit them, and ChangedMeanwhile where they saw an earlier state.
    """
    if not may_edit(edit.actor, shop):
        raise PermissionDenied
    lock_shops([shop.pk if shop else ALL_SHOPS])
    refuse_unseen(edit, shop=shop, subject=subject, topic=topic)


def refuse_unseen(edit: Edit, *, shop: Shop | None, subject: str, topic: str = "") -> None:
    """Raises ChangedMeanwhile where the person saw an earlier state; call it where nobody else can change it."""
    newest = _newest(shop, subject, topic)
    if newest and newest.pk != edit.seen:
        raise ChangedMeanwhile(newest)


def _newest(shop: Shop | None, subject: str, topic: str) -> RuleChange | None:
    return rule_history.changes_of(shop=shop, subject=subject, topic=topic).first()
