"""The tier rules: each alone, their order, and the sentences shown."""

from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation

from cases.priority import Facts, Rule, Tier, explain, tier_of


def facts(**given: Any) -> Facts:
    """A complaint no rule singles out, changed by `given`."""
    plain: dict[str, Any] = {
        "platform": "taobao",
        "rating": "bad",
        "causes": ("courier.slow",),
        "text": "等了九天才到",
        "amount": Decimal(59),
    }
    return Facts(**{**plain, **given})


def test_a_plain_complaint_is_general() -> None:
    assert tier_of(facts()) == (Tier.GENERAL, [Rule.ORDINARY])


@pytest.mark.parametrize(
    ("rule", "given"),
    [
        (Rule.RISK, {"risk_score": 50}),
        (Rule.COUNTERFEIT, {"causes": ("courier.slow", "quality.counterfeit")}),
        (Rule.REFUSAL, {"causes": ("service.refusal",)}),
        (Rule.REFUSAL, {"causes": ("service.refusal",), "platform": "jd", "rating": "", "stars": 1}),
        (Rule.AUTHORITY, {"text": "再不处理就打12315"}),
        (Rule.AUTHORITY, {"text": "我已经投诉到平台了"}),
        (Rule.AUTHORITY, {"text": "等着律师函吧"}),
    ],
)
def test_rules_of_the_disputed_tier(rule: Rule, given: dict[str, Any]) -> None:
    assert tier_of(facts(**given)) == (Tier.DISPUTED, [rule])


@pytest.mark.parametrize(
    ("rule", "given"),
    [
        (Rule.PROMOTED, {"is_promoted": True}),
        (Rule.PROMOTED, {"is_promoted": True, "platform": "tmall", "rating": ""}),
        (Rule.VALUABLE, {"amount": Decimal(300)}),
        (Rule.LOYAL, {"buyer_order_count": 1}),
        (Rule.TURNED, {"rating": "good", "has_follow_up": True}),
        (Rule.TURNED, {"platform": "jd", "rating": "", "stars": 5, "has_follow_up": True}),
    ],
)
def test_rules_of_the_priority_tier(rule: Rule, given: dict[str, Any]) -> None:
    assert tier_of(facts(**given)) == (Tier.PRIORITY, [rule])


@pytest.mark.parametrize(
    "given",
    [
        {"risk_score": 49},
        {"causes": ("service.refusal",), "rating": "neutral"},
        {"text": "快递被我投诉了"},
        {"is_promoted": True, "rating": "neutral"},
        {"is_promoted": True, "platform": "jd", "rating": "", "stars": 3},
        {"amount": Decimal("299.99")},
        {"amount": None},
        {"buyer_order_count": 3, "buyer_negative_count": 1},
        {"rating": "good"},
        {"rating": "neutral", "has_follow_up": True},
    ],
)
def test_what_comes_close_to_a_rule_stays_general(given: dict[str, Any]) -> None:
    assert tier_of(facts(**given)).tier is Tier.GENERAL


def test_disputed_wins_over_priority_and_names_its_own_rules_only() -> None:
    both = facts(risk_score=80, causes=("quality.counterfeit",), is_promoted=True, amount=Decimal(900))
    assert tier_of(both) == (Tier.DISPUTED, [Rule.RISK, Rule.COUNTERFEIT])


def test_several_rules_of_one_tier_are_all_named() -> None:
    assert tier_of(facts(is_promoted=True, amount=Decimal(900), buyer_order_count=2)) == (
        Tier.PRIORITY,
        [Rule.PROMOTED, Rule.VALUABLE, Rule.LOYAL],
    )


def test_every_rule_is_explained_in_a_sentence() -> None:
    with translation.override("en"):
        sentences = explain(Rule.values)
    assert len(set(sentences)) == len(Rule)
    assert all(sentence.endswith(".") for sentence in sentences)


def test_an_unknown_rule_is_not_passed_over() -> None:
    with pytest.raises(ValueError, match="moon"):
        explain(["moon"])
