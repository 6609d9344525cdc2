"""The contact log in a real browser: who is not phoned, what a talk took, what is pasted into it."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from datetime import time

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import BrowserContext, Page, expect

from cases.models import Case, ContactAttachment, ContactEntry, Playbook, ShopPolicy
from reviews.models import Review, Shop
from tests.browser.conftest import Visit, violations
from tests.cases.pictures import photo, picture

REFUSED = "fieldset:has([name=channel]) .errorlist"
PASTE = """([field, content]) => {
  const data = new DataTransfer();
  const bytes = Uint8Array.from(atob(content), letter => letter.charCodeAt(0));
  data.items.add(new File([bytes], "image.png", {type: "image/png"}));
  field.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
}"""
DROP = """([form, content]) => {
  const data = new DataTransfer();
  const bytes = Uint8Array.from(atob(content), letter => letter.charCodeAt(0));
  data.items.add(new File([bytes], "破损.jpg", {type: "image/jpeg"}));
  form.dispatchEvent(new DragEvent("drop", {dataTransfer: data, bubbles: true, cancelable: true}));
}"""


@pytest.fixture
def day(shop: Shop) -> None:
    """No quiet hours, so that the tests hold at every hour."""
    ShopPolicy.objects.create(shop=shop, quiet_starts=time(0), quiet_ends=time(0))


def log(page: Page, channel: str, result: str, said: str) -> None:
    form = page.locator("form[data-contact]")
    form.locator("label.btn", has_text=channel).click()
    form.locator("label.btn", has_text=result).click()
    page.get_by_label("沟通内容").fill(said)
    page.get_by_role("button", name="登记联系").click()


def test_a_buyer_who_asked_is_phoned_only_after_a_supervisor_lifted_it(
    day: None, agent: User, supervisor: User, visit: Visit, make_case: Callable[..., Case],
    make_review: Callable[..., Review],
) -> None:  # fmt: skip
    case = make_case(make_review(content="等了九天才到,别打电话给我"), owner=agent)
    address = f"/desk/{case.pk}/?view=all"
    page = visit(agent, address, refusal=409)
    expect(page.locator("mark.mark-phone")).to_have_text("别打电话")
    expect(page.locator(".wishes")).to_contain_text("别打电话")
    log(page, "电话", "接通", "道歉并说明")
    expect(page.locator(REFUSED)).to_contain_text("不要打电话")
    expect(page.locator("input[name=channel][value=phone]")).to_be_focused()
    expect(page.get_by_label("沟通内容")).to_have_value("道歉并说明")
    assert violations(page) == []

    lifting = visit(supervisor, address)
    lifting.locator("summary", has_text="恢复电话联系").click()
    lifting.locator("form.action-form:visible textarea").fill("买家在旺旺约了电话")
    lifting.locator("form.action-form:visible button").click()
    expect(lifting.locator(".wishes")).to_have_count(0)

    page.reload()
    for number in (1, 2):
        log(page, "电话", "接通", f"第{number}次通话")
        expect(page.locator(".timeline").first).to_contain_text(f"第{number}次通话")
    expect(page.locator(".budget.is-spent")).to_be_visible()
    log(page, "电话", "接通", "第三次通话")
    expect(page.locator(REFUSED)).to_be_visible()
    assert ContactEntry.objects.filter(channel="phone").count() == 2


def test_the_timer_runs_over_swaps_and_what_is_pasted_and_dropped_is_kept(
    day: None, agent: User, visit: Visit, make_case: Callable[..., Case]
) -> None:
    case = make_case(owner=agent)
    page = visit(agent, f"/desk/{case.pk}/?view=all")
    page.clock.install()
    page.reload()
    # What is under way when the clock jumps would be taken for lost.
    page.wait_for_load_state("networkidle")
    timer = page.locator("[data-timer]")
    timer.click()
    page.clock.fast_forward(65_000)
    expect(page.locator("[data-timer-shown]")).to_have_text(re.compile("1:[01]."))
    page.locator("input[name=reason]").fill("正在通话")
    page.get_by_role("button", name="完成：真诚道歉").click()
    expect(page.locator(".step-done")).to_be_visible()
    page.clock.fast_forward(10_000)
    expect(page.locator("[data-timer-shown]")).to_have_text(re.compile("1:[12]."))

    said = page.get_by_label("沟通内容")
    said.evaluate_handle("field => field.focus()")
    content = base64.b64encode(picture()).decode()
    page.evaluate(PASTE, [said.element_handle(), content])
    dropped = base64.b64encode(photo()).decode()
    page.evaluate(DROP, [page.locator("form[data-contact]").element_handle(), dropped])
    expect(page.locator("[data-chosen] li")).to_have_count(2)
    log(page, "旺旺", "接通", "买家发来两张照片")
    expect(page.locator(".attachments img")).to_have_count(2)
    page.locator(".attachments").scroll_into_view_if_needed()
    page.wait_for_function("[...document.querySelectorAll('.attachments img')].every(one => one.naturalWidth > 0)")
    expect(page.locator("[data-chosen] li")).to_have_count(0)
    expect(page.locator("[data-timer-shown]")).to_have_text("")
    expect(page.locator(".timeline").first).to_contain_text(re.compile("1:[1-4]."))
    entry = case.contacts.get()
    assert 75 <= (entry.duration_seconds or 0) < 110
    names = ContactAttachment.objects.filter(entry=entry).values_list("name", flat=True)
    assert list(names) == ["image.png", "破损.jpg"]
    assert violations(page) == []


def test_an_inserted_script_asks_for_what_the_case_does_not_know(
    day: None, agent: User, visit: Visit, make_case: Callable[..., Case], make_review: Callable[..., Review]
) -> None:
    script = {"zh": "您的订单{order}我们查到了", "en": "We found your order {order}"}
    steps = [{"key": key, "goal_zh": "", "goal_en": "", "scripts": [script]} for key in "abcd"]
    Playbook.objects.create(cause="courier", guidance_zh="", guidance_en="", steps=steps)
    page = visit(agent, f"/desk/{make_case(make_review(order_number=''), owner=agent).pk}/?view=all")
    page.locator("[data-insert]").first.click()
    said = page.get_by_label("沟通内容")
    expect(said).to_have_value("您的订单【订单号】我们查到了")
    page.keyboard.type("123")
    expect(said).to_have_value("您的订单123我们查到了")


def test_the_next_contact_is_chosen_by_a_key_in_the_time_of_the_shop(
    agent: User, new_context: Callable[..., BrowserContext], make_case: Callable[..., Case]
) -> None:
    case = make_case(owner=agent)
    page = new_context(agent, timezone_id="America/New_York").new_page()
    page.clock.install(time="2026-03-01T17:30:00Z")
    page.goto(f"/desk/{case.pk}/?view=all")
    field = page.locator("[name=next_contact_at]")
    for key, moment in (("7", "2026-03-02T03:30"), ("8", "2026-03-03T10:00"), ("9", "2026-03-05T10:00")):
        page.keyboard.press(key)
        expect(field).to_have_value(moment)
        expect(page.locator(f".soon-times [aria-keyshortcuts='{key}']")).to_be_focused()
    assert violations(page) == []
