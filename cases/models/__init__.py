"""What a shop does about a negative review."""

from cases.priority import Tier

from .attachment import ContactAttachment
from .case import Case, CaseChange, Claim, Outcome, State, Step
from .contact import ContactEntry, PublicReply, Remedy
from .desk import Agent, Playbook, ShopPolicy
from .notice import Notice, NoticeChannel, NoticeChoice, NoticeDelivery, NoticeKind
from .question import Escalation, RemedyRequest
from .rulebook import RemedyStandard, RuleChange, TierRule
from .ruling import ContactRuling

__all__ = [
    "Agent",
    "Case",
    "CaseChange",
    "Claim",
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
    "Playbook",
    "PublicReply",
    "Remedy",
    "RemedyRequest",
    "RemedyStandard",
    "RuleChange",
    "ShopPolicy",
    "State",
    "Step",
    "Tier",
    "TierRule",
]
