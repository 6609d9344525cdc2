"""What a draft may break, and how heavy each is."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Decision(TextChoices):
    """`BLOCK` is not published by anybody; `REVISE` should be improved first; `OK` found nothing."""

    OK = "ok", _("Ready")
    REVISE = "revise", _("Revise")
    BLOCK = "block", _("Blocked")


class Rule(TextChoices):
    """A rule's label is the advice shown beside the words that broke it."""

    EMPTY = "empty", _("The reply is empty.")
    TOO_LONG = "too_long", _("The reply is longer than the platform accepts.")
    COMPENSATION_TIED = (
        "compensation_tied",
        _(
            "Compensation is tied to a review. That is unlawful: settle the buyer's problem, "
            "and leave what the buyer writes out of it."
        ),
    )
    BOUGHT_REVIEWS = "bought_reviews", _("Offers to buy, write or fake reviews. That is unlawful.")
    PERSONAL_DATA = (
        "personal_data",
        _("Shows personal data (phone, identity card, name, address or a full order number)."),
    )
    THREAT = "threat", _("Threatens or puts pressure on the buyer.")
    INSULT = "insult", _("Insults the buyer or suspects bad faith.")
    BLAMES_BUYER = "blames_buyer", _("Puts the blame on the buyer.")
    BLAMES_COURIER = (
        "blames_courier",
        _("Says the courier is not the shop's business. The shop chose the courier: follow it up for the buyer."),
    )
    DENIES_RESPONSIBILITY = (
        "denies_responsibility",
        _("Denies responsibility. Say what the shop does about it instead."),
    )
    BOASTS_QUALITY = (
        "boasts_quality",
        _("Boasts of quality where the buyer complains of the price. Explain how the price comes about instead."),
    )
    NO_APOLOGY = "no_apology", _("There is no apology.")
    NOT_SPECIFIC = "not_specific", _("Nothing in the reply speaks of what the buyer complains about.")
    ASKS_BEFORE_APOLOGY = "asks_before_apology", _("Asks for another review before any apology.")
    REVIEW_CANNOT_CHANGE = "review_cannot_change", _("Reviews cannot be changed on this platform: do not ask for it.")
    ABSOLUTE_TERM = "absolute_term", _("Uses an absolute term that advertising law forbids.")
    OFF_PLATFORM = "off_platform", _("Leads the buyer to a contact outside the platform.")
    UNFILLED_PLACEHOLDER = "unfilled_placeholder", _("A placeholder has not been filled in.")

    @property
    def decision(self) -> Decision:
        return Decision.BLOCK if self in _BLOCKING else Decision.REVISE


_BLOCKING = frozenset(
    {
        Rule.EMPTY,
        Rule.TOO_LONG,
        Rule.COMPENSATION_TIED,
        Rule.BOUGHT_REVIEWS,
        Rule.PERSONAL_DATA,
        Rule.THREAT,
        Rule.INSULT,
        Rule.BLAMES_BUYER,
    }
)
