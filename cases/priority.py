"""The tier of a case, by stated rules over facts; `docs/handling.md` says them in words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from reviews.causes import Cause

DISPUTED_RISK = 50
"""Risk score, 0-100, from which a person should look at the buyer's intentions before anybody talks money."""
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
    valuable_order: Decimal
    buyer_order_count: int = 0
    buyer_negative_count: int = 0
    risk_score: int = 0
    has_follow_up: bool = False

    @property
    def is_rated_bad(self) -> bool:
        """Where the platform knows no rating, a complaint in the text is the worst a buyer can give."""
        return self.rating == "bad" or (not self.rating and (self.stars is None or self.stars <= BAD_STARS))

    @property
    def is_rated_good(self) -> bool:
        return self.rating == "good" or (not self.rating and (self.stars or 0) >= GOOD_STARS)


class Ranking(NamedTuple):
    """A tier and the codes of the rules that set it, never none."""

    tier: Tier
    reasons: list[str]


def tier_of(facts: Facts) -> Ranking:
    """Disputed when one of its rules holds, else priority when one of its rules holds, else general."""
    disputed = {
        Rule.RISK: facts.risk_score >= DISPUTED_RISK,
        Rule.COUNTERFEIT: Cause.QUALITY_COUNTERFEIT in facts.causes,
        Rule.REFUSAL: Cause.SERVICE_REFUSAL in facts.causes and facts.is_rated_bad,
        Rule.AUTHORITY: _AUTHORITY.search(facts.text) is not None,
    }
    priority = {
        Rule.PROMOTED: facts.is_promoted and facts.is_rated_bad,
        Rule.VALUABLE: facts.amount is not None and facts.amount >= facts.valuable_order,
        Rule.LOYAL: facts.buyer_order_count > 0 and facts.buyer_negative_count == 0,
        Rule.TURNED: facts.is_rated_good and facts.has_follow_up,
    }
    for tier, rules in ((Tier.DISPUTED, disputed), (Tier.PRIORITY, priority)):
        reasons = [rule.value for rule, holds in rules.items() if holds]
        if reasons:
            return Ranking(tier, reasons)
    return Ranking(Tier.GENERAL, [Rule.ORDINARY.value])


def explain(reasons: Iterable[str]) -> list[str]:
    """The translated sentences of rule codes. Raises ValueError for an unknown one."""
    return [str(Rule(code).label) for code in reasons]
