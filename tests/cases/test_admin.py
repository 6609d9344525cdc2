"""The Django admin: for admins only, every list and form opens, and rules are changed elsewhere."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from cases.contacts.entries import ContactDraft, log_contact
from cases.models import Case, CaseChange, ContactEntry
from reviews.models import Product, Shop
from tests.conftest import NOW

SignIn = Callable[[User], Client]


@pytest.fixture
def recorded(make_case: Callable[..., Case], agent: User) -> Case:
    case = make_case(owner=agent)
    log_contact(case=case, actor=agent, now=NOW, draft=ContactDraft("chat", "reached", "已道歉"))
    return case


PAGES = ["cases/agent", "cases/case", "cases/casechange", "cases/contactentry"]
PAGES += ["reviews/shop", "reviews/product"]


@pytest.mark.parametrize("page", PAGES)
def test_every_list_and_its_first_object_open(page: str, recorded: Case, admin: User, sign_in: SignIn) -> None:
    client = sign_in(admin)
    answer = client.get(f"/admin/{page}/", {"q": "1"})
    assert answer.status_code == 200
    first = client.get(f"/admin/{page}/").context["cl"].result_list[0]
    assert client.get(f"/admin/{page}/{first.pk}/change/").status_code == 200


@pytest.mark.parametrize("page", PAGES)
def test_supervisors_and_agents_do_not_get_in(page: str, agent: User, supervisor: User, sign_in: SignIn) -> None:
    for user in (agent, supervisor):
        assert sign_in(user).get(f"/admin/{page}/").status_code == 302


@pytest.mark.parametrize("model", [Case, CaseChange, ContactEntry])
def test_what_was_recorded_is_shown_and_not_touched(
    model: type[Any], recorded: Case, admin: User, sign_in: SignIn
) -> None:
    client = sign_in(admin)
    row = model.objects.get()
    base = f"/admin/cases/{model._meta.model_name}/"
    before = model.objects.values().get()
    assert client.post(f"{base}{row.pk}/change/", {"state": "closed", "said": "改过"}).status_code == 403
    assert client.post(f"{base}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.post(f"{base}add/", {}).status_code == 403
    client.post(base, {"action": "delete_selected", "_selected_action": row.pk, "post": "yes"})
    assert model.objects.values().get() == before


def test_an_admin_marks_promoted_products_and_deletes_none(recorded: Case, admin: User, sign_in: SignIn) -> None:
    client = sign_in(admin)
    product = Product.objects.get()
    changed = client.post(f"/admin/reviews/product/{product.pk}/change/", {"is_promoted": "on"})
    assert changed.status_code == 302
    product.refresh_from_db()
    assert product.is_promoted
    assert client.post(f"/admin/reviews/product/{product.pk}/delete/", {"post": "yes"}).status_code == 403


def test_a_shop_chooses_its_people(shop: Shop, agent: User, outsider: User, admin: User, sign_in: SignIn) -> None:
    form = {"code": shop.code, "name": shop.name, "platform": shop.platform, "members": [agent.pk, outsider.pk]}
    assert sign_in(admin).post(f"/admin/reviews/shop/{shop.pk}/change/", form).status_code == 302
    assert set(shop.members.all()) == {agent, outsider}


@pytest.mark.parametrize("page", ["cases/playbook", "cases/shoppolicy"])
def test_rules_are_not_changed_behind_their_history(page: str, admin: User, sign_in: SignIn) -> None:
    assert sign_in(admin).get(f"/admin/{page}/").status_code == 404
