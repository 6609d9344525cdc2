"""The tier of a case, by stated rules over facts; `docs/handling.md` says them in words. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from reviews.causes import Cause

DISPUTED_RISK = 50
"""Risk score, 0-100, from which a person should look at the buyer's intentions before anybody talks money."""
VALUABLE_ORDER = Decimal(300)
"""Yuan from which an order is a valuable one, unless the shop says otherwise."""
BAD_STARS = 1
GOOD_STARS = 4
"""Where stars are the rating: up to which it is bad, from which it is good, the way JD counts them."""

_AUTHORITY = re.compile(
    r"12315|消协|消费者协会|工商局?|市场监(?:督|管)|起诉|法院|律师|(?:投诉|举报|曝光)(?:到|给|你们?|店家|商家|平台)"
)


class Tier(TextChoices):
    PRIORITY = "priority", _("Priority")
    GENERAL = "general", _("General")
    DISPUTED = "disputed", _("Disputed")


PRECEDENCE = (Tier.DISPUTED, Tier.PRIORITY, Tier.GENERAL)
"""Of the tiers that rules give a case the first one counts."""


class Rule(TextChoices):
    """Why a case is in its tier. A rule's label is the sentence shown."""

    RISK = "risk", _("The risk score is high: look at the signals before offering anything.")
    COUNTERFEIT = "counterfeit", _("The buyer says the goods are fake or used.")
    REFUSAL = "refusal", _("The buyer says a return was refused, and is angry about it.")
    AUTHORITY = "authority", _("The buyer speaks of a complaint to the platform, an authority or a court.")
    PROMOTED = "promoted", _("Rated bad on a product that is being promoted.")
    VALUABLE = "valuable", _("The order is a valuable one for this shop.")
    LOYAL = "loyal", _("The buyer has bought here before, and complains for the first time.")
    TURNED = "turned", _("A good review turned bad with its follow-up.")
    ORDINARY = "ordinary", _("No rule calls for a special tier.")
    BACKLOG = "backlog", _("The review was old when it came in: it waits until somebody takes it up.")


class Rated(TextChoices):
    """What a rule can ask of the rating."""

    BAD = "bad", _("rated bad")
    GOOD = "good", _("rated good")


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the rules look at. Amounts are in yuan; None and "" mean not known; the buyer's counts are of before."""

    platform: str
    rating: str = ""
    stars: int | None = None
    causes: tuple[str, ...] = ()
    text: str = ""
    """Review and follow-up."""
    is_promoted: bool = False
    amount: Decimal | None = None
    buyer_order_count: int | None = 0
    buyer_negative_count: int | None = 0
    risk_score: int = 0
    has_follow_up: bool = False

    @property
    def is_rated_bad(self) -> bool:
        """Where the platform knows no rating, a complaint in the text is the worst a buyer can give."""
        return self.rating == "bad" or (not self.rating and (self.stars is None or self.stars <= BAD_STARS))

    @property
    def is_rated_good(self) -> bool:
        return self.rating == "good" or (not self.rating and (self.stars or 0) >= GOOD_STARS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What must hold, all of it, for a rule to hold. None, "" and False ask for nothing; amounts are in yuan.

    What is not known meets no condition.
    """

    rated: str = ""
    causes: tuple[str, ...] = ()
    """One of these is among the causes."""
    is_promoted: bool = False
    has_follow_up: bool = False
    speaks_of_authority: bool = False
    amount_from: Decimal | None = None
    risk_from: int | None = None
    orders_from: int | None = None
    """Earlier orders of the buyer."""
    complaints_from: int | None = None
    """Earlier negative reviews of the buyer."""
    complaints_to: int | None = None

    def hold(self, facts: Facts) -> bool:
        return (
            (self.risk_from is None or facts.risk_score >= self.risk_from)
            and (not self.causes or any(cause in self.causes for cause in facts.causes))
            and (not self.is_promoted or facts.is_promoted)
            and (not self.has_follow_up or facts.has_follow_up)
            and (not self.rated or (facts.is_rated_bad if self.rated == Rated.BAD else facts.is_rated_good))
            and _reaches(facts.amount, self.amount_from)
            and _reaches(facts.buyer_order_count, self.orders_from)
            and _reaches(facts.buyer_negative_count, self.complaints_from)
            and _keeps_to(facts.buyer_negative_count, self.complaints_to)
            and (not self.speaks_of_authority or _AUTHORITY.search(facts.text) is not None)
        )


def _reaches(value: Decimal | int | None, least: Decimal | int | None) -> bool:
    return least is None or (value is not None and value >= least)


def _keeps_to(value: int | None, most: int | None) -> bool:
    return most is None or (value is not None and value <= most)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedRule:
    """A rule as it stands in the book: where its conditions hold it calls for its tier."""

    key: str
    tier: Tier
    conditions: Conditions
    name: str = ""
    """The shop's own words for the reason; "" where `key` is a code of Rule that says it."""
    is_on: bool = True

    @property
    def reason(self) -> str:
        """What a case keeps as its reason: a code of Rule, or the words of the moment, which outlive the rule."""
        return self.name or self.key


Rules = tuple[StatedRule, ...]

DEFAULT_RULES: Rules = (
    StatedRule(key=Rule.RISK.value, tier=Tier.DISPUTED, conditions=Conditions(risk_from=DISPUTED_RISK)),
    StatedRule(
        key=Rule.COUNTERFEIT.value, tier=Tier.DISPUTED, conditions=Conditions(causes=(Cause.QUALITY_COUNTERFEIT.value,))
    ),
    StatedRule(
        key=Rule.REFUSAL.value,
        tier=Tier.DISPUTED,
        conditions=Conditions(causes=(Cause.SERVICE_REFUSAL.value,), rated=Rated.BAD.value),
    ),
    StatedRule(key=Rule.AUTHORITY.value, tier=Tier.DISPUTED, conditions=Conditions(speaks_of_authority=True)),
    StatedRule(
        key=Rule.PROMOTED.value, tier=Tier.PRIORITY, conditions=Conditions(is_promoted=True, rated=Rated.BAD.value)
    ),
    StatedRule(key=Rule.VALUABLE.value, tier=Tier.PRIORITY, conditions=Conditions(amount_from=VALUABLE_ORDER)),
    StatedRule(key=Rule.LOYAL.value, tier=Tier.PRIORITY, conditions=Conditions(orders_from=1, complaints_to=0)),
    StatedRule(
        key=Rule.TURNED.value, tier=Tier.PRIORITY, conditions=Conditions(rated=Rated.GOOD.value, has_follow_up=True)
    ),
)
"""The rules every shop starts with."""


class Ranking(NamedTuple):
    """A tier and the reasons that set it, as `explain` reads them, never none."""

    tier: Tier
    reasons: list[str]


WAITS = Ranking(Tier.GENERAL, [Rule.BACKLOG.value])
"""Where a backlog case stands, whatever rules hold."""


def tier_of(facts: Facts, rules: Rules = DEFAULT_RULES) -> Ranking:
    """Of the rules that hold, those of the first tier in PRECEDENCE; general where none holds."""
    held = [rule for rule in rules if rule.is_on and rule.conditions.hold(facts)]
    for tier in PRECEDENCE:
        reasons = [rule.reason for rule in held if rule.tier == tier]
        if reasons:
            return Ranking(tier, reasons)
    return Ranking(Tier.GENERAL, [Rule.ORDINARY.value])


def is_backlog(last_word_at: datetime, opens_at: datetime, days: int) -> bool:
    """Whether what the buyer wrote last is more than `days` days old when its case opens."""
    return opens_at - last_word_at > timedelta(days=days)


def explain(reasons: Iterable[str]) -> list[str]:
    """The sentences of `reasons`: of a rule's code its translated one, anything else is a shop's own words."""
    return [str(Rule(reason).label) if reason in Rule.values else reason for reason in reasons]
