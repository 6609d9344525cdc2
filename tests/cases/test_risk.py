"""The risk score: every signal by itself, none from what is not known, none of the weak ones enough."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.priority import DISPUTED_RISK
from cases.risk import POINTS, Signal, Signals, risk_score

ALONE: dict[Signal, dict[str, Any]] = {
    Signal.MONEY_FOR_REVIEW: {"text": "给我100元就改好评"},
    Signal.DEMANDS_SUM: {"text": "质量太差了,必须赔我200元"},
    Signal.MANY_NEGATIVES: {"buyer_review_count": 5, "buyer_negative_count": 3},
    Signal.POSTAGE_OVER_PRICE: {"amount": Decimal("15.00"), "postage": Decimal("15.01")},
    Signal.COSTLY_COURIER: {"courier_company": "EMS", "postage": Decimal(20), "offers_free_postage": True},
    Signal.LARGE_AMOUNT: {"amount": Decimal("1000.01")},
    Signal.TINY_AMOUNT: {"amount": Decimal("9.99")},
    Signal.MANY_ITEMS: {"quantity": 11},
    Signal.SAME_ITEM: {"same_item_order_count": 3},
    Signal.NO_HISTORY: {"buyer_order_count": 0},
    Signal.NO_CHAT: {"has_chatted": False},
}

MONEY_FOR_REVIEW = """
给我100元就改好评
转我50块我就删差评
退我30块钱马上改五星
给钱换赞,懂的来
不给钱就差评
不给我红包我绝不改
想要好评就拿红包来
想让我改评价,先给我五十块
拿钱来改评价
前几家都给了,你们看着办
之前的店都赔了,你们也赔点
花钱消灾吧老板
给 我 1 0 0 块 就 改 好 评
""".strip().splitlines()

ORDINARY = """
客服说给我5元改好评,我没答应
卖家打电话让我改好评给我10块钱
说好的好评返现不给
好评返现骗人,给了好评不给钱
给我100元我都不要这种东西
十块钱给我都不要
赔我运费
给我退款
补差价没给我
给钱的时候快,退钱的时候慢
这是花钱买罪受
差评,再也不来了
""".strip().splitlines()


def codes(signals: Signals) -> set[Signal]:
    return {reason.code for reason in risk_score(signals).reasons}


def test_nothing_known_is_no_risk() -> None:
    assert risk_score(Signals()) == (0, [])


def test_every_signal_is_tried_alone() -> None:
    assert set(ALONE) == set(POINTS) == set(Signal)


@pytest.mark.parametrize("signal", ALONE)
def test_a_signal_alone_is_explained_and_worth_its_points(signal: Signal) -> None:
    score, reasons = risk_score(Signals(**ALONE[signal]))
    assert [(reason.code, reason.points, reason.label) for reason in reasons] == [
        (signal, POINTS[signal], signal.label)
    ]
    assert score == POINTS[signal]


def test_only_asking_money_for_a_review_is_enough_by_itself() -> None:
    assert [signal for signal, points in POINTS.items() if points >= DISPUTED_RISK] == [Signal.MONEY_FOR_REVIEW]


@pytest.mark.parametrize("text", MONEY_FOR_REVIEW)
def test_hears_who_asks_money_for_a_review(text: str) -> None:
    assert codes(Signals(text=text)) == {Signal.MONEY_FOR_REVIEW}


@pytest.mark.parametrize("text", ORDINARY)
def test_an_ordinary_complaint_about_money_is_no_signal(text: str) -> None:
    assert codes(Signals(text=text)) == set()


@pytest.mark.parametrize(
    "known",
    [
        {"amount": Decimal(1000)},
        {"amount": Decimal(10)},
        {"quantity": 10},
        {"amount": Decimal(15), "postage": Decimal(15)},
        {"postage": Decimal(15)},
        {"same_item_order_count": 2},
        {"buyer_order_count": 1},
        {"has_chatted": True},
        {"buyer_negative_count": 5},
        {"buyer_review_count": 2, "buyer_negative_count": 2},
        {"buyer_review_count": 6, "buyer_negative_count": 3},
        {"courier_company": "EMS", "postage": Decimal(20)},
        {"courier_company": "EMS", "postage": Decimal(20), "offers_free_postage": False},
        {"courier_company": "EMS", "postage": Decimal(0), "offers_free_postage": True},
        {"courier_company": "圆通速递", "postage": Decimal(20), "offers_free_postage": True},
    ],
)
def test_the_usual_and_the_half_known_add_nothing(known: dict[str, Any]) -> None:
    assert codes(Signals(**known)) == set()


def test_points_add_up_heaviest_first_and_end_at_100() -> None:
    everything = {
        key: value for signal, facts in ALONE.items() if signal != "demands_sum" for key, value in facts.items()
    }
    score, reasons = risk_score(Signals(**everything | {"amount": Decimal(5)}))
    assert score == 100
    assert sum(reason.points for reason in reasons) > 100
    assert [reason.points for reason in reasons] == sorted((reason.points for reason in reasons), reverse=True)


@given(
    st.builds(
        Signals,
        text=st.text(),
        amount=st.none() | st.decimals(0, 100_000, places=2),
        postage=st.none() | st.decimals(0, 1_000, places=2),
        quantity=st.none() | st.integers(0, 10_000),
        buyer_review_count=st.none() | st.integers(0, 100),
        buyer_negative_count=st.none() | st.integers(0, 100),
    )
)
def test_a_score_is_always_the_sum_of_its_reasons(signals: Signals) -> None:
    score, reasons = risk_score(signals)
    assert score == min(100, sum(reason.points for reason in reasons))
    assert len({reason.code for reason in reasons}) == len(reasons)
