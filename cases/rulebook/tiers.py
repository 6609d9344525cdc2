"""Changing the tier rules of a shop: its open cases are ranked anew."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.db import transaction
from django.utils.translation import gettext_noop

from cases import rule_history
from cases.history import Changes
from cases.models import RuleChange, TierRule
from cases.priority import StatedRule
from cases.rulebook.editing import Edit, begin_edit
from cases.rulebook.reranking import rerank_or_queue
from cases.rulebook.stated import STARTED_WITH, kept_conditions, rule_name, rules_of
from reviews.models import Shop

TIERS = RuleChange.Subject.TIERS
RULE, REASON, TIER, CONDITIONS, IN_USE = (
    gettext_noop("Rule"),
    gettext_noop("Reason shown"),
    gettext_noop("Tier"),
    gettext_noop("Conditions"),
    gettext_noop("In use"),
)
"""Names that history keeps."""


def new_key() -> str:
    """The key of a rule that a shop makes itself."""
    return f"own-{uuid4().hex[:12]}"


@transaction.atomic
def save_rule(*, shop: Shop, rule: StatedRule, edit: Edit) -> RuleChange | None:
    """Let `rule` take the place of the shop's rule of its key, or stand beside the others; None where nothing changed.

    A rule that is again as every shop starts with it needs no row. Raises what `begin_edit` raises.
    """
    begin_edit(edit, shop=shop, subject=TIERS, topic=rule.key)
    before = next((known for known in rules_of([shop.pk])[shop.pk] if known.key == rule.key), None)
    if rule == before:
        return None
    if rule == STARTED_WITH.get(rule.key):
        TierRule.objects.filter(shop=shop, key=rule.key).delete()
    else:
        values = {
            "name": rule.name,
            "tier": rule.tier.value,
            "is_on": rule.is_on,
            "conditions": kept_conditions(rule.conditions),
        }
        TierRule.objects.update_or_create(shop=shop, key=rule.key, defaults=values)
    return _told(shop, rule.key, _differences(before, rule), edit)


@transaction.atomic
def remove_rule(*, shop: Shop, key: str, edit: Edit) -> RuleChange:
    """Take away a rule the shop made itself; of a replaced one the one every shop starts with is back.

    Raises TierRule.DoesNotExist, and what `begin_edit` raises.
    """
    begin_edit(edit, shop=shop, subject=TIERS, topic=key)
    row = TierRule.objects.get(shop=shop, key=key)
    before = next(known for known in rules_of([shop.pk])[shop.pk] if known.key == key)
    row.delete()
    return _told(shop, key, _differences(before, STARTED_WITH.get(key)), edit)


def _told(shop: Shop, key: str, changes: Changes, edit: Edit) -> RuleChange:
    change = rule_history.record(
        shop=shop, subject=TIERS, topic=key, actor=edit.actor, now=edit.now, changes=changes, comment=edit.comment
    )
    rerank_or_queue(shop, actor=edit.actor, now=edit.now)
    return change


def _differences(before: StatedRule | None, after: StatedRule | None) -> Changes:
    """The rule by the name it goes by, then what became of each of its parts."""
    old, new = _parts(before), _parts(after)
    named = new or old
    differences: Changes = {RULE: ["", named[REASON]]}
    for title in named:
        pair = [old.get(title, ""), new.get(title, "")]
        if pair[0] != pair[1]:
            differences[title] = pair
    return differences


def _parts(rule: StatedRule | None) -> dict[str, Any]:
    """What history keeps of a rule: words of the app in their source, conditions as a row keeps them."""
    if rule is None:
        return {}
    return {
        REASON: rule_history.source(rule_name(rule)),
        TIER: rule_history.source(rule.tier.label),
        CONDITIONS: kept_conditions(rule.conditions),
        IN_USE: rule.is_on,
    }
