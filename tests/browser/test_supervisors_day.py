"""One supervisor's whole day: a look from the phone, decisions, a colleague who is ill, rules that need a change."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import Page, expect

from cases import presence
from cases.models import Agent, Case, Playbook, Remedy, RemedyStandard, RuleChange, Shift, ShopPolicy, State
from cases.remedies import RemedyDraft, agree_remedy
from cases.settling.escalations import Suggested, escalate_case
from reviewdesk.access import Role, grant_role
from reviews.models import Review, Shop
from tests.browser.conftest import Visit, overflow
from tests.browser.day import Export, work_off_queue
from tests.browser.test_team import drag, owners

FRESH = "2611210000000000001"
SHADE = "颜色和图片完全不一样,收到是土黄色,色差太大"

pytestmark = pytest.mark.usefixtures("_shop_at_work")


class Morning(NamedTuple):
    """What yesterday left; `ill` are the cases of the colleague who did not come, the last one about colours."""

    asked: Case
    unsure: Case
    costly: Case
    claimed: Case
    promised: Case
    ill: list[Case]


@pytest.fixture
def _shop_at_work(shop: Shop, agent: User, teammate: User) -> None:
    """Day and night, so that the clocks run at every hour; everybody is expected, and the teammate is not there."""
    ShopPolicy.objects.create(shop=shop, quiet_starts=time(0), quiet_ends=time(0))
    Shift.objects.create(shop=shop, name="全天", spans=[[0, 1440]]).agents.set([agent, teammate])
    Agent.objects.filter(user=teammate).update(is_on_duty=False)
    call_command("loaddata", "playbooks", verbosity=0)


@pytest.fixture
def newcomer(shop: Shop) -> User:
    user = User.objects.create_user("newcomer")
    grant_role(user, Role.AGENT)
    user.shops.set([shop])
    Agent.objects.create(user=user, is_on_duty=True)
    presence.note(user.pk, timezone.now())
    return user


@pytest.fixture
def morning(make_case: Callable[..., Case], make_review: Callable[..., Review], agent: User, teammate: User) -> Morning:
    now = timezone.now()
    past = {"due_at": now - timedelta(hours=1)}
    asked, unsure, costly, promised = (make_case(owner=agent, **past) for _ in range(4))
    suggested = Suggested("remedy", "gift", Decimal(90))
    escalate_case(case=asked, question="补一件行吗?", actor=agent, now=now, suggested=suggested)
    escalate_case(case=unsure, question="怎么办?", actor=agent, now=now + timedelta(minutes=1))
    for case, worth in ((costly, 900), (promised, 9)):
        agree_remedy(case=case, actor=agent, now=now, draft=RemedyDraft("refund", Decimal(worth), "退差价"))
    Remedy.objects.update(due_on=timezone.localdate() - timedelta(days=1))
    closed = {"state": "closed", "closed_at": now, "due_at": None}
    claimed = make_case(owner=agent, outcome="revised", claim="denied", check_claim_at=now, **closed)
    ill = [make_case(make_review([code]), owner=teammate, **past) for code in ("courier.slow",) * 3 + ("colour.shade",)]
    return Morning(asked, unsure, costly, claimed, promised, ill)


def test_a_supervisors_day(
    supervisor: User, admin: User, agent: User, teammate: User, newcomer: User, shop: Shop, morning: Morning,
    visit: Visit, tmp_path: Path,
) -> None:  # fmt: skip
    Agent.objects.filter(user=newcomer).update(is_on_duty=False)
    Export(shop, tmp_path).reviews((FRESH, "晚风1987", SHADE, "1"))
    fresh = Case.objects.get(review__order_number=FRESH)
    assert fresh.owner == agent

    looks_from_the_phone(visit(supervisor, "/", width=360), teammate)
    page = visit(supervisor, "/pending/", refusal=422)
    answers_questions(page, morning, agent)
    decides_what_else_waits(page, morning)
    teaches_the_newcomer(page, newcomer)
    hands_cases_on(page, morning, newcomer)
    spreads_what_the_ill_colleague_has(page, morning, agent, teammate)
    makes_colours_urgent(page, [fresh, morning.ill[3]])
    closes_the_shop_for_a_day(page, fresh)
    gives_more_time(page, shop)
    says_what_is_usual(page, shop)
    reads_what_an_admin_writes(page, visit(admin, "/settings/rules/playbooks/courier/"))
    finds_everything_in_the_history(page)


def looks_from_the_phone(page: Page, teammate: User) -> None:
    """What burns is on top of the first page; the board tells who is missing and what they have, all in one column."""
    page.wait_for_url("**/statistics/")
    pending = page.locator(".waiting-now")
    expect(pending).to_be_in_viewport()
    expect(pending.get_by_role("link")).to_have_text(
        ["待答复 2", "待审批补偿 1", "待核实结果 1", "已承诺未兑现 1 1 项超时"]
    )
    late = page.locator(".figure", has_text="当前超时工单").locator(".figure-value")
    expect(late).to_have_text(str(Case.objects.still_open().filter(due_at__lt=timezone.now()).count()))
    assert overflow(page) == []
    pending.get_by_role("link", name="已承诺未兑现").click()
    expect(page.locator(".pending-row .pending-late")).to_be_visible()
    assert overflow(page) == []
    page.get_by_role("navigation", name="主导航").get_by_role("link", name="团队").click()
    line = page.locator(f"#agent-{teammate.pk}")
    expect(line).to_contain_text("此刻应在岗")
    overdue = line.locator("[data-label='已超时']")
    expect(overdue).to_have_text("4")
    place = overdue.bounding_box()
    assert place is not None
    assert place["x"] + place["width"] <= 360
    assert overflow(page) == []


def settled(page: Page) -> None:
    expect(page.locator("#messages .alert-success")).to_be_visible()


def writes(page: Page, remark: str, key: str) -> None:
    """Settles the first row with a remark, from the keyboard. Enter alone decides nothing."""
    page.keyboard.press("w")
    page.keyboard.insert_text(remark)
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press(key)


def answers_questions(page: Page, morning: Morning, agent: User) -> None:
    """The page opens on the questions: one is agreed to, which does it; one is answered in words."""
    rows = page.locator(".pending-row")
    expect(rows).to_have_count(2)
    page.keyboard.press("y")
    expect(rows).to_have_count(1)
    settled(page)
    assert morning.asked.remedies.get().amount == 90
    writes(page, "先道歉,再约时间", "r")
    expect(page.locator(".empty")).to_be_visible()
    answered = [Case.objects.get(pk=case.pk) for case in (morning.asked, morning.unsure)]
    assert all(case.answered_at and case.state != State.ESCALATED and case.owner == agent for case in answered)
    answer = morning.unsure.escalations.get()
    assert (answer.answer, answer.is_agreed) == ("先道歉,再约时间", False)


def decides_what_else_waits(page: Page, morning: Morning) -> None:
    tabs = page.get_by_role("navigation", name="待办事项")
    tabs.get_by_role("link", name="待审批补偿").click()
    expect(page.locator(".pending-row")).to_contain_text("退款 ¥900.00")
    page.keyboard.press("y")
    expect(page.locator(".empty")).to_be_visible()
    assert morning.costly.remedies.get().amount == 900

    tabs.get_by_role("link", name="待核实结果").click()
    expect(page.locator(".pending-row")).to_contain_text("已改评")
    page.keyboard.press("r")
    expect(page.locator("#messages")).to_contain_text("请写明客服要做什么")
    expect(page.get_by_label("看到了什么，或还要做什么")).to_be_focused()
    page.keyboard.press("Escape")
    writes(page, "页面上还是差评", "r")
    expect(page.locator(".empty")).to_be_visible()
    assert Case.objects.get(pk=morning.claimed.pk).is_open

    tabs.get_by_role("link", name="已承诺未兑现").click()
    expect(page.locator(".pending-row")).to_have_count(3)
    writes(page, "已原路退回", "y")
    expect(page.locator(".pending-row")).to_have_count(2)
    assert morning.promised.remedies.get().state == Remedy.State.DONE


def teaches_the_newcomer(page: Page, newcomer: User) -> None:
    """Comes on duty for couriers only, and for three cases."""
    page.goto("/team/?show=open")
    line = page.locator(f"#agent-{newcomer.pk}")
    line.get_by_role("button", name="离岗").click()
    expect(line.get_by_role("button", name="在岗")).to_be_visible()
    line.get_by_role("link", name="技能").click()
    page.get_by_label("物流快递").check()
    page.get_by_label("未结工单上限").fill("3")
    page.locator(".skills .btn-primary").click()
    settled(page)
    expect(line).to_contain_text("0 / 3")
    expect(line.locator(".tag")).to_have_text("物流快递")


def hands_cases_on(page: Page, morning: Morning, newcomer: User) -> None:
    """One from the keyboard, one by dragging."""
    by_key, by_hand, *_others = morning.ill
    page.locator(f"#case-{by_key.pk}").focus()
    page.keyboard.press("x")
    page.keyboard.press("g")
    expect(page.locator("#to")).to_be_focused()
    page.locator("#to").select_option(str(newcomer.pk))
    page.locator("#reassign button").press("Enter")
    expect(page.locator(f"#case-{by_key.pk} .cell-owner")).to_have_text("newcomer")
    drag(page, by_hand, newcomer)
    expect(page.locator(f"#case-{by_hand.pk} .cell-owner")).to_have_text("newcomer")
    assert owners(by_key, by_hand) == [newcomer, newcomer]


def spreads_what_the_ill_colleague_has(page: Page, morning: Morning, agent: User, teammate: User) -> None:
    """First who would get what, then doing it: nothing changes before."""
    line = page.locator(f"#agent-{teammate.pk}")
    line.get_by_role("link", name="分摊工单").click()
    shares = page.locator(".shares li")
    expect(shares).to_have_text(["agent 2"])
    assert owners(*morning.ill[2:]) == [teammate, teammate]
    page.get_by_role("button", name="分摊工单并设为离岗").click()
    settled(page)
    expect(line).to_have_count(1)
    expect(line.locator("[data-label='未结']")).to_have_text("0")
    assert owners(*morning.ill[2:]) == [agent, agent]


def makes_colours_urgent(page: Page, cases: list[Case]) -> None:
    page.get_by_role("navigation", name="主导航").get_by_role("link", name="规则").click()
    page.get_by_role("link", name="新增规则").click()
    page.get_by_label("色差", exact=True).check()
    page.get_by_role("button", name="保存规则").click()
    expect(page.locator(".errorlist").first).to_be_visible()
    page.get_by_label("显示的理由").fill("新品色差,先打电话。")
    page.get_by_label("变更原因").fill("新品上架")
    page.get_by_role("button", name="查看影响").click()
    expect(page.locator(".rule-effect strong")).to_have_text("2 个工单将从“一般处理”移到“优先处理”")
    expect(page.locator(".rule-effect")).to_be_focused()
    expect(page.locator(".rule-effect")).to_be_in_viewport()
    assert {Case.objects.get(pk=case.pk).tier for case in cases} == {"general"}
    page.get_by_role("button", name="保存规则").click()
    settled(page)
    work_off_queue()
    assert {Case.objects.get(pk=case.pk).tier for case in cases} == {"priority"}
    expect(page.get_by_role("row").filter(has_text="新品色差")).to_contain_text("优先处理")


def closes_the_shop_for_a_day(page: Page, fresh: Case) -> None:
    """A stocktaking: the clocks that run would move, and do so only when it is kept."""
    running = Case.objects.still_open().filter(due_at__gt=timezone.now(), next_contact_at=None).count()
    before = Case.objects.get(pk=fresh.pk).due_at
    assert before is not None
    page.get_by_role("link", name="班次与停业").click()
    page.get_by_role("link", name="新增停业").click()
    starts = timezone.localtime() + timedelta(minutes=2)
    page.get_by_label("原因", exact=True).fill("盘点")
    page.get_by_label("开始").fill(f"{starts:%Y-%m-%dT%H:%M}")
    page.get_by_label("结束").fill(f"{starts - timedelta(days=1):%Y-%m-%dT%H:%M}")
    page.get_by_role("button", name="查看影响").click()
    expect(page.locator(".errorlist").first).to_be_visible()
    page.get_by_label("结束").fill(f"{starts + timedelta(days=1):%Y-%m-%dT%H:%M}")
    page.get_by_label("变更原因").fill("年中盘点")
    page.get_by_role("button", name="查看影响").click()
    expect(page.locator(".rule-effect strong")).to_have_text(f"将有 {running} 个未结工单的计时被调整。")
    expect(page.locator(".rule-effect")).to_be_focused()
    assert Case.objects.get(pk=fresh.pk).due_at == before
    page.get_by_role("button", name="保存").click()
    settled(page)
    after = Case.objects.get(pk=fresh.pk).due_at
    assert after is not None
    assert after - before == timedelta(days=1)


def gives_more_time(page: Page, shop: Shop) -> None:
    page.get_by_role("link", name="返回规则").click()
    page.get_by_role("link", name="修改限额与时限").click()
    page.get_by_label("首次联系时限").fill("60")
    page.get_by_label("变更原因").fill("人手不足")
    page.get_by_role("button", name="查看影响").click()
    expect(page.locator(".rule-effect strong")).to_contain_text("未结工单的计时被调整")
    assert ShopPolicy.of(shop).first_contact_minutes == 30
    page.get_by_role("button", name="保存限额与时限").click()
    settled(page)
    assert ShopPolicy.of(shop).first_contact_minutes == 60


def says_what_is_usual(page: Page, shop: Shop) -> None:
    """A note that pays for the review is refused, and nothing typed is lost."""
    page.get_by_role("link", name="修改补偿标准").click()
    page.locator("#id_line-0-cause").select_option("colour")
    page.locator("#id_line-0-kind").select_option("coupon")
    page.locator("#id_line-0-amount").fill("20")
    page.locator("#id_line-0-note").fill("改成好评就返20元")
    page.get_by_role("button", name="保存补偿标准").click()
    expect(page.locator(".errorlist").first).to_be_visible()
    assert not RemedyStandard.objects.exists()
    page.locator("#id_line-0-note").fill("满减券")
    page.get_by_role("button", name="保存补偿标准").click()
    settled(page)
    assert RemedyStandard.objects.get(shop=shop).amount == 20


def reads_what_an_admin_writes(page: Page, admins: Page) -> None:
    """Playbooks hold for all shops: the admin writes one, the supervisor reads it, and what stood before comes back."""
    before = Playbook.objects.get(cause="courier").guidance_zh
    admins.get_by_label("指引（中文）").fill("先道歉,当天回电。")
    admins.get_by_role("button", name="保存话术手册").click()
    settled(admins)
    page.get_by_role("link", name="物流快递", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text("先道歉,当天回电。")
    expect(page.locator("textarea")).to_have_count(0)
    admins.get_by_role("button", name="恢复").click()
    settled(admins)
    assert Playbook.objects.get(cause="courier").guidance_zh == before
    page.reload()
    expect(page.get_by_role("main")).to_contain_text(before)
    page.get_by_role("link", name="返回规则").click()


def finds_everything_in_the_history(page: Page) -> None:
    """On the page of the rules: what was changed today, newest first, with the reason given."""
    lines = page.locator("section[aria-labelledby=history-title] .timeline > li")
    expect(lines.locator("strong")).to_have_text(["补偿标准", "限额与时限", "工作时间", "分级规则"])
    for line, why in ((1, "人手不足"), (2, "年中盘点"), (3, "新品上架")):
        expect(lines.nth(line)).to_contain_text(why)
    assert RuleChange.objects.filter(subject="skills").count() == 1
    assert overflow(page) == []
