"""The history of a case in words: codes, people and moments as a reader expects them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.buyer_data.phones import Purpose
from cases.models import CaseChange, Claim, ContactEntry, Escalation, Outcome, Remedy, State, Step, Tier
from reviewdesk.access import name_of
from reviews.causes import full_name
from reviews.models.review import Rating

NAMES: dict[str, str | Promise] = {
    "state": gettext_lazy("state"),
    "tier": gettext_lazy("tier"),
    "owner": gettext_lazy("owner"),
    "outcome": gettext_lazy("outcome"),
    "proven": gettext_lazy("proven by an import"),
    "credited_to": gettext_lazy("credited to"),
    "claim": gettext_lazy("what was stated"),
    "suggestion": gettext_lazy("suggested decision"),
    "steps_done": gettext_lazy("step"),
    "next_contact_at": gettext_lazy("next contact"),
    "due_at": gettext_lazy("due"),
    "channel": gettext_lazy("channel"),
    "result": gettext_lazy("result"),
    "attachments": gettext_lazy("attachments"),
    "kind": gettext_lazy("remedy"),
    "amount": gettext_lazy("value (¥)"),
    "causes": gettext_lazy("causes"),
    "purpose": gettext_lazy("purpose"),
    "risk_score": gettext_lazy("risk"),
    "text": gettext_lazy("public reply"),
    "rating": gettext_lazy("rating"),
    "stars": gettext_lazy("stars"),
    "content": gettext_lazy("review"),
    "append_content": gettext_lazy("follow-up"),
    "reply": gettext_lazy("seller's reply"),
    "product": gettext_lazy("product"),
    "sku": gettext_lazy("variant"),
}
"""Fields worth showing; what else a line holds only repeats its kind or its time."""
CODES: dict[str, dict[Any, Any]] = {
    "state": dict(State.choices),
    "tier": dict(Tier.choices),
    "outcome": dict(Outcome.choices),
    "proven": dict(Outcome.choices),
    "claim": dict(Claim.choices),
    "suggestion": dict(Escalation.Suggestion.choices),
    "steps_done": dict(Step.choices),
    "channel": dict(ContactEntry.Channel.choices),
    "result": dict(ContactEntry.Result.choices),
    "kind": dict(Remedy.Kind.choices),
    "rating": dict(Rating.choices),
    "purpose": dict(Purpose.choices),
}


class FieldChange(NamedTuple):
    name: str
    old: str
    new: str


class Line(NamedTuple):
    """One line of a history, ready to show."""

    at: datetime
    what: str
    who: str
    comment: str
    changes: list[FieldChange]


def lines_of(changes: Iterable[CaseChange]) -> list[Line]:
    """`changes` with their actors selected, in the order given."""
    return [
        Line(
            change.at,
            change.get_kind_display(),
            name_of(change.actor) if change.actor else _("System"),
            change.comment,
            list(_fields(change.changes)),
        )
        for change in changes
    ]


def _fields(changes: dict[str, list[Any]]) -> Iterator[FieldChange]:
    for name, (old, new) in changes.items():
        if name in NAMES:
            yield FieldChange(str(NAMES[name]), _words(name, old), _words(name, new))


def _words(name: str, value: Any) -> str:
    if not value:
        return ""
    if isinstance(value, list):
        return ", ".join(full_name(code) for code in value)
    if name.endswith("_at"):
        return date_format(timezone.localtime(datetime.fromisoformat(value)), "Y-m-d H:i")
    return str(CODES.get(name, {}).get(value, value))
