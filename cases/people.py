"""The people of a team: an account with one role and the shops it works for."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.models import User
from django.db import transaction

from cases.models import Agent
from reviewdesk.access import Role, grant_role
from reviews.models import Shop


@transaction.atomic
def place_person(user: User, *, role: Role, shops: Iterable[Shop]) -> None:
    """Give `user` the role and the shops, and no others; an agent gets a place at the desk, off duty at first."""
    grant_role(user, role)
    user.shops.set(shops)
    if role is Role.AGENT:
        Agent.objects.get_or_create(user=user)
