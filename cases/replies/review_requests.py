"""Where a draft wants a review changed, deleted, added or made better."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from cases.replies.draft import Draft, Span, crosses
from cases.replies.phrases import phrases

YOU = "(?:您们?|你们?|亲们?)"
# 坪, 萍 and the like stand in for 评 where people hide the word.
PING = "(?:[评坪枰萍]|苹(?!果))"
REVIEW = rf"""(?:(?:[好差中恶追低高]|hao|cha|中差){PING}|{PING}[价论语分星]|{PING}(?![价论语分星测估选定审级判比委])
    |买家秀|晒图|晒单|星级|打分|haoping|chaping|[一二三123]星(?!期))"""
# A review that is only spoken of: "评价里说的", "评价提到", "评价区".
_MERELY_NAMED = r"""(?!里|中[^差]|提|说|反[映馈]|所|区|指|率|体系|数|较|低|下降|上(?:说|写|提)|时|描述|显示|的(?:问题
    |内容|照片|图|建议|意见|时候|那))"""
PRAISE = (
    rf"(?:(?:好|hao){PING}(?![价论]|如潮|率)|[五5满全](?:颗|个)?星|[五5]分(?![熟钟之])|满分|全[五5]分|高分|haoping)"
)

# 改进, 改善 …: what the shop does about itself; 换货, 换新: what it does for the buyer.
_CHANGE = r"""(?:修改|更改|改动|更正|改(?![进善良版款装造天日期派签正用革变建观])|变更|更换|换(?![货新发回]|快递|包装
    |给您|您|一[件双台套])|删除|删|撤[销回下掉]?|取消|去[掉除]|抹[掉去]|消[除掉]?|隐藏|屏蔽|清[除掉空理]|移除|收回
    |调[整高]|更新|编辑|重写|重新?(?:写|打|给|评)|打高|拉高|提高|升(?:级|到|成|为)|翻成)"""
# What may stand between the deed and the review: within a clause, and where the review comes first.
_NEAR = """(?:(?!感谢|谢|看|收|根据|按|因|对您|提|里|说|我们[会将已]|已|页|描述|地址|备注|在评|反馈|以便|订单|包装
    |申请|方案|质量|问题|配件|杯|包).)"""
_FAR = """(?:(?!里|中[^差]|说|提|反[映馈]|指|(?<![对给帮为])我们(?!小店|的|想|请|希望|麻烦)|我会|已|会[^员]
    |看[到过了完]|收到|到了|客服|同事|认真|仔细|页|描述|尺码|图|地址|快递|包装|质量|产品|后[^面]|问题|感谢|谢谢|订单
    |改进|率).)"""

# 改一下您的评价, 删差评, 改评
_CHANGE_THE_REVIEW = phrases(rf"{_CHANGE}(?!的|后的|过的|了的){_NEAR}{{0,8}}?{REVIEW}{_MERELY_NAMED}")
_REVIEW_TO_CHANGE = phrases(
    rf"""
    # 把评价改一下, 差评麻烦您删掉, 差评不删
    {REVIEW}{_FAR}{{0,9}}?(?:{_CHANGE}|清零|撤)
    # 评价的事您帮忙处理一下
    | {REVIEW}{_FAR}{{0,6}}?(?:处理|弄|动|操作)(?:一下|下|掉) | {REVIEW}{_FAR}{{0,13}}?(?:您|你|亲|麻烦|帮|请
        |劳烦){_FAR}{{0,6}}?(?:处理|弄|动|操作|搞定|通融|帮个?忙|考虑)
    | (?:处理|弄|搞定|动|解决)(?:一下|下|掉)(?:您|你|的|这条|那条|这个|那个){{0,3}}{REVIEW}{_MERELY_NAMED}
    # 改成五星, 评价改成满意, 把星星点满
    | (?:评价|评论|追评|评分)(?:里面?|中|上|那里|那边)?{_FAR}{{0,6}}?(?:改|换|变|弄|写|调|更正)(?:成|为|到|回|好|高)
    | (?:改|换|弄|变|调|升|提|补|更正)(?:一下)?(?:成|为|到|回|个)?(?:个|一个)?[五5满全](?:颗|个)?[星分]
    | 星星?(?:都|全|给|帮|我们|再){{0,3}}(?:点|打|加|拉|补)(?:满|亮|到[五5])|(?:点|打|给|拉|补)(?:满
        |亮)(?:[五5全])?(?:颗|个)?星
    | (?:评价|评论|追评)(?:里面?|上|中|那里)?(?:帮|给|替|多|请|麻烦|您|再|好好){{0,4}}(?:我们|小店)?(?:夸|美言
        |说(?:点|些|几句)?好) | 高抬贵手|手下留情
    # 追加好评, 追个评
    | (?<!的)追加(?![的了])(?:(?!感谢|说|提|看).){{0,8}}?(?:{PRAISE}|{REVIEW}){_MERELY_NAMED} | 追{PING}(?:一下|一条
        |一个|一句|几句|下|个|吧|后|之后|截图)
    | (?:麻烦|请|帮忙?|再|能否|可以|能)(?:您|你|亲)?(?:帮忙?|再)?追加(?:一下|一个|一条|个|条|下)?(?:评价|评论|追评)
    | (?<![您你的了])追{PING}(?:说明|写) | (?<!的)追(?:个|一个|一下|下|一条|条)(?:好)?{PING}
    | (?:change|edit|update|revise|delete|remove|withdraw|takedown|amend)(?:your|the|this|that|bad|negative|nasty
        |poor){{1,3}}(?:review|rating|comment|feedback)
    | (?:leave|give|write|post)(?:us|me|a|an|your|good|nice|positive|great|5star|fivestar|five){{1,4}}(?:review
        |rating|star)
    """
)
# 改好了截图给我, 删掉就…: with nothing else named, a review is meant.
_UNNAMED = phrases(
    r"""
    (?:改|删|撤)(?:好|完|了|掉|除)+.{0,4}(?:截图|截个图|截屏) | (?:删|撤)(?:掉|除|了|它)+(?:后|之后|就|的话|马上|立刻
        |立即|我|给)
    | (?<![修更])改(?:了|好|完|过来)(?:的话|后|之后)?(?:我们?)?(?:就|马上|立刻|给您) | (?<![修更])改(?:好|完)(?:后
        |之后)
    | (?:改一改|改改) | (?:感谢|答谢|酬谢|谢谢)您的?修改
    | 帮(?:我们|小店|忙|个忙)?(?:撤|删|改|消)(?:一下|下|掉|了)(?!.{0,6}(?:地址|尺码|价|规格|型号|颜色|电话|备注|订单
        |申请))
    | (?:要是|如果|若|再|您|你)不(?:删|撤)(?:掉|了|的话|除|$|就|我们|别)
    """
)
_PRAISE_WANTED = phrases(
    rf"""
    # 给个五星, 晒个图
    (?:给|写|打|留|发|来|赏|送|求|追加|增加|补|加|上|{PING}|填|晒|换|做|点|刷)
        (?:个|一个|一条|条|一下|下|我们|小店|店铺|本店|咱们|咱|我|您|你|的|满|全|好看|走心|带图|有图|优质|真实|超赞
            |漂亮|\d{{1,3}}字(?:以上)?|十五字|以上){{0,6}}
        (?:{PRAISE}|好{PING}价|晒图|晒单|带图评价|买家秀|追{PING}|good(?:review|rating))
    # 别给差评
    | (?:不|别|勿)(?:要|再|先)?(?:急着)?(?:给|写|打|发|留)(?:我们|小店|个|一个|了){{0,3}}(?:[差中低]{PING}|低分|一星
        |1星)
    # 满意请五星, 参加好评活动
    | 参[与加](?:我们|本店|小店|的){{0,2}}(?:{PRAISE}|晒图|晒单|评价(?=返|活动|有))
    | (?:请|求|麻烦|记得|期待|希望|盼|劳烦|拜托|烦请|只要|如果|如|若|要是|动动|支持|满意|欢迎|别忘了|可以|能|愿意
        |帮忙)
        (?:您|你|亲|能|给|个|帮忙|帮|一个|我们|来|下|五星|5星|全|多多|满意|的话|晒|写|在|收货|收到|后|觉得|不错|喜欢
            |带图|手指){{0,8}}
        (?:{PRAISE}|晒图|晒单|追{PING})
    """
)

_OWN_DOING = """
    (?:了|过|到)?(?:您|你|亲)?们?
    (?:之前|以前|曾经|已经|已|上次|一直|愿意|能|又|刚刚?|昨天|今天|在|对我们|给我们|的|这次|本次|特意|专门|为我们
        |写下|这么|详细){0,4}$
"""
# The buyer did it of their own accord: seen, or, where praise is meant, thanked for.
SEEN = phrases(f"(?:看到|看见|得知|发现|注意到|收到|查看|查阅|读到|因为|由于|自从|上次|之前){_OWN_DOING}")
_SEEN_OR_THANKED = phrases(f"(?:看到|看见|得知|发现|收到|谢谢|感谢|多谢|感激|因为|由于|自从|上次|之前){_OWN_DOING}")
_OTHER_MATTER = phrases(
    "地址|尺码|价格|规格|详情|页面|型号|颜色|电话|备注|设置|款式|流程|制度|排班|程序|订单|记录|照片|图片|申请"
)

ANY_REVIEW = f"(?:{REVIEW}|{PRAISE})"
_WHETHER = """(?:改不改|删不删|给不给|改与不改|改或不改|改没改|删没删|是否(?:修改|更新|补充|更改|删除|调整|追加|改|删
    |给|写|撤|变更)|有没有(?:修改|更改|删除|改|删)|愿不愿意(?:修改|更改|删除|改|删)|(?:修改|改|删除|删)(?:不|没|与否
    |或否))"""
_LEFT_FREE = phrases(
    rf"""
    (?:无论|不管|不论|哪怕|即使|即便|就算)(?:{YOU}|最后|最终|以后|之后|将来|是否|是|否|要|愿意?|不|没|选择|会|想
        |有没有|怎么|如何|对|给|打|留|写|改|删|修改|删除|更改|保留|这条|这个|那条|的|了|成|为|什么|什么样|怎样|多少
        |哪种){{0,12}}{ANY_REVIEW}
    | {_WHETHER}.{{0,12}}(?:都|均|也|一样|照|同样|不影响|无关|[由随看按][您你]|没关系|没有关系|自己决定|不强求
        |不勉强)
    | [与和跟同对].{{0,14}}{ANY_REVIEW}.{{0,8}}(?:无关|没有?(?:任何|什么|半点)?(?:关系|关联|联系)|不挂钩|不相关
        |不沾边|没影响)
    | (?:{ANY_REVIEW}|{_WHETHER}).{{0,10}}(?:不会?影响.{{0,6}}(?:退|补|赔|售后|换|处理|解决)|互不影响|无关|两回事
        |两码事|不挂钩|由您(?:自己|自行)?(?:决定|做主)|没有?(?:任何|什么)?关系|不会?作为|不是.{{0,8}}(?:条件|前提
        |要求))
    | 不会?[以拿用].{{0,18}}(?:为条件|为前提|为代价|作条件|作为条件|作为前提|做条件|当条件|换取|交换|换{ANY_REVIEW})
    | uptoyou|yourdecision|yourchoice | 不(?:需要|用|必|要求|图|求){YOU}?.{{0,4}}(?:任何)?回报
    """
)

# Praise only spoken of: "您说五星好评的款式也会起球", "以前的好评", "五星酒店".
_PRAISE_NAMED = phrases(
    rf"""
    (?:{PRAISE}|晒图|晒单|买家秀|带图评价)
    (?!卡[^、,]{{0,4}}(?:是|属)|里|中|酒店|宣传|字样|级|款|店|照片|图片|显示|上|的(?:款|商品|产品|时候|图|照片)|并不
        |并没|一直|是|说|提|也[是会])
    """
)
_SPOKEN_OF = phrases(
    """
    (?:说|提到|写的?|所谓|以前|之前|过去|那些|很多|不少|客服|谢谢|感谢|多谢|感激|看到|看见|收到过|因为|由于|对于|关于
        |反映|反馈|反对)
    (?:了|过|到|的|是)?(?:您|你|亲)?们?(?:之前|以前|已|上次|一直|给|打|写|又|对我们|给我们|我们|的|这次|来|出){0,4}$
    """
)


def named_praise(draft: Draft) -> Iterator[Span]:
    """Spans of `letters` that name praise as something to come: 好评, 五星, 晒图 …"""
    for match in _PRAISE_NAMED.finditer(draft.letters.text):
        if _is_one(draft, match.span(), draft.sentence_starts) and not draft.follows(_SPOKEN_OF, match.start()):
            yield match.span()


def wanted_reviews(draft: Draft) -> Iterator[Span]:
    """Spans of `letters` that ask for, offer or speak of changing, deleting or adding a review, or making it better."""
    for pattern, bounds, own_doing in (
        (_CHANGE_THE_REVIEW, draft.clause_starts, SEEN),
        (_REVIEW_TO_CHANGE, draft.sentence_starts, SEEN),
        (_UNNAMED, draft.sentence_starts, _OTHER_MATTER),
        (_PRAISE_WANTED, draft.sentence_starts, _SEEN_OR_THANKED),
    ):
        for match in pattern.finditer(draft.letters.text):
            if _is_one(draft, match.span(), bounds) and not draft.follows(own_doing, match.start()):
                yield match.span()


def _is_one(draft: Draft, span: Span, bounds: list[int]) -> bool:
    """Whether the letters of `span` belong together: "都好,评价…" names no praise."""
    return not crosses(bounds, *span) and not crosses(draft.clause_starts, span[0], span[0] + 2)


# One sentence is asked about once for every review wanted in it.
@lru_cache(maxsize=16)
def leaves_review_free(text: str) -> bool:
    """Whether `text`, letters of a draft, says that the review is the buyer's own affair whatever the shop does."""
    return _LEFT_FREE.search(text) is not None
