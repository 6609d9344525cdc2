"""The check of what the shop is about to say to a buyer, in public or in a message. Pure: no database, no clock."""

from cases.replies.check import Finding, Verdict, check_reply
from cases.replies.rules import Decision, Rule

__all__ = ["Decision", "Finding", "Rule", "Verdict", "check_reply"]
