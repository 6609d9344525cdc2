"""What every model reads: normal spelling with offsets back, clauses, features."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from reviews.classifier.features import occurrences
from reviews.classifier.normalise import normalise
from reviews.classifier.passages import has_words, read_passages
from reviews.classifier.tokenise import words


def clauses(text: str) -> list[str]:
    passages = read_passages([text])
    return [passages.text[a:b] for a, b in zip(passages.clause_starts, passages.clause_ends, strict=True)]


def test_one_spelling_for_many() -> None:
    assert normalise("ＩＰＨＯＮＥ　７").text == "iphone 7"
    assert normalise("差差差差差!!!!!!").text == "差差差!!!"
    assert normalise("单号１２３４５６７８９").text == "单号99999"
    assert normalise("2345").text == "2345"
    assert normalise("好\u200b吃\ufe0f\r\n吗\x00").text == "好吃  吗 "


def test_offsets_lead_back_through_every_change() -> None:
    original = "㎏好好好好好\u200b1234567x"
    normal = normalise(original)
    assert normal.text == "kg好好好99999x"
    assert [original[at] for at in normal.origin] == list("㎏㎏好好好12347x")
    assert normal.origin[4] == 5, "the run's last character stands for its end"


@settings(deadline=None)  # the first call reads the dictionary
@given(st.text(max_size=80))
def test_normalising_keeps_offsets_in_order_and_in_bounds(text: str) -> None:
    normal = normalise(text)
    assert len(normal.text) == len(normal.origin)
    assert list(normal.origin) == sorted(normal.origin)
    assert all(0 <= at < len(text) for at in normal.origin)
    assert "\n" not in normal.text


@settings(deadline=None)  # the first call reads the dictionary
@given(st.text(st.sampled_from("快递慢质量abc123,。 \n-+%&._#"), max_size=60))
def test_words_are_the_whole_text(text: str) -> None:
    assert "".join(words(text)) == text


def test_clauses_end_at_punctuation_and_open_at_turns() -> None:
    assert clauses("物流很快,可惜质量差!") == ["物流很快", "可惜质量差"]
    assert clauses("物流很快可惜质量差") == ["物流很快", "可惜质量差"]
    assert clauses("不好吃 苹果小…烂") == ["不好吃", "苹果小", "烂"]
    assert clauses("???") == []


def test_reviews_do_not_run_into_each_other() -> None:
    passages = read_passages(["质量", "", "差,慢", "!"])
    assert passages.review_of_clause.tolist() == [0, 2, 2]
    found = occurrences(passages)
    assert "质量差" not in {passages.text[a:b].replace("\n", "") for a, b in zip(found.start, found.end, strict=True)}
    assert passages.original_span(int(passages.clause_starts[2]), int(passages.clause_ends[2]), 2) == (2, 3)


def test_features_are_words_pairs_and_character_ngrams_within_a_clause() -> None:
    passages = read_passages(["快递慢,烂"])
    found = occurrences(passages)
    texts = sorted(passages.text[a:b] for a, b in zip(found.start, found.end, strict=True))
    assert texts == sorted(["快递", "慢", "快递慢", "快", "递", "慢", "快递", "递慢", "快递慢", "烂", "烂"])
    assert len(set(found.key.tolist())) == len(texts)


def test_a_feature_has_the_same_key_wherever_it_stands() -> None:
    alone = occurrences(read_passages(["质量差"]))
    later = occurrences(read_passages(["很好吃的", "物流快,质量差"]))
    assert set(alone.key.tolist()) <= set(later.key.tolist())
    assert np.all(np.diff(later.clause) >= 0)


@settings(deadline=None)  # the first call reads the dictionary
@given(st.text(max_size=30))
def test_a_text_has_words_exactly_when_it_has_clauses(text: str) -> None:
    assert has_words(text) == bool(read_passages([text]).clauses)
