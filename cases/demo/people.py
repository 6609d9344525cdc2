"""The demo's accounts, and which shops each works for."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import Group, User

from cases.assignment import set_duty
from cases.models import Agent
from cases.people import place_person
from reviewdesk.access import DEMO_GROUP, Role
from reviews.models import Shop

PASSWORD = "reviewdesk-demo"  # noqa: S105
ACCOUNTS = {
    "agent1": (Role.AGENT, "小禾", ("demo-taobao", "demo-tmall")),
    "agent2": (Role.AGENT, "阿杉", ("demo-taobao", "demo-jd")),
    "supervisor1": (Role.SUPERVISOR, "林主管", ("demo-taobao", "demo-tmall", "demo-jd")),
    "admin1": (Role.ADMIN, "陈管理", ()),
}
"""User name -> role, given name, codes of the shops."""


def create_accounts(*, now: datetime) -> None:
    """The four accounts; both agents are on duty."""
    public = Group.objects.get_or_create(name=DEMO_GROUP)[0]
    for username, (role, given_name, shops) in ACCOUNTS.items():
        user = User.objects.create_user(username, password=PASSWORD, first_name=given_name)
        place_person(user, role=role, shops=Shop.objects.filter(code__in=shops))
        user.groups.add(public)
    for agent in Agent.objects.filter(user__groups=public):
        set_duty(agent=agent, is_on_duty=True, now=now)
