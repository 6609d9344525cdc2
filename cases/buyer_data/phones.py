"""Showing the whole phone number of a buyer: to whom, for what, when, and never without a line of history."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.contrib.auth.models import User
from django.db import models, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases import history
from cases.buyers import order_of
from cases.contacts.rules import Channel, ContactRules, rules_for
from cases.deadlines import Window, WindowKey, windows
from cases.flow import Refused, begin_open_work
from cases.models import Case, CaseChange
from cases.standing import granted_to
from reviewdesk.sealing import Unreadable, unseal
from reviews.models import Order
from reviews.phones import is_virtual
from reviews.privacy import masked, with_phones_masked


class Purpose(models.TextChoices):
    FIRST = "first", gettext_lazy("First contact")
    PROMISED = "promised", gettext_lazy("Promised contact")
    DELIVERY = "delivery", gettext_lazy("Delivery of a remedy")
    OTHER = "other", gettext_lazy("Other")


class Phone(NamedTuple):
    """What the page of a case says of the buyer's number."""

    mask: str
    objection: str
    """Why it may not be shown whole; "" where it may be."""
    note: str
    """That a virtual number may have ended; "" where nothing is to be said."""


class NotShown(Refused):
    """The number may not be shown now, or is not known."""


def phone_of(case: Case, order: Order | None, rules: ContactRules) -> Phone | None:
    """The number of the order of `case` as it stands at the moment of `rules`; None where none was told."""
    if order is None or not order.phone:
        return None
    window = _virtual_window(case, order, rules.now)
    note = window.note if window and window.is_open else ""
    return Phone(masked(order.phone), _objection(case, order, rules), note)


@transaction.atomic
def reveal_phone(*, case: Case, purpose: str, words: str, actor: User, now: datetime) -> str:
    """The whole number, for `purpose`, which is written into the history with `words` about it.

    Raises NotShown, CaseClosed, and PermissionDenied unless `actor` may work the case.
    """
    begin_open_work(case, actor)
    order = order_of(case.review)
    if order is None or not order.phone:
        raise NotShown(_("No phone number was imported."))
    if objection := _objection(case, order, rules_for(case, order, now=now)):
        raise NotShown(objection)
    try:
        number = unseal(order.phone_sealed)
    except Unreadable:
        raise NotShown(_("The number cannot be read: the key it was sealed with is gone. Tell an admin.")) from None
    changes: history.Changes = {"purpose": ["", Purpose(purpose).value]}
    kind = CaseChange.Kind.REVEALED
    history.record(case=case, kind=kind, actor=actor, now=now, changes=changes, comment=with_phones_masked(words))
    return number


def _objection(case: Case, order: Order, rules: ContactRules) -> str:
    """Why the number may not be shown now, "" where it may be. It is shown to be called and for nothing else."""
    if not case.is_open:
        return _("The case is closed.")
    if not order.phone_sealed:
        return _("No more of the number is kept.")
    if refusal := rules.refusal(Channel.PHONE):
        return refusal.reason
    limit = rules.limit(Channel.PHONE)
    if limit and not rules.exception:
        return limit.reason
    window = _virtual_window(case, order, rules.now)
    if window and not window.is_open and window.closes_at:
        day = date_format(timezone.localtime(window.closes_at), "Y-m-d")
        return _("The virtual number ended on %(day)s: nobody would be reached, or somebody else.") % {"day": day}
    return ""


def _virtual_window(case: Case, order: Order, now: datetime) -> Window | None:
    """How long the platform puts calls through; None for a number of the buyer's own."""
    if not is_virtual(order.phone):
        return None
    granted = windows(granted_to(case.review, order), now=now)
    return next(window for window in granted if window.key == WindowKey.VIRTUAL_PHONE)
