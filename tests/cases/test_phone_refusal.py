"""Which words ask not to be phoned, measured on sentences made for it."""

import pytest

from cases.phone_refusal import phone_refusals

WISHES = [
    ("质量太差,别打电话了", "别打电话"),
    ("不要再给我打电话,烦死了", "不要再给我打电话"),
    ("别老打我电话", "别老打我电话"),
    ("请勿来电", "请勿来电"),
    ("有事留言,不用打电话过来", "不用打电话"),
    ("电话别再打了", "电话别再打"),
    ("不想接你们电话", "不想接你们电话"),
    ("再打电话我就投诉", "再打电话我就投诉"),
    ("天天电话骚扰让我改评价", "电话骚扰"),
    ("东西一般,勿打电话谢谢", "勿打电话"),
    ("上班不方便接电话,旺旺说", "不方便接电话"),
    ("不要让客服打电话来", "不要让客服打电话"),
    ("你们别打电话了行不行", "别打电话"),
    ("一天三个电话,请不要再打了", "电话,请不要再打了"),
    ("別再打電話給我", "別再打電話"),
    ("谢绝电话回访", "谢绝电话回访"),
    ("千万别给我打电话", "别给我打电话"),
    ("不要拨我手机", "不要拨我手机"),
    ("我不会接电话的,不用试了", "不会接电话"),
    ("懒得接商家电话", "懒得接商家电话"),
    ("拒绝来电", "拒绝来电"),
    ("还打电话小心我报警", "还打电话小心我报警"),
    ("不必打电话解释", "不必打电话"),
    ("不愿意听你们的电话", "不愿意听你们的电话"),
]
OTHER_TALK = [
    "",
    "打电话给客服没人接",
    "快递不打电话就放驿站了",
    "区别打电话问了才知道",
    "别人打电话都有人接",
    "客服电话一直打不通",
    "特别打电话去催过",
    "不支持来电显示",
    "希望打电话给我解决",
    "可以打电话,我下午在",
    "打电话不接,发消息不回",
    "客服不想接电话吧",
    "卖家根本不会接电话",
    "你们不方便接电话就别开店",
    "不用打电话就主动给我退款了,服务好",
    "客服说别打电话,等通知",
    "快递小哥让我不要打电话催",
    "手机听筒坏了,打电话没声音",
    "电话手表不能打电话",
    "麻烦给我打个电话",
    "电话里态度很好",
    "别买,电话都没人接",
    "电话打了三次才通,别的都好",
    "儿童电话手表别买大了",
    "电话打过去说不要退货",
    "从不主动打电话联系买家",
]


@pytest.mark.parametrize(("text", "words"), WISHES)
def test_a_wish_not_to_be_phoned_is_found(text: str, words: str) -> None:
    assert [text[slice(*span)] for span in phone_refusals(text)] == [words]


@pytest.mark.parametrize("text", OTHER_TALK)
def test_other_talk_of_phones_is_no_wish(text: str) -> None:
    assert phone_refusals(text) == []


def test_every_wish_of_a_text_is_found_once() -> None:
    text = "别打电话!说了别打电话,再打电话就投诉"
    found = [text[slice(*span)] for span in phone_refusals(text)]
    assert found == ["别打电话", "别打电话", "再打电话就投诉"]
