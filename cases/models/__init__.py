"""What a shop does about a negative review."""

from cases.priority import Tier

from .case import Case, CaseChange, Outcome, State, Step
from .contact import ContactEntry, PublicReply, Remedy
from .desk import Agent, Playbook, ShopPolicy
from .notice import Notice, NoticeChannel, NoticeChoice, NoticeDelivery, NoticeKind

__all__ = [
    "Agent",
    "Case",
    "CaseChange",
    "ContactEntry",
    "Notice",
    "NoticeChannel",
    "NoticeChoice",
    "NoticeDelivery",
    "NoticeKind",
    "Outcome",
    "Playbook",
    "PublicReply",
    "Remedy",
    "ShopPolicy",
    "State",
    "Step",
    "Tier",
]
