"""The list that updates itself: nothing moves under anybody's hands, nothing typed or chosen is lost; saved views."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import Page, expect

from cases import history
from cases.models import Case, SavedView
from cases.queues import QueueFilters
from cases.saved_views import change_view, keep_view
from reviews.models import Review, Shop
from tests.browser.conftest import Visit, overflow, violations

MakeCase = Callable[..., Case]
MakeReview = Callable[..., Review]


def line(case: Case, kind: str = "opened") -> None:
    with transaction.atomic():
        history.record(case=case, kind=kind, actor=None, now=timezone.now())


def look(page: Page) -> None:
    """Let the list ask now what it else asks every few seconds."""
    with page.expect_response("**/desk/changes/**"):
        page.evaluate("htmx.trigger('#queue', 'look')")


def listed(page: Page) -> list[str]:
    return [row.removeprefix("row-") for row in page.locator(".queue-row").evaluate_all("rows => rows.map(r => r.id)")]


@pytest.fixture
def cases(agent: User, make_case: MakeCase) -> list[Case]:
    now = timezone.now()
    made = [make_case(owner=agent, due_at=now + timedelta(hours=number)) for number in range(1, 13)]
    for case in made:
        line(case)
    return made


def test_a_list_without_news_says_nothing(agent: User, cases: list[Case], visit: Visit) -> None:
    page = visit(agent, "/desk/")
    with page.expect_response("**/desk/changes/**") as answered:
        page.evaluate("htmx.trigger('#queue', 'look')")
    assert answered.value.status == 204
    page.evaluate("new Promise(done => setTimeout(done))")
    expect(page.locator("#messages .alert")).to_have_count(0)


def test_news_wait_and_nothing_at_hand_is_lost(
    agent: User, teammate: User, cases: list[Case], make_case: MakeCase, visit: Visit
) -> None:
    page = visit(agent, "/desk/")
    order = listed(page)
    page.locator(f"#choose-{cases[2].pk}").check()
    page.get_by_label("搜索队列").fill("还没输完")
    page.locator(f"#open-{cases[3].pk}").focus()
    rows = page.locator(".queue-rows")
    rows.evaluate("list => list.scrollTo(0, 200)")
    place = page.locator(f"#row-{cases[3].pk}").bounding_box()

    new = make_case(owner=agent, tier="priority", due_at=timezone.now())
    Case.objects.filter(pk=cases[1].pk).update(owner=teammate)
    Case.objects.filter(pk=cases[11].pk).update(tier="priority")
    line(new)
    look(page)

    expect(page.locator("#take-in")).to_contain_text("1 个新工单")
    assert listed(page) == order
    gone = page.locator(f"#row-{cases[1].pk}")
    expect(gone).to_have_class("queue-row is-gone")
    expect(gone).to_contain_text("现由 teammate 负责")
    expect(page.locator(f"#row-{cases[11].pk}")).to_contain_text("优先处理")
    held(page, cases, place)

    page.keyboard.press(".")
    expect(page.locator("#take-in")).to_have_count(0)
    expect(page.locator(f"#row-{new.pk}")).to_have_class("queue-row is-new")
    assert listed(page) == [str(case.pk) for case in (new, cases[11], cases[0], *cases[2:11])]
    held(page, cases, None)


def held(page: Page, cases: list[Case], place: dict[str, float] | None) -> None:
    """What was chosen, typed and focused is as it was, and the row under the pointer where it was."""
    expect(page.locator(f"#choose-{cases[2].pk}")).to_be_checked()
    expect(page.locator(f"#choose-{cases[4].pk}")).not_to_be_checked()
    expect(page.get_by_label("搜索队列")).to_have_value("还没输完")
    expect(page.locator(f"#open-{cases[3].pk}")).to_be_focused()
    if place:
        now = page.locator(f"#row-{cases[3].pk}").bounding_box()
        news = page.locator("#queue-news").bounding_box()
        assert now
        assert news
        assert abs(now["y"] - place["y"] - news["height"]) < 1


def test_opening_a_row_moves_no_row(agent: User, cases: list[Case], make_case: MakeCase, visit: Visit) -> None:
    page = visit(agent, "/desk/")
    order = listed(page)
    line(make_case(owner=agent, tier="priority"))
    page.locator(f"#open-{cases[5].pk}").click()
    expect(page.locator("#case-title")).to_have_text(f"#{cases[5].pk}")
    expect(page.locator(f"#row-{cases[5].pk}")).to_have_class("queue-row is-selected")
    expect(page.locator("#take-in")).to_contain_text("1 个新工单")
    assert listed(page) == order
    assert page.locator(".queue-row.is-selected").count() == 1


def test_text_for_a_case_outlives_what_comes_in(
    agent: User, cases: list[Case], make_case: MakeCase, visit: Visit
) -> None:
    page = visit(agent, f"/desk/{cases[0].pk}/")
    page.get_by_label("沟通内容").fill("买家说明天再联系")
    line(make_case(owner=agent))
    look(page)
    page.locator("#take-in").click()
    expect(page.locator(".queue-row.is-new")).to_have_count(1)
    expect(page.locator(".queue-row.is-new [data-row]")).to_be_focused()
    expect(page.get_by_label("沟通内容")).to_have_value("买家说明天再联系")


def test_an_empty_list_takes_in_what_comes(agent: User, make_case: MakeCase, visit: Visit) -> None:
    page = visit(agent, "/desk/")
    expect(page.locator(".queue .empty")).to_be_visible()
    line(case := make_case(owner=agent))
    look(page)
    expect(page.locator(f"#row-{case.pk}")).to_be_visible()
    expect(page.locator("#take-in")).to_have_count(0)


def test_where_nothing_happened_nothing_is_sent(
    agent: User, cases: list[Case], outsider: User, other_shop: Shop, make_case: MakeCase, make_review: MakeReview,
    visit: Visit,
) -> None:  # fmt: skip
    page = visit(agent, "/desk/")
    seen = int(page.locator("#queue").get_attribute("data-seen") or 0)
    line(make_case(make_review(shop=other_shop), owner=outsider))
    with page.expect_response("**/desk/changes/**") as answer:
        page.evaluate("htmx.trigger('#queue', 'look')")
    assert answer.value.status == 204
    expect(page.locator("#queue")).to_have_attribute("data-seen", str(seen + 1))


def test_an_answer_of_the_supervisor_is_told(agent: User, cases: list[Case], visit: Visit) -> None:
    page = visit(agent, "/desk/")
    Case.objects.filter(pk=cases[9].pk).update(answered_at=timezone.now())
    line(cases[9])
    look(page)
    expect(page.locator("#queue-news")).to_contain_text(f"主管答复了 #{cases[9].pk}")
    expect(page.locator(f"#row-{cases[9].pk}")).to_contain_text("主管已答复")


@pytest.mark.parametrize(
    "look_of", [{"width": 1440, "dark": False}, {"width": 360, "dark": True}], ids=["wide-light", "phone-dark"]
)
def test_news_and_menu_are_accessible_and_fit(
    agent: User, teammate: User, cases: list[Case], make_case: MakeCase, visit: Visit, look_of: dict[str, object]
) -> None:
    for number in range(9):
        keep_view(filters=QueueFilters(q=f"字{number}"), name=f"{number}" + "很长的名字" * 7, owner=agent)
    page = visit(agent, "/desk/?view=mine&cause=courier.lost", **look_of)
    line(make_case(owner=agent))
    Case.objects.filter(pk__in=[cases[1].pk]).update(owner=teammate)
    look(page)
    expect(page.locator("#take-in")).to_be_visible()
    page.locator("#queue-views > summary").click()
    expect(page.locator("#views-menu li .queue-count").first).to_have_text("0")
    assert violations(page) == []
    assert overflow(page) == []


def test_views_are_kept_and_chosen_from_the_keyboard(agent: User, cases: list[Case], visit: Visit) -> None:
    page = visit(agent, "/desk/?view=all&cause=courier")
    page.get_by_label("沟通内容").fill("还没登记")
    page.locator(f"#open-{cases[0].pk}").focus()
    page.keyboard.press("v")
    page.get_by_label("视图名称").fill("物流")
    page.get_by_label("视图名称").press("Enter")
    expect(page.locator("#queue-views > summary")).to_contain_text("物流")
    expect(page.locator("#messages")).to_contain_text("物流")
    expect(page.get_by_label("沟通内容")).to_have_value("还没登记")
    assert SavedView.objects.get().query == "view=all&cause=courier"
    page.locator("#tab-mine").click()
    expect(page.locator("#queue-views > summary")).not_to_contain_text("物流")
    page.keyboard.press("v")
    expect(page.locator("#views-menu li .queue-count")).to_have_text("12")
    page.keyboard.press("1")
    expect(page.locator("#queue-views > summary")).to_contain_text("物流")
    expect(page.locator("#views-menu")).to_be_hidden()
    assert "cause=courier" in page.url
    page.keyboard.press("v")
    expect(page.locator("#views-menu")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#views-menu")).to_be_hidden()


def test_a_view_is_shared_without_scripts(
    supervisor: User, agent: User, shop: Shop, cases: list[Case], visit: Visit
) -> None:
    keep_view(filters=QueueFilters(view="all"), name="全部", owner=supervisor)
    page = visit(supervisor, "/desk/?view=all", java_script_enabled=False)
    page.locator("#queue-views > summary").click()
    page.get_by_role("link", name="改名、共享、删除").click()
    page.get_by_label(shop.name).check()
    page.locator(".view-form button").click()
    expect(page.get_by_label(shop.name)).to_be_checked()
    theirs = visit(agent, "/desk/")
    theirs.locator("#queue-views > summary").click()
    expect(theirs.locator("#views-menu li")).to_contain_text("共享")


def test_the_page_of_views_shows_what_others_share(supervisor: User, agent: User, shop: Shop, visit: Visit) -> None:
    view = keep_view(filters=QueueFilters(view="all"), name="全部", owner=supervisor)
    change_view(view=view, name="全部", shops=[shop], actor=supervisor)
    page = visit(agent, "/desk/views/")
    expect(page.locator(f"#view-{view.pk}")).to_contain_text("supervisor")
    expect(page.locator(f"#view-{view.pk} form")).to_have_count(0)
