"""Admins place people: a role and its shops, nothing else to set."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from cases.models import Agent
from cases.people import place_person
from reviewdesk.access import Role, role_of
from reviews.models import Shop

SignIn = Callable[[User], Client]
PASSWORD = "Lang-und-ungewoehnlich-7"


def test_a_new_agent_can_sign_in_and_sees_the_shop(admin: User, shop: Shop, sign_in: SignIn, client: Client) -> None:
    form = {"username": "xiaolin", "first_name": "小林", "usable_password": "true", "password1": PASSWORD}
    form |= {"password2": PASSWORD, "role": "agent", "shops": [shop.pk]}
    assert sign_in(admin).post("/admin/auth/user/add/", form).status_code == 302
    person = User.objects.get(username="xiaolin")
    assert role_of(person) is Role.AGENT
    assert not person.agent.is_on_duty
    assert client.login(username="xiaolin", password=PASSWORD)
    assert list(Shop.objects.visible_to(person)) == [shop]


def test_a_person_can_be_made_admin_and_back(admin: User, agent: User, shop: Shop, sign_in: SignIn) -> None:
    client = sign_in(admin)
    address = f"/admin/auth/user/{agent.pk}/change/"
    assert client.get(address).context["adminform"].form.initial["role"] == "agent"
    form = {"username": "agent", "first_name": "", "is_active": "on", "shops": [shop.pk]}
    client.post(address, form | {"role": "admin"})
    assert role_of(User.objects.get(pk=agent.pk)) is Role.ADMIN
    client.post(address, form | {"role": "supervisor"})
    person = User.objects.get(pk=agent.pk)
    assert role_of(person) is Role.SUPERVISOR
    assert not person.is_staff


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.ADMIN])
def test_only_agents_get_a_place_at_the_desk(db: None, role: Role) -> None:
    person = User.objects.create_user("new")
    place_person(person, role=role, shops=[])
    assert not Agent.objects.filter(user=person).exists()


def test_admins_do_not_shut_themselves_out(admin: User, shop: Shop, sign_in: SignIn) -> None:
    client = sign_in(admin)
    address = f"/admin/auth/user/{admin.pk}/"
    assert client.get(f"{address}change/").status_code == 200
    form = {"username": "admin", "first_name": "陈", "shops": [shop.pk], "role": "agent"}
    assert client.post(f"{address}change/", form).status_code == 302
    assert client.post(f"{address}delete/", {"post": "yes"}).status_code == 403
    picked = {"action": "delete_selected", "_selected_action": [admin.pk], "post": "yes"}
    client.post("/admin/auth/user/", picked)
    me = User.objects.get(pk=admin.pk)
    assert (me.first_name, me.is_active, role_of(me), list(me.shops.all())) == ("陈", True, Role.ADMIN, [shop])
