"""The check of drafts. Sentences are written for these tests; each stands for a way people really put it."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.replies import Decision, Rule, Verdict, check_reply
from reviews.causes import TopCause


def rules(text: str, cause: str | None = None, platform: str | None = None) -> set[Rule]:
    return {finding.rule for finding in check_reply(text, cause=cause, platform=platform).findings}


def marked(text: str, rule: Rule, cause: str | None = None) -> list[str]:
    """The words of `text` that a rule points at."""
    verdict = check_reply(text, cause=cause)
    return [text[finding.start : finding.end] for finding in verdict.findings if finding.rule is rule]


OTHERS: dict[Rule, str] = {
    Rule.BOUGHT_REVIEWS: """
我们可以帮您代写好评,您不用动手
复制下面这段文字发好评就行
亲,您用小号再拍一单给个五星
我们可以安排员工来写几条好评
找几个人刷好评把这条压下去
亲,帮我们刷几单五星好评吧,每单佣金5元
买几条评价冲一下""",
    Rule.PERSONAL_DATA: """
请联系13812345678为您处理
您的手机是138 1234 5678对吧
电话①③⑧①②③④⑤⑥⑦⑧我们打过
一三八一二三四五六七八 这个号码打不通
您留的座机0571-88123456没人接
您的身份证330106199003071234已登记
身份证号码:11010519900307123X
收货地址是杭州市西湖区文三路100号
您住在幸福花园3栋2单元501室,我们会上门取件
收件人:王小明,我们已经重新寄出
订单号2345678901234567890已退款
订单编号:3301 2345 6789 0123 456
京东订单号:278912345678
单号YT8812345678901一直不动""",
    Rule.THREAT: """
不改评价我们就起诉你
再不删除差评,后果自负
本店保留追究法律责任的权利
请立即撤销不实评价,否则我们将采取法律手段
不删评就把您拉黑
我们知道您家住哪
您再这样我们就把您的信息挂到网上
你给我等着
我们会联系您的单位
以后请别再来我们店买了""",
    Rule.INSULT: """
您这是恶意差评
您是职业差评师吧
贪小便宜还这么多事
买不起就别买
傻 逼
睁眼说瞎话
您就是想讹钱
您是不是同行派来的
没见过这么无理取闹的
呵呵,您开心就好""",
    Rule.BLAMES_BUYER: """
是您自己没看清尺码
这都是您的问题
不是我们的问题,是您没按说明操作
您下单前怎么不看详情页
详情页写得很清楚,您没看吗
谁让您选错颜色的
只能怪您自己不小心
您使用不当造成的
颜色不一样是您手机屏幕的问题
这个价格您还想要什么
别人都没问题,就您说不好
您要求太高了
嫌贵就别买
您自己弄坏了还来怪我们
人为损坏我们不负责""",
    Rule.BLAMES_COURIER: """
快递的事我们控制不了
物流慢不是我们的问题
货发出去就不归我们管了
这是快递公司的责任,请您找快递
快递方面不在我们的控制范围内
我们只负责发货
快递员态度不好您应该投诉快递公司
物流延误我们也没办法
包裹丢了您自己联系快递吧
快递是第三方公司,跟店铺没有关系""",
    Rule.DENIES_RESPONSIBILITY: """
这不是我们的责任
此事与本店无关
我们没有任何责任
商品售出概不负责""",
    Rule.ABSOLUTE_TERM: """
我们的产品是全网最低价
这是最好的面料
全国销量第一
100%正品
国家级品质
永不褪色""",
    Rule.OFF_PLATFORM: """
加我微信详聊
请添加客服微 信
请加V:abc123
您留个微信,我把钱转您
联系QQ 123456
扫码进群领福利
咱们私下解决吧
发邮件到service@shop.com
访问 https://abc.com 查看""",
    Rule.UNFILLED_PLACEHOLDER: """
{buyer}您好,很抱歉
订单{order}已为您退款""",
}

HARMLESS = """
非常抱歉,这次是我们没有在详情页写清楚尺码,给您添麻烦了
不是您操作不当,是我们的说明书写得不清楚,抱歉
这不是您的问题,请不要自责,是我们疏忽,对不起
抱歉让您没看清规格,我们会把字体加大
您的问题我们已经记录,会尽快处理,抱歉让您久等
难怪您会生气,换作我们也一样,真的很抱歉
快递延误让您久等了,抱歉,我们已经联系快递公司加急处理
虽然是快递途中压坏的,但责任在我们,抱歉,已为您补发
对不起,快递员态度不好,我们已向快递公司投诉
抱歉,我们已经向快递公司追究责任,并先行赔付给您
不会把责任推给快递,这件事我们负责到底,抱歉
抱歉,如果对处理不满意,您可以向平台投诉
您有权通过法律途径维护自己的权益,我们也愿意先把问题解决好,抱歉
抱歉打扰,为避免骚扰您,我们不再致电
抱歉,照片曝光过度造成色差,我们已重拍主图
等着您的回复,一有消息马上处理,抱歉
客服骂您“有病”,这是不可原谅的,我们向您郑重道歉,该员工已停职
客服说“爱买不买”的确过分,我们已经批评教育,向您道歉
抱歉,垃圾袋破损已补发
抱歉,滚筒洗衣机的问题已经转给厂家工程师
您说的恶心气味是新胶水残留,通风两天可以散去,抱歉
抱歉,我们会用最快的速度为您补发,最晚明天下午给您答复
最好能拍一张照片给我们,方便核实,抱歉麻烦您了
抱歉,100%纯棉的标注有误,已更正
顾客第一是我们的原则,抱歉没有做到
抱歉,退款会原路退回到微信支付账户
抱歉,手机打开微信慢的情况,我们请工程师给您看看
谨防诈骗,我们不会通过微信或QQ要求您转账,抱歉给您添乱
请通过旺旺联系我们,或拨打400-800-1234,抱歉
抱歉,退款金额128.50元已于2026年11月20日退回
抱歉,订单尾号1234已为您退款,手机尾号5678我们今天会再联系您
抱歉,条码6901234567892与外箱一致
抱歉,杭州市余杭区的仓库已经发出,预计3天到
我们不会公开您的任何信息,抱歉让您担心
不好意思,退款晚到了一天,让您操心了
""".strip().splitlines()


@pytest.mark.parametrize(
    ("rule", "text"), [(rule, text) for rule, texts in OTHERS.items() for text in texts.strip().splitlines()]
)
def test_finds(rule: Rule, text: str) -> None:
    assert rule in rules(text)
    verdict = check_reply(text, cause=None).verdict
    assert verdict is Decision.BLOCK if rule.decision is Decision.BLOCK else verdict is not Decision.OK


@pytest.mark.parametrize("text", HARMLESS)
def test_finds_nothing_in_a_decent_reply(text: str) -> None:
    assert check_reply(text, cause=None) == Verdict(Decision.OK, ())


@pytest.mark.parametrize("text", ["", "   \n", "……", "。!?", "\u200b"])
def test_an_empty_reply_is_blocked(text: str) -> None:
    assert rules(text) == {Rule.EMPTY}
    assert check_reply(text, cause="quality").verdict is Decision.BLOCK


def test_a_reply_has_at_most_500_characters() -> None:
    fitting = "抱歉" + "很" * 498
    assert Rule.TOO_LONG not in rules(f"\n{fitting}\n\n")
    assert marked(f"  {fitting}长了", Rule.TOO_LONG) == ["长了"]


def test_a_draft_of_a_hundred_thousand_characters_is_answered() -> None:
    assert Rule.TOO_LONG in rules("改好评返现" * 20_000)


def test_a_reply_apologises() -> None:
    assert Rule.NO_APOLOGY in rules("亲,已收到您的反馈,会尽快处理。")
    assert Rule.NO_APOLOGY in rules("我们没有什么好道歉的,谢谢。")
    assert Rule.NO_APOLOGY not in rules("给您带来不便,深表歉意。")


def test_a_review_is_not_spoken_of_before_the_apology() -> None:
    asked = "麻烦您修改一下评价"
    assert marked(f"{asked},这次很抱歉。", Rule.ASKS_BEFORE_APOLOGY) == ["修改一下评价"]
    assert Rule.ASKS_BEFORE_APOLOGY in rules(f"{asked},谢谢。")
    assert Rule.ASKS_BEFORE_APOLOGY not in rules(f"这次很抱歉。{asked}。")
    assert Rule.ASKS_BEFORE_APOLOGY not in rules("您不用修改评价,很抱歉。")


def test_where_reviews_cannot_change_nobody_is_asked_to() -> None:
    text = "很抱歉,问题解决后您可以修改评价。"
    assert Rule.REVIEW_CANNOT_CHANGE in rules(text, platform="tmall")
    assert Rule.REVIEW_CANNOT_CHANGE not in rules(text, platform="taobao")


TEMPLATE = "非常抱歉给您带来不好的体验,请联系在线客服处理,我们会竭诚为您服务。"


@pytest.mark.parametrize(
    ("cause", "specific"),
    [
        ("quality.defect", "抱歉,杯盖开裂是质检疏忽,已为您换新。"),
        ("colour", "抱歉,主图灯光偏暖造成色差,我们已重拍。"),
        ("colour.size", "抱歉,尺码表写错了,给您换大一码。"),
        ("courier.slow", "抱歉,包裹在中转站耽误了四天。"),
        ("service.unresponsive", "抱歉,夜里没有及时回复您,已加排值班同事。"),
        ("price.drop", "抱歉,差价三十元已退给您。"),
    ],
)
def test_a_reply_speaks_of_the_complaint(cause: str, specific: str) -> None:
    assert Rule.NOT_SPECIFIC not in rules(specific, cause)
    assert Rule.NOT_SPECIFIC in rules(TEMPLATE, cause)
    assert Rule.NOT_SPECIFIC not in rules(TEMPLATE)
    assert Rule.NOT_SPECIFIC not in rules(TEMPLATE, "other")


@pytest.mark.parametrize(
    "text", ["质量绝对对得起这个价", "我们的面料都是进口优质的,做工精良", "物超所值", "这个价真的不贵"]
)
def test_a_price_complaint_is_not_answered_with_boasts(text: str) -> None:
    assert Rule.BOASTS_QUALITY in rules(text, "price.expensive")
    assert Rule.BOASTS_QUALITY not in rules(text, "quality.workmanship")


def test_what_a_price_complaint_may_hear() -> None:
    assert Rule.BOASTS_QUALITY in rules("一分钱一分货")
    assert Rule.BOASTS_QUALITY not in rules("没能让您感到物有所值,很抱歉", "price.expensive")
    assert Rule.BOASTS_QUALITY not in rules("抱歉,质量问题我们负责退换", "price.expensive")


def test_findings_point_at_the_words_as_typed() -> None:
    text = "亲,这次很抱歉。改 好.评 返５元,谢谢。"
    assert marked(text, Rule.COMPENSATION_TIED) == ["改 好.评 返５元"]
    assert marked("①③⑧-1234-5678", Rule.PERSONAL_DATA) == ["①③⑧-1234-5678"]
    assert marked("㈠㎏抱歉 5⭐好评🧧谢谢", Rule.COMPENSATION_TIED) == ["5⭐好评🧧"]


def test_findings_stand_in_the_order_of_the_text_and_name_no_word_twice() -> None:
    findings = check_reply("您太挑剔了,改好评返现,晒图返现,加我微信。", cause="price").findings
    assert [finding.start for finding in findings] == sorted(finding.start for finding in findings)
    spans = [(finding.start, finding.end) for finding in findings if finding.rule is Rule.COMPENSATION_TIED]
    assert all(before[1] <= after[0] for before, after in pairwise(spans))


def test_the_message_explains_the_rule() -> None:
    (finding,) = check_reply("很抱歉,改好评返5元", cause=None).findings
    assert finding.message == str(Rule.COMPENSATION_TIED.label)


def test_an_unknown_cause_is_refused() -> None:
    with pytest.raises(ValueError, match="weather"):
        check_reply("很抱歉", cause="weather")


@given(st.text(), st.sampled_from([None, *TopCause.values]))
def test_any_text_gets_a_verdict_with_places_inside_it(text: str, cause: str | None) -> None:
    verdict = check_reply(text, cause=cause, platform="tmall")
    assert all(0 <= finding.start <= finding.end <= len(text) for finding in verdict.findings)
    assert (verdict.verdict is Decision.OK) == (not verdict.findings)
