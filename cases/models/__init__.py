"""What a shop does about a negative review."""

from cases.priority import Tier

from .case import Case, CaseChange, Outcome, State, Step
from .contact import ContactEntry, PublicReply, Remedy
from .desk import Agent, Playbook, ShopPolicy

__all__ = [
    "Agent",
    "Case",
    "CaseChange",
    "ContactEntry",
    "Outcome",
    "Playbook",
    "PublicReply",
    "Remedy",
    "ShopPolicy",
    "State",
    "Step",
    "Tier",
]
