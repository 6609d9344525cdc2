"""Views of the desk under a name: kept, shared with the teams of shops, put in order, removed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from urllib.parse import urlencode

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from cases.flow import Refused
from cases.models import SavedView
from cases.queues import QueueFilters, Sort
from reviewdesk.access import Role, has_role, name_of
from reviews.models import Shop

KEPT_AT_MOST = 20
"""Views of one person; more than anybody finds their way in."""


def query_of(filters: QueueFilters) -> str:
    """The one spelling of `filters` in an address: the view always, other filters where they filter anything.

    The view is named even where it is the usual one, for what is usual differs between agents and supervisors.
    """
    told = {name: value for name, value in asdict(filters).items() if value}
    if told.get("sort") == Sort.DUE:
        del told["sort"]
    return urlencode(told)


@transaction.atomic
def keep_view(*, filters: QueueFilters, name: str, owner: User) -> SavedView:
    """Keep `filters` as the last of the owner's views. Raises Refused for a name in use, and for one view too many."""
    mine = _of(owner)
    _check_name(name, mine)
    if len(mine) >= KEPT_AT_MOST:
        raise Refused(_("You keep %(n)d views already. Remove one first.") % {"n": KEPT_AT_MOST})
    position = mine[-1].position + 1 if mine else 0
    return SavedView.objects.create(owner=owner, name=name, query=query_of(filters), position=position)


@transaction.atomic
def change_view(*, view: SavedView, name: str, shops: Iterable[Shop] | None, actor: User) -> None:
    """Rename the actor's own view and, where `shops` are given, share it with those teams and no other of the actor's.

    Raises Refused for the view of somebody else, a name in use, and shops from somebody who is no supervisor of them.
    """
    mine = _of(actor)
    _check_owner(view, actor)
    _check_name(name, [each for each in mine if each != view])
    view.name = name
    view.save(update_fields=["name"])
    if shops is not None:
        _share(view, set(shops), actor)


@transaction.atomic
def move_view(*, view: SavedView, actor: User, is_up: bool) -> None:
    """Let the actor's own view change places with its neighbour; the first and the last stay where nothing follows."""
    mine = _of(actor)
    _check_owner(view, actor)
    at = mine.index(view)
    to = at - 1 if is_up else at + 1
    if 0 <= to < len(mine):
        mine[at], mine[to] = mine[to], mine[at]
    for position, each in enumerate(mine):
        each.position = position
    SavedView.objects.bulk_update(mine, ["position"])


@transaction.atomic
def remove_view(*, view: SavedView, actor: User) -> None:
    """Remove the actor's own view, or as a supervisor take what somebody else shares away from one's own teams."""
    _of(view.owner)
    if view.owner_id == actor.pk:
        view.delete()
        return
    if not may_withdraw(view, actor):
        _check_owner(view, actor)
    view.shops.remove(*Shop.objects.visible_to(actor))


def may_withdraw(view: SavedView, actor: User) -> bool:
    """Whether `actor` may take away from their teams what somebody else shares with them."""
    return view.owner_id != actor.pk and has_role(actor, Role.SUPERVISOR)


def _of(owner: User) -> list[SavedView]:
    """The owner's views in their order; whoever changes them takes turns."""
    User.objects.select_for_update(no_key=True).get(pk=owner.pk)
    return list(SavedView.objects.filter(owner=owner).order_by("position", "pk"))


def _check_owner(view: SavedView, actor: User) -> None:
    if view.owner_id != actor.pk:
        raise Refused(_("Only %(owner)s can change this view.") % {"owner": name_of(view.owner)})


def _check_name(name: str, others: Iterable[SavedView]) -> None:
    if any(each.name == name for each in others):
        raise Refused(_("You have a view called “%(name)s” already.") % {"name": name})


def _share(view: SavedView, shops: set[Shop], actor: User) -> None:
    eligible = set(Shop.objects.visible_to(actor))
    if not has_role(actor, Role.SUPERVISOR) or shops - eligible:
        raise Refused(_("Views are shared by supervisors, with the teams of their own shops."))
    # Teams the actor no longer works with keep what they have.
    view.shops.remove(*(eligible - shops))
    view.shops.add(*shops)
