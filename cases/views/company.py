"""Others at the same case: who looks at it right now, and what they did since somebody opened it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.contrib.auth.models import User
from django.core.cache import cache
from django.db.models import Q, QuerySet
from django.utils.text import Truncator
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from cases.models import Case, CaseChange
from reviewdesk.access import Role, name_of, named_pk
from reviewdesk.queue import RedisError

LOOKING_SECONDS = 45
"""After so long without a word a page counts as closed; it speaks up every 20 seconds."""
Kind = CaseChange.Kind
NO_NEWS = frozenset({Kind.OPENED, Kind.ORDER, Kind.CONFIRMED, Kind.REVEALED, Kind.MOVED, Kind.RULES})
"""Lines that nobody needs to know of before writing."""
SAID_CHARACTERS = 80


class Onlooker(NamedTuple):
    name: str
    is_writing: bool


def look(case: Case, user: User, *, is_writing: bool) -> list[Onlooker]:
    """Say that `user` has the case open; answers who else has. Kept in the cache only; without it nobody is known."""
    people = User.objects.filter(Q(shops=case.shop_id) | Q(groups__name=Role.ADMIN), is_active=True).distinct()
    others = {_key(case, one.pk): one for one in people.exclude(pk=user.pk).order_by("pk")}
    try:
        cache.set(_key(case, user.pk), is_writing, LOOKING_SECONDS)
        found = cache.get_many(others)
    except RedisError:
        return []
    return [Onlooker(name_of(one), found[key]) for key, one in others.items() if key in found]


def seen_of(changes: Iterable[CaseChange]) -> int:
    """What a page that shows `changes` has seen of the case, for its forms to send along."""
    return max((change.pk for change in changes), default=0)


def news(case: Case, user: User, seen: str) -> list[CaseChange]:
    """What others did to the case since a page showed it up to line `seen`, as far as it matters to a writer.

    Oldest first.
    """
    since = lines_since(case, seen).exclude(kind__in=NO_NEWS).select_related("actor")
    return [change for change in since.order_by("pk") if change.actor_id != user.pk]


def lines_since(case: Case, seen: str) -> QuerySet[CaseChange]:
    """Lines of the history that a page did not show which showed it up to line `seen`.

    None where `seen` is no number, as from a page that does not say what it was opened on.
    """
    line = named_pk(seen)
    return case.changes.none() if line is None else case.changes.filter(pk__gt=line)


def in_words(case: Case, change: CaseChange, now: datetime) -> str:
    """Who did what how long ago, with what was said, in one line."""
    who = name_of(change.actor) if change.actor else _("System")
    told = change.comment
    if change.kind == Kind.CONTACT:
        entry = case.contacts.filter(at=change.at, actor=change.actor_id).first()
        told = entry.said if entry else ""
    facts = {"who": who, "what": change.get_kind_display(), "ago": timesince(change.at, now, depth=1)}
    line = _("%(who)s · %(what)s, %(ago)s ago") % facts
    return f"{line}: {Truncator(told).chars(SAID_CHARACTERS)}" if told else line


def warning(case: Case, changes: list[CaseChange], now: datetime) -> str:
    """Why nothing was saved yet."""
    lines = "; ".join(in_words(case, change, now) for change in changes[-3:])
    words = _("The case changed while you wrote. %(lines)s. Your text is kept: look first, then save again to save it.")
    return words % {"lines": lines}


def _key(case: Case, user_id: int) -> str:
    return f"looking:{case.pk}:{user_id}"
