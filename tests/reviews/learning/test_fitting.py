"""The light layer: what it learns, how strongly, and that nothing judges itself."""

from __future__ import annotations

import time

import numpy as np
import pytest

from reviews.classifier import shipped
from reviews.classifier.adaptation import OUTPUTS, Adaptation, UnusableLayer
from reviews.classifier.measures import reliability_of, table_of
from reviews.classifier.model import CODES, TOPS, log_odds, sigmoid
from reviews.learning.fitting import STRENGTHS, Examples, calibration_of, fitted_layers, held_out
from tests.reviews.learning.conftest import layer as layer_adding

SLOW, DISPATCH = CODES.index("courier.slow"), CODES.index("courier.dispatch")


def made(count: int, *, seed: int = 0, swapped: bool = False) -> Examples:
    """Reviews whose first features are the model's own log-odds, which tell the truth; where `swapped`, people say
    dispatch for what the model takes for slow."""
    chance = np.random.default_rng(seed)
    said = chance.normal(-2, 2, (count, OUTPUTS))
    true = chance.random(said.shape) < sigmoid(said)
    if swapped:
        true[:, DISPATCH] = true[:, SLOW]
        true[:, SLOW] = False
    probabilities = sigmoid(said)
    features = np.hstack([said, chance.normal(size=(count, 4))])
    return Examples(features, probabilities[:, : len(CODES)], probabilities[:, len(CODES) :], true.astype(float))


def layer_of(examples: Examples, strength: float) -> Adaptation:
    anchor = made(400, seed=9)
    *_weaker, layer = fitted_layers(
        anchor.and_also(examples), calibration_of(anchor), [each for each in STRENGTHS if each >= strength], "1"
    )
    return layer


def loss(examples: Examples, layer: Adaptation | None) -> float:
    said = log_odds(np.hstack(examples.adapted(layer)))
    return float((np.logaddexp(0, said) - examples.targets * said).mean())


def test_a_layer_learns_what_people_say_otherwise() -> None:
    layer = layer_of(made(600, swapped=True), 30)
    unseen = made(600, seed=1, swapped=True)
    assert loss(unseen, layer) < 0.97 * loss(unseen, None)
    codes, _tops = unseen.adapted(layer)
    assert codes[:, SLOW].mean() < unseen.codes[:, SLOW].mean() / 1.5
    assert np.corrcoef(codes[:, DISPATCH], unseen.codes[:, SLOW])[0, 1] > 0.5


def test_it_stays_near_no_change_where_people_agree() -> None:
    layer = layer_of(made(600), 300)
    unseen = made(600, seed=1)
    assert loss(unseen, layer) < 1.02 * loss(unseen, None)
    assert np.abs(unseen.adapted(layer)[0] - unseen.codes).mean() < 0.02


def test_the_stronger_it_is_held_the_less_it_changes() -> None:
    examples = made(300, swapped=True)
    changes = [np.abs(layer_of(examples, strength).weights).sum() for strength in STRENGTHS]
    assert changes == sorted(changes)


def test_the_same_examples_give_the_same_bytes() -> None:
    assert layer_of(made(200), 100).to_bytes() == layer_of(made(200), 100).to_bytes()


def test_no_decision_is_judged_by_a_layer_that_has_seen_it() -> None:
    decided, anchor = made(200, swapped=True), made(200, seed=9)
    folds, known = np.arange(200) % 5, np.ones(200, bool)
    said = held_out(decided, folds, anchor, (30.0,), known)[30.0]
    mine = np.flatnonzero(folds == 2)
    turned = decided._replace(targets=np.where((folds == 2)[:, None], 1 - decided.targets, decided.targets))
    other = held_out(turned, folds, anchor, (30.0,), known)[30.0]
    assert np.array_equal(said[0][mine], other[0][mine])
    assert not np.array_equal(said[0][folds == 1], other[0][folds == 1])


def test_what_is_not_known_is_not_learnt_from() -> None:
    decided, anchor = made(200, swapped=True), made(200, seed=9)
    folds = np.arange(200) % 5
    nothing = held_out(decided, folds, anchor, (30.0,), np.zeros(200, bool))[30.0]
    (alone,) = fitted_layers(anchor, calibration_of(anchor), (30.0,), "1")
    assert np.allclose(nothing[0], decided.adapted(alone)[0])


def test_scores_that_are_too_low_are_told_by_the_calibration() -> None:
    examples = made(3000)
    shy = examples._replace(codes=sigmoid(log_odds(examples.codes) / 2 - 1))
    found = calibration_of(shy)
    assert np.allclose(found.slopes[: len(CODES)], 2, atol=0.5)
    assert np.allclose(found.slopes[len(CODES) :], 1, atol=0.25)


def test_a_feature_that_never_varies_does_no_harm() -> None:
    examples = made(100)
    flat = examples._replace(features=np.hstack([examples.features, np.full((100, 1), 3.0)]))
    (layer,) = fitted_layers(flat, calibration_of(flat), (100.0,), "1")
    assert np.isfinite(layer.weights).all()
    assert not layer.weights[-1].any()


def test_it_is_a_matter_of_seconds() -> None:
    examples = made(4000)
    start = time.perf_counter()
    held_out(examples, np.arange(4000) % 5, made(1000, seed=9), STRENGTHS, np.ones(4000, bool))
    assert time.perf_counter() - start < 30


def test_a_layer_comes_back_from_its_bytes() -> None:
    layer = layer_of(made(100), 30)
    back = Adaptation.from_bytes("1", layer.to_bytes())
    assert np.array_equal(back.weights, layer.weights)
    assert np.array_equal(back.bias, layer.bias)


@pytest.mark.parametrize("stored", [b"", b"no layer", Adaptation("1", np.zeros((3, 2)), np.zeros(2)).to_bytes()])
def test_other_bytes_are_refused(stored: bytes) -> None:
    with pytest.raises(UnusableLayer):
        Adaptation.from_bytes("1", stored)


def test_an_adapted_classifier_says_what_its_layer_adds() -> None:
    told = shipped().adapted(layer_adding(price=20, price__fee=20))
    (plain,), (adapted,) = (each.classify(["等了九天才到"]) for each in (shipped(), told))
    assert "price.fee" not in {tag.code for tag in plain.tags}
    assert "price.fee" in {tag.code for tag in adapted.tags}
    assert (adapted.is_negative, adapted.negative_score) == (plain.is_negative, plain.negative_score)
    assert told.version == f"{shipped().version}+test"


def test_reliability_counts_what_was_said() -> None:
    scores = np.array([[0.95, 0.2], [0.91, 0.25], [0.99, 0.85]])
    said = np.array([[True, False], [True, True], [True, False]])
    true = np.array([[True, True], [False, True], [True, True]])
    found = reliability_of(scores, said, true)
    assert [(each.tags, round(each.right, 3)) for each in found.bins] == [(1, 1.0), (3, 0.667)]
    assert found.tags == 4
    assert found.error == pytest.approx((0.75 + 3 * abs(0.95 - 2 / 3)) / 4)


def test_the_tables_of_measures_name_all_causes() -> None:
    nothing = np.zeros((3, len(CODES)), bool)
    table = table_of(nothing, nothing)
    assert (tuple(table.codes), tuple(table.tops)) == (CODES, TOPS)
