"""What every network reads: normal spelling with offsets back, clauses, letters, n-grams."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviews.classifier.networks.clause_network import BUCKETS, buckets, ngrams_in
from reviews.classifier.networks.lettering import BOUNDARY, FIRST, UNKNOWN, Lettering
from reviews.classifier.normalise import as_text, normalise, normalise_all
from reviews.classifier.passages import has_words, read_passages


def clauses(text: str) -> list[str]:
    passages = read_passages([text])
    bounds = zip(passages.clause_starts, passages.clause_ends, strict=True)
    return [as_text(passages.codes[start:end]) for start, end in bounds]


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


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("質量很差,評價", "质量很差,评价"),
        ("评(píng)论(lùn)太(tai)慢", "评论太慢"),
        ("尺码(xl)偏小(s)", "尺码(xl)偏小(s)"),
        ("质量👎太❤️差😡", "质量太差"),
        ("①号②号", "1号2号"),
    ],
)
def test_noise_is_taken_out(written: str, read: str) -> None:
    assert normalise(written).text == read


@given(st.lists(st.text(max_size=20), max_size=8))
@settings(deadline=None)
def test_a_batch_is_spelt_like_its_texts_alone(texts: list[str]) -> None:
    together = normalise_all(texts)
    bounds = zip(together.starts, together.starts[1:], strict=False)
    spelt = [as_text(together.codes[start : end - 1]) for start, end in bounds]
    assert spelt == [normalise(text).text for text in texts]


@settings(deadline=None)
@given(st.text(max_size=80))
def test_normalising_keeps_offsets_in_order_and_in_bounds(text: str) -> None:
    normal = normalise(text)
    assert len(normal.text) == len(normal.origin)
    assert list(normal.origin) == sorted(normal.origin)
    assert all(0 <= at < len(text) for at in normal.origin)
    assert "\n" not in normal.text


def test_clauses_end_at_punctuation_and_open_at_turns() -> None:
    assert clauses("物流很快,可惜质量差!") == ["物流很快", "可惜质量差"]
    assert clauses("物流很快可惜质量差") == ["物流很快", "可惜质量差"]
    assert clauses("不好吃 苹果小…烂") == ["不好吃", "苹果小", "烂"]
    assert clauses("???") == []


def test_a_turn_leads_to_the_body_of_its_clause() -> None:
    passages = read_passages(["质量不错,但是快递太慢,最差"])
    bodies = zip(passages.body_starts, passages.clause_ends, strict=True)
    assert [as_text(passages.codes[a:b]) for a, b in bodies] == ["质量不错", "快递太慢", "最差"]


def test_reviews_do_not_run_into_each_other() -> None:
    passages = read_passages(["质量", "", "差,慢", "!"])
    assert passages.review_of_clause.tolist() == [0, 2, 2]
    assert passages.review_starts.tolist() == [0, 3, 4, 8, 10]
    assert passages.original_span(int(passages.clause_starts[2]), int(passages.clause_ends[2])) == (2, 3)


def test_letters_are_known_by_how_often_they_occur() -> None:
    texts = [normalise_all([text]).codes[:-1] for text in ("好吃", "好吃", "好慢")]
    lettering = Lettering.of_texts(texts, least_characters=2, least_pairs=2)
    numbers = lettering.numbers(normalise_all(["好吃慢"]).codes)
    assert numbers.tolist() == [FIRST + 1, FIRST, UNKNOWN, BOUNDARY]
    assert lettering.letters(numbers).pairs.tolist() == [0, 1, 0, 0]


def test_ngrams_stay_within_their_clause() -> None:
    passages = read_passages(["快递慢,烂"])
    by_length = buckets(passages.codes, passages.clause_starts, passages.clause_ends)
    assert [int((found < BUCKETS).sum()) for found in by_length] == [4, 2, 1, 0]
    assert ngrams_in(passages.clause_ends - passages.clause_starts).tolist() == [6, 1]


def test_an_ngram_has_the_same_bucket_wherever_it_stands() -> None:
    alone, later = read_passages(["质量差"]), read_passages(["很好吃的", "物流快,质量差"])
    found = [set(np.concatenate(buckets(p.codes, p.clause_starts, p.clause_ends)).tolist()) for p in (alone, later)]
    assert found[0] <= found[1]


@settings(deadline=None)
@given(st.text(max_size=30))
def test_a_text_has_words_exactly_when_it_has_clauses(text: str) -> None:
    assert has_words(text) == bool(len(read_passages([text]).clause_starts))
