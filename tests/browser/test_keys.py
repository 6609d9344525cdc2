"""The keys of the desk in a real browser: they answer wherever one comes from, and what they do is seen."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.models import User
from playwright.sync_api import expect

from cases.models import Case
from tests.browser.conftest import Visit

MakeCase = Callable[..., Case]


def test_keys_answer_after_going_back(agent: User, visit: Visit, make_case: MakeCase) -> None:
    first, second = make_case(owner=agent), make_case(owner=agent)
    page = visit(agent, f"/desk/{first.pk}/")
    page.locator(f"#open-{second.pk}").click()
    expect(page.locator("#case-title")).to_have_text(f"#{second.pk}")
    page.go_back()
    expect(page.locator("#case-title")).to_have_text(f"#{first.pk}")
    page.wait_for_load_state()
    page.keyboard.press("l")
    expect(page.locator(f"#contact-{first.pk}-said")).to_be_focused()


def test_the_step_that_a_key_finishes_is_seen(agent: User, visit: Visit, make_case: MakeCase) -> None:
    case = make_case(owner=agent)
    page = visit(agent, f"/desk/{case.pk}/")
    page.set_viewport_size({"width": 1440, "height": 600})
    page.keyboard.press("l")
    page.keyboard.insert_text("道歉,换新")
    for name, value in (("channel", "chat"), ("result", "reached")):
        page.locator(f"[name={name}][value={value}] + label").click()
    page.locator(f"#contact-{case.pk} button.btn-primary").press("Enter")
    expect(page.locator("#case .timeline").first).to_contain_text("道歉,换新")
    expect(page.locator(".steps")).not_to_be_in_viewport()
    page.keyboard.press("s")
    expect(page.locator(".step-done")).to_be_in_viewport()


def test_an_act_taken_back_from_another_case_shows_its_case_whole(
    agent: User, visit: Visit, make_case: MakeCase
) -> None:
    first, second = make_case(owner=agent), make_case(owner=agent)
    page = visit(agent, f"/desk/{first.pk}/")
    page.locator(f"#tier-action-{first.pk} summary").click()
    page.locator(f"#tier-{first.pk} select").select_option("disputed")
    page.locator(f"#tier-{first.pk} button").click()
    expect(page.locator("#undo button")).to_be_visible()
    page.locator(f"#open-{second.pk}").click()
    expect(page.locator("#case-title")).to_have_text(f"#{second.pk}")
    page.keyboard.press("z")
    expect(page.locator("#case-title")).to_have_text(f"#{first.pk}")
    expect(page.locator(".fold")).to_have_count(4)
    expect(page.locator(".fold:not([open])")).to_have_count(0)


def test_keys_answer_where_a_file_was_chosen(agent: User, visit: Visit, make_case: MakeCase) -> None:
    case = make_case(owner=agent)
    page = visit(agent, f"/desk/{case.pk}/")
    page.locator("input[type=file]").focus()
    page.keyboard.press("a")
    expect(page.locator(f"#reply-{case.pk}-text")).to_be_focused()


def test_escape_during_input_of_characters_leaves_no_field(agent: User, visit: Visit, make_case: MakeCase) -> None:
    case = make_case(owner=agent)
    page = visit(agent, f"/desk/{case.pk}/")
    page.keyboard.press("l")
    said = page.locator(f"#contact-{case.pk}-said")
    said.dispatch_event("keydown", {"key": "Escape", "isComposing": True})
    expect(said).to_be_focused()
    said.dispatch_event("keydown", {"key": "Escape"})
    expect(said).not_to_be_focused()


def test_the_menu_of_views_is_next_where_its_key_opened_it(agent: User, visit: Visit, make_case: MakeCase) -> None:
    make_case(owner=agent)
    page = visit(agent, "/desk/")
    page.keyboard.press("v")
    expect(page.locator("#queue-views summary")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("#views-menu :focus")).to_be_visible()


def test_what_is_sent_twice_in_a_hurry_is_done_once(agent: User, visit: Visit, make_case: MakeCase) -> None:
    case = make_case(owner=agent)
    page = visit(agent, f"/desk/{case.pk}/")
    page.locator(f"#remedy-{case.pk}-kind").select_option("coupon")
    page.locator(f"#remedy-{case.pk}-amount").fill("10")
    for _press in range(3):
        page.keyboard.press("Control+Enter")
    expect(page.locator("section[aria-labelledby=remedies-title] .timeline > li")).to_have_count(1)
    expect(page.locator(f"#remedy-{case.pk}-amount")).to_have_value("")
    page.wait_for_load_state("networkidle")
    assert case.remedies.count() == 1
