"""Notices in the words of a message. Nobody outside the house needs a buyer's name, phone or review for them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

from django.conf import settings
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from cases.models import Case, NoticeChannel, NoticeDelivery, NoticeKind
from cases.notices.robots import Line, Message

LINES = 10
PRODUCT_LETTERS = 16


def message_of(channel: NoticeChannel, key: UUID, deliveries: Sequence[NoticeDelivery], total: int) -> Message:
    """The message of a bundle, in the channel's language: its first `deliveries`, and how many more there are."""
    with override(channel.language):
        title = ngettext("ReviewDesk: %(n)d notice", "ReviewDesk: %(n)d notices", total) % {"n": total}
        hidden = total - len(deliveries)
        more = ngettext("And %(n)d more at the desk.", "And %(n)d more at the desk.", hidden) % {"n": hidden}
        return Message(str(key), title, [_line(delivery) for delivery in deliveries], more if hidden else "")


def sample_message(channel: NoticeChannel) -> Message:
    """What the button for a test sends."""
    with override(channel.language):
        text = _("This is a test. Notices of ReviewDesk will arrive here.")
        return Message(str(uuid4()), _("ReviewDesk: test"), [Line(text, settings.SITE_URL, {"kind": "test"})])


def _line(delivery: NoticeDelivery) -> Line:
    case = delivery.case
    kind = NoticeKind(delivery.kind)
    product = case.review.product.title[:PRODUCT_LETTERS] if case.review.product else ""
    words = [str(kind.label), _("case %(case)d") % {"case": case.pk}, case.shop.name, product, _due(case)]
    facts = {
        "kind": kind.value,
        "case": str(case.pk),
        "shop": case.shop.code,
        "tier": case.tier,
        "due_at": case.due_at.isoformat() if case.due_at else "",
    }
    url = f"{settings.SITE_URL}{case.get_absolute_url()}" if settings.SITE_URL else ""
    return Line(" · ".join(word for word in words if word), url, facts)


def _due(case: Case) -> str:
    return _("due %(time)s") % {"time": _shown(case.due_at)} if case.due_at else ""


def _shown(moment: datetime) -> str:
    return f"{localtime(moment):%m-%d %H:%M}"
