"""Who may do what. A role is membership of one of three groups; which shops a user sees is `Shop.members`."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, Group, User
from django.core.exceptions import PermissionDenied
from django.db.models import TextChoices
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _

DEMO_GROUP = "demo"
"""Accounts whose password is public. They cannot sign in where DEBUG is off."""


class Role(TextChoices):
    AGENT = "agent", _("Agent")
    SUPERVISOR = "supervisor", _("Supervisor")
    ADMIN = "admin", _("Admin")


DIGITS_OF_A_PK = 18
"""All numbers of so many digits fit PostgreSQL's bigint."""

RANK = {Role.AGENT: 1, Role.SUPERVISOR: 2, Role.ADMIN: 3}


class SignedInRequest(HttpRequest):
    """The request a view behind `role_required` receives."""

    user: User


def name_of(user: User) -> str:
    """What a person goes by."""
    return user.get_full_name() or user.get_username()


def groups_of(user: User) -> frozenset[str]:
    """The names of the groups of `user`. Asked of the database once per user object."""
    if not hasattr(user, "_group_names"):
        user._group_names = frozenset(user.groups.values_list("name", flat=True))  # type: ignore[attr-defined]
    return user._group_names  # type: ignore[attr-defined]


def role_of(user: User | AnonymousUser | AbstractBaseUser) -> Role | None:
    """The highest role of `user`, None without one."""
    if not isinstance(user, User) or not user.is_active:
        return None
    if user.is_superuser:
        return Role.ADMIN
    held = [Role(name) for name in groups_of(user) if name in Role.values]
    return max(held, key=RANK.__getitem__, default=None)


def has_role(user: User | AnonymousUser, role: Role) -> bool:
    """Whether `user` holds `role` or a higher one: agent < supervisor < admin."""
    held = role_of(user)
    return held is not None and RANK[held] >= RANK[role]


def grant_role(user: User, role: Role) -> None:
    """Make `role` the one role of `user`; only admins enter the Django admin."""
    user.groups.remove(*Group.objects.filter(name__in=Role.values))
    user.groups.add(Group.objects.get_or_create(name=role.value)[0])
    user.is_staff = user.is_superuser = role is Role.ADMIN
    user.save(update_fields=["is_staff", "is_superuser"])
    user.__dict__.pop("_group_names", None)


def role_required(role: Role) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """View decorator: strangers go to the login page, a lower role gets 403."""

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @login_required
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not has_role(request.user, role):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def named_pk(text: str) -> int | None:
    """The number of a row as an address or a form names it; None for what cannot be one."""
    return int(text) if text.isdecimal() and len(text) <= DIGITS_OF_A_PK else None


class DemoAwareBackend(ModelBackend):
    """Django's own check, and no demo account where DEBUG is off."""

    def user_can_authenticate(self, user: User | AnonymousUser | None) -> bool:
        if not super().user_can_authenticate(user):
            return False
        return settings.DEBUG or not (isinstance(user, User) and DEMO_GROUP in groups_of(user))

    def get_user(self, user_id: int) -> User | None:
        user = super().get_user(user_id)
        return user if isinstance(user, User) else None
