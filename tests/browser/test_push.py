"""An admin makes a push token, copies it, and revokes it."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.models import User
from playwright.sync_api import BrowserContext, expect

from reviews.models import PushToken, Shop
from reviews.push.tokens import token_of
from tests.browser.conftest import overflow, violations


def test_a_token_is_made_copied_and_revoked(
    new_context: Callable[..., BrowserContext], admin: User, shop: Shop
) -> None:
    context = new_context(admin, language="en")
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto("/imports/push/")
    page.get_by_role("textbox", name="Program").fill("ERP")
    page.get_by_role("combobox", name="Shop").select_option(label=shop.name)
    page.get_by_role("button", name="Make a token").click()
    copy = page.get_by_role("button", name="Copy").first
    copy.click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    token = token_of(page.evaluate("navigator.clipboard.readText()"))
    assert token == PushToken.objects.get()
    assert violations(page) == []
    assert overflow(page) == []

    page.get_by_text("Revoke", exact=True).click()
    page.get_by_role("button", name="for good").click()
    expect(page.get_by_role("status")).to_contain_text("revoked")
    assert PushToken.objects.get().revoked_by == admin
