"""`manage.py train_classifier` on a small corpus that the test writes itself; what it learns with the full effort is
measured in docs/classifier.md."""

import csv
import json
import random
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command

torch = pytest.importorskip("torch", reason="training needs requirements-training.txt")

from reviews.classifier import Classifier
from reviews.classifier.networks.lettering import Lettering
from reviews.classifier.networks.outputs import CAUSES, NEGATIVE, OUTPUTS
from reviews.classifier.networks.verdict import NgramVerdict
from reviews.classifier.passages import read_passages
from reviews.classifier.training.batches import batch_of, padded
from reviews.classifier.training.clause_student import ClauseStudent, bags_of, clause_network_of
from reviews.classifier.training.convolution_student import ConvolutionStudent, convolution_of
from reviews.classifier.training.distilling import parts, spelt
from reviews.classifier.training.examples import texts_of
from reviews.classifier.training.ngram_verdict import ngram_verdict_of
from reviews.classifier.training.students import Labels, Lesson, either

OPENINGS = ["", "第二次买,", "给家里买的,", "收到了,", "说两句,"]
COMPLAINTS = {
    "courier.slow": ["快递太慢了", "等了十天才到", "物流好几天不动"],
    "quality.defect": ["打开就是坏的", "杯子裂了", "有个大洞"],
    "service.unresponsive": ["客服不理人", "没有人回复", "电话打不通"],
    "price.expensive": ["太贵了", "不值这个价", "比超市贵"],
    "colour.shade": ["颜色不对", "色差太大", "和图片不是一个颜色"],
    "other": ["差评", "垃圾", "失望"],
}
PRAISES = ["物流很快", "质量很好", "客服耐心", "价格实惠", "颜色漂亮", "包装严实", "下次再来"]
AWKWARD = ["", "。", "物流很快,可惜质量差", "好" * 400, "评(píng)论 很差!!!", "慢。" * 90]


def write(path: Path, heading: list[str], rows: list[list[str]]) -> str:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([heading, *rows])
    return str(path)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("corpus")
    chance = random.Random(7)
    labels, rated = [], []
    for at in range(300):
        codes = chance.sample(sorted(set(COMPLAINTS) - {"other"}), chance.choice([1, 1, 2]))
        codes = ["other"] if at % 9 == 0 else codes
        text = chance.choice(OPENINGS) + ",".join(chance.choice(COMPLAINTS[code]) for code in codes)
        labels.append([str(at), "cups" if at % 3 else "shirts", f"{text}{'!' * (at % 5)}", ";".join(codes)])
        rated.append([f"{text}。{at}", "1"])
        rated.append([f"{chance.choice(OPENINGS)}{','.join(chance.sample(PRAISES, 2))}。{at}", "0"])
    return {
        "labels": write(folder / "labels.csv", ["id", "category", "content", "causes"], labels),
        "negative": write(folder / "negative.csv", ["content", "negative"], rated),
    }


def train(corpus: dict[str, str], output: Path, *options: str) -> None:
    call_command(
        "train_classifier", "--labels", corpus["labels"], "--negative", corpus["negative"],
        "--output", str(output), "--effort", "0.005", *options,
    )  # fmt: skip


@pytest.fixture(scope="module")
def trained(corpus: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trained")
    train(
        corpus, folder / "deep" / "weights",
        "--checkpoints", str(folder / "stages"), "--predictions", str(folder / "said.csv"), "--without", "shirts",
    )  # fmt: skip
    return folder


def test_stores_a_classifier_that_can_be_used_and_says_how_good_it_is(trained: Path) -> None:
    weights = trained / "deep" / "weights"
    description = json.loads((weights / "model.json").read_text())
    classifier = Classifier.load(weights)
    assert description["version"] == classifier.version
    assert set(description["validation"]) == {"five", "all_codes", "primary", "calibration_error", "negative"}
    assert all(prediction.tags for prediction in classifier.classify(AWKWARD))


def test_what_was_set_aside_is_kept_as_figures_without_texts(trained: Path, corpus: dict[str, str]) -> None:
    with np.load(trained / "deep" / "weights" / "validation.npz") as arrays:
        rows = {name: len(arrays[name]) for name in arrays.files}
    with (trained / "said.csv").open(encoding="utf-8") as file:
        said = {row["id"]: row["causes"] for row in csv.DictReader(file)}
    with Path(corpus["labels"]).open(encoding="utf-8") as file:
        category = {row["id"]: row["category"] for row in csv.DictReader(file)}
    assert set(rows) == {"features", "codes", "tops", "targets"}
    assert set(rows.values()) == {len(said)}
    assert 10 < len(said) < 60
    assert {category[at] for at in said} == {"cups"}
    assert all(said.values())


def test_goes_on_from_its_checkpoints_to_the_same_bytes(trained: Path, corpus: dict[str, str], tmp_path: Path) -> None:
    (trained / "stages" / "judge.pt").unlink()
    train(corpus, tmp_path, "--checkpoints", str(trained / "stages"), "--without", "shirts")
    for name in ("network.npz", "validation.npz", "model.json"):
        assert (tmp_path / name).read_bytes() == (trained / "deep" / "weights" / name).read_bytes()


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([["1", "快递慢", "courier.fast"]], "line 2: unknown cause courier.fast"),
        ([["1", "快递慢", ""]], "line 2: no cause"),
        ([["1", "快递慢"]], "line 2: too few cells"),
        ([["1", "快递慢", "courier.slow"]], "too few to learn from"),
    ],
)
def test_bad_labels_are_refused_with_their_place(tmp_path: Path, rows: list[list[str]], message: str) -> None:
    labels = write(tmp_path / "labels.csv", ["id", "content", "causes"], rows)
    with pytest.raises(CommandError, match=message):
        call_command("train_classifier", "--labels", labels, "--output", str(tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_bad_files_are_refused(corpus: dict[str, str], tmp_path: Path) -> None:
    rated = write(tmp_path / "rated.csv", ["content", "negative"], [["快递慢", "yes"]])
    other = write(tmp_path / "other.csv", ["content"], [["快递慢"]])
    binary = tmp_path / "binary.csv"
    binary.write_bytes(b"content,negative\n\xff\xfe,1\n")
    for file, message in (
        (rated, "line 2: negative is 'yes'"),
        (other, "no column negative"),
        (str(binary), "not UTF-8"),
        (str(tmp_path / "none.csv"), "No such file"),
    ):
        with pytest.raises(CommandError, match=message):
            train({**corpus, "negative": file}, tmp_path / "out")


def test_without_rated_reviews_nothing_is_said_of_the_verdict(corpus: dict[str, str], tmp_path: Path) -> None:
    call_command("train_classifier", "--labels", corpus["labels"], "--output", str(tmp_path), "--effort", "0.002")
    assert "negative" not in json.loads((tmp_path / "model.json").read_text())["validation"]
    assert Classifier.load(tmp_path).classify(["快递太慢了"])[0].tags


def test_the_convolution_reckons_in_numpy_as_in_training() -> None:
    texts = texts_of(AWKWARD)
    lettering = Lettering.of_texts(texts, least_characters=1, least_pairs=1)
    torch.manual_seed(0)
    student = ConvolutionStudent(lettering).eval()
    for norm in student.norms:
        norm.running_mean.normal_()
        norm.running_var.uniform_(0.5, 2)
    with torch.no_grad():
        learnt = student(batch_of(padded([lettering.numbers(text) for text in texts], 500), lettering)).numpy()
    read = student.shipped(lettering).read(read_passages(AWKWARD), np.ones(len(texts), bool))
    assert read.outputs == pytest.approx(learnt, abs=1e-4)


def test_each_character_has_its_share_in_what_the_convolution_says() -> None:
    lettering = Lettering.of_texts(texts_of(AWKWARD), least_characters=1, least_pairs=1)
    torch.manual_seed(0)
    network = ConvolutionStudent(lettering).eval().shipped(lettering)
    alone = network.read(read_passages(["物流很快"]), np.ones(1, bool))
    codes = alone.shares.shape[1]
    assert alone.shares.sum(axis=0) == pytest.approx(alone.outputs[0, :codes] - network.mean_bias[:codes], abs=1e-4)


def test_the_clause_network_reckons_in_numpy_as_in_training() -> None:
    torch.manual_seed(0)
    student = ClauseStudent().eval()
    with torch.no_grad():
        # It is shipped in bytes: multiples of one number.
        student.vectors.copy_(torch.randint(-127, 128, student.vectors.shape) / 1000)
    bags = bags_of(texts_of(AWKWARD))
    with torch.no_grad():
        learnt = student(*bags.of([[at] for at in range(len(AWKWARD))])).numpy()
    has_words = [2, 3, 4, 5]
    assert student.shipped().read(read_passages(AWKWARD))[0][has_words] == pytest.approx(learnt[has_words], abs=1e-4)


@pytest.fixture
def labelled() -> tuple[list[np.ndarray], Labels]:
    """Texts about a slow courier or about a price, and what should be said of them."""
    contents = [
        f"{opening}{said}" for opening in OPENINGS for said in ("快递太慢了", "等了十天", "太贵了", "不值这个价")
    ]
    texts = texts_of(contents * 4)
    targets = np.zeros((len(texts), OUTPUTS), np.float32)
    targets[:, NEGATIVE] = 1
    targets[[at for at in range(len(texts)) if at % 4 < 2], 0] = 1
    return texts, Labels(targets, np.ones(len(texts), np.float32), np.array([len(text) for text in texts]))


def test_both_students_learn_what_they_are_told(labelled: tuple[list[np.ndarray], Labels]) -> None:
    texts, labels = labelled
    lesson = Lesson("", rate=1e-2, texts_at_once=16, epochs=12, seed=0)
    lettering = Lettering.of_texts(texts, least_characters=1, least_pairs=1)
    passages = read_passages(["快递太慢", "给家里买的,太贵了"])
    quick, _ = clause_network_of(texts, labels, lesson, str).read(passages)
    thorough = convolution_of(texts, labels, spelt(","), lettering, lesson, str).read(passages, np.ones(2, bool))
    for outputs in (quick, thorough.outputs):
        assert outputs[0, 0] > 1
        assert outputs[1, 0] < -1


def test_joined_texts_have_the_causes_of_both_and_other_only_of_two() -> None:
    one, two = np.zeros(CAUSES, np.float32), np.zeros(CAUSES, np.float32)
    one[[3, 19]], two[[5, 19]] = 0.5, 0.5
    one[3] = 1
    assert either(one, two)[[3, 5, 19]].tolist() == [1, 0.5, 0.25]


def test_parts_are_clauses_alone_in_a_row_and_with_praise() -> None:
    complaints, praise = texts_of(["快递慢,客服凶,杯子裂了"] * 3), texts_of(["质量很好,包装严实"])
    made = parts(complaints, praise, np.random.default_rng(0), 0.001)
    written = {"".join(map(chr, text)) for text in made}
    assert {"快递慢", "客服凶", "杯子裂了", "质量很好"} <= written
    assert "快递慢,客服凶" in written or "客服凶,杯子裂了" in written
    assert any("质量很好" in text and "慢" in text for text in written)


@pytest.fixture
def moods() -> NgramVerdict:
    """Learnt from texts whose end tells their mood."""
    bad, good = ["不会再买...", "就这样...", "失望..."], ["会再买!", "就这样!", "喜欢!"]
    texts = texts_of([f"{opening}{said}" for opening in OPENINGS for said in bad + good] * 2)
    negative = np.array([at % 6 < 3 for at in range(len(texts))])
    return ngram_verdict_of(texts, negative, str)


def test_the_verdict_hears_punctuation_and_each_text_alone(moods: NgramVerdict) -> None:
    texts = ["收到了...", "收到了!", "", "不会再买...", "会再买!"]
    together = moods.read(read_passages(texts))
    assert (together > 0).tolist()[:2] == [True, False]
    assert (together > 0).tolist()[3:] == [True, False]
    alone = [float(moods.read(read_passages([text]))[0]) for text in texts]
    assert alone == pytest.approx(together.tolist(), abs=1e-4)


def test_words_that_few_have_used_do_not_count(moods: NgramVerdict) -> None:
    rare = moods.read(read_passages(["龘龘龘"]))
    assert rare == pytest.approx(moods.bias, abs=1e-3)


def test_there_is_no_verdict_where_all_are_of_one_mind() -> None:
    verdict = ngram_verdict_of(texts_of(["失望"] * 9), np.ones(9, bool), str)
    assert verdict.read(read_passages(["失望", "喜欢"])).tolist() == [0, 0]
