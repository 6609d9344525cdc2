"""A draft as the rules read it: normalised, and traceable to the characters the agent typed."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from cases.replies.phrases import phrases

Span = tuple[int, int]

# A break beside a fragment shorter than this was put in to hide a word ("改 好.评 返 现"), not to end a clause.
SHORTEST_FRAGMENT = 3

# Traditional letters and pictures that stand for words of the rules; without them a block rule is easily hidden.
LOOKALIKES = str.maketrans(
    "評價論刪圖曬單給後發紅現補償賠錢塊優禮贈獎積會員轉賬換運費領買賣問題責誰電話號碼聯繫係絡訴訟舉報蓋舖貼"
    "麻煩請們將還這個對沒為無與從馬點嗎麼時間裡說寫",
    "评价论删图晒单给后发红现补偿赔钱块优礼赠奖积会员转账换运费领买卖问题责谁电话号码联系系络诉讼举报盖铺贴"
    "麻烦请们将还这个对没为无与从马点吗么时间里说写",
) | {
    ord("🧧"): "红包",
    ord("💰"): "现金",
    ord("💵"): "现金",
    ord("🎁"): "礼物",
    ord("⭐"): "星",
    ord("🌟"): "星",
    ord("★"): "星",
    ord("☆"): "星",
    ord("👍"): "好评",
}

_SENTENCE_ENDS = frozenset("。!?;\n\r｡")
_PAUSES = _SENTENCE_ENDS | frozenset(",.、:~…—|/\\")

# "能不能改" asks for a change, it does not refuse one; masked before a negation is looked for.
_NOT_A_NEGATION = phrases(
    """
    能不能|可不可以|是不是|会不会|要不要|行不行|愿不愿|肯不肯|想不想|方不方便|好不好|有没有|要不然?|何不|不如|不妨
        |不好意思|不但|不仅|不过|不只|不光|不管|不论|无论|不得不|不少|没关系|没问题|不客气
    """
)
_NEGATION = phrases(
    """
    (?:不|没有?|没法|无[需须法意]|毋须|未|别|勿|莫|并非|绝非|从未|难以|禁止|严禁|拒绝|杜绝|抵制|反对|停止|避免|以免
        |防止|谨防|怎么?能|怎么?会|哪能|岂能|岂会)
    (?:会|能|可以?|要|让|请|求|要求|需要?|必|得|再|去|来|在|把|将|对|向|给|以|用|因|因为|为了?|此|任何|所谓|是|说|做
        |搞|有|敢|该|应该?|予|想|打算|认为|觉得|感到|感觉|参与|提供|发|放|拿到?|得到|指望|支持|接受|存在|涉及|通过
        |主动|私下|私自|随意|随便|单方面|直接|简单|真的|您们?|你们?|亲们?|买家|顾客|客户|用户|消费者|客人|我们?|本店
        |小店|店铺|客服|什么|半点|一点|必要|什么好|为条件|条件|评价|差评|而|把责任|责任|推给|归咎于|都|也|就|先|退款
        |补偿|赔偿|优惠券?|红包|返现|现金|礼品|赠品|换取?|诱导|引导|强迫|勉强|逼|催促?|出现|发生|进行|开展|做到|达到
        |没有|的){0,8}$
    """
)


@dataclass(frozen=True, slots=True)
class View:
    """A reading of the draft; `places[i]` is the offset, in the draft as typed, of the character behind `text[i]`."""

    text: str
    places: tuple[int, ...]

    def typed(self, start: int, end: int) -> tuple[int, int]:
        """Span of the draft as typed behind the non-empty span `start:end` of this reading."""
        return self.places[start], self.places[end - 1] + 1


@dataclass(frozen=True)
class Draft:
    """The text of a reply, with the two readings rules work on.

    `plain` keeps punctuation and spacing; `letters` holds letters, digits and the signs ¥ $ % only, so that nothing put
    between characters hides a word. Both are NFKC, lower case and simplified where the rules need it.
    """

    typed: str

    @cached_property
    def plain(self) -> View:
        text: list[str] = []
        places: list[int] = []
        for place, char in enumerate(self.typed):
            for folded in unicodedata.normalize("NFKC", char).lower().translate(LOOKALIKES):
                if unicodedata.category(folded) not in ("Cf", "Mn", "Me"):
                    text.append(folded)
                    places.append(place)
        return View("".join(text), tuple(places))

    @cached_property
    def _split(self) -> tuple[View, list[tuple[int, str]]]:
        """The letters, and what was left out: (index of the letter that follows, the characters before it)."""
        kept: list[str] = []
        places: list[int] = []
        gaps: list[tuple[int, str]] = []
        gap = ""
        for char, place in zip(self.plain.text, self.plain.places, strict=True):
            if not (char.isalnum() or char in "¥$%"):
                gap += char
                continue
            if gap:
                gaps.append((len(kept), gap))
                gap = ""
            kept.append(char)
            places.append(place)
        return View("".join(kept), tuple(places)), gaps

    @property
    def letters(self) -> View:
        return self._split[0]

    @cached_property
    def pauses(self) -> list[int]:
        """Indexes of letters that follow punctuation, however it came there."""
        return [index for index, run in self._split[1] if _PAUSES.intersection(run)]

    @cached_property
    def clause_starts(self) -> list[int]:
        return list(self._lasting(_PAUSES))

    @cached_property
    def sentence_starts(self) -> list[int]:
        return list(self._lasting(_SENTENCE_ENDS))

    def _lasting(self, marks: frozenset[str]) -> Iterator[int]:
        letters, gaps = self._split
        edges = [0, *(index for index, _ in gaps), len(letters.text)]
        for number, (index, run) in enumerate(gaps, start=1):
            fragment = min(index - edges[number - 1], edges[number + 1] - index)
            if marks.intersection(run) and fragment >= SHORTEST_FRAGMENT:
                yield index

    def sentence(self, index: int) -> tuple[int, int]:
        """Span, in `letters`, of the sentence the letter at `index` belongs to."""
        starts = self.sentence_starts
        number = bisect_right(starts, index)
        return (starts[number - 1] if number else 0, starts[number] if number < len(starts) else len(self.letters.text))

    def sentence_text(self, index: int) -> str:
        start, end = self.sentence(index)
        return self.letters.text[start:end]

    def is_negated(self, index: int) -> bool:
        """Whether what begins at letter `index` is denied or refused by the words right before it."""
        return self._lead(_NEGATION, index) is not None

    def follows(self, pattern: re.Pattern[str], index: int) -> bool:
        """Whether `pattern` is found in the words of the same clause before letter `index`."""
        return self._lead(pattern, index) is not None

    def _lead(self, pattern: re.Pattern[str], index: int) -> re.Match[str] | None:
        number = bisect_right(self.pauses, index)
        start = max(self.pauses[number - 1] if number else 0, index - 24)
        return pattern.search(self.stated, start, index)

    @cached_property
    def stated(self) -> str:
        """`letters` with the words masked that look like a denial and are none."""
        return _NOT_A_NEGATION.sub(lambda match: "□" * len(match[0]), self.letters.text)


def crosses(starts: list[int], start: int, end: int) -> bool:
    """Whether one of the sorted indexes `starts` lies inside the span `start:end`."""
    return bisect_right(starts, start) < bisect_left(starts, end)
