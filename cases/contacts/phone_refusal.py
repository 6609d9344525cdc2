"""Words by which a buyer asks not to be phoned. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

Span = tuple[int, int]

_SIMPLE = str.maketrans("別電話來給騷擾請絕聯撥還會報舉許準訪", "别电话来给骚扰请绝联拨还会报举许准访")
"""Traditional characters of these wishes; one for one, so that places in the text stay the same."""
_DONT = (
    r"(?:(?<![特区个分告辞识鉴辨])别(?![人的家处])"
    r"|(?:不|勿|毋)(?:要|用|必|许|准|得|需)|请勿|切勿|勿|谢绝|拒绝|禁止|少)"
)
_AGAIN = r"(?:再|又|老|总|一直|总是|老是|继续|天天|反复|随便){0,4}(?:来)?"
_WHO = r"(?:让|叫|派)?(?:你们|客服|商家|卖家|店家|任何人?)?(?:的)?(?:客服)?"
_TO_ME = r"(?:给我们?|跟我|往我这|向我)?"
_COMING = r"来电(?!显示|和|与|铃|键|功能|防|识|提醒|转)"
"""Not what a telephone can do about calls."""
_CALL = rf"(?:[打拨](?:我(?:的)?)?(?:手机|电话)|(?:{_COMING}|致电|通话)|电话(?:联系|骚扰|打扰|回访|沟通))"
_MARK = r"。\uff01\uff1f\uff1b!?;\n"
_WISH = re.compile(
    rf"{_DONT}{_AGAIN}{_WHO}{_TO_ME}{_AGAIN}{_CALL}"
    rf"|电话(?:就|也)?{_DONT}{_AGAIN}{_TO_ME}打"
    rf"|电话[^{_MARK}]{{0,12}}(?:别|不要|请勿)(?:再|老|一直)打(?:了|来|过来|扰)"
    rf"|(?:再|还)(?:给我)?打(?:我)?电话[^{_MARK}]{{0,6}}(?:投诉|举报|报警|拉黑|骚扰)"
    r"|骚扰电话|电话(?:来)?骚扰|电话勿扰"
)
_NOT_TAKING = re.compile(
    r"(?:不想|不愿意?|不会|懒得|不方便)(?:再)?(?:接(?:到|听)?|听)(?:(?:你们?|客服|商家|卖家|店家)的?|任何|这种)?(?:电话|来电)(?!的?时|键|功能)"
)
_SHOP = r"(?:客服|卖家|商家|店家|快递员?|小哥|老板)"
_SAID_BY_OTHERS = re.compile(
    rf"{_SHOP}(?:竟然|居然|还|都|直接|就)?(?:说|让我|叫我|告诉我|跟我说|回复)(?:的是|我)?[::“\"]?$"
)
_DONE_BY_OTHERS = re.compile(rf"(?:{_SHOP}|你们|他们|人家)(?:家)?(?:都|也|根本|就|还|老是|一直|是不是){{0,2}}$")
_SPARED = re.compile(r"(?:了)?(?:就|也)(?:能|会|可以|直接|马上|主动|给|解决|处理|退|赔|到)")
"""After "no need to phone": it was not needed, which is praise of the shop and no wish."""


def phone_refusals(text: str) -> list[Span]:
    """Spans of the words of `text` that ask not to be phoned, in order and apart from each other."""
    found = sorted(_wishes(text.translate(_SIMPLE)))
    return [span for at, span in enumerate(found) if at == 0 or span[0] >= found[at - 1][1]]


def _wishes(text: str) -> Iterator[Span]:
    for match in _WISH.finditer(text):
        is_spared = match[0].startswith(("不用", "不必", "不需")) and _SPARED.match(text, match.end())
        if not is_spared and not _SAID_BY_OTHERS.search(text, max(match.start() - 12, 0), match.start()):
            yield match.span()
    for match in _NOT_TAKING.finditer(text):
        if not _DONE_BY_OTHERS.search(text, max(match.start() - 12, 0), match.start()):
            yield match.span()
