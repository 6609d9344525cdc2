"""Personal data in a draft, and contacts outside the platform.

A public reply is read by everybody, so what tells who or where a person is does not belong there (PIPL art. 6: no
more than the purpose needs). Service hotlines (400…, 800…, 95…) are nobody's personal data.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from cases.replies.draft import Draft, Span
from cases.replies.phrases import phrases
from cases.replies.wording import Wording

_DIGITS = str.maketrans("零〇幺一二三四五六七八九壹贰叁肆伍陆柒捌玖", "001123456789123456789")
# People part the digits of a number with these to slip past filters.
_SEP = r"[\s\-.·_~/*—–]{0,2}"
_NUMBERS = phrases(
    rf"""
    # a mobile number
    (?<!\d)1{_SEP}[3-9](?:{_SEP}\d){{9}}(?!\d)
    # a telephone
    | (?<!\d)0\d{{2,3}}[\s\-—]{{1,2}}[2-8]\d{{6,7}}(?!\d)
    # an identity card: region, date of birth, serial number and check digit
    | (?<!\d)[1-9]\d{{5}}{_SEP}(?:19|20)\d{{2}}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]){_SEP}\d{{3}}[\dx](?![\da-z])
    # Orders have 16-19 digits (Taobao), 6-15 (Pinduoduo), 11-13 (JD), parcels 12-15. So have bar codes: 13.
    | (?<!\d)(?<!条码)(?<!条形码)(?<!条码:)(?<!条形码:)\d{{13,}}(?!\d)
    | (?<!\d)\d{{6}}-\d{{15}}(?!\d) | (?<!\d)\d{{4}}(?:[\s-]\d{{4}}){{2,}}(?:[\s-]?\d{{1,7}})?(?!\d)
    | (?:订单|单|运单|快递单|物流单|交易)(?:编号|号码|号)\W{{0,3}}(?:是|为|:)?\W{{0,3}}
        (?P<number>[a-z]{{0,4}}\d[\d\-\s]{{6,}}\d)
    """
)

_COUNT = r"[\d一二三四五六七八九十百a-z]{1,6}"
_ADDRESS = phrases(
    rf"""
    [一-鿿]{{1,6}}(?<!线|思|套|网|电|短|回|通)(?:路|街|大道|巷|胡同|弄|里弄)(?:[东南西北中]段?)?\d{{1,5}}(?:号|弄)
    | [一-鿿]{{1,6}}(?:路|街|大道|巷|胡同)[一二三四五六七八九十百]{{1,5}}号(?!线)
    | [一-鿿]{{2,8}}(?:小区|花园|公寓|家园|新村|苑|大厦|写字楼|宿舍|府|庭|湾){_COUNT}(?:号楼|号|栋|幢|座|单元|楼|室)
    | {_COUNT}(?:栋|幢|号楼|座){_COUNT}(?:单元|楼|层|室|号|$)|{_COUNT}单元{_COUNT}(?:室|号|楼|层)?
    | [一-鿿]{{1,6}}(?:镇|乡|村)[一-鿿]{{1,6}}(?:村|组|屯|社区)?{_COUNT}(?:号|组|队)
    """
)
_SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜谢邹喻苏潘葛范彭鲁韦马苗方俞"
    "任袁柳鲍史唐费薛雷贺倪汤罗毕郝安常于傅齐康余元顾孟黄穆萧尹姚邵汪毛戴宋庞熊纪舒项祝董梁杜阮蓝"
    "闵季贾江童颜郭梅林钟徐邱高夏蔡田胡万卢莫房解丁邓洪包石崔龚程陆翁段侯武刘龙叶白赖乔"
)
_NAME = phrases(
    rf"""
    (?:收[货件]人|买家|顾客|真实|您的?)?(?:姓名|名字)(?:是|为|叫)?[{_SURNAMES}][一-鿿]{{1,2}}
        |(?:收[货件]人)(?:姓名)?(?:是|为|叫)?[{_SURNAMES}](?!家)[一-鿿]{{1,2}}
    """
)

OFF_PLATFORM = Wording(
    phrases(
        r"""
        # Messengers by name only where somebody is to be reached there: a phone may be slow at opening one.
        (?:[加家留扫找联系到上用发走]|通过|添加|客服|售后|店主|老板|我的|我们的?|您的|专属|私人|官方
            |同名)(?:[个下我您你]|一下|我们|客服|售后|店主|的|[a-z]|联系|用|在){0,4}
            (?:微信|wechat|weixin|qq|扣扣|微博|抖音|小红书|钉钉|飞书|telegram|whatsapp)(?!支付|零钱|付款|账单|退款
                |钱包)
        | (?:微信|wechat|weixin|qq|扣扣)(?:号|群|同号|好友|联系|沟通|详聊|详谈|聊聊|细聊|转给?您|发给?您|红包|扫|是
            |为|公众号|客服|加我|id|[a-z]{0,8}\d{4,}) | (?:抖音|微博|小红书)(?:号|私信)
        | 薇信|威信(?=号|联系|加)|(?<![a-z0-9])(?:vx|wx)(?![a-z]*\d*(?:型|款))|(?<![a-z0-9])v(?:信|我)|[加家](?:个|我
            |一下|我们|客服)*(?:[薇葳]|微(?![波笑量小调型信]))
        | [加家]个?(?:我|我们|客服)?(?:的)?v(?!ip|[bce](?![a-z\d])) | 企鹅号|公众号
        | (?:加|添加)(?:一下|下)?(?:我|我们|客服|店主|老板|店长|售后)(?:的)?(?:好友|微|联系方式|账号|qq|号)|加(?:个
            |一下|下)?好友|扫码(?!签收|取件|验真|查询)|扫(?:描|一扫|一下|下)?.{0,6}二维码|进群|加群|粉丝群|福利群
        | 私下(?:联系|转|沟通|解决|交易|给|退|处理|打款)|线下(?:转账|打款|退款|交易|联系|处理|解决|沟通)
            |支付宝(?:账号|号|转账|转给|打给|私下)|(?:加|留|发)(?:一下|下|个)?(?:您|你)?的?支付宝
        | (?:打|拨打)(?:我|店主|老板|店长|经理)的?(?:私人)?(?:手机|电话)|私人(?:手机|电话|号码|微信)
        """
    ),
    lead=phrases("(?:冒充|假冒|自称|声称|要求|通过|用|以|谨慎|警惕|诱导)(?:客服|卖家|我们|您|你|的|人|加|添加|任何)*$"),
    excuse=phrases(
        """
        (?:谨防|警惕|当心|小心|防范|不要|切勿|请勿|不会|从不|勿).{0,16}(?:微信|qq|加|扫码|二维码|转账|私下|陌生|链接)
        """
    ),
)
_LINK = re.compile(
    r"https?://\S+|www\.\S+|(?<![\w.])[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?<![\w@.])[a-z0-9-]+\.(?:com|cn|net|cc|top)(?![a-z])"
)


def personal_data(draft: Draft) -> Iterator[Span]:
    """Spans of the draft as typed that show a phone or identity number, an address, a name or a full order number."""
    numbers = draft.plain.text.translate(_DIGITS)
    for match in _NUMBERS.finditer(numbers):
        yield draft.plain.typed(*(match.span("number") if match["number"] else match.span()))
    for pattern in (_ADDRESS, _NAME):
        for match in pattern.finditer(draft.letters.text):
            yield draft.letters.typed(*match.span())


def outside_contacts(draft: Draft) -> Iterator[Span]:
    """Spans of the draft as typed that lead to another messenger, mail or page."""
    for match in _LINK.finditer(draft.plain.text):
        yield draft.plain.typed(*match.span())
    for span in OFF_PLATFORM.found_in(draft):
        yield draft.letters.typed(*span)
