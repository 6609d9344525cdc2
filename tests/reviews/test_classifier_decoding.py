"""Thresholds, calibration and scores, on numbers small enough to check by hand."""

import numpy as np
import pytest

from reviews.classifier.decoding import Decoder
from reviews.classifier.measures import table_of, targets_of
from reviews.classifier.model import CODES, TOP_OF_CODE, TOPS, top_probabilities
from reviews.classifier.training.examples import folds_of, texts_of
from reviews.classifier.training.validation import fitted_decoder


def decoder(threshold: float = 0.5) -> Decoder:
    codes = len(CODES)
    return Decoder(np.full(len(TOPS), threshold), np.full(codes, threshold), np.ones(codes), np.zeros(codes))


def said(tops: dict[str, float], codes: dict[str, float]) -> set[str]:
    of_tops = np.array([[tops.get(name, 0.01) for name in TOPS]])
    of_codes = np.array([[codes.get(name, 0.01) for name in CODES]])
    return {CODES[at] for at in np.flatnonzero(decoder().said(of_tops, of_codes)[0])}


def test_sub_causes_are_said_only_within_a_top_cause_that_is() -> None:
    assert said({"courier": 0.9, "price": 0.4}, {"courier.slow": 0.8, "price.fee": 0.9}) == {"courier.slow"}


def test_a_top_cause_without_a_sure_sub_cause_gives_its_best() -> None:
    assert said({"courier": 0.9}, {"courier.slow": 0.3, "courier.wrong_item": 0.4}) == {"courier.wrong_item"}


def test_several_causes_are_said_together() -> None:
    wanted = {"courier.slow", "courier.staff", "price.fee"}
    assert said({"courier": 0.9, "price": 0.8}, dict.fromkeys(wanted, 0.7)) == wanted


def test_other_stands_alone_and_only_where_it_is_surest() -> None:
    assert said({"other": 0.9, "courier": 0.7}, {"other": 0.9, "courier.slow": 0.7}) == {"other"}
    assert said({"other": 0.7, "courier": 0.9}, {"other": 0.7, "courier.slow": 0.7}) == {"courier.slow"}


def test_nothing_sure_still_gives_the_likeliest() -> None:
    assert said({"service": 0.2}, {"service.refusal": 0.1}) == {"service.refusal"}


def test_a_top_probability_is_the_mean_of_its_head_and_of_any_sub_cause() -> None:
    codes = np.zeros((1, len(CODES)))
    codes[0, CODES.index("price.drop")] = codes[0, CODES.index("price.fee")] = 0.5
    heads = np.zeros((1, len(TOPS)))
    heads[0, TOPS.index("price")] = 0.25
    assert top_probabilities(heads, codes)[0, TOPS.index("price")] == pytest.approx((0.25 + 0.75) / 2)


def test_f1_counts_what_was_said_and_what_is_true() -> None:
    names = ["courier.slow", "courier.slow", "price.fee", "other"]
    true = np.array([[code == name for code in CODES] for name in names])
    told = np.array([[code == name for code in CODES] for name in ["courier.slow", "courier.staff", "other", "other"]])
    table = table_of(told, true)
    assert table.codes["courier.slow"] == (pytest.approx(2 / 3), 2)
    assert table.codes["other"] == (pytest.approx(2 / 3), 1)
    assert table.tops["courier"] == (1.0, 2)
    assert table.five == pytest.approx(1 / 5)


def test_thresholds_have_the_best_f1_and_scores_tell_frequencies() -> None:
    chance = np.random.default_rng(0)
    probability = chance.random(4000).astype(np.float32)
    codes = np.full((4000, len(CODES)), 0.001, np.float32)
    at = CODES.index("other")
    codes[:, at] = probability
    true = np.zeros((4000, len(CODES) + len(TOPS)), np.float32)
    true[:, at] = true[:, -1] = chance.random(4000) < probability**2
    tops = np.full((4000, len(TOPS)), 0.001, np.float32)
    tops[:, -1] = probability
    fitted = fitted_decoder(tops, codes, true)

    def f1(threshold: float) -> float:
        told = probability >= threshold
        return float(2 * (told * true[:, at]).sum() / (told.sum() + true[:, at].sum()))

    assert f1(float(fitted.top_thresholds[-1])) >= max(f1(step / 50) for step in range(50)) - 0.01
    scores = fitted.scores(codes)[:, at]
    for low in (0.0, 0.2, 0.4, 0.6, 0.8):
        band = (scores >= low) & (scores < low + 0.2)
        assert scores[band].mean() == pytest.approx(true[band, at].mean(), abs=0.05)


def test_a_decoder_survives_storage() -> None:
    first = decoder(0.25)
    again = Decoder.from_json(first.to_json())
    assert again.to_json() == first.to_json()


def test_targets_mark_codes_and_their_top_causes() -> None:
    row = targets_of([("price.fee", "courier.slow")])[0]
    marked = {(*CODES, *TOPS)[at] for at in np.flatnonzero(row)}
    assert marked == {"price.fee", "courier.slow", "price", "courier"}
    assert len(TOP_OF_CODE) == len(CODES)


def test_twins_fall_into_the_same_fold_and_another_seed_shuffles() -> None:
    contents = [f"第{at}次买" for at in range(200)]
    texts, twins = texts_of(contents), texts_of([text.replace("第", "第\u200b") for text in contents])
    folds = folds_of(texts, folds=5, seed=0)
    assert folds_of(twins, folds=5, seed=0).tolist() == folds.tolist()
    assert set(folds.tolist()) == {0, 1, 2, 3, 4}
    assert folds_of(texts, folds=5, seed=1).tolist() != folds.tolist()
