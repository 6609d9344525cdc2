"""The list of reviews to check, worked from the keyboard, by two at once, and without scripts."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from cases.models import Case
from reviews.correction import correct_causes
from reviews.models import Review
from tests.browser.conftest import Visit

MakeReview = Callable[..., Review]


@pytest.fixture
def unsure(make_review: MakeReview) -> list[Review]:
    """Three reviews, newest first; the model doubts the last cause of each."""
    now = timezone.now()
    made = [
        make_review(causes, reviewed_at=now - timedelta(hours=number), rating="good")
        for number, causes in enumerate(
            [["quality.defect", "courier.slow"], ["quality.defect", "colour.shade"], ["price.fee"]]
        )
    ]
    for review in made:
        review.causes.filter(rank=len(review.causes.all()) - 1).update(score=0.5)
    return made


def codes(review: Review) -> list[str]:
    return [cause.code for cause in Review.objects.get(pk=review.pk).causes.all()]


def rows(page: Page) -> Any:
    return page.locator(".check-row")


def test_three_reviews_are_decided_by_keyboard_alone(unsure: list[Review], agent: User, visit: Visit) -> None:
    first, second, third = unsure
    page = visit(agent, "/reviews/check/")
    press = page.keyboard.press
    expect(rows(page)).to_have_count(3)

    press("Enter")
    expect(rows(page)).to_have_count(2)
    expect(page.locator(f"#check-{second.pk}")).to_be_focused()
    press("x")
    expect(rows(page)).to_have_count(1)
    expect(page.locator(f"#check-{third.pk}")).to_be_focused()
    for key in ("x", "3", "2", "1", "4", "p", "Enter"):
        press(key)
    expect(rows(page)).to_have_count(0)
    expect(page.locator("#check-title")).to_contain_text("0")

    assert codes(first) == ["quality.defect", "courier.slow"]
    assert codes(second) == ["quality.defect"]
    assert codes(third) == ["quality.performance", "courier.damage"]
    assert {review.causes_decided_by for review in Review.objects.all()} == {agent}


def test_the_last_decision_is_taken_back_by_a_key(unsure: list[Review], agent: User, visit: Visit) -> None:
    page = visit(agent, "/reviews/check/?cause=courier")
    page.keyboard.press("n")
    expect(rows(page)).to_have_count(0)
    assert not Review.objects.get(pk=unsure[0].pk).is_negative
    page.keyboard.press("u")
    expect(page.locator(f"#check-{unsure[0].pk}")).to_be_focused()
    assert codes(unsure[0]) == ["quality.defect", "courier.slow"]
    assert page.url.endswith("/reviews/check/?cause=courier")


def test_j_and_k_and_arrows_go_from_row_to_row(unsure: list[Review], agent: User, visit: Visit) -> None:
    page = visit(agent, "/reviews/check/")
    for key, number in (("j", 1), ("ArrowDown", 2), ("j", 2), ("ArrowUp", 1), ("k", 0)):
        page.keyboard.press(key)
        expect(rows(page).nth(number)).to_be_focused()
        expect(rows(page).nth(number)).to_have_attribute("aria-current", "true")


def test_the_bell_leaves_the_row_at_hand_alone(unsure: list[Review], agent: User, visit: Visit) -> None:
    page = visit(agent, "/reviews/check/")
    held: list[Route] = []
    page.route("**/notices/bell/", lambda route: held.append(route))
    page.reload()
    page.keyboard.press("j")
    expect(rows(page).nth(1)).to_be_focused()
    assert held, "the bell has asked, and waits for its answer"
    with page.expect_response("**/notices/bell/"):
        held[0].continue_()
    expect(page.locator("#bell")).to_have_attribute("hx-trigger", re.compile("every"))
    expect(rows(page).nth(1)).to_be_focused()
    expect(rows(page).nth(1)).to_have_attribute("aria-current", "true")


def test_causes_are_chosen_with_the_mouse(unsure: list[Review], agent: User, visit: Visit) -> None:
    page = visit(agent, "/reviews/check/")
    row = page.locator(f"#check-{unsure[1].pk}")
    row.locator("[data-tree]").click()
    row.locator("input[name=codes][value='service.refusal']").check()
    row.locator("input[name=codes][value='quality.defect']").uncheck()
    row.locator("[type=radio][value='service.refusal']").check()
    row.locator("button[aria-keyshortcuts=Enter]").click()
    expect(rows(page)).to_have_count(2)
    assert codes(unsure[1]) == ["service.refusal", "colour.shade"]


def test_one_of_the_chosen_causes_is_always_marked_as_the_primary_one(
    unsure: list[Review], agent: User, visit: Visit
) -> None:
    page = visit(agent, "/reviews/check/")
    row = page.locator(f"#check-{unsure[1].pk}")
    row.locator("[data-tree]").click()
    row.locator("input[name=codes][value='service.refusal']").check()
    expect(row.locator("[type=radio]:checked")).to_have_value("quality.defect")
    row.locator("input[name=codes][value='quality.defect']").uncheck()
    expect(row.locator("[type=radio]:checked")).to_have_value("colour.shade")
    row.locator("[type=radio][value='service.refusal']").check()
    row.locator("[data-tree]").click()
    expect(row.locator("[type=radio]:checked")).to_have_value("colour.shade")
    row.locator("button[aria-keyshortcuts=Enter]").click()
    expect(rows(page)).to_have_count(2)
    assert codes(unsure[1]) == ["colour.shade"]


def test_other_stands_alone(unsure: list[Review], agent: User, visit: Visit) -> None:
    page = visit(agent, "/reviews/check/")
    page.keyboard.press("6")
    page.keyboard.press("Enter")
    expect(rows(page)).to_have_count(2)
    assert codes(unsure[0]) == ["other"]


def test_the_list_of_keys(unsure: list[Review], agent: User, visit: Visit) -> None:
    page = visit(agent, "/reviews/check/")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("x")
    page.keyboard.press("Enter")
    expect(page.locator("#keys")).to_be_hidden()
    assert not Review.objects.exclude(causes_decided_at=None).exists()


def test_who_is_slower_sees_what_the_other_decided(
    unsure: list[Review], agent: User, teammate: User, visit: Visit
) -> None:
    page = visit(agent, "/reviews/check/")
    correct_causes(review=unsure[0], codes=["price.drop"], actor=teammate, now=timezone.now())
    page.keyboard.press("Enter")
    expect(page.locator("#messages .alert-warning")).to_contain_text("teammate")
    expect(page.locator(".check-decided")).to_contain_text("teammate")
    expect(rows(page)).to_have_count(2)
    assert codes(unsure[0]) == ["price.drop"]


def test_without_scripts_a_row_is_decided_and_taken_back(unsure: list[Review], agent: User, visit: Visit) -> None:
    page = visit(agent, "/reviews/check/", java_script_enabled=False)
    row = page.locator(f"#check-{unsure[0].pk}")
    row.locator("input[name=codes][value='quality.defect']").uncheck()
    row.locator("button.btn-primary").click()
    expect(rows(page)).to_have_count(2)
    assert codes(unsure[0]) == ["courier.slow"]
    page.locator(".check-decided button").click()
    expect(rows(page)).to_have_count(3)
    page.locator(f"#check-{unsure[0].pk} [data-tree]").click()
    page.locator("#primary-cause").select_option("price.drop")
    page.locator(".correction button").click()
    expect(page.locator(".check-decided")).to_be_visible()
    assert codes(unsure[0])[0] == "price.drop"


def test_an_agent_settles_the_causes_of_a_case_by_a_key(
    make_case: Callable[..., Case], unsure: list[Review], agent: User, visit: Visit
) -> None:
    case = make_case(unsure[0], owner=agent)
    page = visit(agent, f"/desk/{case.pk}/")
    expect(page.locator(".cause-verdict .tag-uncertain")).to_have_count(1)
    page.keyboard.press("w")
    expect(page.locator("[id^=cause-]:focus")).to_have_count(1)
    page.locator("#case-title").click()
    page.keyboard.press("r")
    expect(page.locator(".cause-verdict .tag-uncertain")).to_have_count(0)
    assert Review.objects.get(pk=unsure[0].pk).causes_decided_by == agent
    page.locator("#case .verdict-drop").last.click()
    expect(page.locator("#case .verdict-cause")).to_have_count(1)
    assert codes(unsure[0]) == ["quality.defect"]


def test_a_slip_on_a_case_is_taken_back_in_one_click(
    make_case: Callable[..., Case], unsure: list[Review], agent: User, visit: Visit
) -> None:
    case = make_case(unsure[0], owner=agent)
    page = visit(agent, f"/desk/{case.pk}/", language="en")
    page.locator("#case .verdict-drop").last.click()
    expect(page.locator("#case .verdict-cause")).to_have_count(1)
    page.get_by_role("button", name="Take back").click()
    expect(page.locator(".cause-verdict .tag-uncertain")).to_have_count(1)
    assert codes(unsure[0]) == ["quality.defect", "courier.slow"]
    expect(page.get_by_role("button", name="Take back")).to_have_count(0)


def test_the_page_of_a_review_knows_the_same_keys(unsure: list[Review], agent: User, visit: Visit) -> None:
    page = visit(agent, unsure[2].get_absolute_url())
    page.keyboard.press("w")
    expect(page.locator("#primary-cause")).to_be_focused()
    page.locator("h2").first.click()
    page.keyboard.press("r")
    expect(page.locator("#messages .alert-success")).to_be_visible()
    assert Review.objects.get(pk=unsure[2].pk).causes_decided_by == agent
