"""What an agent reads in the minute before turning to a buyer: the record, the number, notes, and a line of it all."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.buyer_data.notes import notes_about
from cases.buyer_data.phones import phone_of
from cases.buyers import BuyerRecord, buyer_of, buyer_record
from cases.contacts.rules import ContactRules
from cases.models import BuyerNote, Case, ContactEntry
from reviews.models import Order

SAID_CHARACTERS = 60


def buyer_context(
    case: Case, order: Order | None, rules: ContactRules, contacts: list[ContactEntry]
) -> dict[str, object]:
    """Context of the buyer's panel and of the line on top; `contacts` are those of the case, newest first."""
    buyer = buyer_record(case.review, order)
    notes = notes_about(buyer_of(case.review, order))
    return {
        "order": order,
        "buyer": buyer,
        "phone": phone_of(case, order, rules),
        "notes": notes,
        "summary": summary(buyer, order, notes, contacts),
    }


def summary(
    buyer: BuyerRecord, order: Order | None, notes: QuerySet[BuyerNote], contacts: list[ContactEntry]
) -> list[str]:
    """The buyer in a few short phrases, without what is not known: a masked name may be of several people."""
    told = []
    if not buyer.is_name_masked:
        orders = buyer.order_count + (order is not None)
        if orders:
            told.append(ngettext("%(n)s order", "%(n)s orders", orders) % {"n": _up_to(orders, buyer)})
        if buyer.negatives:
            words = ngettext("%(n)s complaint before", "%(n)s complaints before", buyer.negatives)
            told.append(words % {"n": buyer.negatives})
    if order is not None and order.shipping_way:
        told.append(_("chose %(way)s") % {"way": order.shipping_way})
    if talk := next(iter([*contacts, *buyer.contacts]), None):
        said = talk.circumstances or talk.get_result_display()
        told.append(_("last talk: %(said)s") % {"said": Truncator(said).chars(SAID_CHARACTERS)})
    if note := next(iter(notes), None):
        told.append(_("note: %(text)s") % {"text": Truncator(note.text).chars(SAID_CHARACTERS)})
    return told


def _up_to(count: int, buyer: BuyerRecord) -> str:
    return f"{count}+" if buyer.is_more else str(count)
