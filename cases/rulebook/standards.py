"""Remedy standards: what a shop usually grants for a cause, per tier."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import NamedTuple

from django.db import transaction

from cases import rule_history
from cases.history import Changes
from cases.models import Case, Remedy, RemedyStandard, RuleChange, Tier
from cases.rulebook.editing import Edit, begin_edit
from reviews.causes import TopCause
from reviews.models import Shop

REMEDIES = RuleChange.Subject.REMEDIES


class Standard(NamedTuple):
    """A line of the table; `tier` "" stands for every tier, `amount` is the most it is worth, in yuan."""

    cause: str
    tier: str
    kind: str
    amount: Decimal
    note: str = ""


def standards_for(case: Case) -> list[RemedyStandard]:
    """What the shop usually grants for the causes of `case`, those of its primary cause first.

    A line for the tier of the case takes the place of the one for every tier.
    """
    return standards_of([case])[case.pk]


def standards_of(cases: Collection[Case]) -> dict[int, list[RemedyStandard]]:
    """As `standards_for`, by case id, in one query however many `cases`; they bring their reviews' causes along."""
    lines = list(RemedyStandard.objects.filter(shop__in={case.shop_id for case in cases}))
    return {case.pk: _chosen(case, lines) for case in cases}


def _chosen(case: Case, lines: Iterable[RemedyStandard]) -> list[RemedyStandard]:
    tops = list(dict.fromkeys(cause.top.value for cause in case.review.causes.all())) or [TopCause.OTHER.value]
    fitting = [
        line for line in lines if line.shop_id == case.shop_id and line.tier in ("", case.tier) and line.cause in tops
    ]
    chosen: dict[tuple[str, str], RemedyStandard] = {}
    for line in sorted(fitting, key=lambda line: (tops.index(line.cause), line.tier != "", line.pk)):
        chosen[line.cause, line.kind] = line
    return list(chosen.values())


@transaction.atomic
def save_standards(*, shop: Shop, standards: Collection[Standard], edit: Edit) -> RuleChange | None:
    """Let `standards` be the whole table of the shop; None where nothing changed. Raises what `begin_edit` raises."""
    begin_edit(edit, shop=shop, subject=REMEDIES)
    before = [
        Standard(line.cause, line.tier, line.kind, line.amount, line.note)
        for line in RemedyStandard.objects.filter(shop=shop)
    ]
    changes = _differences(before, standards)
    if not changes:
        return None
    RemedyStandard.objects.filter(shop=shop).delete()
    RemedyStandard.objects.bulk_create(RemedyStandard(shop=shop, **standard._asdict()) for standard in standards)
    return rule_history.record(
        shop=shop, subject=REMEDIES, actor=edit.actor, now=edit.now, changes=changes, comment=edit.comment
    )


def _differences(before: Iterable[Standard], after: Iterable[Standard]) -> Changes:
    old, new = ({_title(line): _worth(line) for line in lines} for lines in (before, after))
    pairs = {title: [old.get(title, ""), new.get(title, "")] for title in (*new, *(old.keys() - new.keys()))}
    return {title: pair for title, pair in pairs.items() if pair[0] != pair[1]}


def _title(line: Standard) -> str:
    words = [TopCause(line.cause).label, *([Tier(line.tier).label] if line.tier else []), Remedy.Kind(line.kind).label]
    return rule_history.joined(words)


def _worth(line: Standard) -> str:
    return f"¥{line.amount:.2f}" + (f" · {line.note}" if line.note else "")
