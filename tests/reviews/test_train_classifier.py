"""`manage.py train_classifier` on a small corpus that the test writes itself."""

import csv
import json
import random
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from reviews.classifier import Classifier

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


def write(path: Path, heading: list[str], rows: list[list[str]]) -> str:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([heading, *rows])
    return str(path)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("corpus")
    chance = random.Random(7)
    labels, rated = [], []
    for at in range(360):
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
        "--output", str(output), "--folds", "2", *options,
    )  # fmt: skip


@pytest.fixture(scope="module")
def trained(corpus: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("weights") / "deep" / "down"
    train(corpus, output)
    return output


def test_learns_to_tell_causes_and_negativity(trained: Path) -> None:
    classifier = Classifier.load(trained)
    slow, praise, both = classifier.classify(["快递太慢", "质量很好,包装严实", "物流很快,客服耐心,但是杯子裂了"])
    assert [tag.code for tag in slow.tags] == ["courier.slow"]
    assert slow.is_negative
    assert not praise.is_negative
    assert [tag.code for tag in both.tags] == ["quality.defect"]


def test_the_description_says_how_good_it_is(trained: Path) -> None:
    description = json.loads((trained / "model.json").read_text())
    assert description["version"] == Classifier.load(trained).version
    assert description["reviews"] == 360
    assert description["validation"]["five"] > 0.9
    assert description["validation"]["negative"] > 0.9


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(
    corpus: dict[str, str], trained: Path, tmp_path: Path
) -> None:
    train(corpus, tmp_path / "again")
    train(corpus, tmp_path / "other", "--seed", "3")
    for name in ("linear.npz", "model.json"):
        assert (tmp_path / "again" / name).read_bytes() == (trained / name).read_bytes()
        assert (tmp_path / "other" / name).read_bytes() != (trained / name).read_bytes()


def test_reports_scores_categories_and_predictions(
    corpus: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    predictions = tmp_path / "said.csv"
    train(corpus, tmp_path / "weights", "--unseen-categories", "--predictions", str(predictions))
    report = capsys.readouterr().out
    for line in (
        "courier.slow",
        "five",
        "negative",
        "without cups",
        "without shirts",
        "each without its own",
        "stored linear-1-",
    ):
        assert line in report
    with predictions.open(encoding="utf-8") as file:
        said = {row["id"]: row["causes"].split(";") for row in csv.DictReader(file)}
    with Path(corpus["labels"]).open(encoding="utf-8") as file:
        right = [set(said[row["id"]]) == set(row["causes"].split(";")) for row in csv.DictReader(file)]
    assert len(right) == 360
    assert sum(right) > 300


def test_without_rated_reviews_the_shipped_polarity_is_kept(corpus: dict[str, str], tmp_path: Path) -> None:
    call_command(
        "train_classifier", "--labels", corpus["labels"], "--output", str(tmp_path), "--folds", "2"
    )  # fmt: skip
    classifier = Classifier.load(tmp_path)
    angry, pleased = classifier.classify(["质量太差了,垃圾", "质量很好,很喜欢"])
    assert angry.is_negative
    assert not pleased.is_negative
    assert "negative" not in json.loads((tmp_path / "model.json").read_text())["validation"]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([["1", "快递慢", "courier.fast"]], "line 2: unknown cause courier.fast"),
        ([["1", "快递慢", ""]], "line 2: no cause"),
        ([["1", "快递慢"]], "line 2: too few cells"),
        ([["1", "快递慢", "courier.slow"]], "too few for 2 folds"),
    ],
)
def test_bad_labels_are_refused_with_their_place(tmp_path: Path, rows: list[list[str]], message: str) -> None:
    labels = write(tmp_path / "labels.csv", ["id", "content", "causes"], rows)
    with pytest.raises(CommandError, match=message):
        call_command("train_classifier", "--labels", labels, "--output", str(tmp_path / "out"), "--folds", "2")
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


def test_leaving_a_category_out_takes_two(corpus: dict[str, str], tmp_path: Path) -> None:
    rows = [[str(at), f"快递慢{at}", "courier.slow"] for at in range(9)]
    labels = write(tmp_path / "labels.csv", ["id", "content", "causes"], rows)
    with pytest.raises(CommandError, match="at least two"):
        train({**corpus, "labels": labels}, tmp_path / "out", "--unseen-categories")


def test_a_handful_of_reviews_can_be_learnt(corpus: dict[str, str], tmp_path: Path) -> None:
    """Folds may be empty, causes unseen, features too rare, texts without a word."""
    rows = [["1", "快递慢", "courier.slow"], ["2", "???", "other"], ["3", "太贵", "price.expensive"]]
    labels = write(tmp_path / "labels.csv", ["id", "content", "causes"], rows)
    train({**corpus, "labels": labels}, tmp_path / "out")
    assert Classifier.load(tmp_path / "out").classify(["快递慢"])[0].tags


def test_one_fold_is_no_validation(corpus: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="at least 2"):
        train(corpus, tmp_path / "out", "--folds", "1")
