"""What stands in the way of turning to a buyer: the wish not to be phoned, quiet hours, and what was tried already.

The rules look at the buyer, not at the case: all cases of one buyer in the shop count together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b

from django.db import connection, models
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.buyers import Buyer, buyer_of, cases_of, order_of
from cases.contacts.allowances import DAY, WEEK, Allowance, allowance, quiet_until
from cases.contacts.phone_refusal import phone_refusals
from cases.models import Case, ContactEntry, ContactRuling, ShopPolicy
from reviews.models import Order, Review

Channel = ContactEntry.Channel
Direction = ContactEntry.Direction
RINGING = frozenset({Channel.PHONE, Channel.SMS})
"""Channels that disturb at night; a chat waits until it is read."""
EXCEPTION_LASTS = timedelta(hours=24)
WRITING_UP = timedelta(minutes=15)
"""A contact is logged after it was made: one logged so soon after the quiet hours began was made before them."""
BUYER_LOCKS = 0x2B << 48
"""Range of lock numbers, apart from those of imports."""


class Source(models.TextChoices):
    REVIEW = "review", gettext_lazy("Review")
    FOLLOW_UP = "follow_up", gettext_lazy("Follow-up")
    CONTACT = "contact", gettext_lazy("Said to us")
    BY_HAND = "by_hand", gettext_lazy("Noted by an agent")


@dataclass(frozen=True, slots=True)
class PhoneWish:
    """A wish of the buyer not to be phoned, in the `words` it was told by; of `source` number `pk`."""

    source: Source
    pk: int
    words: str
    at: datetime | None
    case: Case

    @property
    def key(self) -> str:
        return f"{self.source.value}:{self.pk}:{self.words}"


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a contact may not be made; `until` None where only a person can change it."""

    reason: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class ContactRules:
    """What holds for the buyer of a case at the moment `now`."""

    now: datetime
    policy: ShopPolicy
    wishes: list[PhoneWish]
    """Those in force: no supervisor has lifted them."""
    lifted: ContactRuling | None
    """The latest decision that the buyer may be phoned again."""
    calls: Allowance
    messages: Allowance
    exception: ContactRuling | None
    """Allows one contact of this case beyond the limits, and is not used yet."""

    @property
    def refuses_phone(self) -> bool:
        return bool(self.wishes)

    def budget(self, channel: str) -> Allowance:
        return self.calls if channel == Channel.PHONE else self.messages

    def refusal(self, channel: str) -> Objection | None:
        """What the buyer said against the channel. Only a supervisor can lift it."""
        if channel == Channel.PHONE and self.wishes:
            return Objection(_("The buyer asked not to be phoned. Choose another channel."))
        return None

    def limit(self, channel: str, *, began_at: datetime | None = None) -> Objection | None:
        """What the shop's own limits say against a contact that the shop began, by default now."""
        if spent := self.spent(channel):
            return spent
        is_ringing = channel in RINGING and self._quiet_until(began_at or self.now)
        return self.quiet if is_ringing else None

    def spent(self, channel: str) -> Objection | None:
        """That the buyer was contacted often enough, and when the next time may be."""
        free_at = self.budget(channel).free_at
        if free_at is None:
            return None
        if channel in RINGING:
            free_at = self._quiet_until(free_at) or free_at
        words = (
            _("The buyer was called often enough. The next call may be made from %(when)s.")
            if channel == Channel.PHONE
            else _("The buyer was written to often enough. The next message may be sent from %(when)s.")
        )
        return Objection(words % {"when": _moment(free_at)}, free_at)

    @property
    def quiet(self) -> Objection | None:
        """That it is quiet time now."""
        over_at = self._quiet_until(self.now)
        if over_at is None:
            return None
        words = _("It is quiet time. Calls and text messages may be made from %(when)s.")
        return Objection(words % {"when": _moment(over_at)}, over_at)

    @property
    def has_quiet_hours(self) -> bool:
        return self.policy.quiet_starts != self.policy.quiet_ends

    def _quiet_until(self, moment: datetime) -> datetime | None:
        return _quiet_until(self.policy, moment)


def ill_timed(entry: ContactEntry) -> Objection | None:
    """That the next contact of `entry`, by a channel that rings, falls into quiet time: it may be made only after."""
    if entry.next_contact_at is None or (
        entry.channel not in RINGING and entry.result != ContactEntry.Result.APPOINTMENT
    ):
        return None
    over_at = _quiet_until(ShopPolicy.of(entry.case.shop), entry.next_contact_at)
    if over_at is None:
        return None
    words = _("The next contact falls into quiet time: calls and text messages may be made from %(when)s.")
    return Objection(words % {"when": _moment(over_at)}, over_at)


def contact_rules(case: Case, *, now: datetime) -> ContactRules:
    """The rules for turning to the buyer of `case`, in seven queries at most however much there was before."""
    return rules_for(case, order_of(case.review), now=now)


def rules_for(case: Case, order: Order | None, *, now: datetime) -> ContactRules:
    """As `contact_rules`, with the order of the case's review at hand."""
    return _rules(case, buyer_of(case.review, order), now)


def rules_held(case: Case, *, now: datetime) -> ContactRules:
    """As `contact_rules`, and nobody else contacts the buyer until the transaction ends."""
    buyer = buyer_of(case.review, order_of(case.review))
    _wait_for(buyer)
    return _rules(case, buyer, now)


def _rules(case: Case, buyer: Buyer, now: datetime) -> ContactRules:
    every = sorted([case, *cases_of(buyer).exclude(pk=case.pk).select_related("review")], key=lambda each: each.pk)
    models.prefetch_related_objects([each.review for each in every], "revisions")
    cases = {each.pk: each for each in every}
    entries = list(ContactEntry.objects.filter(case__in=cases))
    rulings = list(ContactRuling.objects.filter(case__in=cases).select_related("actor", "entry"))
    lifts = [ruling for ruling in rulings if ruling.kind == ContactRuling.Kind.MAY_PHONE]
    lifted = {key for lift in lifts for key in lift.answers}
    told = {wish.key: wish for wish in _wishes(cases, entries, rulings)}
    policy = ShopPolicy.of(case.shop)
    outgoing = [entry for entry in entries if entry.direction == Direction.OUTGOING]
    calls = [entry.at for entry in outgoing if entry.channel == Channel.PHONE]
    messages = [entry.at for entry in outgoing if entry.channel != Channel.PHONE]
    return ContactRules(
        now=now,
        policy=policy,
        wishes=[wish for key, wish in told.items() if key not in lifted],
        lifted=lifts[0] if lifts else None,
        calls=allowance([(policy.calls_a_day, DAY), (policy.calls_a_week, WEEK)], calls, now),
        messages=allowance([(policy.messages_a_day, DAY), (policy.messages_a_week, WEEK)], messages, now),
        exception=next((ruling for ruling in rulings if _is_usable(ruling, case, now)), None),
    )


def _is_usable(ruling: ContactRuling, case: Case, now: datetime) -> bool:
    is_fresh = ruling.at > now - EXCEPTION_LASTS
    is_for_case = ruling.kind == ContactRuling.Kind.EXCEPTION and ruling.case_id == case.pk
    return is_fresh and is_for_case and not hasattr(ruling, "entry")


def _wishes(
    cases: dict[int, Case], entries: Iterable[ContactEntry], rulings: Iterable[ContactRuling]
) -> Iterator[PhoneWish]:
    for case in cases.values():
        for source, text, at in _written(case.review):
            yield from _told(PhoneWish(source, case.review.pk, "", at, case), text)
    for entry in entries:
        if entry.direction == Direction.INCOMING:
            yield from _told(PhoneWish(Source.CONTACT, entry.pk, "", entry.at, cases[entry.case_id]), entry.said)
    for ruling in rulings:
        if ruling.kind == ContactRuling.Kind.NO_PHONE:
            yield PhoneWish(Source.BY_HAND, ruling.pk, ruling.reason, ruling.at, cases[ruling.case_id])


def _written(review: Review) -> Iterator[tuple[Source, str, datetime | None]]:
    """What the buyer wrote, earlier wordings too: a wish does not end because the text was changed."""
    yield Source.REVIEW, review.content, review.reviewed_at
    yield Source.FOLLOW_UP, review.append_content, review.append_at
    for revision in review.revisions.all():
        for source, name in ((Source.REVIEW, "content"), (Source.FOLLOW_UP, "append_content")):
            for text in revision.changes.get(name, ()):
                yield source, text or "", revision.recorded_at


def _told(about: PhoneWish, text: str) -> Iterator[PhoneWish]:
    for start, end in phone_refusals(text):
        yield PhoneWish(about.source, about.pk, text[start:end], about.at, about.case)


def _wait_for(buyer: Buyer) -> None:
    names = [f"name {buyer.name}"] if buyer.name else []
    names += [f"order {number}" for number in buyer.order_numbers] or [f"review {buyer.review_id}"]
    digests = (blake2b(f"{buyer.shop_id} {name}".encode(), digest_size=6).digest() for name in names)
    # In one order for everybody, so that two who wait never wait for each other.
    numbers = sorted(BUYER_LOCKS + int.from_bytes(digest) for digest in digests)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(number) FROM unnest(%s::bigint[]) AS number", [numbers])


def _quiet_until(policy: ShopPolicy, moment: datetime) -> datetime | None:
    return quiet_until(timezone.localtime(moment), starts=policy.quiet_starts, ends=policy.quiet_ends)


def _moment(at: datetime) -> str:
    return date_format(timezone.localtime(at), "m-d H:i")
