"""The header of every page on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import expect

from cases.models import Case, Notice
from reviews.models import Shop
from tests.browser.conftest import Visit, violations

MINUTE = timedelta(minutes=1)


def test_a_long_heading_leaves_the_header_of_a_phone_on_one_line(supervisor: User, shop: Shop, visit: Visit) -> None:
    Shop.objects.filter(pk=shop.pk).update(name="非常非常长的店铺名称" * 6)
    page = visit(supervisor, "/settings/hours/", width=360)
    heading = page.get_by_role("heading", level=1).bounding_box()
    sign_out = page.get_by_role("button", name="退出").bounding_box()
    assert heading is not None
    assert sign_out is not None
    assert sign_out["y"] < heading["y"] + heading["height"]
    assert heading["width"] > 80


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_all_buttons_of_an_agent_stand_on_one_line_of_a_phone(
    agent: User, visit: Visit, make_case: Callable[..., Case], language: str
) -> None:
    case, now = make_case(owner=agent), timezone.now()
    many = [Notice(person=agent, case=case, kind="soon", occasion=now + n * MINUTE, created_at=now) for n in range(100)]
    Notice.objects.bulk_create(many)
    page = visit(agent, "/desk/", width=360, language=language)
    expect(page.locator(".bell-count")).to_have_text("100+")
    heading = page.get_by_role("heading", level=1).bounding_box()
    assert heading is not None
    for button in page.locator(".topbar .btn").all():
        box = button.bounding_box()
        assert box is not None
        assert box["y"] < heading["y"] + heading["height"]
        assert min(box["width"], box["height"]) >= 24
    assert violations(page) == []
    page.get_by_role("button", name={"en": "Sign out", "zh-hans": "退出"}[language]).click()
    expect(page).to_have_url(re.compile("/login/"))
