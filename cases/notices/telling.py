"""Who is told of what: notices for people, deliveries for channels, in the transaction of what they tell of."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import connection, transaction

from cases.models import Case, NoticeKind, Tier
from cases.models.notice import ASKED_OF_SUPERVISORS, LONGEST_MINUTES_BEFORE, MINUTES_BEFORE
from reviewdesk import queue
from reviewdesk.access import Role

SEND_JOB = "cases.jobs.send_notices"
LOOK_BACK = timedelta(hours=24)
"""Clocks that ran out longer ago are no news any more: the team page lists them."""

OF_CASES = """
    select %(kind)s::text as kind, told.id as case_id, told.at as occasion
    from unnest(%(cases)s::bigint[], %(occasions)s::timestamptz[]) as told(id, at)
"""
OF_CLOCKS = """
    select case when due_at <= %(now)s then 'overdue' else 'soon' end as kind, id as case_id, due_at as occasion
    from cases_case
    where state <> 'closed' and due_at > %(now)s - %(look_back)s and due_at <= %(now)s + %(look_ahead)s
    order by id
    for key share skip locked
"""
"""A case that somebody changes at this moment is left to the next run: waiting for it could end in a deadlock."""

TELL = """
with event as ({events}),
of_shop as (
    select event.*, cases_case.shop_id, cases_case.owner_id
    from event join cases_case on cases_case.id = event.case_id
),
supervisor as (
    select distinct member.shop_id, member.user_id
    from reviews_shop_members member
    join auth_user on auth_user.id = member.user_id and auth_user.is_active
    join auth_user_groups grouped on grouped.user_id = member.user_id
    join auth_group on auth_group.id = grouped.group_id and auth_group.name = any(%(supervising)s)
),
addressed as (
    select kind, case_id, occasion, owner_id as person_id
    from of_shop where owner_id is not null and kind <> all(%(asked)s)
    union all
    select kind, case_id, occasion, supervisor.user_id
    from of_shop join supervisor on supervisor.shop_id = of_shop.shop_id
    where kind = any(%(asked)s) or (owner_id is null and kind <> 'answer')
),
told as (
    insert into cases_notice (person_id, kind, case_id, occasion, created_at, is_shown)
    select person_id, kind, case_id, occasion, %(now)s, coalesce(kind = any(choice.kinds), true)
    from addressed left join cases_noticechoice choice using (person_id)
    where person_id is distinct from %(actor)s
        and (kind <> 'soon'
            or occasion <= %(now)s + make_interval(mins => coalesce(choice.minutes_before, %(minutes)s)))
        and not exists (
            select from cases_notice before
            where before.case_id = addressed.case_id and before.person_id = addressed.person_id
                and before.kind = addressed.kind and before.occasion = addressed.occasion)
    order by case_id, person_id, kind
    on conflict do nothing
    returning person_id, kind, case_id, occasion
),
outgoing as (
    select channel.id as channel_id, told.kind, told.case_id, told.occasion
    from told
    join cases_noticechannel channel on channel.person_id = told.person_id and told.kind = any(channel.kinds)
    left join cases_noticechoice choice on choice.person_id = told.person_id
    left join cases_agent agent on agent.user_id = told.person_id
    where agent.is_on_duty is not false or not coalesce(choice.is_quiet_off_duty, true)
    union all
    select channel.id, of_shop.kind, of_shop.case_id, of_shop.occasion
    from of_shop
    join cases_noticechannel channel on channel.shop_id = of_shop.shop_id and of_shop.kind = any(channel.kinds)
    where (of_shop.kind <> 'soon' or of_shop.occasion <= %(now)s + make_interval(mins => %(minutes)s))
        and not exists (
            select from cases_noticedelivery before
            where before.case_id = of_shop.case_id and before.channel_id = channel.id
                and before.kind = of_shop.kind and before.occasion = of_shop.occasion)
),
sending as (
    insert into cases_noticedelivery (channel_id, kind, case_id, occasion, created_at, next_attempt_at)
    select channel_id, kind, case_id, occasion, %(now)s, %(now)s from outgoing
    order by case_id, channel_id, kind
    on conflict do nothing
    returning channel_id
)
select distinct channel_id from sending
"""


def tell_urgent(cases: Iterable[Case], *, now: datetime, actor: User | None = None, is_again: bool = False) -> None:
    """Tell the owners of the urgent ones of `cases`, or the supervisors where nobody has them.

    Each person is told once of a case; `is_again` says that it complains anew, which is told again.
    """
    urgent = [case for case in cases if case.tier == Tier.PRIORITY and case.is_open]
    _tell_of(NoticeKind.URGENT, urgent, [now if is_again else case.opened_at for case in urgent], now, actor)


def tell_question(case: Case, *, now: datetime, actor: User) -> None:
    """Tell the supervisors of the shop that the case waits for their answer."""
    _tell_of(NoticeKind.QUESTION, [case], [now], now, actor)


def tell_request(case: Case, *, now: datetime, actor: User) -> None:
    """Tell the supervisors of the shop that a remedy waits for their decision."""
    _tell_of(NoticeKind.REQUEST, [case], [now], now, actor)


def tell_late(questions: Collection[tuple[Case, datetime]], *, now: datetime) -> None:
    """Tell the supervisors of questions that nobody answered by the time given with each case."""
    _tell_of(NoticeKind.LATE, [case for case, _due in questions], [due for _case, due in questions], now, None)


def tell_answer(case: Case, *, now: datetime, actor: User) -> None:
    """Tell the owner that the supervisor has answered."""
    _tell_of(NoticeKind.ANSWER, [case], [now], now, actor)


@transaction.atomic
def tell_clocks(*, now: datetime) -> None:
    """Tell of contacts that are about to be due or have become overdue, whatever their number in one statement."""
    look_ahead = timedelta(minutes=LONGEST_MINUTES_BEFORE)
    _tell(OF_CLOCKS, {"look_back": LOOK_BACK, "look_ahead": look_ahead, "actor": None, "now": now})


def _tell_of(
    kind: NoticeKind, cases: Collection[Case], occasions: list[datetime], now: datetime, actor: User | None
) -> None:
    if not cases:
        return
    told = {"kind": kind.value, "cases": [case.pk for case in cases], "occasions": occasions}
    _tell(OF_CASES, told | {"actor": actor and actor.pk, "now": now})


def _tell(events: str, values: dict[str, Any]) -> None:
    """Write what is new of `events` (SQL: kind, case_id, occasion), and queue the channels that have to send it."""
    values |= {"supervising": [Role.SUPERVISOR.value, Role.ADMIN.value], "minutes": MINUTES_BEFORE}
    values["asked"] = [kind.value for kind in ASKED_OF_SUPERVISORS]
    with connection.cursor() as cursor:
        cursor.execute(TELL.format(events=events), values)
        channels = [channel_id for (channel_id,) in cursor.fetchall()]
    for channel_id in channels:
        queue.ask_for(SEND_JOB, channel_id)
