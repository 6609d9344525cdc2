"""What the columns of known exports mean. A preset is recognised by its headings; names differ between tools, so a
file may mix them, and any column can be given another field in the preview.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from reviews.models.imports import ImportBatch
from reviews.models.shop import OrderFacts, Platform


class Field(TextChoices):
    """What a column can be stored as."""

    CONTENT = "content", _("Review text")
    RATING = "rating", _("Rating or stars")
    REVIEWED_AT = "reviewed_at", _("Time of the review")
    BUYER_NAME = "buyer_name", _("Buyer")
    ORDER_NUMBER = "order_number", _("Order number")
    SUB_ORDER_ID = "sub_order_id", _("Sub-order number")
    PLATFORM_REVIEW_ID = "platform_review_id", _("Review number of the platform")
    PRODUCT_TITLE = "product_title", _("Product")
    ITEM_ID = "item_id", _("Platform item id")
    SKU = "sku", _("Variant")
    STARS = "stars", _("Stars")
    APPEND_CONTENT = "append_content", _("Follow-up")
    APPEND_AT = "append_at", _("Time of the follow-up")
    REPLY = "reply", _("Seller's reply")
    REPLIED_AT = "replied_at", _("Time of the reply")
    AMOUNT = "amount", _("Amount paid")
    POSTAGE = "postage", _("Postage")
    QUANTITY = "quantity", _("Quantity")
    COURIER_COMPANY = "courier_company", _("Courier")
    TRACKING_NUMBER = "tracking_number", _("Tracking number")
    RECEIVER_REGION = "receiver_region", _("Receiver's region")
    PHONE = "phone", _("Phone")
    ORDERED_AT = "ordered_at", _("Time of the order")
    PAID_AT = "paid_at", _("Time of the payment")
    COMPLETED_AT = "completed_at", _("Order completed at")
    SHIPPING_WAY = "shipping_way", _("Shipping way")
    PRODUCT_LINE = "product_line", _("Product line")


class Preset(NamedTuple):
    """`columns` maps a heading, as `plain` writes it, to the field it holds; the best one of a field goes first."""

    name: str
    label: str | Promise
    columns: Mapping[str, Field]
    platforms: tuple[Platform, ...] = ()
    """Whose exports have these headings; empty where they tell of no platform."""
    ignored: frozenset[str] = frozenset()
    """Headings of the same tool that hold nothing to store."""
    is_verified: bool = False
    """Whether the headings were compared with a current export, and not only with published lists of them."""

    def knows(self, heading: str) -> bool:
        """`heading` as `plain` writes it."""
        return heading in self.columns or heading in self.ignored


def _ignored(headings: str) -> frozenset[str]:
    return frozenset(headings.split())


def _columns(**headings: str) -> dict[str, Field]:
    """heading -> field, from field -> headings separated by blanks."""
    return {heading: Field(field) for field, names in headings.items() for heading in names.split()}


PRESETS = (
    Preset(
        "taobao-seller",
        _("Taobao seller tools"),
        _columns(
            content="评价内容 评论 评价",
            rating="评价结果 评价类型 评价等级 好中差评",
            reviewed_at="评价时间 评价日期",
            buyer_name="买家昵称 买家旺旺 买家账号 评价人",
            order_number="订单号 订单编号 主订单号 主订单编号 交易编号",
            sub_order_id="子订单号 子订单编号 子订单id",
            platform_review_id="评价id 评价编号",
            product_title="宝贝名称 商品标题 商品名称 宝贝",
            product_line="产品线 一级类目 类目 商品类目 宝贝类目 主营类目 商品分类 商品类别",
            item_id="宝贝id 商品id 商品编号",
            sku="商品规格 规格 商品属性 颜色分类 销售属性",
            append_content="追评 追评内容 追加评价 追加评价内容",
            append_at="追评时间 追加时间 追加评价时间",
            reply="回复内容 卖家回复 回复 解释内容 解释",
            replied_at="回复时间 解释时间",
        ),
        (Platform.TAOBAO, Platform.TMALL),
    ),
    Preset(
        "taobao-orders",
        _("Taobao order export"),
        _columns(
            order_number="订单编号",
            buyer_name="买家会员名",
            amount="买家应付货款 买家实际支付金额 实付金额 实付款 订单金额",
            postage="买家应付邮费 邮费 运费",
            quantity="宝贝总数量 数量 购买数量",
            receiver_region="收货地址 收货地区 收货省份 地区",
            phone="联系手机 联系电话 手机 电话",
            ordered_at="订单创建时间 下单时间 拍下时间",
            paid_at="订单付款时间 付款时间 支付时间",
            completed_at="确认收货时间 交易成功时间 订单完成时间",
            shipping_way="运送方式 配送方式",
            product_title="宝贝标题",
            tracking_number="物流单号 运单号 快递单号",
            courier_company="物流公司 快递公司",
        ),
        (Platform.TAOBAO, Platform.TMALL),
        # Who receives the parcel and how it was paid for is more than after-sales work needs to know.
        ignored=_ignored(
            "买家支付宝账号 支付单号 支付详情 总金额 返点积分 买家支付积分 买家实际支付积分 订单状态 买家留言"
            " 收货人姓名 宝贝种类 订单备注 店铺id 店铺名称 订单关闭原因"
            " 卖家服务费 买家服务费 发票抬头 是否手机订单 是否代付"
        ),
    ),
    Preset(
        "browser-plugin",
        _("Browser plug-in"),
        _columns(
            content="评论内容 初评内容 首次评论",
            append_content="追加评论 追加评论内容",
            append_at="追加评论时间",
            rating="评分 星级",
            reviewed_at="日期 评论时间 评论日期",
            sku="sku sku信息 sku属性",
            buyer_name="用户昵称 昵称 用户名",
            reply="商家回复",
            replied_at="商家回复时间",
            product_line="category 品类",
            platform_review_id="评论id 评论编号",
        ),
    ),
    Preset(
        "jd",
        _("JD"),
        _columns(
            platform_review_id="commentid",
            order_number="orderid",
            item_id="skuid",
            product_title="skuname",
            sku="商品型号",
            content="content",
            reviewed_at="creationtime 评价提交时间",
            rating="score 评价星级",
            buyer_name="nickname 用户账号",
            reply="replies 商家回评",
        ),
    ),
    Preset(
        "taobao-traderates",
        "taobao.traderates.get",
        _columns(
            order_number="tid",
            sub_order_id="oid",
            buyer_name="nick",
            rating="result",
            reviewed_at="created",
            product_title="item_title",
            item_id="num_iid",
            content="content",
            reply="reply",
        ),
        (Platform.TAOBAO, Platform.TMALL),
        # The price of the item is not what the buyer paid; role, rated_nick and valid_score tell of the rating itself.
        ignored=_ignored("role rated_nick item_price valid_score"),
    ),
    Preset(
        "tmall-feeds",
        "tmall.traderate.feeds.get",
        _columns(
            buyer_name="user_nick",
            content="content",
            reviewed_at="comment_time",
            append_content="append_content",
            append_at="append_time",
        ),
        (Platform.TMALL,),
        # Whether the platform found negative words is its reading of the text, no rating that the buyer gave.
        ignored=_ignored("tags has_negtv append_has_negtv"),
    ),
    Preset(
        "kuaishou",
        _("Kuaishou"),
        _columns(
            platform_review_id="commentid",
            order_number="orderid",
            item_id="itemid",
            stars="qualityscore",
            content="content",
            reviewed_at="createtime",
        ),
        (Platform.KUAISHOU,),
        ignored=_ignored("servicescore logisticsscore"),
    ),
    Preset("reviewdesk", "ReviewDesk", {field.value: field for field in Field}, is_verified=True),
)
ESSENTIAL = ((Field.CONTENT, Field.RATING, Field.STARS), (Field.REVIEWED_AT,))
"""Of each group at least one field must have a column in a file of reviews."""
OPINIONS = (Field.CONTENT, Field.APPEND_CONTENT, Field.RATING, Field.STARS)
ORDER_FACTS = tuple(Field(fact.name) for fact in OrderFacts._meta.local_fields)


class Recognised(NamedTuple):
    """`mapping` is field name -> index of its column; `preset` the preset with most headings in the file, or ""."""

    preset: str
    mapping: dict[str, int]


def plain(heading: str) -> str:
    """A heading without what differs from file to file: width, case, blanks, quotation marks, byte order mark."""
    text = unicodedata.normalize("NFKC", heading).replace("\ufeff", "").strip().strip("=\"'").strip().lower()
    return "_".join(text.replace("-", "_").split())


KNOWN_HEADINGS = frozenset(heading for preset in PRESETS for heading in (*preset.columns, *preset.ignored))


def known_headings(cells: Iterable[str]) -> int:
    """How many of `cells` are headings that some preset knows."""
    return sum(plain(cell) in KNOWN_HEADINGS for cell in cells)


def preset_named(name: str) -> Preset | None:
    return next((preset for preset in PRESETS if preset.name == name), None)


def recognise_columns(headings: Sequence[str], preset: Preset | None = None) -> Recognised:
    """The fields of `headings`. The preset that knows most of them (or the one given) goes first, the others fill in
    what it leaves open. Of several columns for one field the one is taken whose heading the preset names first, and of
    two with the same heading the left one.
    """
    names = [plain(heading) for heading in headings]
    ranked = sorted(PRESETS, key=lambda known: sum(map(known.knows, names)), reverse=True)
    if preset is not None:
        ranked = [preset, *(other for other in ranked if other is not preset)]
    mapping: dict[str, int] = {}
    taken: set[int] = set()
    for known in ranked:
        for heading, field in known.columns.items():
            if field not in mapping and heading in names and (index := names.index(heading)) not in taken:
                mapping[field.value] = index
                taken.add(index)
    is_known = any(map(ranked[0].knows, names))
    return Recognised(ranked[0].name if is_known else "", mapping)


def kind_of(mapping: Mapping[str, int]) -> ImportBatch.Kind:
    """What a file with these columns is about: orders alone where it has their numbers and facts, and no opinion."""
    is_of_orders = (
        Field.ORDER_NUMBER in mapping
        and not any(field in mapping for field in OPINIONS)
        and any(field in mapping for field in ORDER_FACTS)
    )
    return ImportBatch.Kind.ORDERS if is_of_orders else ImportBatch.Kind.REVIEWS


def missing_fields(mapping: Mapping[str, int]) -> list[str]:
    """Translated names of what `mapping` lacks and an import of its kind cannot do without."""
    if kind_of(mapping) == ImportBatch.Kind.ORDERS:
        return []
    return [
        " / ".join(str(field.label) for field in group)
        for group in ESSENTIAL
        if not any(field in mapping for field in group)
    ]
