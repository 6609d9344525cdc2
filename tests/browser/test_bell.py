"""The bell tells of what is new without a click, and disturbs nobody who types."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import BrowserContext, expect

from cases.models import Case
from cases.notices.telling import tell_clocks
from cases.settling.escalations import escalate_case
from tests.browser.conftest import violations

POLL_MS = 31_000
BELL = "**/notices/bell/"


def test_the_bell_counts_up_while_somebody_types_and_down_once_the_case_is_read(
    new_context: Callable[..., BrowserContext], agent: User, make_case: Callable[..., Case]
) -> None:
    page = new_context(agent, language="en").new_page()
    page.clock.install()
    page.goto("/notices/settings/")
    bell = page.locator("#bell-link")
    minutes = page.get_by_label("Minutes before a contact is due")
    expect(page.locator("#bell[hx-trigger^=every]")).to_be_attached()
    expect(page.locator(".bell-count")).to_have_count(0)

    case = make_case(owner=agent, due_at=timezone.now())
    tell_clocks(now=timezone.now())
    minutes.fill("42")
    page.clock.fast_forward(POLL_MS)
    expect(page.locator(".bell-count")).to_have_text("1")
    expect(minutes).to_be_focused()
    expect(minutes).to_have_value("42")
    assert violations(page) == []

    make_case(owner=agent, due_at=timezone.now())
    tell_clocks(now=timezone.now())
    bell.focus()
    page.clock.fast_forward(POLL_MS)
    expect(page.locator(".bell-count")).to_have_text("2")
    expect(bell).to_be_focused()

    page.keyboard.press("Enter")
    page.get_by_role("link", name=f"#{case.pk} ").click()
    expect(page).to_have_url(f"{page.url.split('/desk/')[0]}/desk/{case.pk}/")
    expect(page.locator(".bell-count")).to_have_text("1")


def test_the_bell_is_a_link_without_scripts(
    new_context: Callable[..., BrowserContext], agent: User, make_case: Callable[..., Case]
) -> None:
    case = make_case(owner=agent, due_at=timezone.now())
    tell_clocks(now=timezone.now())
    page = new_context(agent, language="en", java_script_enabled=False).new_page()
    page.goto("/desk/")
    page.get_by_role("link", name="Notices").click()
    expect(page.get_by_role("link", name=f"#{case.pk} ")).to_be_visible()
    page.get_by_role("button", name="Mark all as read").click()
    expect(page.locator(".is-unread")).to_have_count(0)


def test_a_bell_that_gets_no_answer_says_nothing_and_asks_again(
    new_context: Callable[..., BrowserContext], agent: User, make_case: Callable[..., Case]
) -> None:
    make_case(owner=agent, due_at=timezone.now())
    page = new_context(agent, language="en").new_page()
    page.clock.install()
    page.goto("/desk/")
    expect(page.locator("#bell[hx-trigger^=every]")).to_be_attached()
    away = "<!doctype html><p>away</p>"
    page.route(BELL, lambda route: route.fulfill(status=503, body=away))
    with page.expect_response(BELL):
        page.clock.fast_forward(POLL_MS)
    expect(page.locator("#messages .alert")).to_have_count(0)
    page.unroute(BELL)
    tell_clocks(now=timezone.now())
    page.clock.fast_forward(POLL_MS)
    expect(page.locator(".bell-count")).to_have_text("1")


def test_the_rail_says_how_much_is_pending_for_me(
    new_context: Callable[..., BrowserContext], supervisor: User, agent: User, make_case: Callable[..., Case]
) -> None:
    page = new_context(supervisor, language="en").new_page()
    page.clock.install()
    page.goto("/pending/")
    link = page.get_by_role("navigation", name="Main").get_by_role("link", name="Pending")
    expect(page.locator("#bell[hx-trigger^=every]")).to_be_attached()
    expect(link).to_have_accessible_name("Pending")
    expect(page.locator("#asking")).to_be_hidden()
    escalate_case(case=make_case(owner=agent), question="退全款吗?", actor=agent, now=timezone.now())
    link.focus()
    page.clock.fast_forward(POLL_MS)
    expect(link).to_have_accessible_name("Pending 1 ask for you")
    expect(link).to_be_focused()
    assert violations(page) == []
