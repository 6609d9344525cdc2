"""Lists, headings and long texts, measured in a browser."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Page

from cases.models import Case
from reviews.models import ImportBatch, Review, Shop
from tests.browser.conftest import Visit, overflow

MakeReview = Callable[..., Review]
FIGURES = ["Rows", "Created", "Updated", "Unchanged", "Rejected", "Negative", "Cases opened"]
CAUSES = ["quality.performance", "colour.shade", "courier.slow", "service.attitude", "price.drop", "other"]

BROKEN_WORDS = """all => all.flatMap(one => one.innerText.split(/\\s+/).filter(word => {
  const alone = document.createElement("span");
  alone.style.cssText = "position: absolute; white-space: nowrap";
  alone.textContent = word;
  one.append(alone);
  const { width } = alone.getBoundingClientRect();
  alone.remove();
  const { paddingLeft, paddingRight } = getComputedStyle(one);
  return width > one.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight) + 1;
}))"""
"""Words that find no room on a line of their element."""


def paddings(page: Page, table: str) -> list[list[str]]:
    """Left paddings of the headings and of the first row's cells."""
    return [
        page.eval_on_selector_all(f"{table} {row} > *", "all => all.map(one => getComputedStyle(one).paddingLeft)")
        for row in ("thead tr", "tbody tr:first-child")
    ]


def test_the_list_of_imports_can_be_read_on_a_phone(admin: User, shop: Shop, visit: Visit) -> None:
    ImportBatch.objects.create(shop=shop, file_name="评价导出-2026-11-20.csv", file_bytes=10, status="done", rejected=3)
    page = visit(admin, "/imports/", width=360, language="en")
    assert page.locator(".import-list tbody th").evaluate("cell => cell.offsetWidth") > 150
    assert page.locator(".import-list tbody tr").evaluate("row => row.offsetHeight") < 160
    cells = page.locator(".import-list tbody td")
    assert cells.evaluate_all("all => all.every(cell => cell.getBoundingClientRect().right <= 360)")
    named = page.locator(".import-list td[data-label]").evaluate_all(
        "all => all.map(cell => getComputedStyle(cell, '::before').content)"
    )
    assert [label.strip('" ') for label in named] == FIGURES
    assert overflow(page) == []


@pytest.mark.parametrize(
    ("who", "address", "table"), [("agent", "/reviews/", ".reviews"), ("supervisor", "/team/", ".team-cases")]
)
def test_headings_stand_above_their_cells(
    request: pytest.FixtureRequest, make_case: Callable[..., Case], visit: Visit, who: str, address: str, table: str
) -> None:
    make_case()
    headings, cells = paddings(visit(request.getfixturevalue(who), address), table)
    assert headings == cells


@pytest.mark.parametrize("width", [360, 1440])
def test_words_in_charts_and_heat_map_are_whole(
    supervisor: User, make_review: MakeReview, visit: Visit, width: int
) -> None:
    for number, cause in enumerate(CAUSES):
        make_review([cause], reviewed_at=timezone.now() - timedelta(days=number))
    page = visit(supervisor, "/statistics/", width=width, language="en")
    broken = page.eval_on_selector_all(".heat-cause, .legend li, .causes th", BROKEN_WORDS)
    assert broken == []
    assert page.locator(".legend li").count() == len(CAUSES)
    assert overflow(page) == []


def test_names_leave_the_bars_of_causes_room_on_a_phone(
    supervisor: User, make_review: MakeReview, visit: Visit
) -> None:
    make_review(["courier.damage"], reviewed_at=timezone.now())
    page = visit(supervisor, "/statistics/", width=360, language="en")
    share = page.locator("[data-chart=pareto] .chart-canvas").evaluate(
        """canvas => {
          const chart = echarts.getInstanceByDom(canvas);
          const [start, end] = [0, 100].map(percent => chart.convertToPixel({ xAxisIndex: 1 }, percent));
          return (end - start) / chart.getWidth();
        }"""
    )
    assert 0.4 <= share <= 1


def test_the_filter_of_the_team_shows_its_longest_choice(supervisor: User, visit: Visit) -> None:
    page = visit(supervisor, "/team/?show=escalated", language="en")
    needed = page.locator("#id_show").evaluate(
        "select => { const free = select.cloneNode(true); free.style.width = 'auto'; document.body.append(free);"
        " const width = free.offsetWidth; free.remove(); return width; }"
    )
    assert page.locator("#id_show").evaluate("select => select.offsetWidth") >= needed


def test_a_long_review_is_clamped_until_opened_without_javascript(
    agent: User, make_review: MakeReview, new_context: Callable[..., object], visit: Visit
) -> None:
    review = make_review([], content="等了很久。" * 4000)
    page = new_context(agent, java_script_enabled=False).new_page()  # type: ignore[attr-defined]
    page.goto(review.get_absolute_url())
    words = page.locator(".words").first
    assert words.bounding_box()["height"] < 400
    page.locator(".show-all summary").click()
    assert words.bounding_box()["height"] > 1000


def test_one_box_chooses_every_case(supervisor: User, make_case: Callable[..., Case], visit: Visit) -> None:
    for _ in range(3):
        make_case()
    page = visit(supervisor, "/team/")
    page.locator("[data-choose-all]").check()
    assert page.locator("input[name=case]:checked").count() == 3
    page.locator("input[name=case]").first.uncheck()
    assert page.locator("[data-choose-all]").evaluate("box => box.indeterminate && !box.checked")
