"""Compensation tied to a review, and reviews bought or made up.

网络反不正当竞争暂行规定 art. 9 and 电子商务法 art. 17: what the shop gives must not hang on what the buyer writes.
A tie is found where a review that is wanted and something of value stand together; the words around them tell an
offer from a refusal to make one.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from functools import partial

from cases.replies.draft import Draft, Span
from cases.replies.phrases import phrases
from cases.replies.review_requests import (
    ANY_REVIEW,
    PING,
    PRAISE,
    REVIEW,
    SEEN,
    leaves_review_free,
    named_praise,
    wanted_reviews,
)

# How far apart, in letters, the review and the value may stand and still be one offer.
REACH = 40
# So close that a full stop between them separates nothing.
TOUCHING = 3

_NUMBER = r"[\d一二两三四五六七八九十百千几零叁伍拾]"
_SUM = rf"(?:¥|\$){_NUMBER}{{1,9}}|{_NUMBER}{{1,9}}(?:元|块|圆|rmb|r(?![a-z])|大洋|刀)"
_CASH = rf"(?:(?<!往)返(?![回厂修程工品货])|反现|红包|洪包|现金|{_SUM})"
_VALUE = phrases(
    rf"""
    {_CASH}
    | 退(?:款|钱|货|换|您|你|亲|给|还|一半|半|全|运费|差价|部分|点|{_NUMBER})
    | 赔(?:偿|付|您|你|亲|钱|给|{_NUMBER}) | 补(?:偿|贴|差|您|你|亲|钱|给|寄|发|送|{_NUMBER})
    | (?<=[法不给能])[退赔](?!换) | [给出](?:您|你|亲)?\d{{1,5}}(?![\d次天小分星个条件字%点])
    | 差额|差价|承担(?:您的?)?(?:损失|费用|运费)|优惠(?!价)|代金|抵用|抵扣|购物券|卡券|券|满减|折扣|打折
        |[一二三四五六七八九\d]折
    | 礼[品物包金盒券]|小礼|有礼|赠品|赠送|有奖|奖励|奖品|抽奖|小样|试用装|惊喜
    | 送(?:您|你|亲|一|个|份|小|礼|优|红|券|两|几|赠|条|支|瓶|双|盒|袋|{_NUMBER})
    | (?:就|即|都|还|再|可|免费|加|另|额外)送(?!货|到|达|上|修|检)
    | 免单|免费|半价|免邮|包邮|会员|积分|金币|话费 | 报销|转账|转(?:您|你|给|钱|\d)|打(?:款|钱|给您)|到账
    | 换新|换货|换一[件个双套台]|重发|重新发|重新寄
    | 好处|全免|免除|延保|钱的事|好商量|好谈|感谢金|慰问金|辛苦费|感谢费|茶水费|[点份些小]心意|意思一下|有表示
        |不会亏待|不会让您吃亏|重谢|酬谢|报酬 | 领(?:取|券|奖|礼|红|{_NUMBER})
    | cashback|refund|coupon|voucher|giftcard|freegift|agift|compensat|rebate|discount|reward|payyou|sendyoumoney
    """
)
_GIVEN = rf"(?:{_CASH}|送(?!货|到|达|上|来)|领|有礼|有奖|奖励|抽奖|惊喜|优惠券|礼[品物包]|赠品)"
# Said in one breath: 评价有礼, 追评送券, 红包换评价.
_SLOGAN = phrases(
    rf"""
    (?:[追上]{PING}|评价)(?:就|即|可|都|后|立)?(?:返(?:现|{_NUMBER})|有礼|有奖|送(?!货|到|达|上|来)|领(?:红包|券|奖
        |礼))
    | (?:{_CASH}|优惠券|礼[品物]|赠品|补偿|退款)来?(?:换|求|购买|买|交换|换取|兑换)(?:取|个|一个|您的?|你的?
        |亲的?){{0,3}}{REVIEW}
    """
)
_AFTER_A_REVIEW = phrases(
    rf"""
    (?:评价|评论)(?:一下|完成|完|好|了)?(?:后|之后|截图|截屏)
        (?:可以|可|即可|即|加|联系|找|私信|客服|我们|凭|截图|发|来|到|就|免费|马上|去|给|有|小){{0,8}}{_GIVEN}
    """
)

_GIVEN_BEFORE = phrases("(?:已经?|均|刚刚?|早已|昨天|都).{0,8}$")
_GIVEN_AFTER = phrases(".{0,6}(?:已|好了|完毕|完成|到账|办好|办了|通过|成功|补上了|发出|不受影响|照)")
_REFUSED_AFTER = phrases(
    """
    (?:就|也|都|您|你|可|我们|申请|这边|那边|的事)*
    (?:别想|休想|不处理|不办|不安排|不予|不能|没法|无法|没有了?|免谈|没戏|不给|不退|拒绝|取消|不会[给退发有]|作废
        |无效|没了|别指望)
    """
)
_BUYER_REFUSES = phrases("(?:不|没有?|未|不肯|不愿意?|不想|拒绝|不先|不去|不帮忙|不同意|不配合|不给我们)$")
_REFUSAL = phrases("不(?:肯|愿意?|想|去)?(?:修?改|删|撤|换|取消|变|更)")
_BEFORE_OR_ELSE = phrases("之前|以前|才|不然|否则|先|前")
_REQUEST = phrases("请|麻烦|帮|希望|盼|能否|能不能|可否|可不可以|拜托|劳烦|求|辛苦|先|只要|吗")
_PROMISE = phrases("会|将|给您|给你|给亲|马上|立即|立刻|就|即可|随后|可以|愿意|另外|再|够")

# What takes the offer out of the words: it is condemned, or the buyer spoke of it …
_RENOUNCED = phrases(
    """
    违规|违法|违反|不合规|不合法|不允许|不被允许|杜绝|严查|虚假宣传|明令|抵制|误会|误导
    | (?:是|属于|都)(?:完全|绝对)?(?:错误|不对|不应该|不该|不合适|不当)
    | (?:卡|卡片|活动|宣传|字样|海报|做法|行为|说法|要求|承诺).{0,14}(?:停|下架|撤下|清理|取消|结束|下线|整改|错
        |不对)
    """
)
_REPORTED = phrases(
    "(?:反馈|反映|提到|说到|说|所说|提及|指出|投诉|举报|怀疑|质疑|认为|关于)(?:的|过|是|我们|店铺|本店|客服|有人|卡片|那张){0,4}$"
)
# … and what puts it back.
_STILL = phrases(
    "但|不过|可是|然而|私下|悄悄|偷偷|例外|破例|截图|兑现|发给您|转给您|转您|打给您|补给您|补上|马上返|领取|就返|照样"
)

_FAKE = phrases(
    rf"""
    刷单|刷(?:几|些|点)?单|刷(?:好|五星|5星|信誉|销量|评)|做(?:些|几条|点|一批|假)?好{PING}(?!的)|假好{PING}
        |{PING}[价论]刷
    | (?<!提)(?:出|包|刷|补|弄|搞)(?:些|几|点|一批|单|条|个|假|五星|几条|几单){{0,3}}好{PING}
    | (?:代|帮您|帮你|帮亲|替您|替你)(?:写|发|打|做|刷|评)(?:个|一个|好|条)*{ANY_REVIEW}|代{PING}
    | 好{PING}.{{0,6}}(?:帮您|帮你|替您|替你)(?:编|写|拟) | 好{PING}(?:文案|模板|范文|模版|代写|素材|套餐|任务|外包)
    | (?:买|收|出售|购买|收购|花钱买|卖)(?:一些|几条|点|个|些)?好{PING} | 买(?:些|几条|点|几个|一批)(?:评价|评论)
    | (?:每条|一条|每单)好{PING}.{{0,2}}\d+|佣金.{{0,6}}好{PING}|好{PING}.{{0,6}}佣金
    | (?:复制|照抄|照着|粘贴)(?:下面|以下|这段|我们|的|文字|内容|文案|发给您){{0,6}}(?:好{PING}|评价|写|发)
    | 水军|刷手(?![指机柄])|放单|托儿|(?:返|退)还?本金
    | (?:找|安排|请|发动|组织|动员|让)(?:人|几个人|员工|亲友|朋友|亲戚|同事|家人|专人|兼职|一批人|老客户|熟人
        |身边)+(?:(?!写|评).){{0,8}}?
        (?:写|刷|发|给|打|补|留|评|做)(?:几条|些|几个|个|点|一些)?(?:{PRAISE}|好{PING}价)
    | 招募?(?:评价师|测评|试用.{{0,4}}好{PING}) | 免费(?:试用|送|拿).{{0,6}}写好{PING} | 小号.{{0,6}}好{PING}
    | 用.{{0,6}}(?:小号|别的号|其他账号|亲友账号|家人账号|家人的号).{{0,8}}(?:{PRAISE}|{PING}[价论])
    | (?:buy|sell|fake|paidfor)(?:good|positive|5star|fivestar)?reviews?
    """
)


def tied_compensation(draft: Draft) -> Iterator[Span]:
    """Spans of `letters` in which something of value hangs on a review."""
    text = draft.letters.text
    values = [match.span() for match in _VALUE.finditer(text)]
    for review in wanted_reviews(draft):
        yield from _tie(draft, review, values, _is_tie)
    for review in named_praise(draft):
        yield from _tie(draft, review, values, _is_tie_to_praise)
    for match in _SLOGAN.finditer(text):
        if not draft.is_negated(match.start()) and not _is_disowned(draft, *match.span()):
            yield match.span()
    for match in _AFTER_A_REVIEW.finditer(text):
        if not draft.is_negated(match.start()) and not draft.follows(SEEN, match.start()):
            yield match.span()


def _tie(draft: Draft, review: Span, values: list[Span], is_tie: Callable[[Draft, Span, Span], bool]) -> Iterator[Span]:
    """The span from `review` to the nearest of the sorted `values` it is tied to, if any."""
    first = bisect_left(values, (review[0] - REACH, 0))
    last = bisect_left(values, (review[1] + REACH, 0))
    nearest_first = sorted(values[first:last], key=partial(_gap, review))
    value = next((value for value in nearest_first if is_tie(draft, review, value)), None)
    if value:
        end = max(review[1], value[1])
        # "返" and "5元" are two values said in one breath.
        ends = dict(values)
        while end in ends:
            end = ends[end]
        yield min(review[0], value[0]), end


def bought_reviews(draft: Draft) -> Iterator[Span]:
    """Spans of `letters` that offer to buy, write or fake reviews."""
    for match in _FAKE.finditer(draft.letters.text):
        if not draft.is_negated(match.start()) and not _is_disowned(draft, *match.span()):
            yield match.span()


def _gap(one: Span, other: Span) -> int:
    return max(one[0], other[0]) - min(one[1], other[1])


def _is_tie(draft: Draft, review: Span, value: Span) -> bool:
    text = draft.letters.text
    if draft.sentence(review[0]) != draft.sentence(value[0]) and _gap(review, value) > TOUCHING:
        return _is_bargain_in_two_sentences(draft, review, value)
    start, end = min(review[0], value[0]), max(review[1], value[1])
    if leaves_review_free(draft.sentence_text(start)) or _is_disowned(draft, start, end):
        return False
    withheld = draft.is_negated(value[0]) or _REFUSED_AFTER.match(text, value[1]) is not None
    if draft.follows(_BUYER_REFUSES, review[0]) or _REFUSAL.search(draft.stated, *review):
        return withheld
    if draft.is_negated(review[0]):
        return False
    return not withheld or _BEFORE_OR_ELSE.search(text, review[0], end + 3) is not None


def _is_tie_to_praise(draft: Draft, praise: Span, value: Span) -> bool:
    """A tie to praise that is merely named: the value is still to be given, or stands right beside the praise."""
    is_one_sentence = draft.sentence(praise[0]) == draft.sentence(value[0])
    if _gap(praise, value) > (2 * TOUCHING if is_one_sentence else TOUCHING):
        is_given = draft.follows(_GIVEN_BEFORE, value[0]) or _GIVEN_AFTER.match(draft.letters.text, value[1])
        if is_given or not is_one_sentence:
            return False
    return _is_tie(draft, praise, value)


def _is_bargain_in_two_sentences(draft: Draft, review: Span, value: Span) -> bool:
    """A request for the review in one sentence and a promise in the next, with nothing said that parts them."""
    text = draft.letters.text
    review_start, review_end = draft.sentence(review[0])
    value_start, value_end = draft.sentence(value[0])
    if review_end != value_start and value_end != review_start:
        return False
    either = text[min(review_start, value_start) : max(review_end, value_end)]
    return (
        _REQUEST.search(text, review_start, review_end) is not None
        and _PROMISE.search(text, value_start, value_end) is not None
        and not draft.is_negated(review[0])
        and not draft.is_negated(value[0])
        and not leaves_review_free(either)
    )


def _is_disowned(draft: Draft, start: int, end: int) -> bool:
    """Whether the words are reported or condemned rather than offered."""
    if _STILL.search(draft.sentence_text(start)):
        return False
    return _RENOUNCED.search(draft.letters.text, start, end + 20) is not None or draft.follows(_REPORTED, start)
