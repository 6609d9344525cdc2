"""The list of phrases as a file, out and in, and what a phrase must be."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils import translation

from reviews.ingest.errors import UnreadableFile
from reviews.models import PhraseChange, Shop, ShopPhrase
from reviews.vocabulary import exchange
from reviews.vocabulary.exchange import Received, phrases_csv, receive_phrases
from reviews.vocabulary.wording import checked_text, checked_wording
from tests.conftest import NOW


@pytest.fixture
def receive(admin: User, shop: Shop) -> Callable[..., Received]:
    def read(content: str | bytes, where: Shop | None = shop) -> Received:
        data = content.encode() if isinstance(content, str) else content
        return receive_phrases(file=io.BytesIO(data), shop=where, actor=admin, now=NOW)

    return read


def kept() -> list[Sequence[str]]:
    return list(ShopPhrase.objects.order_by("pk").values_list("text", "kind", "cause", "note"))


def test_lines_are_added_and_bad_ones_told_by_line(receive: Callable[..., Received]) -> None:
    received = receive(
        "phrase,cause,note\n跑珠,quality.workmanship,钢笔\n\n慢炖锅,,商品名\n差,quality.defect,\n糊底,quality.nonsense,\n!!,,\n"
    )
    assert kept() == [("跑珠", "sign", "quality.workmanship", "钢笔"), ("慢炖锅", "word", "", "商品名")]
    assert [(line.line, line.phrase) for line in received.refused] == [(5, "差"), (6, "糊底"), (7, "!!")]
    assert all(line.reason for line in received.refused)
    assert received[:3] == (2, 0, 0)


def test_signs_nobody_sees_are_left_out_of_notes_too(receive: Callable[..., Received]) -> None:
    assert receive("phrase,cause,note\n跑珠,quality.workmanship,钢\0笔\u202e\n").added == 1
    assert kept() == [("跑珠", "sign", "quality.workmanship", "钢笔")]


def test_reading_the_same_file_again_changes_nothing(receive: Callable[..., Received]) -> None:
    content = "phrase,cause,note\nＵＳＢ,quality.defect,接口\nusb,quality.defect,插口\n"
    assert receive(content)[:3] == (1, 1, 0)
    assert receive("phrase,cause,note\nusb,quality.defect,插口\n")[:3] == (0, 0, 1)
    assert kept() == [("usb", "sign", "quality.defect", "插口")]
    assert PhraseChange.objects.count() == 2


def test_a_phrase_that_was_switched_off_comes_back(
    receive: Callable[..., Received], add: Callable[..., ShopPhrase]
) -> None:
    add("跑珠", is_active=False)
    assert receive("phrase,cause\n跑珠,quality.workmanship\n")[:3] == (0, 1, 0)
    assert ShopPhrase.objects.get().is_active


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_causes_are_read_by_name_in_the_readers_language(receive: Callable[..., Received], encoding: str) -> None:
    with translation.override("zh-hans"):
        receive("phrase,cause,meaning\n跑珠,材质做工,\n慢炖锅,物流快递 · 运输慢,no_sign\n".encode(encoding))
    assert kept() == [("跑珠", "sign", "quality.workmanship", ""), ("慢炖锅", "no_sign", "courier.slow", "")]


def test_what_goes_out_comes_in_again(
    receive: Callable[..., Received], add: Callable[..., ShopPhrase], shop: Shop, other_shop: Shop
) -> None:
    add("慢炖锅", "courier.slow", kind="no_sign")
    add("+差评返现", note='=HYPERLINK("x")')
    add("别的店", shop=other_shop)
    add("停用的", is_active=False)
    before = [line for line in kept() if line[0] not in {"别的店", "停用的"}]
    content = phrases_csv(shop)
    rows = list(csv.reader(io.StringIO(content.removeprefix("\ufeff"))))
    assert not any(cell.startswith(("=", "+")) for row in rows for cell in row)
    PhraseChange.objects.all()._raw_delete("default")
    ShopPhrase.objects.all().delete()
    receive(content)
    assert sorted(kept()) == sorted(before)


@pytest.mark.parametrize(
    "content", [b"", "词语,原因\n跑珠,质量\n".encode(), b"phrase\n\xff\xff\xff", b'phrase\n"a"b\n']
)
def test_a_file_that_cannot_be_read_says_why(receive: Callable[..., Received], content: bytes) -> None:
    with pytest.raises(UnreadableFile):
        receive(content)


def test_a_file_has_a_bounded_number_of_lines(
    receive: Callable[..., Received], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "LINES_AT_MOST", 2)
    with pytest.raises(UnreadableFile):
        receive("phrase\n一二\n二三\n三四\n")
    assert kept() == []


@pytest.mark.parametrize(
    ("text", "kept_as"),
    [
        ("  跑珠 ", "跑珠"),
        ("跑\u202e珠\u200b", "跑珠"),
        ("服务👎", "服务👎"),
        (".*+?", None),
        ("(a+)+$", "(a+)+$"),
        ("差", None),
        ("👎👎", None),
        ("", None),
        ("\x00\x01", None),
        ("订单202611", None),
        ("字" * 40, "字" * 3),
        ("字句" * 20, "字句" * 20),
        ("字句" * 21, None),
        ("ﷺﷺﷺ", None),
    ],
)
def test_what_a_phrase_must_be(text: str, kept_as: str | None) -> None:
    if kept_as is None:
        with pytest.raises(ValidationError):
            checked_text(text)
    elif text == "字" * 40:
        assert checked_text(text) == text
    else:
        assert checked_text(text) == kept_as


@pytest.mark.parametrize(
    ("kind", "cause", "field"),
    [
        ("sign", "", "cause"),
        ("sign", "other", "cause"),
        ("no_sign", "quality", "cause"),
        ("sign", "nonsense", "cause"),
        ("nonsense", "quality.defect", "kind"),
    ],
)
def test_a_rule_needs_a_meaning_and_a_cause(kind: str, cause: str, field: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        checked_wording(None, "跑珠", kind, cause)
    assert list(refusal.value.message_dict) == [field]


def test_just_a_word_has_no_cause() -> None:
    assert checked_wording(None, "慢炖锅", "word", "courier.slow").cause == ""
