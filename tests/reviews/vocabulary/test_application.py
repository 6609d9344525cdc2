"""What the words of a shop add to, and take from, what the model found."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from reviews.classifier import Prediction, Tag, shipped
from reviews.vocabulary.application import FoundCause, found_by_model, joined, with_words
from reviews.vocabulary.rules import Kind, Rule, Vocabulary


class Model:
    """Says courier.slow of every text with 慢, else quality.defect of one with 坏, else other; 好 is praise."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def classify(self, texts: Sequence[str]) -> list[Prediction]:
        self.asked += texts
        return [self._read(text) for text in texts]

    def _read(self, text: str) -> Prediction:
        said = {"慢": "courier.slow", "坏": "quality.defect"}
        tags = [
            Tag(code, 0.8, ((text.index(word), text.index(word) + 1),)) for word, code in said.items() if word in text
        ]
        score = 0.1 if "好" in text else 0.9
        return Prediction(score > 0.5, score, tuple(tags) or (Tag("other", 0.7, ()),))


def corrected(text: str, *rules: tuple[str, Kind, str], model: Model | None = None) -> list[FoundCause]:
    model = model or Model()
    vocabulary = Vocabulary.of(Rule(*rule) for rule in rules)
    found = found_by_model(Model().classify([text])[0])
    return with_words([text], [found], vocabulary, model.classify)[0]


def codes(causes: list[FoundCause]) -> list[str]:
    return [cause.code for cause in causes]


BEADS = ("跑珠", Kind.SIGN, "quality.workmanship")
POT = ("慢炖锅", Kind.NO_SIGN, "courier.slow")


def test_a_sign_adds_its_cause_behind_those_of_the_model_and_marks_the_phrase() -> None:
    assert corrected("寄得慢,还跑珠了", BEADS) == [
        FoundCause("courier.slow", 0.8, [[2, 3]]),
        FoundCause("quality.workmanship", None, [[5, 7]]),
    ]


def test_a_sign_takes_the_place_of_other() -> None:
    assert codes(corrected("用两天就跑珠", BEADS)) == ["quality.workmanship"]


def test_a_cause_of_the_model_keeps_its_probability_and_gains_the_evidence() -> None:
    found = corrected("慢,到货龟速", ("龟速", Kind.SIGN, "courier.slow"))
    assert found == [FoundCause("courier.slow", 0.8, [[0, 1], [4, 6]])]


def test_one_phrase_can_be_a_sign_of_several_causes() -> None:
    found = corrected("竟然跑珠", BEADS, ("跑珠", Kind.SIGN, "quality.defect"))
    assert codes(found) == ["quality.defect", "quality.workmanship"]


@pytest.mark.parametrize(
    "text", ["做工很好没有跑珠", "没跑珠,就是慢", "不会再跑珠", "完全没有跑珠", "沒有跑珠", "毫无跑珠"]
)
def test_a_denied_phrase_says_nothing(text: str) -> None:
    assert "quality.workmanship" not in codes(corrected(text, BEADS))


@pytest.mark.parametrize("text", ["没用几天就跑珠", "不但跑珠", "是不是跑珠了", "没几天,跑珠", "有没有跑珠啊"])
def test_a_denial_of_something_else_leaves_the_phrase_standing(text: str) -> None:
    assert "quality.workmanship" in codes(corrected(text, BEADS))


def test_a_phrase_in_praise_says_nothing_whatever_the_other_clauses_say() -> None:
    assert codes(corrected("坏了,送货上门真好", ("送货上门", Kind.SIGN, "courier.staff"))) == ["quality.defect"]
    assert codes(corrected("好,不送货上门", ("不送货上门", Kind.SIGN, "courier.staff"))) == ["courier.staff"]


def test_a_turn_of_the_sentence_ends_the_praise() -> None:
    assert "quality.workmanship" in codes(corrected("物流真好可惜跑珠", BEADS))


def test_a_product_that_reads_like_a_complaint_is_none() -> None:
    assert codes(corrected("慢炖锅坏了", POT)) == ["quality.defect"]


def test_the_cause_stays_where_other_words_speak_for_it() -> None:
    assert codes(corrected("慢炖锅坏了,物流也慢", POT)) == ["courier.slow", "quality.defect"]


def test_where_nothing_is_left_the_second_reading_counts() -> None:
    assert corrected("这个慢炖锅啊", POT) == [FoundCause("other", 0.7, [])]


@pytest.mark.parametrize("text", ["㍑㍑㍑,坏了", "㎏㎏坏了"])
def test_the_second_reading_keeps_offsets_where_one_sign_stands_for_several_letters(text: str) -> None:
    end = text.index("坏")
    phrase = "リットルリットルリットル" if text.startswith("㍑") else "kgkg"
    found = [FoundCause("courier.slow", 0.5, [])]
    vocabulary = Vocabulary.of([Rule(phrase, Kind.NO_SIGN, "courier.slow")])
    assert with_words([text], [found], vocabulary, Model().classify)[0] == [
        FoundCause("quality.defect", 0.8, [[end, end + 1]])
    ]


def test_a_phrase_inside_a_longer_known_word_says_nothing() -> None:
    word = ("跑珠笔", Kind.WORD, "")
    assert codes(corrected("这支跑珠笔坏了", BEADS, word)) == ["quality.defect"]


def test_the_later_rule_for_a_phrase_and_cause_counts() -> None:
    assert codes(corrected("竟然跑珠", BEADS, ("跑珠", Kind.NO_SIGN, "quality.workmanship"))) == ["other"]


def test_only_reviews_with_a_phrase_cost_anything() -> None:
    model = Model()
    corrected("物流慢,坏了", BEADS, POT, model=model)
    assert model.asked == []
    corrected("物流慢,跑珠了", BEADS, POT, model=model)
    assert model.asked == ["跑珠了"]


def test_a_phrase_across_clauses_is_judged_by_all_of_them() -> None:
    model = Model()
    corrected("用着掉色,褪色得厉害,别买", ("掉色,褪色", Kind.SIGN, "quality.workmanship"), model=model)
    assert model.asked == ["用着掉色,褪色得厉害"]


def test_spans_that_touch_become_one() -> None:
    assert joined([[4, 6], [0, 2], [2, 3], [5, 9]]) == [[0, 3], [4, 9]]


def test_the_shipped_model_tells_praise_of_a_phrase_from_a_complaint() -> None:
    vocabulary = Vocabulary.of([Rule("送货上门", Kind.SIGN, "courier.staff")])
    texts = ["质量太差,送货上门很方便很满意", "包裹扔在路边,不肯送货上门,太差劲了"]
    found = with_words(texts, [[FoundCause("quality.defect", 0.9, [])]] * 2, vocabulary, shipped().classify)
    assert [codes(causes) for causes in found] == [["quality.defect"], ["quality.defect", "courier.staff"]]
