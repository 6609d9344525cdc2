"""However a text is typed, it says the same: noise changes neither the verdict nor the causes."""

import re
from collections.abc import Callable

import pytest
from opencc import OpenCC

from reviews.classifier import shipped

PLAIN = [
    "快递太慢了,等了九天才收到",
    "质量很差,洗了一次就起球",
    "颜色和图片完全不一样,差太远",
    "客服一直不回复,打电话也没人接",
    "刚买完第二天就降价了,还不给退差价",
    "杯子收到就是碎的,包装太简单",
    "尺码偏小,根本穿不下",
    "少发了一件,客服还不承认",
    "说好的赠品没有送,发票也没有",
    "物流很快,可惜质量差",
    "太贵了,不值这个价格",
    "是假货,防伪码查不到",
    "质量很好,发货也快,下次还来",
    "味道不好,已经烂了好几个",
    "申请退货被拒绝,态度很恶劣",
]
TRADITIONAL = OpenCC("s2t")
INVISIBLE = "\u200b"


def full_width(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else "\u3000" if c == " " else c for c in text)


def with_pinyin(text: str) -> str:
    """质(zhì) after every fourth character, as those write who fear a filter."""
    return re.sub(r"([一-鿿]{3}[一-鿿])", r"\1(zhì)", text)


NOISE: dict[str, Callable[[str], str]] = {
    "traditional": TRADITIONAL.convert,
    "pinyin": with_pinyin,
    "full width": full_width,
    "emoji": lambda text: "😡".join(text[at : at + 5] for at in range(0, len(text), 5)) + "👎🏻",
    "invisible": INVISIBLE.join,
    "line breaks around": lambda text: f"\n\n  {text}\r\n\t",
    "pasted twice": lambda text: f"{text}\n{text}",
    "pasted thrice": lambda text: f"{text}。" * 3,
}


def codes(text: str) -> tuple[bool, list[str]]:
    prediction = shipped().classify([text])[0]
    return prediction.is_negative, [tag.code for tag in prediction.tags]


@pytest.mark.parametrize("noise", NOISE)
@pytest.mark.parametrize("text", PLAIN)
def test_noise_changes_nothing(text: str, noise: str) -> None:
    noisy = NOISE[noise](text)
    assert noisy != text
    assert codes(noisy) == codes(text)


@pytest.mark.parametrize("noise", ["traditional", "full width", "emoji", "invisible", "pasted twice"])
def test_marks_cover_the_same_words(noise: str) -> None:
    text = "客服一直不回复,快递太慢了"
    noisy = NOISE[noise](text)
    spans = {tag.code: tag.spans for tag in shipped().classify([noisy])[0].tags}
    for tag in shipped().classify([text])[0].tags:
        (start, end), (first, last) = tag.spans[0], spans[tag.code][0]
        assert NOISE[noise](text[start:end]).strip("👎🏻😡\n").startswith(noisy[first])
        assert last > first


@pytest.mark.parametrize(
    "text", ["质量太差 so bad,用了两天就 broken 坏了", "尺码 xl 太小 size 不对", "delivery 太慢 等了10天"]
)
def test_mixed_chinese_and_english_is_read(text: str) -> None:
    is_negative, found = codes(text)
    assert is_negative
    assert found != ["other"]


@pytest.mark.parametrize("text", ["😡😡😡", "👍🏻", "…", "\u200b\u200b", "   "])
def test_without_a_word_nothing_is_said(text: str) -> None:
    assert codes(text) == (False, ["other"])
