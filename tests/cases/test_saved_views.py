"""Views under a name: whose they are, who sees them, who changes them."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.db import connection

from cases import saved_views
from cases.flow import Refused
from cases.models import SavedView
from cases.queues import QueueFilters, View
from cases.saved_views import change_view, keep_view, move_view, query_of, remove_view
from reviews.models import Shop
from tests.connections import together

URGENT = QueueFilters(view=View.ALL, tier="priority")

pytestmark = pytest.mark.django_db


def names(user: User) -> list[str]:
    return [view.name for view in SavedView.objects.shown_to(user)]


@pytest.fixture
def shared(supervisor: User, shop: Shop) -> SavedView:
    view = keep_view(filters=URGENT, name="急件", owner=supervisor)
    change_view(view=view, name="急件", shops=[shop], actor=supervisor)
    return view


def test_filters_have_one_spelling() -> None:
    assert query_of(QueueFilters(view=View.MINE, sort="due")) == "view=mine"
    assert query_of(QueueFilters(sort="risk", q="九天 & 色差", shop=3)) == (
        "view=mine&q=%E4%B9%9D%E5%A4%A9+%26+%E8%89%B2%E5%B7%AE&shop=3&sort=risk"
    )


def test_a_view_is_its_owners_alone(agent: User, teammate: User, supervisor: User, admin: User) -> None:
    keep_view(filters=URGENT, name="急件", owner=agent)
    assert names(agent) == ["急件"]
    assert [names(other) for other in (teammate, supervisor, admin)] == [[], [], []]


def test_a_shared_view_is_seen_by_the_teams_it_is_for(
    shared: SavedView, agent: User, outsider: User, admin: User
) -> None:
    assert [names(each) for each in (agent, outsider, admin)] == [["急件"], [], ["急件"]]


def test_a_view_of_two_teams_is_listed_once(
    shared: SavedView, supervisor: User, agent: User, shop: Shop, other_shop: Shop
) -> None:
    for person in (supervisor, agent):
        person.shops.add(other_shop)
    change_view(view=shared, name="急件", shops=[shop, other_shop], actor=supervisor)
    assert names(agent) == ["急件"]


def test_ones_own_come_first_and_in_the_order_one_chose(shared: SavedView, agent: User) -> None:
    views = [keep_view(filters=URGENT, name=name, owner=agent) for name in ("乙", "甲", "丙")]
    assert names(agent) == ["乙", "甲", "丙", "急件"]
    move_view(view=views[2], actor=agent, is_up=True)
    assert names(agent) == ["乙", "丙", "甲", "急件"]
    move_view(view=views[0], actor=agent, is_up=True)
    move_view(view=views[1], actor=agent, is_up=False)
    assert names(agent) == ["乙", "丙", "甲", "急件"]


def test_a_name_is_used_once_and_views_are_bounded(
    agent: User, teammate: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_view(filters=URGENT, name="急件", owner=agent)
    keep_view(filters=URGENT, name="急件", owner=teammate)
    with pytest.raises(Refused):
        keep_view(filters=URGENT, name="急件", owner=agent)
    monkeypatch.setattr(saved_views, "KEPT_AT_MOST", 1)
    with pytest.raises(Refused):
        keep_view(filters=URGENT, name="另一个", owner=agent)


def test_a_view_keeps_its_own_name_and_takes_no_other(agent: User) -> None:
    keep_view(filters=URGENT, name="甲", owner=agent)
    second = keep_view(filters=URGENT, name="乙", owner=agent)
    change_view(view=second, name="乙", shops=None, actor=agent)
    with pytest.raises(Refused):
        change_view(view=second, name="甲", shops=None, actor=agent)


def test_agents_share_nothing_and_supervisors_only_with_their_own_teams(
    agent: User, supervisor: User, shop: Shop, other_shop: Shop
) -> None:
    for person, with_shop in ((agent, shop), (supervisor, other_shop)):
        view = keep_view(filters=URGENT, name="急件", owner=person)
        with pytest.raises(Refused):
            change_view(view=view, name="急件", shops=[with_shop], actor=person)
        assert not view.shops.exists()


def test_nobody_changes_anothers_view(shared: SavedView, agent: User, admin: User) -> None:
    for person in (agent, admin):
        with pytest.raises(Refused):
            change_view(view=shared, name="别的", shops=None, actor=person)
        with pytest.raises(Refused):
            move_view(view=shared, actor=person, is_up=True)
    with pytest.raises(Refused):
        remove_view(view=shared, actor=agent)


def test_teams_the_owner_left_keep_the_view(
    shared: SavedView, supervisor: User, agent: User, shop: Shop, other_shop: Shop
) -> None:
    supervisor.shops.set([other_shop])
    change_view(view=shared, name="急件", shops=[], actor=supervisor)
    assert names(agent) == ["急件"]


def test_a_supervisor_takes_away_what_others_share_with_their_teams_only(
    shared: SavedView, supervisor: User, agent: User, outsider: User, shop: Shop, other_shop: Shop, admin: User
) -> None:
    supervisor.shops.add(other_shop)
    change_view(view=shared, name="急件", shops=[shop, other_shop], actor=supervisor)
    other = User.objects.create_user("other")
    other.groups.set(supervisor.groups.all())
    other.shops.set([shop])
    remove_view(view=shared, actor=other)
    assert (names(agent), names(outsider), names(supervisor)) == ([], ["急件"], ["急件"])
    remove_view(view=shared, actor=supervisor)
    assert names(outsider) == []


@pytest.mark.django_db(transaction=True)
def test_two_at_once_cannot_take_one_name(agent: User) -> None:
    def keep() -> str:
        try:
            return keep_view(filters=URGENT, name="急件", owner=User.objects.get(pk=agent.pk)).name
        except Refused:
            return "refused"

    assert sorted(together(keep, keep)) == ["refused", "急件"]
    connection.close()
