"""What the contact log says of the rules before anything is typed: how often, when, and by which channel."""

from __future__ import annotations

from typing import NamedTuple

from django.conf import settings
from django.utils.translation import gettext as _

from cases.contacts.allowances import Use
from cases.contacts.attachments import size_limit_bytes
from cases.contacts.rules import ContactRules, Objection
from cases.models import ContactEntry
from cases.views.phrases import PHRASES

Channel = ContactEntry.Channel


class Budget(NamedTuple):
    """How much of a budget is used, and what it objects to right now."""

    label: str
    uses: list[Use]
    objection: Objection | None


def rules_context(rules: ContactRules) -> dict[str, object]:
    """Context of the contact log besides its entries and its forms."""
    return {
        "rules": rules,
        "phrases": PHRASES,
        "refuses_phone": rules.refuses_phone,
        "budgets": [
            Budget(_("Calls"), rules.calls.uses, rules.spent(Channel.PHONE)),
            Budget(_("Other contacts"), rules.messages.uses, rules.spent(Channel.CHAT)),
        ],
        "attachment_limits": {"bytes": size_limit_bytes(), "files": settings.ATTACHMENTS_A_CONTACT},
    }


def first_channel(rules: ContactRules) -> str:
    """Phone first, where nothing stands against it."""
    is_blocked = rules.refusal(Channel.PHONE) or rules.limit(Channel.PHONE)
    return Channel.CHAT if is_blocked else Channel.PHONE
