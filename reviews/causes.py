"""The causes of a negative review: a fixed two-level tree of codes, with translated names.

A code is `top` or `top.sub` (`quality`, `quality.defect`). Codes are stored and exchanged; names are only shown.
"""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class TopCause(TextChoices):
    """First level. `OTHER` is anger without a cause: it has no sub-causes and never stands beside another code."""

    QUALITY = "quality", _("Quality")
    COLOUR = "colour", _("Colour and description")
    COURIER = "courier", _("Courier and delivery")
    SERVICE = "service", _("Service attitude")
    PRICE = "price", _("Price")
    OTHER = "other", _("Other")


class Cause(TextChoices):
    """Second level, and `other`: the codes a review can carry."""

    QUALITY_DEFECT = "quality.defect", _("Broken or flawed")
    QUALITY_WORKMANSHIP = "quality.workmanship", _("Material and workmanship")
    QUALITY_COUNTERFEIT = "quality.counterfeit", _("Suspected fake or used")
    QUALITY_PERFORMANCE = "quality.performance", _("Performance, effect, taste")
    COLOUR_SHADE = "colour.shade", _("Colour differs")
    COLOUR_SIZE = "colour.size", _("Size or specification differs")
    COLOUR_DESCRIPTION = "colour.description", _("Not as pictured or described")
    COURIER_SLOW = "courier.slow", _("Slow transport")
    COURIER_DAMAGE = "courier.damage", _("Damaged in transit, poor packing")
    COURIER_STAFF = "courier.staff", _("Delivery staff")
    COURIER_DISPATCH = "courier.dispatch", _("Late dispatch, out of stock")
    COURIER_WRONG_ITEM = "courier.wrong_item", _("Wrong or missing item")
    SERVICE_ATTITUDE = "service.attitude", _("Rude or indifferent")
    SERVICE_UNRESPONSIVE = "service.unresponsive", _("No reply")
    SERVICE_REFUSAL = "service.refusal", _("Evades or refuses returns")
    SERVICE_PROMISE = "service.promise", _("Broken promise, gift or invoice")
    PRICE_EXPENSIVE = "price.expensive", _("Too expensive for what it is")
    PRICE_DROP = "price.drop", _("Price dropped after purchase")
    PRICE_FEE = "price.fee", _("Unexpected fee")
    OTHER = "other", _("Other")

    @property
    def top(self) -> TopCause:
        return top_of(self.value)


def top_of(code: str) -> TopCause:
    """First-level cause of a code. Raises ValueError for an unknown one."""
    return TopCause(code.partition(".")[0])


def subs_of(top: TopCause) -> list[Cause]:
    """Second-level causes of `top`, in their fixed order; `other` answers itself."""
    return [cause for cause in Cause if cause.top is top]


def full_name(code: str) -> str:
    """Translated name of a code on both levels, e.g. "Quality · Broken or flawed"."""
    if code in TopCause.values:
        return str(TopCause(code).label)
    return f"{TopCause(top_of(code)).label} · {Cause(code).label}"
