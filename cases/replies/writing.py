"""Keeping the public reply of a case. The only part of this package that knows the database."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from cases import history
from cases.clocks.windows import choose_windows
from cases.flow import Refused, begin_work
from cases.models import Case, CaseChange, PublicReply
from cases.replies.check import Verdict, check_reply
from cases.replies.rules import Decision


class ReplyBlocked(Refused):
    """The text must not be published; `verdict` holds what was found."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(_("This reply must not be published as it stands. See the marked words."), "text")
        self.verdict = verdict


def verdict_on(case: Case, text: str) -> Verdict:
    """The check of `text` as a reply to the case's review, by its primary cause and platform."""
    primary = case.review.causes.first()
    return check_reply(text, cause=primary.code if primary else None, platform=case.shop.platform)


@transaction.atomic
def write_reply(*, case: Case, text: str, actor: User, now: datetime) -> PublicReply:
    """Keep `text` as the case's public reply; the history keeps earlier wordings. A closed case can be replied to.

    Raises ReplyBlocked, and PermissionDenied unless `actor` may work the case.
    """
    begin_work(case, actor)
    verdict = verdict_on(case, text)
    if verdict.verdict is Decision.BLOCK:
        raise ReplyBlocked(verdict)
    earlier = PublicReply.objects.filter(case=case).values_list("text", flat=True).first() or ""
    reply, _created = PublicReply.objects.update_or_create(
        case=case, defaults={"text": text, "written_by": actor, "written_at": now}
    )
    case.explained_at = case.explained_at or now
    case.save(update_fields=["explained_at"])
    choose_windows([case], now=now)
    changes = {"text": [earlier, text]}
    history.record(case=case, kind=CaseChange.Kind.REPLY, actor=actor, now=now, changes=changes)
    return reply
