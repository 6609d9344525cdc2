"""One agent's whole day at the desk, from coming on duty to what is left for tomorrow, without touching the mouse."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import Page, expect

from cases.contacts.entries import ContactDraft, log_contact
from cases.models import Agent, Case, CaseChange, ContactEntry, Outcome, Remedy, ShopPolicy, State
from reviews.models import Shop
from tests.browser.conftest import Visit
from tests.browser.day import Desk, Export, work_off_queue

SLOW, SHADE, WORN, RUDE, DEAR, OLD, LATE = (f"261121000000000000{number}" for number in range(1, 8))
MORNING = [
    (SLOW, "林间的小鹿", "等了九天才到,物流太慢了,问快递也没人理", "1"),
    (SHADE, "晚风1987", "颜色和图片完全不一样,收到是土黄色,色差太大", "1"),
    (WORN, "石头会唱歌", "穿一次就起球脱线,质量太差,上班忙别打电话给我", "1"),
    (RUDE, "江南雨2020", "客服态度恶劣,问什么都不耐烦", "1"),
    (DEAR, "早起的猫", "刚买完就降价三十块,太坑了", "1"),
    (OLD, "一棵白菜", "发货太慢,等得没脾气了", "60"),
]
KEYS_A_CASE = 45
"""A case from opening to closing, with remedies below and above the cap, a reply and an undo; its texts left out."""

pytestmark = pytest.mark.usefixtures("_shop_at_work")


@pytest.fixture
def _shop_at_work(shop: Shop) -> None:
    """No quiet hours, so that the day holds at every hour."""
    ShopPolicy.objects.create(shop=shop, quiet_starts=time(0), quiet_ends=time(0))
    call_command("loaddata", "playbooks", verbosity=0)


def case_of(order_number: str) -> Case:
    return Case.objects.get(review__order_number=order_number)


def kinds_of(case: Case) -> list[str]:
    return list(case.changes.order_by("at", "pk").values_list("kind", flat=True))


def test_an_agents_day(agent: User, supervisor: User, shop: Shop, visit: Visit, tmp_path: Path) -> None:
    Agent.objects.filter(user=agent).update(is_on_duty=False)
    export = Export(shop, tmp_path)
    export.orders((SLOW, "林间的小鹿", "328.00", "17000000000-1234"), ("2611100000000000099", "林间的小鹿", "59", ""))
    export.reviews(*MORNING)
    desk = Desk(visit(agent, "/", refusal=409))
    boss = visit(supervisor, "/pending/")

    comes_on_duty(desk)
    works_a_whole_case(desk, boss)
    is_told_that_a_colleague_was_faster(desk, supervisor)
    respects_that_a_buyer_wants_no_calls(desk)
    asks_the_supervisor(desk, boss)
    types_on_after_the_session_ended(desk, agent)
    finds_a_closed_case_open_again(desk, export)
    takes_what_waits(desk)
    goes_home(desk, export)


def comes_on_duty(desk: Desk) -> None:
    """What came overnight waits; with the agent there it is theirs, the valuable order first, backlog nobody's."""
    desk.page.wait_for_url("**/desk/")
    expect(desk.queue).to_have_count(0)
    assert not Case.objects.filter(owner__isnull=False).exists()
    desk.page.locator("#presence button").press("Enter")
    expect(desk.page.locator(".presence.is-on")).to_be_visible()
    desk.sees_queue(*(case_of(number) for number in (SLOW, SHADE, WORN, RUDE, DEAR)))
    assert case_of(OLD).owner is None
    desk.sees_case(case_of(SLOW))


def works_a_whole_case(desk: Desk, boss: Page) -> None:
    page, case = desk.page, case_of(SLOW)
    expect(page.locator("mark.mark-courier").first).to_be_visible()
    expect(page.locator(".case-summary")).to_contain_text("2 个订单")
    desk.keys = 0

    desk.press("p")
    desk.chooses("首次联系")
    desk.send()
    expect(page.locator(".revealed a")).to_have_attribute("href", "tel:17000000000,1234")
    desk.press("d", "5", "Escape", "i")
    desk.type("买家说一直没人回他。")
    desk.send()
    expect(desk.log).to_contain_text("买家说一直没人回他。")
    expect(page.locator("form[data-contact] textarea[name=said]")).to_have_value("")
    desk.ticks("真诚道歉", "了解原因")

    agrees_remedies(desk, boss)
    desk.ticks("解决方案", "收尾")
    desk.press("a")
    desk.type("非常抱歉,让您等了九天。我们已向快递核实并更换了线路,给您添麻烦了。")
    desk.send()
    expect(page.locator(".panel", has=page.locator("#reply-title"))).to_contain_text("agent")

    desk.closes_as("已安抚")
    desk.press("z")
    expect(page.locator(".case-state")).to_have_text("处理中")
    desk.closes_as("已安抚")
    assert desk.keys <= KEYS_A_CASE

    case.refresh_from_db()
    assert (case.state, case.outcome, case.steps_done) == (State.CLOSED, Outcome.SATISFIED, 4)
    talk = case.contacts.get()
    assert (talk.channel, talk.result) == (ContactEntry.Channel.PHONE, ContactEntry.Result.REACHED)
    assert talk.duration_seconds is not None
    kind = CaseChange.Kind
    told = [
        kind.REVEALED, kind.CONTACT, kind.STEP, kind.STEP, kind.REMEDY, kind.ASKED, kind.REMEDY, kind.DONE, kind.STEP,
        kind.STEP, kind.REPLY, kind.CLOSED, kind.TAKEN_BACK, kind.CLOSED,
    ]  # fmt: skip
    assert kinds_of(case)[-len(told) :] == told


def agrees_remedies(desk: Desk, boss: Page) -> None:
    """A coupon within the cap, a refund above it that the supervisor grants, and the coupon handed over."""
    page = desk.page
    remedies = page.locator("section[aria-labelledby=remedies-title]")
    desk.press("m")
    desk.chooses("优惠券")
    desk.press("Tab")
    desk.type("10")
    desk.send()
    expect(remedies.locator(".timeline")).to_contain_text("优惠券 ¥10.00")
    desk.press("m")
    desk.chooses("退款")
    desk.press("Tab")
    desk.type("80")
    desk.send()
    expect(remedies.locator(".alert")).to_contain_text("退款 ¥80.00")
    assert case_of(SLOW).remedies.count() == 1

    boss.goto("/pending/remedies/")
    boss.keyboard.press("y")
    expect(boss.locator("#messages")).to_contain_text("完成")

    desk.press("h")
    desk.type("券号 20261122")
    desk.send()
    expect(remedies.locator(".timeline")).to_contain_text("退款 ¥80.00")
    expect(remedies.locator(".timeline")).to_contain_text("券号 20261122")
    states = dict(case_of(SLOW).remedies.values_list("kind", "state"))
    assert states == {"coupon": Remedy.State.DONE, "refund": Remedy.State.PROMISED}


def is_told_that_a_colleague_was_faster(desk: Desk, supervisor: User) -> None:
    """Somebody writes into the case meanwhile: nothing is saved at first, nothing typed is lost, and the next try is
    meant."""
    case = case_of(SHADE)
    desk.press("n")
    expect(desk.queue.first).to_have_attribute("aria-current", "true")
    desk.opens(case)
    draft = ContactDraft("chat", "reached", "主管已经在旺旺道歉")
    log_contact(case=case, actor=supervisor, now=timezone.now(), draft=draft)
    desk.press("5")
    desk.type("我在电话里道歉")
    desk.send()
    form = desk.page.locator("form[data-contact]")
    expect(form.locator(".errorlist.nonfield")).to_contain_text("主管已经在旺旺道歉")
    assert case.contacts.count() == 1
    desk.send()
    expect(desk.log).to_contain_text("我在电话里道歉")
    assert case.contacts.count() == 2


def respects_that_a_buyer_wants_no_calls(desk: Desk) -> None:
    """Found by a word of the review; the wish is marked, and a call is refused however it is tried."""
    case, page = case_of(WORN), desk.page
    desk.press("/")
    desk.type("起球")
    desk.press("Enter")
    desk.sees_queue(case)
    desk.opens(case)
    expect(page.locator("mark.mark-phone", has_text="别打电话").first).to_be_visible()
    channels = page.locator("form[data-contact] input[name=channel]")
    expect(channels.locator("nth=1")).to_be_checked()
    desk.press("5", "Shift+Tab", "Shift+Tab", "ArrowLeft")
    expect(channels.locator("nth=0")).to_be_checked()
    desk.send()
    expect(page.locator("form[data-contact] .errorlist").first).to_contain_text("电话")
    assert not case.contacts.exists()
    desk.press("l", "Shift+Tab", "Shift+Tab", "ArrowRight")
    desk.send()
    expect(desk.log).to_contain_text("旺旺")
    assert case.contacts.get().channel == ContactEntry.Channel.CHAT


def asks_the_supervisor(desk: Desk, boss: Page) -> None:
    """The question leaves the agent's list, and its answer comes back on top of it."""
    page, case = desk.page, case_of(RUDE)
    page.goto("/desk/")
    desk.opens(case)
    desk.press("e")
    desk.type("买家要求客服本人道歉,可以吗?")
    desk.send()
    expect(page.locator(".case-state")).to_have_text("已升级")
    desk.sees_queue(*(case_of(number) for number in (DEAR, SHADE, WORN)))
    boss.goto("/pending/questions/")
    boss.keyboard.press("w")
    boss.keyboard.insert_text("可以,今天就安排")
    boss.keyboard.press("Escape")
    boss.keyboard.press("r")
    expect(boss.locator("#messages")).to_contain_text("完成")
    page.goto("/desk/")
    desk.sees_case(case)
    expect(page.locator(".case-head")).to_contain_text("可以,今天就安排")
    expect(desk.queue.first).to_have_id(f"open-{case.pk}")
    desk.logs("客服本人已道歉")


def types_on_after_the_session_ended(desk: Desk, agent: User) -> None:
    """What cannot be sent stays, the page says why, and after signing in it stands there again."""
    page, case = desk.page, case_of(DEAR)
    desk.opens(case)
    desk.press("5")
    desk.type("解释了活动时间")
    Session.objects.all().delete()
    desk.send()
    sign_in = page.locator("#messages").get_by_role("link", name="重新登录")
    expect(sign_in).to_be_visible()
    page.on("dialog", lambda dialog: dialog.accept())
    sign_in.press("Enter")
    page.locator("input[name=username]").fill(agent.username)
    page.locator("input[name=password]").fill("secret-of-the-cast")
    desk.press("Enter")
    desk.sees_case(case)
    expect(page.locator("form[data-contact] textarea[name=said]")).to_have_value(
        "已道歉并了解原因，买家会发照片。解释了活动时间"
    )
    assert not case.contacts.exists()
    desk.press("l")
    desk.send()
    expect(desk.log).to_contain_text("解释了活动时间")
    expect(page.locator(".draft-note")).to_have_count(0)


def finds_a_closed_case_open_again(desk: Desk, export: Export) -> None:
    case = case_of(SLOW)
    assert case.state == State.CLOSED
    export.reviews((*MORNING[0], "补的券根本用不了,客服也不回,更生气了"))
    desk.page.goto("/desk/")
    desk.sees_case(case_of(SLOW))
    expect(desk.page.locator("#case")).to_contain_text("补的券根本用不了")
    expect(desk.page.locator(".step-current")).to_contain_text("真诚道歉")
    case.refresh_from_db()
    assert (case.state, case.steps_done, case.outcome) == (State.WORKING, 0, "")
    assert CaseChange.Kind.REOPENED in kinds_of(case)[-2:]


def takes_what_waits(desk: Desk) -> None:
    """Nobody else of the own buyers expects anything now: the key for the next case takes the best that waits."""
    assert case_of(OLD).owner is None
    desk.press("n")
    expect(desk.page.locator(".case-head")).to_contain_text("负责人 agent")
    desk.sees_case(case_of(OLD))
    assert kinds_of(case_of(OLD))[-1] == CaseChange.Kind.CLAIMED


def goes_home(desk: Desk, export: Export) -> None:
    """What is left stays the agent's, the page says how much it is, and what comes in the evening goes to nobody."""
    left = Case.objects.filter(owner__username="agent").still_open().count()
    desk.page.locator("#presence button").press("Enter")
    expect(desk.page.locator("#messages")).to_contain_text(f"{left} 件")
    export.reviews((LATE, "夜里的灯", "快递把包裹摔烂了,包装全破", "0"))
    work_off_queue()
    assert case_of(LATE).owner is None
    assert Case.objects.filter(owner__username="agent").still_open().count() == left
