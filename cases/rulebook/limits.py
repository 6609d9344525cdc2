"""The limits of a shop: the numbers of its policy, changed with their history."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from typing import Any

from django.db import transaction

from cases import rule_history
from cases.clocks.moving import clocks_follow
from cases.history import Changes, shown
from cases.models import RuleChange, ShopPolicy
from cases.rulebook.editing import Edit, begin_edit
from reviews.models import Shop

LIMITS = RuleChange.Subject.LIMITS


@transaction.atomic
def save_limits(*, shop: Shop, values: Mapping[str, Any], edit: Edit) -> RuleChange | None:
    """As `write_limits`, with history, and the running clocks follow; None where nothing changed.

    Raises what `write_limits` and `begin_edit` raise.
    """
    begin_edit(edit, shop=shop, subject=LIMITS)
    with clocks_follow(shop, actor=edit.actor, now=edit.now, comment=edit.comment):
        changes = write_limits(shop, values)
    if not changes:
        return None
    return rule_history.record(
        shop=shop, subject=LIMITS, actor=edit.actor, now=edit.now, changes=changes, comment=edit.comment
    )


def write_limits(shop: Shop, values: Mapping[str, Any]) -> Changes:
    """Set the fields of the shop's policy that `values` names, in a transaction of the caller's; tells what changed.

    Raises ValidationError for a value the policy cannot have.
    """
    ShopPolicy.objects.get_or_create(shop=shop)
    policy = ShopPolicy.objects.select_for_update().get(shop=shop)
    changes: Changes = {}
    for name, value in values.items():
        before = getattr(policy, name)
        if before != value:
            title = rule_history.source(ShopPolicy._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
            changes[title] = [_shown(before), _shown(value)]
            setattr(policy, name, value)
    if changes:
        policy.full_clean()
        policy.save()
    return changes


def _shown(value: Any) -> Any:
    return f"{value:%H:%M}" if isinstance(value, time) else shown(value)
