"""The tier rules of shops: what every shop starts with, and what a shop's rows put in its place or add."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import fields
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from cases.models import TierRule
from cases.priority import DEFAULT_RULES, Conditions, Rated, Rule, Rules, StatedRule, Tier
from reviews.causes import full_name

STARTED_WITH = {rule.key: rule for rule in DEFAULT_RULES}


def rules_of(shop_ids: Collection[int]) -> dict[int, Rules]:
    """Shop id -> the rules its cases are ranked by, in one query."""
    own: dict[int, list[StatedRule]] = defaultdict(list)
    for row in TierRule.objects.filter(shop__in=shop_ids):
        own[row.shop_id].append(stated(row))
    return {shop_id: with_own(own[shop_id]) for shop_id in shop_ids}


def with_own(own: Iterable[StatedRule], rules: Rules = DEFAULT_RULES) -> Rules:
    """`rules` with those of `own` in the place of the ones they replace, and the rest behind."""
    replacing = {rule.key: rule for rule in own}
    return (*(replacing.pop(rule.key, rule) for rule in rules), *replacing.values())


def without(key: str, rules: Rules) -> Rules:
    """`rules` when what the shop wrote under `key` is gone: the rule every shop starts with is back, or none."""
    return with_own([STARTED_WITH[key]], rules) if key in STARTED_WITH else tuple(r for r in rules if r.key != key)


def stated(row: TierRule) -> StatedRule:
    return StatedRule(
        key=row.key, tier=Tier(row.tier), conditions=read_conditions(row.conditions), name=row.name, is_on=row.is_on
    )


def kept_conditions(conditions: Conditions) -> dict[str, Any]:
    """What a row keeps of `conditions`: those that ask for something."""
    found = {field.name: getattr(conditions, field.name) for field in fields(conditions)}
    plain = {**found, "causes": [*conditions.causes]}
    if conditions.amount_from is not None:
        plain["amount_from"] = str(conditions.amount_from)
    return {field.name: plain[field.name] for field in fields(conditions) if found[field.name] != field.default}


def read_conditions(kept: dict[str, Any]) -> Conditions:
    """The conditions of which `kept_conditions` made `kept`."""
    values = dict(kept)
    if "amount_from" in values:
        values["amount_from"] = Decimal(values["amount_from"])
    return Conditions(**{**values, "causes": tuple(values.get("causes", ()))})


def rule_name(rule: StatedRule) -> str:
    """The sentence a case shows as its reason."""
    return rule.name or str(Rule(rule.key).label)


def in_words(conditions: Conditions) -> str:
    """The conditions as a reader says them, joined by "and"."""
    return _(" and ").join(_parts(conditions))


def _parts(conditions: Conditions) -> Iterator[str]:
    if conditions.rated:
        yield str(Rated(conditions.rated).label)
    if conditions.causes:
        yield _("cause: %(causes)s") % {"causes": _(" or ").join(full_name(code) for code in conditions.causes)}
    if conditions.is_promoted:
        yield _("the product is promoted")
    if conditions.has_follow_up:
        yield _("there is a follow-up")
    if conditions.speaks_of_authority:
        yield _("the text speaks of the platform, an authority or a court")
    counted = (
        (conditions.amount_from, _("order of ¥%(least)s or more")),
        (conditions.risk_from, _("risk score %(least)s or more")),
        (conditions.orders_from, _("earlier orders: %(least)s or more")),
        (conditions.complaints_from, _("earlier complaints: %(least)s or more")),
    )
    for least, words in counted:
        if least is not None:
            yield words % {"least": least}
    if conditions.complaints_to is not None:
        yield _("earlier complaints: %(most)s at most") % {"most": conditions.complaints_to}
