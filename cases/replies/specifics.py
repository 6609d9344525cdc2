"""Apology, and words that show a reply speaks of the complaint at hand."""

from __future__ import annotations

from cases.replies.draft import Draft
from cases.replies.phrases import phrases
from cases.replies.wording import Wording
from reviews.causes import TopCause, top_of

APOLOGY = Wording(
    phrases(
        """
        抱歉|对不起|对不住|致歉|道歉|歉意|歉疚|愧疚|惭愧|不好意思|过意不去|赔(?:个)?(?:不是|礼)|见谅|海涵|包涵|原谅
            |sorry|apolog
        | 让您(?:失望|久等|受委屈|受累|费心|闹心|糟心|添堵|白跑|扫兴|受惊|担心|为难|操心)|辜负了?您
            |给您添(?:了)?(?:麻烦|堵|乱)
        """
    )
)

# Phrases of any template: they hold a word of a cause without speaking of it.
_TEMPLATE = phrases(
    """
    (?:联系|咨询|找|私信|呼叫)(?:一下|下)?(?:我们|在线|店铺|人工|本店|旺旺|官方)*的?(?:售后)?客服(?:处理|沟通|解决)?
        |(?:竭诚|用心|尽心|继续|为您|更好的|优质的?|提供|提升|改进|完善)(?:为您)?的?(?:优质|更好|贴心)?的?服务(?:质量
        |品质|水平)?|服务质量|产品质量和服务|产品和服务|商品和服务|服务和产品|期待(?:您)?(?:再次|下次)光临
        |物流信息(?:以|请)|查收|优惠多多|更多优惠|感谢您的评价|如有(?:任何)?质量问题
    """
)

_WORDS: dict[TopCause, str] = {
    TopCause.QUALITY: """
        质量|品质|做工|材质|面料|布料|料子|材料|质检|品控|质保|保修|维修|检测|抽检|返厂|换新|换货|更换|退换|次品|残次
            |不良品|批次|瑕疵|破损|破洞|损坏|坏|裂|碎|烂|断|漏|开线|线头|脱线|起球|掉色|褪色|缩水|变形|磨损|生锈|松动
            |故障|死机|卡顿|黑屏|发热|发烫|异响|噪音|续航|充电|电池|性能|效果|口感|味道|气味|异味|刺鼻|新鲜|过期|临期
            |保质期|发霉|变质|正品|真伪|假货|防伪|授权|二手|全新|翻新|掉毛|粗糙|结实|耐用|厚度|薄|硬|软|过敏|不适
            |保温|密封|defect|broken|crack|leak|quality|faulty|material|stitch|workmanship|exchange|replac
    """,
    TopCause.COLOUR: """
        色差|颜色|偏色|色|尺码|尺寸|码数|码|大小|偏大|偏小|规格|型号|重量|斤|分量|克重|长度|宽度|数据|描述|图片|照片
            |实物|实拍|拍摄|灯光|光线|滤镜|显示|详情|页面|主图|不符|不一致|标注|款式|样式|测量|colou?r|size|photo
            |picture|description|page|listing|shade
    """,
    TopCause.COURIER: """
        快递|物流|配送|发货|包裹|运输|延误|派送|派件|送货|送达|送上门|上门|驿站|自提|签收|揽收|包装|外箱|纸箱|泡沫
            |气泡|打包|压坏|摔|挤压|仓库|仓|发错|错发|漏发|少发|漏装|补发|补寄|缺货|断货|库存|出库|到货|在途|中转
            |催件|久等|迟|天才到|丢件|丢失|承运|courier|deliver|parcel|dispatch|shipping|shipment|packag|transit
            |warehouse
    """,
    TopCause.SERVICE: """
        客服|服务|态度|回复|答复|接待|沟通|培训|语气|怠慢|冷漠|敷衍|耐心|不理|没人理|值班|响应|电话打不通|承诺|兑现
            |赠品|发票|开票|说好的|答应|推诿|推脱|推卸|拖延|踢皮球|退货|退款流程|退换|售后|拒绝|处理太慢|跟进|投诉
            |同事|专员|service|attitude|repl(?:y|ies)|staff|colleague|agent|invoice|gift|promise|training
    """,
    TopCause.PRICE: """
        价格|价钱|价位|价|降价|差价|涨价|贵|便宜|划算|优惠|保价|价保|补差|活动|促销|大促|满减|折扣|优惠券|券|红包
            |预算|成本|费用|收费|安装费|运费|邮费|扣费|多收|多付|退差|不值|花费|price|expensive|discount|coupon|fee
            |cost|charge|cheaper
    """,
}
_SPECIFIC = {top: phrases(words) for top, words in _WORDS.items()}


def is_specific(draft: Draft, cause: str) -> bool:
    """Whether the draft speaks of the matter of `cause`. `other` has no matter, so any draft will do.

    Raises ValueError for an unknown code.
    """
    pattern = _SPECIFIC.get(top_of(cause))
    return pattern is None or pattern.search(_TEMPLATE.sub("", draft.letters.text)) is not None
