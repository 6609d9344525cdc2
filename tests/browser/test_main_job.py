"""The main job, as three people do it: an export comes in, a case gets worked, the supervisor sees the cause."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import time, timedelta
from pathlib import Path

from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Page, expect

from cases.models import Case, CaseChange, ContactEntry, Outcome, ShopPolicy, State
from reviews.models import ImportBatch, Review, ReviewCause, Shop
from tests.browser.conftest import Visit
from tests.browser.day import work_off_queue

HEADINGS = ["订单号", "买家昵称", "评价结果", "评价内容", "评价时间", "宝贝标题"]
COMPLAINT = "等了九天才到,物流太慢了,颜色和图片完全不一样"


def write_export(path: Path) -> None:
    yesterday = (timezone.localtime() - timedelta(days=1)).strftime("%Y-%m-%d %H:%M")
    rows = [
        ["2611200000000000001", "买**9", "差评", COMPLAINT, yesterday, "夏季宽松短袖T恤"],
        ["2611200000000000002", "t**2", "好评", "很好,下次还来", yesterday, "夏季宽松短袖T恤"],
        ["2611200000000000003", "小**鱼", "五百星", "还可以", yesterday, "夏季宽松短袖T恤"],
    ]
    with path.open("w", encoding="gb18030", newline="") as file:
        csv.writer(file).writerows([HEADINGS, *rows])


def upload(page: Page, path: Path) -> None:
    page.set_input_files("input[type=file]", path)
    page.get_by_role("button", name="上传并预览").click()
    expect(page.locator("#import-state")).to_be_visible()
    work_off_queue()
    page.locator("form[action$='/confirm/'] .btn-primary").click()
    work_off_queue()
    expect(page.locator(".import-status").first).to_contain_text("完成")


def figures(page: Page) -> dict[str, str]:
    labels = page.locator(".figure-label").all_inner_texts()
    return dict(zip(labels, page.locator(".figure-value").all_inner_texts(), strict=True))


def test_an_export_becomes_a_case_that_is_worked_and_counted(
    agent: User, supervisor: User, admin: User, shop: Shop, visit: Visit, tmp_path: Path
) -> None:
    export = tmp_path / "评价导出.csv"
    write_export(export)
    ShopPolicy.objects.create(shop=shop, quiet_starts=time(0), quiet_ends=time(0))

    imports = visit(admin, "/imports/")
    upload(imports, export)
    assert figures(imports) == {
        "行数": "3", "新增": "2", "更新": "0", "未变": "0", "未导入": "1", "负面": "1", "新开工单": "1",
    }  # fmt: skip
    imports.goto("/imports/")
    upload(imports, export)
    assert {"新增": "0", "未变": "2", "新开工单": "0"}.items() <= figures(imports).items()

    case = Case.objects.get()
    assert case.owner == agent
    work_the_case(visit(agent, "/"), case)
    case.refresh_from_db()
    assert (case.state, case.outcome, case.steps_done) == (State.CLOSED, Outcome.SATISFIED, 4)
    assert case.contacts.get().result == ContactEntry.Result.REACHED
    assert case.remedies.get().kind == "coupon"
    kinds = set(case.changes.values_list("kind", flat=True))
    assert {"opened", "contact", "step", "remedy", "reply", "closed"} <= kinds <= set(CaseChange.Kind.values)

    statistics = visit(supervisor, "/")
    cause = statistics.get_by_role("row").filter(has_text="运输慢").first
    cause.get_by_role("link").first.click()
    statistics.wait_for_url("**/reviews/?**cause=courier.slow**")
    expect(statistics.get_by_role("main")).to_contain_text("物流太慢了")


def work_the_case(page: Page, case: Case) -> None:
    """From the desk's first page to the outcome, as the page offers it."""
    page.wait_for_url("**/desk/**")
    expect(page.locator("#case-title")).to_have_text(f"#{case.pk}")
    expect(page.locator("mark.mark-courier").first).to_be_visible()

    page.locator("label", has_text="接通").click()
    page.get_by_label("沟通内容").fill("道歉,核实物流轨迹,答应补一张券。")
    page.get_by_role("button", name="登记联系").click()
    expect(page.locator(".timeline").first).to_contain_text("核实物流轨迹")

    for step in ("真诚道歉", "了解原因", "解决方案", "收尾"):
        page.get_by_role("button", name=f"完成：{step}").click()
        expect(page.locator(".step-done", has_text=step)).to_be_visible()

    page.get_by_label("补偿方式", exact=True).select_option("coupon")
    page.get_by_label("金额（元）", exact=True).fill("10")
    page.get_by_role("button", name="登记补偿").click()
    expect(page.get_by_text("优惠券 ¥10.00")).to_be_visible()

    page.locator("form[id^=reply-] textarea").fill("非常抱歉,让您等了九天。我们已向快递核实并更换了线路,给您添麻烦了。")
    page.get_by_role("button", name="保存回复").click()
    expect(page.locator(".panel", has=page.locator("#reply-title"))).to_contain_text("agent")

    page.locator("summary", has_text="结案").click()
    page.get_by_label("处理结果").select_option("satisfied")
    page.locator("form.action-form:visible button").click()
    expect(page.locator(".case-state")).to_contain_text("已安抚")


def test_two_browsers_cannot_both_claim_a_case(agent: User, teammate: User, visit: Visit, make_case: object) -> None:
    case = make_case()  # type: ignore[operator]
    first = visit(agent, f"/desk/{case.pk}/?view=unassigned")
    second = visit(teammate, f"/desk/{case.pk}/?view=unassigned", refusal=409)
    first.get_by_role("button", name="领取").click()
    expect(first.locator(".case-head")).to_contain_text("agent")
    second.get_by_role("button", name="领取").click()
    expect(second.locator("#messages")).to_contain_text("agent")
    case.refresh_from_db()
    assert case.owner == agent


def test_a_case_is_worked_from_the_keyboard(agent: User, visit: Visit, make_case: object) -> None:
    case = make_case()  # type: ignore[operator]
    page = visit(agent, f"/desk/{case.pk}/?view=unassigned")
    page.keyboard.press("c")
    expect(page.locator(".case-head")).to_contain_text("agent")
    page.keyboard.press("l")
    expect(page.locator("[id^=contact-] :focus")).to_have_count(1)


def test_a_long_queue_scrolls_on_its_own_and_not_the_page(
    agent: User, visit: Visit, make_case: Callable[..., Case]
) -> None:
    for _number in range(20):
        make_case(owner=agent)
    ReviewCause.objects.update(score=0.4)
    page = visit(agent, "/desk/")
    rows = page.locator(".queue-rows")
    assert rows.evaluate("list => list.scrollHeight > list.clientHeight")
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")


def test_an_action_opens_below_its_row_and_leaves_the_buttons_in_place(
    agent: User, visit: Visit, make_case: Callable[..., Case]
) -> None:
    page = visit(agent, f"/desk/{make_case(owner=agent).pk}/")
    buttons = page.locator(".case-actions summary")
    before = [buttons.nth(index).bounding_box() for index in range(buttons.count())]
    page.keyboard.press("e")
    form = page.locator(".action-form:visible").bounding_box()
    assert [buttons.nth(index).bounding_box() for index in range(buttons.count())] == before
    assert len(before) == 3
    assert form is not None
    assert all(box is not None and box["y"] + box["height"] <= form["y"] for box in before)


def test_a_reply_counts_its_characters(agent: User, visit: Visit, make_case: Callable[..., Case]) -> None:
    page = visit(agent, f"/desk/{make_case(owner=agent).pk}/")
    expect(page.locator("[data-count]")).to_have_text("0 / 500")
    page.locator("form[id^=reply-] textarea").fill("非常抱歉")
    expect(page.locator("[data-count]")).to_have_text("4 / 500")


def test_a_good_rating_is_said_to_be_no_complaint(
    agent: User, visit: Visit, make_review: Callable[..., Review], make_case: Callable[..., Case]
) -> None:
    case = make_case(make_review(rating="good"), owner=agent)
    page = visit(agent, f"/desk/{case.pk}/")
    page.locator("[id^=causes-action] summary").click()
    page.locator("button[value=dismiss]").click()
    expect(page.locator("#messages .alert")).to_be_visible()
    case.refresh_from_db()
    assert case.outcome == Outcome.MISTAKEN


def test_an_import_that_is_still_running_shows_its_progress(admin: User, shop: object, visit: Visit) -> None:
    batch = ImportBatch.objects.create(
        shop=shop, file_name="export.csv", file_bytes=1000, table_bytes=1000, status="staging", bytes_read=250, rows=10,
        started_at=timezone.now(), beat_at=timezone.now(),
    )  # fmt: skip
    page = visit(admin, batch.get_absolute_url())
    bar = page.get_by_role("progressbar")
    before = int(bar.get_attribute("aria-valuenow") or 0)
    ImportBatch.objects.filter(pk=batch.pk).update(bytes_read=750, rows=30)
    expect(bar).not_to_have_attribute("aria-valuenow", str(before))
    ImportBatch.objects.filter(pk=batch.pk).update(status="done", created=30, rows=30, finished_at=timezone.now())
    expect(page.locator(".import-status").first).to_have_text("完成")
    assert Review.objects.count() == 0
