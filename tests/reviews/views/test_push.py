"""The page of push tokens: who may enter, a secret that is shown once, revoking."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from html import unescape
from itertools import pairwise

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from reviews.ingest.reading.presets import Field
from reviews.models import PushToken, Shop
from reviews.push.tokens import create_token
from tests.conftest import NOW


@pytest.fixture
def client(sign_in: Callable[[User], Client], admin: User) -> Client:
    return sign_in(admin)


@pytest.fixture
def token(shop: Shop, admin: User) -> PushToken:
    return create_token(shop=shop, name="ERP", actor=admin, now=NOW)[0]


@pytest.mark.parametrize("address", ["/imports/push/", "/imports/push/{pk}/revoke/"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_only_admins_enter(
    sign_in: Callable[[User], Client], agent: User, supervisor: User, token: PushToken, method: str, address: str
) -> None:
    address = address.format(pk=token.pk)
    for user in (agent, supervisor):
        assert getattr(sign_in(user), method)(address, {"name": "x", "shop": token.shop_id}).status_code == 403
    assert getattr(Client(), method)(address).headers["Location"].startswith("/accounts/login/")
    assert PushToken.objects.get().revoked_at is None


def test_a_secret_is_shown_once_and_works(client: Client, shop: Shop, admin: User) -> None:
    answer = client.post("/imports/push/", {"name": "旺店通 ERP", "shop": shop.pk})
    secret = re.search(r"rdp_[\w-]{43}", answer.content.decode())[0]
    token = PushToken.objects.get()
    assert (token.name, token.shop, token.created_by) == ("旺店通 ERP", shop, admin)
    assert secret not in [str(value) for value in PushToken.objects.values_list().get()]
    assert "no-store" in answer.headers["Cache-Control"]
    assert Client().get("/api/imports/1/", headers={"Authorization": f"Bearer {secret}"}).status_code == 404
    page = client.get("/imports/push/").content.decode()
    assert token.prefix in page
    assert secret not in page


def test_the_example_can_be_run_as_it_stands(client: Client, shop: Shop) -> None:
    page = client.post("/imports/push/", {"name": "ERP", "shop": shop.pk}).content.decode()
    words = shlex.split(unescape(re.search(r'<pre[^>]*id="example"[^>]*>(.*?)</pre>', page, re.DOTALL)[1]))
    headers = dict(word.split(": ") for flag, word in pairwise(words) if flag == "-H")
    assert words[:4] == ["curl", "-X", "POST", "http://testserver/api/reviews/"]
    body = words[words.index("-d") + 1]
    kind = headers.pop("Content-Type")
    answer = Client().post("/api/reviews/", body, content_type=kind, headers=headers)
    assert answer.json()["counts"] == {"items": len(json.loads(body)), "accepted": 1, "rejected": 0}


@pytest.mark.parametrize("wrong", [{"name": ""}, {"name": "n" * 61}, {"shop": ""}, {"shop": "999999"}, {"name": "\0"}])
def test_a_token_needs_a_name_and_a_shop(client: Client, shop: Shop, wrong: dict[str, str]) -> None:
    answer = client.post("/imports/push/", {"name": "ERP", "shop": shop.pk, **wrong})
    assert answer.status_code == 422
    assert answer.context["form"].errors
    assert not PushToken.objects.exists()


def test_the_same_form_sent_again_makes_no_second_token(client: Client, shop: Shop) -> None:
    first, *others = [client.post("/imports/push/", {"name": "ERP", "shop": shop.pk}) for _ in range(3)]
    assert first.status_code == 200
    for answer in others:
        assert answer.status_code == 422
        assert [*answer.context["form"].errors] == ["name"]
        assert "rdp_" not in answer.content.decode().replace(PushToken.objects.get().prefix, "")


def test_a_name_is_only_a_name(client: Client, shop: Shop) -> None:
    client.post("/imports/push/", {"name": "<script>alert(1)</script>", "shop": shop.pk})
    assert "<script>alert" not in client.get("/imports/push/").content.decode()


def test_a_revoked_token_stays_on_the_list(client: Client, token: PushToken, admin: User) -> None:
    answer = client.post(f"/imports/push/{token.pk}/revoke/", follow=True)
    token.refresh_from_db()
    revoked_at = token.revoked_at
    assert token.revoked_by == admin
    assert revoked_at is not None
    assert token.prefix in answer.content.decode()
    client.post(f"/imports/push/{token.pk}/revoke/")
    token.refresh_from_db()
    assert token.revoked_at == revoked_at


def test_revoking_is_posted_and_needs_a_token(client: Client, token: PushToken) -> None:
    assert client.get(f"/imports/push/{token.pk}/revoke/").status_code == 405
    assert client.post("/imports/push/999999/revoke/").status_code == 404


def test_every_field_is_listed(client: Client, shop: Shop) -> None:
    page = client.get("/imports/push/").content.decode()
    assert [field for field in Field.values if f"<code>{field}</code>" not in page] == []


def test_the_page_asks_the_database_a_fixed_number_of_times(
    client: Client, shop: Shop, admin: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(3):
        create_token(shop=shop, name=f"ERP {number}", actor=admin, now=NOW)
    with django_assert_num_queries(6):
        client.get("/imports/push/")


def test_the_imports_page_leads_here(client: Client, shop: Shop) -> None:
    assert 'href="/imports/push/"' in client.get("/imports/").content.decode()
