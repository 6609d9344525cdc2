from collections.abc import Callable

import pytest
from django.contrib.auth.models import AnonymousUser, Group, User
from django.test import Client

from reviewdesk.access import DEMO_GROUP, Role, grant_role, has_role, role_of


def test_roles_rank_agent_supervisor_admin(agent: User, supervisor: User, admin: User) -> None:
    assert [role_of(user) for user in (agent, supervisor, admin)] == [Role.AGENT, Role.SUPERVISOR, Role.ADMIN]
    assert has_role(supervisor, Role.AGENT)
    assert not has_role(agent, Role.SUPERVISOR)


def test_strangers_and_retired_users_have_no_role(agent: User) -> None:
    agent.is_active = False
    assert role_of(agent) is None
    assert role_of(AnonymousUser()) is None


def test_a_new_role_replaces_the_old_one(agent: User) -> None:
    grant_role(agent, Role.SUPERVISOR)
    assert list(agent.groups.values_list("name", flat=True)) == ["supervisor"]
    grant_role(agent, Role.ADMIN)
    assert agent.is_staff
    grant_role(agent, Role.AGENT)
    assert not agent.is_staff
    assert not agent.is_superuser


@pytest.mark.parametrize(
    ("name", "page"), [("agent", "/desk/"), ("supervisor", "/statistics/"), ("admin", "/imports/")]
)
def test_each_role_starts_at_its_place(
    request: pytest.FixtureRequest, sign_in: Callable[[User], Client], name: str, page: str
) -> None:
    client = sign_in(request.getfixturevalue(name))
    assert client.get("/").headers["Location"] == page


def test_strangers_start_at_the_login_page(db: None, client: Client) -> None:
    assert client.get("/").headers["Location"] == "/accounts/login/?next=/"


def test_a_user_without_role_is_refused(db: None, sign_in: Callable[[User], Client]) -> None:
    assert sign_in(User.objects.create_user("nobody")).get("/").status_code == 403


@pytest.mark.parametrize(("name", "status"), [("agent", 302), ("supervisor", 302), ("admin", 200)])
def test_the_django_admin_is_for_admins(
    request: pytest.FixtureRequest, sign_in: Callable[[User], Client], name: str, status: int
) -> None:
    assert sign_in(request.getfixturevalue(name)).get("/admin/").status_code == status


@pytest.mark.parametrize(("is_debug", "may_enter"), [(True, True), (False, False)])
def test_demo_accounts_sign_in_only_where_debug_is_on(
    agent: User, client: Client, settings: object, is_debug: bool, may_enter: bool
) -> None:
    agent.groups.add(Group.objects.create(name=DEMO_GROUP))
    settings.DEBUG = is_debug  # type: ignore[attr-defined]
    assert client.login(username="agent", password="secret-of-the-cast") is may_enter


def test_a_demo_session_ends_where_debug_is_off(
    agent: User, sign_in: Callable[[User], Client], settings: object
) -> None:
    agent.groups.add(Group.objects.create(name=DEMO_GROUP))
    client = sign_in(agent)
    settings.DEBUG = False  # type: ignore[attr-defined]
    settings.SECURE_SSL_REDIRECT = False  # type: ignore[attr-defined]
    assert client.get("/").headers["Location"] == "/accounts/login/?next=/"


def test_who_is_signed_in_is_led_on_from_the_login_page_wherever_it_pointed(
    agent: User, sign_in: Callable[[User], Client]
) -> None:
    answer = sign_in(agent).get("/accounts/login/?next=/accounts/login/")
    assert answer.headers["Location"] == "/"
