"""Many cases at once in a browser: by keys, by mouse, by finger, and without scripts."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.models import User
from playwright.sync_api import BrowserContext, Page, expect

from cases.models import Case
from tests.browser.conftest import Visit, overflow, violations
from tests.browser.test_queue import line, look

MakeCase = Callable[..., Case]


def boxes(page: Page, *cases: Case) -> list[bool]:
    return [page.locator(f"#choose-{case.pk}").is_checked() for case in cases]


def tiers(*cases: Case) -> list[str]:
    found = dict(Case.objects.values_list("pk", "tier"))
    return [found[case.pk] for case in cases]


def test_rows_are_chosen_done_and_undone_from_the_keyboard(agent: User, make_case: MakeCase, visit: Visit) -> None:
    first, second, third, fourth = (make_case(owner=agent) for _ in range(4))
    page = visit(agent, "/desk/?view=mine")
    page.locator(f"#open-{first.pk}").focus()
    for key in ("b", "j", "j", "Shift+B"):
        page.keyboard.press(key)
    assert boxes(page, first, second, third, fourth) == [True, True, True, False]
    page.keyboard.press("k")
    page.keyboard.press("b")
    assert boxes(page, first, second, third, fourth) == [True, False, True, False]
    page.keyboard.press("g")
    expect(page.locator("#bulk [name=kind]").first).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("#bulk [name=kind][value=tier]")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/bulk/*/")
    expect(page.locator("#bulk-tier")).to_be_focused()
    page.locator("#bulk-tier").select_option("disputed")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".bulk [autofocus]")).to_be_focused()
    assert tiers(first, third) == ["general", "general"]
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/?view=mine")
    assert tiers(first, second, third) == ["disputed", "general", "disputed"]
    page.keyboard.press("z")
    expect(page.locator("#undo form")).to_have_count(0)
    assert tiers(first, second, third) == ["general", "general", "general"]


def test_a_range_is_chosen_with_shift_and_survives_what_comes_in(
    agent: User, make_case: MakeCase, visit: Visit
) -> None:
    cases = [make_case(owner=agent) for _ in range(5)]
    page = visit(agent, "/desk/?view=mine")
    expect(page.locator("#bulk")).to_be_hidden()
    page.locator(f"#choose-{cases[1].pk}").click()
    page.locator(f"#choose-{cases[3].pk}").click(modifiers=["Shift"])
    assert boxes(page, *cases) == [False, True, True, True, False]
    expect(page.locator("#queue-chosen")).to_contain_text("3")
    Case.objects.filter(pk=cases[2].pk).update(state="closed", outcome="refused", closed_at=cases[2].opened_at)
    line(make_case(owner=agent, tier="priority"))
    look(page)
    expect(page.locator("#take-in")).to_be_visible()
    page.keyboard.press(".")
    expect(page.locator(f"#row-{cases[2].pk}")).to_have_count(0)
    rest = [case for case in cases if case != cases[2]]
    assert boxes(page, *rest) == [False, True, True, False]
    expect(page.locator("#queue-chosen")).to_contain_text("2")
    page.locator("[data-choose-page]").click()
    expect(page.locator("#queue-chosen")).to_contain_text("5")
    page.keyboard.press("Escape")
    expect(page.locator("#bulk")).to_be_hidden()


def test_a_finger_chooses_on_a_phone(agent: User, make_case: MakeCase, visit: Visit) -> None:
    cases = [make_case() for _ in range(12)]
    page = visit(agent, "/desk/?view=unassigned", width=360, has_touch=True)
    for case in cases[:2]:
        page.locator(f"#row-{case.pk} .row-pick").tap()
    bar, places = page.locator("#bulk"), page.locator(".rail")
    expect(bar).to_be_in_viewport(ratio=1)
    here, below = bar.bounding_box(), places.bounding_box()
    assert here
    assert below
    assert here["y"] + here["height"] <= below["y"] + 1
    assert page.url.endswith("/desk/?view=unassigned")
    assert violations(page) == []
    assert overflow(page) == []
    bar.locator("[value=claim]").tap()
    page.wait_for_url("**/desk/bulk/*/")
    page.locator(".bulk [autofocus]").tap()
    page.wait_for_url("**/desk/?view=unassigned")
    assert Case.objects.filter(owner=agent).count() == 2


def test_without_scripts_boxes_and_a_form_do(
    agent: User, make_case: MakeCase, new_context: Callable[..., BrowserContext]
) -> None:
    cases = [make_case() for _ in range(3)]
    page = new_context(agent, java_script_enabled=False).new_page()
    page.goto("/desk/?view=unassigned")
    expect(page.locator("#bulk")).to_be_hidden()
    page.locator(f"#choose-{cases[1].pk}").check()
    page.locator("#bulk [value=claim]").click()
    page.locator(".bulk [autofocus]").click()
    page.wait_for_url("**/desk/?view=unassigned")
    assert list(Case.objects.filter(owner=agent)) == [cases[1]]
