"""What came of an act is told over the page: nothing moves, confirmations go, errors stay."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from cases.models import Agent, Case
from tests.browser.conftest import Visit, overflow, violations

MakeCase = Callable[..., Case]
ALERT = "#messages .alert"
SHOWN_MS = 8_000


@pytest.fixture
def case(make_case: MakeCase, agent: User) -> Case:
    Agent.objects.filter(user=agent).update(is_on_duty=True)
    return make_case(owner=agent)


def _places(page: Page) -> list[dict[str, float]]:
    places = [page.locator(part).bounding_box() for part in ("#case-title", ".steps", ".case-context")]
    assert all(places)
    return [dict(place) for place in places if place]


def _ask_for_the_next(page: Page) -> None:
    """There is none: the answer is a mere word about that."""
    page.keyboard.press("n")
    expect(page.locator(ALERT)).to_be_visible()


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [360, 1440])
def test_a_message_moves_nothing_and_can_be_read(width: int, dark: bool, agent: User, visit: Visit, case: Case) -> None:
    page = visit(agent, f"/desk/{case.pk}/", width=width, dark=dark)
    before = _places(page)
    _ask_for_the_next(page)
    assert _places(page) == before
    expect(page.locator(ALERT)).to_be_in_viewport(ratio=1)
    assert overflow(page) == []
    assert violations(page) == []


def test_undo_comes_below_what_one_works_on(agent: User, visit: Visit, case: Case) -> None:
    page = visit(agent, f"/desk/{case.pk}/")
    before = [page.locator(part).bounding_box() for part in ("#case-title", f"#open-{case.pk}")]
    page.locator(f"#tier-action-{case.pk} summary").click()
    page.locator(f"#tier-{case.pk} select").select_option("disputed")
    page.locator(f"#tier-{case.pk} button").click()
    expect(page.locator("#undo button")).to_be_in_viewport()
    assert [page.locator(part).bounding_box() for part in ("#case-title", f"#open-{case.pk}")] == before


def test_a_confirmation_goes_by_itself_but_not_from_under_the_pointer(agent: User, visit: Visit, case: Case) -> None:
    page = visit(agent, f"/desk/{case.pk}/")
    page.clock.install()
    _ask_for_the_next(page)
    page.locator(ALERT).hover()
    page.clock.fast_forward(SHOWN_MS)
    expect(page.locator(ALERT)).to_be_visible()
    page.mouse.move(0, 0)
    page.clock.fast_forward(SHOWN_MS)
    expect(page.locator(ALERT)).to_have_count(0)


def test_a_message_is_shown_as_long_again_when_it_comes_again(agent: User, visit: Visit, case: Case) -> None:
    page = visit(agent, f"/desk/{case.pk}/")
    page.clock.install()
    _ask_for_the_next(page)
    page.clock.fast_forward(SHOWN_MS - 1_000)
    with page.expect_response("**/next/**"):
        _ask_for_the_next(page)
    expect(page.locator(f"{ALERT} [data-dismiss]")).to_have_count(1)
    page.clock.fast_forward(SHOWN_MS - 1_000)
    expect(page.locator(ALERT)).to_be_visible()


def test_an_error_stays_until_it_is_closed(
    agent: User, teammate: User, visit: Visit, make_case: MakeCase, case: Case
) -> None:
    wanted = make_case()
    page = visit(agent, f"/desk/{wanted.pk}/?view=unassigned", refusal=409)
    page.clock.install()
    Case.objects.filter(pk=wanted.pk).update(owner=teammate)
    page.keyboard.press("c")
    expect(page.locator(f"{ALERT}-error")).to_contain_text("teammate")
    page.clock.fast_forward(10 * SHOWN_MS)
    expect(page.locator(f"{ALERT}-error")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(ALERT)).to_have_count(0)


def test_closing_a_message_gives_the_focus_back(agent: User, visit: Visit, case: Case) -> None:
    page = visit(agent, f"/desk/{case.pk}/")
    _ask_for_the_next(page)
    said = page.locator(f"#contact-{case.pk}-said")
    said.focus()
    page.get_by_role("button", name="关闭这条消息").click()
    expect(page.locator(ALERT)).to_have_count(0)
    expect(said).to_be_focused()


def test_without_scripts_a_message_covers_nothing(agent: User, visit: Visit, case: Case) -> None:
    page = visit(agent, f"/desk/next/?case={case.pk}", java_script_enabled=False)
    message, work = page.locator(ALERT).bounding_box(), page.locator("#desk").bounding_box()
    assert message
    assert work
    assert message["y"] + message["height"] <= work["y"]
    expect(page.locator("[data-dismiss]")).to_have_count(0)
