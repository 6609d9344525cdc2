"""What a shop does about a negative review."""

from cases.priority import Tier

from .attachment import ContactAttachment
from .bulk import BulkAct, BulkItem
from .buyer_note import BuyerNote
from .case import Case, CaseChange, Claim, Outcome, State, Step
from .contact import ContactEntry, PublicReply, Remedy
from .desk import Agent, Playbook, ShopPolicy
from .following import ClockMove, RuleFollowing
from .hours import Pause, Shift
from .notice import Notice, NoticeChannel, NoticeChoice, NoticeDelivery, NoticeKind
from .question import Escalation, RemedyRequest
from .rulebook import RemedyStandard, RuleChange, TierRule
from .ruling import ContactRuling
from .saved_view import SavedView

__all__ = [
    "Agent",
    "BulkAct",
    "BulkItem",
    "BuyerNote",
    "Case",
    "CaseChange",
    "Claim",
    "ClockMove",
    "ContactAttachment",
    "ContactEntry",
    "ContactRuling",
    "Escalation",
    "Notice",
    "NoticeChannel",
    "NoticeChoice",
    "NoticeDelivery",
    "NoticeKind",
    "Outcome",
    "Pause",
    "Playbook",
    "PublicReply",
    "Remedy",
    "RemedyRequest",
    "RemedyStandard",
    "RuleChange",
    "RuleFollowing",
    "SavedView",
    "Shift",
    "ShopPolicy",
    "State",
    "Step",
    "Tier",
    "TierRule",
]
