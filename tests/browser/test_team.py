"""The team board in a browser: keys, dragging, and a page that renews itself without losing anything."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from cases.models import Case
from tests.browser.conftest import Visit
from tests.cases.assignment.conftest import MakeAgent
from tests.cases.assignment.conftest import make_agent as make_agent

MakeCase = Callable[..., Case]


def renewed(page: Page) -> None:
    """The page asks for its newest state now."""
    with page.expect_response(lambda answer: answer.request.headers.get("hx-target") == "div#team"):
        page.evaluate(
            'htmx.ajax("GET", location.href, { source: "#team", target: "#team", swap: "outerMorph show:none" })'
        )
    page.wait_for_function("() => !document.querySelector('.htmx-request')")


def owners(*cases: Case) -> list[User | None]:
    found = {case.pk: case.owner for case in Case.objects.select_related("owner")}
    return [found[case.pk] for case in cases]


def test_cases_are_handed_on_from_the_keyboard(
    supervisor: User, agent: User, teammate: User, make_case: MakeCase, visit: Visit
) -> None:
    first, second, third = (make_case(owner=agent) for _ in range(3))
    page = visit(supervisor, "/team/?show=open")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press(" ")
    page.keyboard.press("g")
    expect(page.locator("#to")).to_be_focused()
    page.locator("#to").select_option(str(teammate.pk))
    page.locator("#reassign button").click()
    page.wait_for_url("**/team/?show=open#cases")
    assert owners(first, second, third) == [teammate, teammate, agent]


def drag(page: Page, case: Case, to: User) -> None:
    page.wait_for_load_state()
    page.locator(f"#case-{case.pk} [data-grip]").hover()
    page.mouse.down()
    expect(page.locator("#drag-label")).to_be_visible()
    row = page.locator(f"#agent-{to.pk}").bounding_box()
    assert row
    page.mouse.move(row["x"] + 120, row["y"] + row["height"] / 2, steps=8)
    expect(page.locator(f"#agent-{to.pk}")).to_have_class("is-target")
    page.mouse.up()
    page.wait_for_load_state()


def test_a_row_is_dragged_onto_an_agent_and_takes_the_chosen_ones_along(
    supervisor: User, agent: User, teammate: User, make_case: MakeCase, visit: Visit
) -> None:
    first, second, third = (make_case(owner=agent) for _ in range(3))
    page = visit(supervisor, "/team/?show=open")
    page.locator(f"#choose-{first.pk}").check()
    page.locator(f"#choose-{third.pk}").check()
    drag(page, third, teammate)
    expect(page.locator(f"#case-{third.pk} .cell-owner")).to_have_text("teammate")
    assert owners(first, second, third) == [teammate, agent, teammate]
    drag(page, second, teammate)
    expect(page.locator(f"#case-{second.pk} .cell-owner")).to_have_text("teammate")


def finger(page: Page, case: Case, to: User) -> None:
    """As `drag`, with a finger: a touch screen sends no mouse."""
    touch = page.context.new_cdp_session(page)

    def send(kind: str, x: float = 0, y: float = 0) -> None:
        points = [] if kind == "touchEnd" else [{"x": x, "y": y}]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    grip = page.locator(f"#case-{case.pk} [data-grip]")
    grip.scroll_into_view_if_needed()
    box = grip.bounding_box()
    assert box
    send("touchStart", box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator("#drag-label")).to_be_visible()
    send("touchMove", box["x"] + 20, box["y"] - 20)
    agent = page.locator(f"#agent-{to.pk}")
    over = agent.bounding_box()
    assert over
    send("touchMove", over["x"] + 120, over["y"] + over["height"] / 2)
    expect(agent).to_have_class("is-target")
    send("touchEnd")


@pytest.mark.parametrize("width", [1024, 360])
def test_a_finger_drags_a_row_onto_an_agent(
    supervisor: User, agent: User, teammate: User, make_case: MakeCase, make_agent: MakeAgent, visit: Visit, width: int
) -> None:
    case, other = make_case(owner=agent), make_case(owner=agent)
    for _ in range(6):
        make_agent()
    page = visit(supervisor, "/team/?show=open", width=width, has_touch=True, is_mobile=True)
    finger(page, case, teammate)
    expect(page.locator(f"#case-{case.pk} .cell-owner")).to_have_text("teammate")
    assert owners(case, other) == [teammate, agent]


def test_the_agents_stay_in_sight_for_a_row_far_down(
    supervisor: User, agent: User, teammate: User, make_case: MakeCase, visit: Visit
) -> None:
    cases = [make_case(owner=agent) for _ in range(30)]
    page = visit(supervisor, "/team/?show=open")
    row = page.locator(f"#case-{cases[-1].pk}")
    row.scroll_into_view_if_needed()
    expect(page.locator(f"#agent-{teammate.pk}")).not_to_be_in_viewport()
    drag(page, cases[-1], teammate)
    expect(row.locator(".cell-owner")).to_have_text("teammate")


def test_escape_ends_a_drag(supervisor: User, agent: User, make_case: MakeCase, visit: Visit) -> None:
    case = make_case()
    page = visit(supervisor, "/team/")
    grip = page.locator(f"#case-{case.pk} [data-grip]").bounding_box()
    assert grip
    page.mouse.move(grip["x"] + 4, grip["y"] + 8)
    page.mouse.down()
    expect(page.locator("#drag-label")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#drag-label")).to_be_hidden()
    page.mouse.up()
    assert owners(case) == [None]


def test_the_board_renews_itself_and_keeps_choice_focus_and_place(
    supervisor: User, agent: User, teammate: User, make_case: MakeCase, visit: Visit
) -> None:
    cases = [make_case(owner=agent) for _ in range(30)]
    page = visit(supervisor, "/team/?show=open")
    page.locator(f"#choose-{cases[20].pk}").check()
    page.locator(f"#case-{cases[20].pk}").focus()
    top = page.evaluate("scrollY")
    assert top > 0
    Case.objects.filter(pk=cases[20].pk).update(owner=teammate)
    Case.objects.filter(pk=cases[0].pk).update(state="closed", outcome="refused", closed_at=cases[0].opened_at)
    renewed(page)
    expect(page.locator(f"#case-{cases[20].pk} .cell-owner")).to_have_text("teammate")
    expect(page.locator(f"#case-{cases[0].pk}")).to_have_count(0)
    expect(page.locator(f"#choose-{cases[20].pk}")).to_be_checked()
    expect(page.locator(f"#case-{cases[20].pk}")).to_be_focused()
    expect(page.locator(f"#agent-{agent.pk}")).to_contain_text("28 / 60")


def test_nothing_renews_while_skills_are_being_edited(supervisor: User, agent: User, visit: Visit) -> None:
    page = visit(supervisor, f"/team/?edit={agent.pk}")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.evaluate('htmx.ajax("GET", location.href, { source: "#team", target: "#team", swap: "outerMorph" })')
    page.locator("#skills-open_capacity").fill("7")
    page.locator(".skills .btn-primary").click()
    page.wait_for_url("**/team/#board")
    assert [url for url in asked if "edit=" in url] == []
    expect(page.locator(f"#agent-{agent.pk}")).to_contain_text("0 / 7")
