"""Choosing the tier by hand."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django.asserts import assertContains, assertRedirects

from cases.models import Case

SignIn = Callable[[User], Client]
MakeCase = Callable[..., Case]

pytestmark = pytest.mark.django_db


def test_the_tier_is_chosen_and_said_to_be_so(agent: User, sign_in: SignIn, make_case: MakeCase) -> None:
    case = make_case(owner=agent, tier_reasons=["ordinary"])
    client = sign_in(agent)
    client.post("/language/", {"language": "en"})
    assertContains(client.get(f"/desk/{case.pk}/"), "No rule calls for a special tier.")
    assertRedirects(client.post(f"/desk/{case.pk}/tier/", {"tier": "disputed"}), f"/desk/{case.pk}/")
    case.refresh_from_db()
    assert (case.tier, case.is_tier_chosen) == ("disputed", True)
    assertContains(client.get(f"/desk/{case.pk}/"), "Chosen by a person")


@pytest.mark.parametrize("tier", ["", "urgent"])
def test_only_known_tiers(agent: User, sign_in: SignIn, make_case: MakeCase, tier: str) -> None:
    case = make_case(owner=agent)
    assert sign_in(agent).post(f"/desk/{case.pk}/tier/", {"tier": tier}).status_code == 422
    case.refresh_from_db()
    assert not case.is_tier_chosen
