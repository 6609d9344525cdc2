"""The last act upon a case, taken back: the case is as it was before, and its history tells of both.

Only what changed nothing but the case can be. A contact, a remedy, a reply or a question has reached somebody
by then; what is wrong with those is said in a further entry.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import GeneratedField
from django.utils.translation import gettext as _

from cases import history
from cases.assignment import lock_shops
from cases.assignment.claiming import works_for
from cases.flow import Refused, lock_case, set_fields
from cases.models import Case, CaseChange, RuleChange
from reviewdesk.access import name_of

Kind = CaseChange.Kind
TAKEN_BACK = frozenset({Kind.CLAIMED, Kind.RELEASED, Kind.ASSIGNED, Kind.TIER, Kind.STEP, Kind.CLOSED, Kind.REOPENED})
"""Acts that can be."""
RULED = frozenset({"tier", "due_at"})
"""Fields by the rules of the shop. Those of a case that is closed, or whose tier was chosen, do not follow them."""
LASTS = timedelta(minutes=10)
_FIELDS = {
    field.attname: field
    for field in Case._meta.concrete_fields
    if not isinstance(field, GeneratedField) and field.name not in {"id", "review", "shop"}
}


@dataclass(frozen=True, slots=True)
class Act:
    """An act that its actor may still take back; plain values, so that a session can keep it."""

    case: int
    line: int
    """Its line of history."""
    before: dict[str, Any]
    """The fields it changed, as they were."""

    def kept(self) -> dict[str, Any]:
        return asdict(self)


def fields_of(case: Case) -> dict[str, Any]:
    """What an act may change in the case, as plain values."""
    return {name: _plain(getattr(case, name)) for name in _FIELDS}


def act_upon(case: Case, *, before: Mapping[str, Any], actor: User) -> Act | None:
    """The act by which `case`, whose fields were `before`, became what it is; None where it cannot be taken back."""
    line = case.changes.first()
    if line is None or line.actor_id != actor.pk or line.kind not in TAKEN_BACK:
        return None
    if case.escalations.filter(answered_at=line.at).exists():
        # The act was the answer to a question: it has reached its asker.
        return None
    if any(name in before and (before[name] or "") != old for name, (old, _new) in line.changes.items()):
        # Somebody changed it after it was shown and before the act.
        return None
    case.refresh_from_db()
    changed = {name: before[name] for name, value in fields_of(case).items() if value != before[name]}
    return Act(case.pk, line.pk, changed) if changed else None


def line_of(act: Act, now: datetime) -> CaseChange | None:
    """The line of history of an act that can still be taken back; None once it is too late."""
    last = CaseChange.objects.filter(case=act.case).select_related("case").first()
    return last if last and last.pk == act.line and now - last.at <= LASTS else None


@transaction.atomic
def take_back(*, case: Case, act: Act | None, actor: User, now: datetime) -> CaseChange:
    """Give the case the fields it had before `act`. Raises Refused once the case changed again or time is over, where
    the rules that made what it had changed, and where the owner it had no longer works for the shop."""
    if act and RULED & act.before.keys():
        lock_shops([case.shop_id])
    lock_case(case)
    line = line_of(act, now) if act else None
    if act is None or line is None or line.case_id != case.pk or line.actor_id != actor.pk:
        raise Refused(_("The case has changed since, or it is too long ago: this can no longer be taken back."))
    if RULED & act.before.keys() and _rules_changed(case, since=line.at):
        raise Refused(_("The rules of the shop have changed since: this can no longer be taken back."))
    values = {name: _FIELDS[name].to_python(value) for name, value in act.before.items()}
    owner_id: Any = values.get("owner_id")
    owner = User.objects.filter(pk=owner_id).first()
    if owner and not (owner.is_active and works_for(owner, case)):
        raise Refused(_("%(owner)s no longer works for this shop.") % {"owner": name_of(owner)})
    if "owner_id" in values:
        del values["owner_id"]
        values["owner"] = owner
    changes = set_fields(case, **values)
    case.save(update_fields=list(values))
    return history.record(case=case, kind=Kind.TAKEN_BACK, actor=actor, now=now, changes=changes)


def _rules_changed(case: Case, *, since: datetime) -> bool:
    """Whether the case would stand elsewhere now than it stood then."""
    subjects = (RuleChange.Subject.TIERS, RuleChange.Subject.HOURS, RuleChange.Subject.LIMITS)
    return RuleChange.objects.filter(shop=case.shop_id, subject__in=subjects, at__gte=since).exists()


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
