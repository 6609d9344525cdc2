"""The shipped classifier on sentences written for this test: causes, praise, evidence, awkward text."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviews.causes import Cause, top_of
from reviews.classifier import Classifier, Prediction, shipped
from reviews.classifier.evidence import LONGEST
from reviews.classifier.storage import SHIPPED, UnusableWeights


def predicted(text: str) -> Prediction:
    return shipped().classify([text])[0]


def tops(text: str) -> set[str]:
    return {top_of(tag.code).value for tag in predicted(text).tags}


def marked(text: str, code: str) -> list[str]:
    return [text[start:end] for tag in predicted(text).tags if tag.code == code for start, end in tag.spans]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("收到就是坏的,有好几个破洞", "quality.defect"),
        ("洗了一次就起球掉色,线头到处都是", "quality.workmanship"),
        ("防伪码查不到,绝对是假货", "quality.counterfeit"),
        ("一点都不甜,酸得没法吃", "quality.performance"),
        ("颜色偏差太大,图片是藏青色,收到的是亮蓝色", "colour.shade"),
        ("尺码偏小,按尺码表买的根本穿不下", "colour.size"),
        ("实物和图片完全不符", "colour.description"),
        ("快递太慢了,半个月才收到", "courier.slow"),
        ("包装破烂,里面漏得到处都是", "courier.damage"),
        ("快递员不送上门,态度还很凶", "courier.staff"),
        ("下单一周了还不发货", "courier.dispatch"),
        ("少发了一件,另一件还发错了", "courier.wrong_item"),
        ("客服态度恶劣,说话很不耐烦", "service.attitude"),
        ("客服一直不回复,怎么问都没人理", "service.unresponsive"),
        ("申请退货被拒绝,客服推来推去不给退", "service.refusal"),
        ("说好的赠品没有送,发票也不开", "service.promise"),
        ("太贵了,完全不值这个价", "price.expensive"),
        ("刚买完第二天就降价了,还不给价保", "price.drop"),
        ("安装师傅上门又收了两百块安装费", "price.fee"),
    ],
)
def test_a_plain_complaint_gets_its_cause(text: str, code: str) -> None:
    prediction = predicted(text)
    assert code in {tag.code for tag in prediction.tags}
    assert prediction.is_negative
    assert marked(text, code)


@pytest.mark.parametrize(
    ("text", "said", "praised"),
    [
        ("物流很快,可惜质量差", "quality", "courier"),
        ("物流很快可惜质量太差", "quality", "courier"),
        ("质量不错,就是快递太慢", "courier", "quality"),
        ("客服很有耐心,但颜色和照片差太多", "colour", "service"),
        ("价格实惠,但用了三天就坏了", "quality", "price"),
        ("发货速度快,东西却是假的,不是正品", "quality", "courier"),
        ("质量没得说,就是比超市贵了十几块", "price", "quality"),
        ("快递小哥很热情,不过苹果烂了好几个", "quality", "courier"),
        ("老板人很好,服务周到,但水果不新鲜不好吃", "quality", "service"),
    ],
)
def test_praise_is_no_cause(text: str, said: str, praised: str) -> None:
    assert said in tops(text)
    assert praised not in tops(text)


@pytest.mark.parametrize(
    "text", ["质量很好,穿着舒服,下次再来", "宝贝收到了,样子好看,很喜欢", "物流给力,第二天就到了,五星好评"]
)
def test_praise_alone_is_not_negative_and_has_no_cause(text: str) -> None:
    prediction = predicted(text)
    assert not prediction.is_negative
    assert [tag.code for tag in prediction.tags] == [Cause.OTHER]


@pytest.mark.parametrize("text", ["差评!!!", "垃圾垃圾垃圾", "太失望了"])
def test_anger_without_a_cause_is_other(text: str) -> None:
    prediction = predicted(text)
    assert prediction.is_negative
    assert [tag.code for tag in prediction.tags] == [Cause.OTHER]


def test_evidence_is_the_clause_that_complains() -> None:
    text = "等了九天才收到,颜色和图片完全不一样,客服也不回消息"
    assert marked(text, "courier.slow") == ["等了九天才收到"]
    assert marked(text, "service.unresponsive") == ["客服也不回消息"]


def test_evidence_of_a_long_clause_is_its_telling_words() -> None:
    text = "我上个月给家里老人买的那台说是全新的机器结果客服怎么联系都一直没有人回复我真是服了"
    for mark in marked(text, "service.unresponsive"):
        assert "没有人回复" in mark or "联系" in mark
        assert len(mark) <= LONGEST


def test_evidence_leaves_out_the_turn_before_it() -> None:
    assert marked("质量不错,但是快递太慢", "courier.slow") == ["快递太慢"]


def test_offsets_count_characters_of_the_original_text() -> None:
    """Full width, a letter that is two when spelt out, a run that is cut and an emoji all stand before the mark."""
    text = "㎏　ＡＢＣ１２３,好好好好好好好好,😡😡快递太慢了"
    assert marked(text, "courier.slow") == ["快递太慢了"]


def test_a_cut_run_is_marked_whole() -> None:
    text = "快递慢慢慢慢慢慢慢慢"
    assert marked(text, "courier.slow") == [text]


def test_the_primary_cause_comes_first_and_none_repeats() -> None:
    for text, primary in (
        ("东西一用就坏,垃圾,快递也有点慢", "quality"),
        ("等了半个月才到,快递太慢,包装也有点皱", "courier"),
    ):
        codes = [tag.code for tag in predicted(text).tags]
        assert top_of(codes[0]).value == primary
        assert len(codes) > 1
        assert len(set(codes)) == len(codes)


AWKWARD = ["", " ", "???", "\x00", "\n\n", "😡" * 50, "\ud800", "a" * 20_000, "差" * 20_000, "快递慢," * 5_000, "ﷺ½…"]


@pytest.mark.parametrize("text", AWKWARD, ids=range(len(AWKWARD)))
def test_awkward_text_is_answered(text: str) -> None:
    prediction = predicted(text)
    assert prediction.tags
    assert 0 <= prediction.negative_score <= 1


def test_text_without_a_word_is_not_negative() -> None:
    assert predicted("。。。") == (False, 0.0, (("other", 1.0, ()),))


def test_a_batch_answers_like_single_texts_in_order() -> None:
    texts = ["快递太慢", "", "质量很好", "少发了一件", *AWKWARD]
    together = shipped().classify(texts)
    assert [prediction.tags for prediction in together] == [predicted(text).tags for text in texts]
    assert shipped().classify([]) == []


def test_more_than_one_reading_batch_keeps_order(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"{'快递太慢' if at % 2 else '客服不理人'},{at}" for at in range(40)]
    whole = shipped().classify(texts)
    monkeypatch.setattr("reviews.classifier.classifier.BATCH_CHARACTERS", 30)
    assert [p.tags for p in shipped().classify(texts)] == [p.tags for p in whole]


@settings(max_examples=60, deadline=None)
@given(st.text(st.sampled_from("快递慢质量差但是好客服不理!, 。\n\t㎏ＡＢ😡1…é\u0301"), max_size=60))
def test_marks_lie_within_the_text_and_codes_are_known(text: str) -> None:
    prediction = predicted(text)
    codes = [tag.code for tag in prediction.tags]
    assert codes
    assert set(codes) <= set(Cause.values)
    assert codes == ["other"] or "other" not in codes
    for tag in prediction.tags:
        assert 0 <= tag.score <= 1
        assert list(tag.spans) == sorted(tag.spans)
        for (_, end), (start, _) in zip(tag.spans, tag.spans[1:], strict=False):
            assert end <= start
        assert all(0 <= start < end <= len(text) and text[start:end].strip() for start, end in tag.spans)


def test_shipped_weights_are_small_and_loaded_once() -> None:
    assert sum(path.stat().st_size for path in SHIPPED.iterdir()) <= 10_000_000
    assert shipped() is shipped()
    assert shipped().version == Classifier.load(SHIPPED).version


def test_a_directory_without_weights_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusableWeights, match="no usable weights"):
        Classifier.load(tmp_path)


def test_damaged_weights_are_refused(tmp_path: Path) -> None:
    for path in SHIPPED.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes()[:200])
    with pytest.raises(UnusableWeights):
        Classifier.load(tmp_path)
    description = (SHIPPED / "model.json").read_text()
    (tmp_path / "model.json").write_text(description)
    with pytest.raises(UnusableWeights):
        Classifier.load(tmp_path)
    (tmp_path / "model.json").write_text(description.replace("price.fee", "price.free"))
    with pytest.raises(UnusableWeights, match="other causes"):
        Classifier.load(tmp_path)
