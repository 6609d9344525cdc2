"""Contacts with the buyer: logged once, never changed; and the buyers who asked not to be phoned."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from cases import history
from cases.flow import Refused, begin_work, change_case
from cases.models import Case, CaseChange, ContactEntry, State

_DONT = r"(?:(?<![特区个分告辞])别(?![人的家处])|(?:不|勿|毋)(?:要|用|必|许|准|得|需)|请勿|切勿|勿|谢绝|拒绝|禁止|少)"
_AGAIN = r"(?:再|又|老|总|一直|总是|老是|继续|天天|反复|随便){0,4}(?:来)?"
_TO_ME = r"(?:给我们?|跟我|往我这|向我)?"
_CALL = r"(?:打(?:我(?:的)?)?(?:手机|电话)|(?:来电(?!显示)|致电|通话)|电话(?:联系|骚扰|打扰|回访|沟通))"
_PHONE_REFUSAL = re.compile(
    rf"{_DONT}{_AGAIN}{_TO_ME}{_AGAIN}{_CALL}"
    rf"|电话(?:就|也)?{_DONT}{_AGAIN}{_TO_ME}打"
    r"|(?:不想|不愿意?|不会|懒得)(?:再)?接(?:到|听)?(?:你们?|客服|商家|卖家|店家|任何|这种)?(?:的)?(?:电话|来电)"
    r"|(?:再|还)(?:给我)?打(?:我)?电话.{0,6}(?:投诉|举报|报警|拉黑|骚扰)"
    r"|骚扰电话|电话(?:来)?骚扰|电话勿扰"
)


@dataclass(frozen=True, slots=True)
class ContactDraft:
    """What an agent enters about one contact; the fields are those of ContactEntry."""

    channel: str
    result: str
    said: str
    circumstances: str = ""
    next_contact_at: datetime | None = None


class ContactRefused(Refused):
    """The contact cannot be logged as entered."""


def phone_refusal(text: str) -> tuple[int, int] | None:
    """Span of the first words of `text` that ask not to be phoned, None without such words."""
    found = _PHONE_REFUSAL.search(text)
    return found.span() if found else None


def refuses_phone(case: Case) -> bool:
    """Whether the buyer asked, in review or follow-up, not to be phoned."""
    return any(phone_refusal(text) for text in (case.review.content, case.review.append_content))


@transaction.atomic
def log_contact(*, case: Case, actor: User, now: datetime, draft: ContactDraft) -> ContactEntry:
    """Keep a contact and set the case's clock by it.

    The first entry, answered or not, stops the clock of the first contact; a promised next contact makes the case one
    to follow up. An escalated case stays escalated. Raises ContactRefused, and PermissionDenied unless `actor` may
    work the case.
    """
    begin_work(case, actor)
    _check(case, draft, now)
    entry = ContactEntry.objects.create(
        case=case,
        at=now,
        actor=actor,
        channel=draft.channel,
        result=draft.result,
        said=draft.said,
        circumstances=draft.circumstances,
        next_contact_at=draft.next_contact_at,
    )
    state = State.FOLLOW_UP if draft.next_contact_at else State.WORKING
    changes = change_case(
        case,
        state=case.state if case.state == State.ESCALATED else state.value,
        first_contacted_at=case.first_contacted_at or now,
        next_contact_at=draft.next_contact_at,
        due_at=draft.next_contact_at,
    )
    changes |= {"channel": ["", draft.channel], "result": ["", draft.result]}
    history.record(case=case, kind=CaseChange.Kind.CONTACT, actor=actor, now=now, changes=changes)
    return entry


def _check(case: Case, draft: ContactDraft, now: datetime) -> None:
    if not case.is_open:
        raise ContactRefused(_("This case is closed. Reopen it first."))
    if draft.next_contact_at is not None and draft.next_contact_at <= now:
        raise ContactRefused(_("The next contact must lie in the future."))
    if draft.result == ContactEntry.Result.APPOINTMENT and draft.next_contact_at is None:
        raise ContactRefused(_("A call was arranged: say for when."))
    if draft.channel == ContactEntry.Channel.PHONE and refuses_phone(case):
        raise ContactRefused(_("The buyer asked not to be phoned. Choose another channel."))
