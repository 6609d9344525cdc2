"""The tier rules: each alone, their order, and the sentences shown."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation

from cases.priority import Conditions, Facts, Rule, StatedRule, Tier, explain, is_backlog, tier_of
from tests.conftest import NOW


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


def rule(tier: Tier, name: str = "", **conditions: Any) -> StatedRule:
    return StatedRule(key=f"own-{name}", tier=tier, name=name, conditions=Conditions(**conditions))


@pytest.mark.parametrize(
    ("conditions", "met", "missed"),
    [
        ({"rated": "bad"}, {"rating": "bad"}, {"rating": "neutral"}),
        ({"rated": "good"}, {"rating": "good"}, {"rating": "neutral"}),
        ({"causes": ("price.fee", "price.drop")}, {"causes": ("price.drop",)}, {"causes": ("price.expensive",)}),
        ({"is_promoted": True}, {"is_promoted": True}, {"is_promoted": False}),
        ({"has_follow_up": True}, {"has_follow_up": True}, {"has_follow_up": False}),
        ({"speaks_of_authority": True}, {"text": "找律师"}, {"text": "找客服"}),
        ({"amount_from": Decimal(60)}, {"amount": Decimal(60)}, {"amount": Decimal("59.99")}),
        ({"amount_from": Decimal(0)}, {"amount": Decimal(0)}, {"amount": None}),
        ({"risk_from": 30}, {"risk_score": 30}, {"risk_score": 29}),
        ({"orders_from": 2}, {"buyer_order_count": 2}, {"buyer_order_count": 1}),
        ({"orders_from": 0}, {"buyer_order_count": 0}, {"buyer_order_count": None}),
        ({"complaints_from": 2}, {"buyer_negative_count": 2}, {"buyer_negative_count": 1}),
        ({"complaints_to": 1}, {"buyer_negative_count": 1}, {"buyer_negative_count": 2}),
        ({"complaints_to": 1}, {"buyer_negative_count": 0}, {"buyer_negative_count": None}),
    ],
)
def test_a_condition_is_met_by_what_it_asks_for_and_by_nothing_unknown(
    conditions: dict[str, Any], met: dict[str, Any], missed: dict[str, Any]
) -> None:
    rules = (rule(Tier.PRIORITY, "Ours", **conditions),)
    assert tier_of(facts(**met), rules) == (Tier.PRIORITY, ["Ours"])
    assert tier_of(facts(**missed), rules) == (Tier.GENERAL, [Rule.ORDINARY])


def test_all_conditions_of_a_rule_have_to_hold() -> None:
    rules = (rule(Tier.PRIORITY, "Ours", rated="bad", risk_from=30),)
    assert tier_of(facts(risk_score=30), rules).tier is Tier.PRIORITY
    assert tier_of(facts(risk_score=30, rating="neutral"), rules).tier is Tier.GENERAL


def test_disputed_goes_before_priority_and_priority_before_general_whatever_the_order() -> None:
    rules = tuple(rule(tier, tier.value, rated="bad") for tier in (Tier.GENERAL, Tier.PRIORITY, Tier.DISPUTED))
    assert tier_of(facts(), rules) == (Tier.DISPUTED, ["disputed"])
    assert tier_of(facts(), rules[:2]) == (Tier.PRIORITY, ["priority"])
    assert tier_of(facts(), rules[:1]) == (Tier.GENERAL, ["general"])


def test_a_rule_that_is_off_counts_for_nothing() -> None:
    assert tier_of(facts(), (replace(rule(Tier.DISPUTED, "Ours", rated="bad"), is_on=False),)).tier is Tier.GENERAL


@pytest.mark.parametrize(("age", "waits"), [(timedelta(days=30), False), (timedelta(days=30, seconds=1), True)])
def test_backlog_begins_after_so_many_days(age: timedelta, waits: bool) -> None:
    assert is_backlog(NOW - age, NOW, 30) is waits


def test_every_rule_is_explained_in_a_sentence() -> None:
    with translation.override("en"):
        sentences = explain(Rule.values)
    assert len(set(sentences)) == len(Rule)
    assert all(sentence.endswith(".") for sentence in sentences)


def test_a_shops_own_words_are_shown_as_they_are() -> None:
    assert explain(["第三次投诉的买家。"]) == ["第三次投诉的买家。"]
