"""The rules every shop starts with say what the rules said before anybody could change them."""

from __future__ import annotations

import re
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from cases.priority import Facts, Ranking, Tier, tier_of

WORDS = ("12315", "消协", "律师", "举报平台", "投诉到", "快递被我投诉了", "等了九天", "")
CAUSES = ("courier.slow", "quality.counterfeit", "service.refusal", "price.fee", "other")
AUTHORITY = re.compile(
    r"12315|消协|消费者协会|工商局?|市场监(?:督|管)|起诉|法院|律师|(?:投诉|举报|曝光)(?:到|给|你们?|店家|商家|平台)"
)
counts = st.none() | st.integers(0, 3)
facts = st.builds(
    Facts,
    platform=st.sampled_from(["taobao", "tmall", "jd"]),
    rating=st.sampled_from(["", "good", "neutral", "bad"]),
    stars=st.none() | st.integers(1, 5),
    causes=st.lists(st.sampled_from(CAUSES), max_size=3, unique=True).map(tuple),
    text=st.lists(st.sampled_from(WORDS), max_size=3).map("".join),
    is_promoted=st.booleans(),
    amount=st.none() | st.sampled_from([Decimal(0), Decimal("299.99"), Decimal(300), Decimal(900)]),
    buyer_order_count=counts,
    buyer_negative_count=st.integers(0, 2),
    risk_score=st.integers(0, 100),
    has_follow_up=st.booleans(),
)


def as_it_was(facts: Facts) -> Ranking:
    """The table of docs/handling.md as it stood in the code before the rules became editable."""
    is_bad = facts.rating == "bad" or (not facts.rating and (facts.stars is None or facts.stars <= 1))
    is_good = facts.rating == "good" or (not facts.rating and (facts.stars or 0) >= 4)
    disputed = {
        "risk": facts.risk_score >= 50,
        "counterfeit": "quality.counterfeit" in facts.causes,
        "refusal": "service.refusal" in facts.causes and is_bad,
        "authority": AUTHORITY.search(facts.text) is not None,
    }
    priority = {
        "promoted": facts.is_promoted and is_bad,
        "valuable": facts.amount is not None and facts.amount >= 300,
        "loyal": (facts.buyer_order_count or 0) > 0 and facts.buyer_negative_count == 0,
        "turned": is_good and facts.has_follow_up,
    }
    for tier, rules in ((Tier.DISPUTED, disputed), (Tier.PRIORITY, priority)):
        reasons = [rule for rule, holds in rules.items() if holds]
        if reasons:
            return Ranking(tier, reasons)
    return Ranking(Tier.GENERAL, ["ordinary"])


@given(facts)
def test_the_default_rules_say_what_the_old_ones_said(facts: Facts) -> None:
    assert tier_of(facts) == as_it_was(facts)
