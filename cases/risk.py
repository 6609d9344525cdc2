"""How much a review looks like the work of a professional or malicious reviewer: a score a person can check.

None of the signals proves anything. The score says where to look before money is talked about; a person decides, and
can decide otherwise. No single weak signal reaches the half that makes a case disputed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.replies.draft import Draft
from cases.replies.phrases import phrases

HIGHEST = 100
LARGE_AMOUNT = Decimal(1000)
TINY_AMOUNT = Decimal(10)
MANY_ITEMS = 10
SAME_ITEM_ORDERS = 3
MANY_NEGATIVES = 3
MOSTLY_NEGATIVE = 0.6


class Signal(TextChoices):
    """A signal's label is the explanation shown."""

    MONEY_FOR_REVIEW = "money_for_review", _("Asks for money in return for a better review.")
    DEMANDS_SUM = "demands_sum", _("Names a sum of money to be paid.")
    MANY_NEGATIVES = "many_negatives", _("Most reviews the buyer gave are negative.")
    POSTAGE_OVER_PRICE = "postage_over_price", _("The buyer paid more postage than the goods cost.")
    COSTLY_COURIER = "costly_courier", _("Chose paid EMS although postage was free.")
    LARGE_AMOUNT = "large_amount", _("The order is unusually large: over 1,000 yuan.")
    TINY_AMOUNT = "tiny_amount", _("The order is unusually small: under 10 yuan.")
    MANY_ITEMS = "many_items", _("The order has more than 10 items.")
    SAME_ITEM = "same_item", _("The same item was ordered again and again.")
    NO_HISTORY = "no_history", _("The buyer has no earlier order here.")
    NO_CHAT = "no_chat", _("The buyer asked nothing before ordering.")


POINTS = {
    Signal.MONEY_FOR_REVIEW: 60,
    Signal.DEMANDS_SUM: 20,
    Signal.MANY_NEGATIVES: 30,
    Signal.POSTAGE_OVER_PRICE: 20,
    Signal.COSTLY_COURIER: 15,
    Signal.LARGE_AMOUNT: 10,
    Signal.TINY_AMOUNT: 10,
    Signal.MANY_ITEMS: 10,
    Signal.SAME_ITEM: 10,
    Signal.NO_HISTORY: 10,
    Signal.NO_CHAT: 5,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Signals:
    """What is known of a review, its order and its buyer. None, or an empty text, is not known and adds nothing.

    Amounts are in yuan, `amount` without postage. Counts are of before this review, within this shop; under a masked
    name they are not known, for several people share it.
    """

    text: str = ""
    """Review and follow-up."""
    amount: Decimal | None = None
    postage: Decimal | None = None
    quantity: int | None = None
    courier_company: str = ""
    offers_free_postage: bool | None = None
    has_chatted: bool | None = None
    """Whether the buyer wrote to the shop before ordering."""
    buyer_order_count: int | None = None
    same_item_order_count: int | None = None
    """Orders of the reviewed item by the buyer, this one included."""
    buyer_review_count: int | None = None
    buyer_negative_count: int | None = None


class Reason(NamedTuple):
    code: Signal
    points: int
    label: str | Promise


class Risk(NamedTuple):
    """`score` is 0-100; `reasons` the signals that make it up, heaviest first."""

    score: int
    reasons: list[Reason]


def risk_score(signals: Signals) -> Risk:
    """The sum of the points of every signal found, at most 100."""
    found = [*_of_the_text(signals.text), *_of_the_order(signals), *_of_the_buyer(signals)]
    reasons = sorted((Reason(each, POINTS[each], each.label) for each in found), key=lambda reason: -reason.points)
    return Risk(min(HIGHEST, sum(reason.points for reason in reasons)), reasons)


_SUM = r"[\d一二两三四五六七八九十百千几]{1,6}(?:元|块钱?|圆|大洋)"
_MONEY = rf"(?:钱|红包|现金|好处费?|{_SUM})"
_BETTER_REVIEW = """(?:[改删撤换消](?:[成为掉了个一]|一下|您的?|你的?){0,3}(?:[好差中]?评[价论]?|赞|五星|5星)
    |好评|五星|5星|点赞|赞|[改删撤][评掉了])"""
_MONEY_FOR_REVIEW = phrases(
    rf"""
    (?<!不)(?:给|转|打|发|赔|补|退|返|拿)(?:我|俺|咱|老子|点|个|来|出){{0,3}}{_MONEY}
        (?:我|才|就|再|可以|马上|立刻|能|会|的话|来|换|帮|给|你|您|们|也|都|换取){{0,5}}{_BETTER_REVIEW}
    | (?:想|要)(?:要|让|叫|我){{0,3}}{_BETTER_REVIEW}(?:的话|就|先|得|必须|可以|请|你|们){{0,4}}(?:给|转|打|发|赔|拿
        |加|红包|{_SUM})
    | 不(?:给|转|打|发|赔|拿)(?:我|俺|点|个){{0,2}}{_MONEY}(?:我|就|别想|休想|永远|绝|坚决|一直|到处|天天|都){{0,3}}
        (?:不[改删撤]|差评|一星|给差|打差|追差)
    | (?:前|上|别的?|其他|之前)(?:面|几|一|两|三|那)*(?:家|个店|家店|的店)(?:店铺?|卖家|商家)?(?:都|也
        |全)*(?:是)?(?:给|赔|转|退)(?:了|过|我|钱)
    | 给钱(?:换|才|就|马上)(?:赞|好评|改|删|五星)|[花破](?:点)?[钱财](?:消灾|免灾|了事)|拿钱(?:来|出来)?(?:改|换|删
        |说话|办事|了事)
    """
)
_DEMANDED_SUM = phrases(rf"(?<![不没让])(?:给|赔偿?|转|补偿?)(?:给)?(?:我|俺|老子|本人){_SUM}(?!.{{0,4}}[都也]不)")
# Who makes the offer: "客服说给我5元改好评" tells of the shop's.
_SHOP_OFFERED = phrases(
    "(?:客服|卖家|店家|商家|老板|他们|她|对方|你们|卡片|卡上|短信)(?:一直|多次|天天|还|竟然|居然|跟我|打电话|主动|上){0,3}"
    "(?:说|让|要|叫|来|写|提出|答应|承诺|愿意|表示|许诺|发).{0,4}$|(?:说好|答应|承诺|说是|写着|号称)的?.{0,4}$"
)
# Told at a glance, so that an import of a million reviews does not read each of them closely.
_MENTIONS_MONEY = re.compile("[钱錢财財元块塊圆]|[红紅]包|[现現]金|好处|好處|[家店].{0,6}[给給赔賠转轉退]")
_EMS = re.compile("EMS|特快专递|邮政特快", re.IGNORECASE)


def _of_the_text(text: str) -> Iterator[Signal]:
    if not _MENTIONS_MONEY.search(text):
        return
    draft = Draft(text)
    for signal, pattern in ((Signal.MONEY_FOR_REVIEW, _MONEY_FOR_REVIEW), (Signal.DEMANDS_SUM, _DEMANDED_SUM)):
        matches = pattern.finditer(draft.letters.text)
        if any(not draft.follows(_SHOP_OFFERED, match.start()) for match in matches):
            yield signal
            return


def _of_the_order(signals: Signals) -> Iterator[Signal]:
    if signals.amount is not None and signals.amount > LARGE_AMOUNT:
        yield Signal.LARGE_AMOUNT
    if signals.amount is not None and signals.amount < TINY_AMOUNT:
        yield Signal.TINY_AMOUNT
    if signals.quantity is not None and signals.quantity > MANY_ITEMS:
        yield Signal.MANY_ITEMS
    if signals.amount is not None and signals.postage is not None and signals.postage > signals.amount:
        yield Signal.POSTAGE_OVER_PRICE
    if signals.offers_free_postage and signals.postage and _EMS.search(signals.courier_company):
        yield Signal.COSTLY_COURIER


def _of_the_buyer(signals: Signals) -> Iterator[Signal]:
    negatives, reviews = signals.buyer_negative_count, signals.buyer_review_count
    if negatives is not None and reviews and negatives >= max(MANY_NEGATIVES, MOSTLY_NEGATIVE * reviews):
        yield Signal.MANY_NEGATIVES
    if signals.same_item_order_count is not None and signals.same_item_order_count >= SAME_ITEM_ORDERS:
        yield Signal.SAME_ITEM
    if signals.buyer_order_count == 0:
        yield Signal.NO_HISTORY
    if signals.has_chatted is False:
        yield Signal.NO_CHAT
