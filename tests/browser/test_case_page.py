"""The page of a case in a real browser: nothing typed is lost, nobody writes past another, a number hides itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import expect

from cases.contacts.entries import ContactDraft, log_contact
from cases.models import Case, Playbook, ShopPolicy
from reviews.models import Order, Review, Shop
from reviews.phones import kept
from tests.browser.conftest import Visit, violations

MakeCase = Callable[..., Case]
SAID = "form[data-contact] textarea[name=said]"


@pytest.fixture(autouse=True)
def _day(shop: Shop) -> None:
    """No quiet hours, so that the tests hold at every hour."""
    ShopPolicy.objects.create(shop=shop, quiet_starts=time(0), quiet_ends=time(0))


@pytest.fixture
def case(make_case: MakeCase, agent: User) -> Case:
    case = make_case(owner=agent)
    mask, sealed = kept("17000000000-1234")
    Order.objects.create(
        shop=case.shop, number=case.review.order_number, phone=mask, phone_sealed=sealed, completed_at=timezone.now()
    )
    return case


def test_what_was_typed_outlives_a_reload_until_it_is_sent(agent: User, visit: Visit, case: Case) -> None:
    page = visit(agent, f"/desk/{case.pk}/")
    page.on("dialog", lambda dialog: dialog.accept())
    page.locator(SAID).fill("说到一半")
    page.reload()
    expect(page.locator(SAID)).to_have_value("说到一半")
    expect(page.locator(".draft-note")).to_be_visible()
    assert violations(page) == []
    form = page.locator("form[data-contact]")
    form.locator("input[name=channel][value=chat] + label").click()
    form.locator("input[name=result][value=reached] + label").click()
    form.locator("button.btn-primary").click()
    expect(page.locator("#case .timeline").first).to_contain_text("说到一半")
    page.reload()
    expect(page.locator(SAID)).to_have_value("")
    expect(page.locator(".draft-note")).to_have_count(0)


def test_what_was_typed_can_be_discarded(agent: User, visit: Visit, case: Case) -> None:
    page = visit(agent, f"/desk/{case.pk}/")
    page.on("dialog", lambda dialog: dialog.accept())
    page.locator(SAID).fill("不要了")
    page.reload()
    page.locator(".draft-note button").click()
    expect(page.locator(SAID)).to_have_value("")
    page.reload()
    expect(page.locator(SAID)).to_have_value("")


def test_a_case_is_not_closed_over_a_text_that_was_not_sent(agent: User, visit: Visit, case: Case) -> None:
    page = visit(agent, f"/desk/{case.pk}/")
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    page.locator(SAID).fill("买家同意了")
    page.keyboard.press("Escape")
    page.keyboard.press("x")
    page.locator("select:focus").select_option("deleted")
    with page.expect_event("dialog"):
        page.keyboard.press("Control+Enter")
    assert "没有提交" in asked[0]
    page.locator(SAID).fill("")
    case.refresh_from_db()
    assert case.is_open
    page.locator(f"#close-{case.pk} button").click()
    expect(page.locator(".case-state")).to_contain_text("已删除")
    assert len(asked) == 1


def test_the_page_tells_who_is_there_and_warns_before_writing(
    agent: User, supervisor: User, visit: Visit, case: Case
) -> None:
    theirs = visit(supervisor, f"/desk/{case.pk}/?view=all")
    expect(theirs.locator("#company")).to_be_attached()
    mine = visit(agent, f"/desk/{case.pk}/", refusal=409)
    expect(mine.locator(".onlooker")).to_contain_text("supervisor")
    log_contact(case=case, actor=supervisor, now=timezone.now(), draft=ContactDraft("chat", "reached", "主管已经道歉"))
    mine.locator(SAID).fill("我也道歉")
    form = mine.locator("form[data-contact]")
    form.locator("input[name=channel][value=chat] + label").click()
    form.locator("input[name=result][value=reached] + label").click()
    form.locator("button.btn-primary").click()
    expect(form.locator(".errorlist.nonfield")).to_contain_text("主管已经道歉")
    expect(mine.locator(SAID)).to_have_value("我也道歉")
    form.locator("button.btn-primary").click()
    expect(mine.locator("#case .timeline").first).to_contain_text("我也道歉")
    assert case.contacts.count() == 2


def test_a_number_is_shown_for_a_minute(agent: User, visit: Visit, case: Case) -> None:
    page = visit(agent, f"/desk/{case.pk}/")
    page.clock.install()
    page.keyboard.press("p")
    form = page.locator(f"#reveal-{case.pk}")
    form.locator("select").select_option("first")
    form.locator("button").click()
    expect(page.locator(".revealed a")).to_have_attribute("href", "tel:17000000000,1234")
    assert violations(page) == []
    page.clock.fast_forward(61_000)
    expect(page.locator(".revealed")).to_have_text("170********-1234")
    assert "17000000000" not in page.content()


def test_keys_lead_to_the_field_that_was_refused(agent: User, visit: Visit, case: Case) -> None:
    page = visit(agent, f"/desk/{case.pk}/", refusal=422)
    page.keyboard.press("e")
    page.keyboard.insert_text("可以退一半吗?")
    page.keyboard.press("Tab")
    page.locator("select:focus").select_option("remedy")
    page.keyboard.press("Control+Enter")
    expect(page.locator(f"#escalate-{case.pk}-remedy")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("m")
    expect(page.locator(f"#remedy-{case.pk}-kind")).to_be_focused()


def test_escape_folds_an_act_in_and_keeps_what_was_typed(agent: User, visit: Visit, case: Case) -> None:
    page = visit(agent, f"/desk/{case.pk}/")
    page.on("dialog", lambda dialog: dialog.accept())
    act = page.locator(f"#escalate-action-{case.pk}")
    page.keyboard.press("e")
    page.keyboard.insert_text("可以退一半吗?")
    page.keyboard.press("Escape")
    expect(act).not_to_have_attribute("open", "")
    expect(act.locator("summary")).to_be_focused()
    page.keyboard.press("Enter")
    expect(act.locator("textarea")).to_have_value("可以退一半吗?")
    act.locator("button").focus()
    page.keyboard.press("Escape")
    expect(act.locator("summary")).to_be_focused()
    page.keyboard.press("l")
    expect(page.locator(SAID)).to_be_focused()


def test_a_call_arranged_without_a_time_leads_to_the_time(agent: User, visit: Visit, case: Case) -> None:
    page = visit(agent, f"/desk/{case.pk}/", refusal=409)
    page.keyboard.press("4")
    page.keyboard.press("Control+Enter")
    expect(page.locator(f"#contact-{case.pk}-next_contact_at")).to_be_focused()
    expect(page.locator(f"#contact-{case.pk}-next_contact_at_error")).to_be_visible()
    assert violations(page) == []


def test_what_is_missing_is_asked_for_once_and_fills_the_scripts(
    agent: User, visit: Visit, make_case: MakeCase, make_review: Callable[..., Review]
) -> None:
    script = {"zh": "订单{order}给您添麻烦了", "en": "Sorry about order {order}"}
    steps = [{"key": "apologise", "goal_zh": "道歉", "goal_en": "Apologise", "scripts": [script, script]}]
    Playbook.objects.create(cause="courier", guidance_zh="道歉", guidance_en="Apologise", steps=steps)
    case = make_case(make_review(order_number=""), owner=agent)
    page = visit(agent, f"/desk/{case.pk}/")
    page.locator("[data-blank=order]").fill("26112099")
    expect(page.locator("[data-script]").nth(1)).to_have_text("订单26112099给您添麻烦了")
    page.locator("[data-insert]").first.click()
    expect(page.locator(SAID)).to_have_value("订单26112099给您添麻烦了")


def test_a_phrase_by_its_key(agent: User, visit: Visit, case: Case) -> None:
    page = visit(agent, f"/desk/{case.pk}/")
    page.keyboard.press("1")
    expect(page.locator(SAID)).not_to_have_value("")
    expect(page.locator("form[data-contact] input[name=result]:checked")).to_have_value("no_answer")


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_on_a_phone_long_parts_are_folded_and_the_next_act_is_at_hand(
    language: str, agent: User, visit: Visit, case: Case
) -> None:
    call_command("loaddata", "playbooks", verbosity=0)
    page = visit(agent, f"/desk/{case.pk}/", width=360, language=language)
    expect(page.locator("[data-timer]")).to_be_visible()
    jumps = {round(link.bounding_box()["y"]) for link in page.locator(".case-jump a").all()}  # type: ignore[index]
    assert len(jumps) == 1
    for button in page.locator("[data-copy], [data-insert]").all():
        expect(button).to_be_visible()
    assert page.locator("[data-insert]").count() > 1
    expect(page.locator("[data-keys]")).to_be_hidden()
    expect(page.locator(f"#fold-history-{case.pk}")).not_to_have_attribute("open", "")
    page.locator(".case-jump a[href='#reply-title']").click()
    expect(page.locator(f"#reply-{case.pk} textarea")).to_be_visible()
    expect(page.locator(".case-jump")).to_be_in_viewport()


@pytest.mark.parametrize("address", ["/desk/", "/desk/{}/"])
def test_long_names_of_causes_are_whole_on_a_phone(
    agent: User, visit: Visit, make_case: MakeCase, make_review: Callable[..., Review], address: str
) -> None:
    case = make_case(make_review(causes=["colour.size", "courier.damage"]), owner=agent)
    page = visit(agent, address.format(case.pk), width=360, language="en")
    expect(page.locator(".tag:visible")).to_have_count(2)
    for chip in page.locator(".tag:visible").all():
        assert chip.evaluate("chip => chip.scrollWidth <= chip.clientWidth")
        assert chip.evaluate("chip => chip.parentElement.getBoundingClientRect().right <= innerWidth")


def test_long_names_of_causes_stay_within_the_panel_of_the_buyer(
    agent: User, visit: Visit, make_case: MakeCase, make_review: Callable[..., Review]
) -> None:
    make_review(causes=["service.promise"], buyer_name="momo_88")
    case = make_case(make_review(buyer_name="momo_88"), owner=agent)
    page = visit(agent, f"/desk/{case.pk}/", language="en")
    chip = page.locator(".case-context .tag")
    expect(chip).to_have_text("Service attitude · Broken promise, gift or invoice")
    panel = "chip => chip.closest('.panel').getBoundingClientRect().right - chip.getBoundingClientRect().right"
    assert chip.evaluate(panel) >= 0
