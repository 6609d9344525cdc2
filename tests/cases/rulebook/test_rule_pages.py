"""The pages of the rules: who gets in, what a form keeps, and what it says when it cannot."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from cases.models import Case, Pause, Playbook, RemedyStandard, RuleChange, Shift, ShopPolicy, TierRule
from cases.rulebook.editing import Edit, state_of
from cases.rulebook.hours import ShiftDraft, save_shift
from cases.rulebook.playbooks import save_playbook
from cases.rulebook.standards import Standard, save_standards
from cases.rulebook.stated import STARTED_WITH
from cases.rulebook.tiers import save_rule
from cases.working_time import read_spans
from reviews.models import Review, Shop
from tests.cases.rulebook.test_playbooks import FIRST, content
from tests.cases.rulebook.test_tier_rules import OWN
from tests.conftest import NOW

SignIn = Callable[[User], Client]
RULES_QUERIES = 12
TYPED = {"name": "Third complaint.", "tier": "disputed", "is_on": "on", "complaints_from": "2", "seen": "0"}


@pytest.fixture(autouse=True)
def _english(settings: Any) -> None:
    settings.LANGUAGE_CODE = "en"


def rule_url(shop: Shop, key: str) -> str:
    return reverse("cases:tier_rule", args=[shop.pk, key])


def book(kept: Any) -> dict[str, str]:
    """A playbook as its form sends it."""
    sent = {"guidance_zh": kept.guidance_zh, "guidance_en": kept.guidance_en, "seen": "0", "do": "save"}
    for number, step in enumerate(kept.steps, start=1):
        sent |= {f"goal-{number}-{language}": step[f"goal_{language}"] for language in ("zh", "en")}
        for place, script in enumerate(step["scripts"]):
            sent |= {f"script-{number}-{place}-{language}": script[language] for language in ("zh", "en")}
    return sent


@pytest.mark.parametrize(
    ("name", "of_shop"),
    [("rules", False), ("add_tier_rule", True), ("limits", True), ("standards", True), ("playbook", False)],
)
@pytest.mark.parametrize(("role", "status"), [("agent", 403), ("supervisor", 200), ("admin", 200)])
def test_rules_are_for_supervisors_and_admins(
    name: str, of_shop: bool, role: str, status: int, shop: Shop, sign_in: SignIn, request: pytest.FixtureRequest
) -> None:
    arguments: list[Any] = [shop.pk] if of_shop else ["courier"] if name == "playbook" else []
    client = sign_in(request.getfixturevalue(role))
    assert client.get(reverse(f"cases:{name}", args=arguments)).status_code == status


@pytest.mark.parametrize("do", ["get", "post"])
@pytest.mark.parametrize("name", ["add_tier_rule", "limits", "standards"])
def test_the_rules_of_another_shop_are_not_there(
    name: str, do: str, other_shop: Shop, supervisor: User, sign_in: SignIn
) -> None:
    url = reverse(f"cases:{name}", args=[other_shop.pk])
    assert getattr(sign_in(supervisor), do)(url).status_code == 404
    assert sign_in(supervisor).get(reverse("cases:rules"), {"shop": other_shop.pk}).status_code == 404
    assert sign_in(supervisor).get(rule_url(other_shop, "risk")).status_code == 404


@pytest.mark.parametrize("shop_named", ["x", "9" * 30, "-1"])
def test_a_shop_that_cannot_be_is_not_there(shop_named: str, shop: Shop, supervisor: User, sign_in: SignIn) -> None:
    assert sign_in(supervisor).get(reverse("cases:rules"), {"shop": shop_named}).status_code == 404


def test_the_page_shows_every_rule_and_takes_few_queries(
    shop: Shop, supervisor: User, sign_in: SignIn, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    save_rule(shop=shop, rule=OWN, edit=Edit(supervisor, NOW, 0))
    lines = [Standard("courier", tier, "coupon", 10) for tier in ("", "priority", "disputed")]  # type: ignore[arg-type]
    save_standards(shop=shop, standards=lines, edit=Edit(supervisor, NOW, 0))
    client = sign_in(supervisor)
    with django_assert_num_queries(RULES_QUERIES):
        page = client.get(reverse("cases:rules")).content.decode()
    for key in (*STARTED_WITH, OWN.key):
        assert rule_url(shop, key) in page
    assert "cause: Courier and delivery · Slow transport" in page
    assert "supervisor" in page


def test_the_page_tells_the_hours_and_what_was_changed_of_them(shop: Shop, supervisor: User, sign_in: SignIn) -> None:
    client = sign_in(supervisor)
    assert "it works 09:00-22:00, every day" in client.get(reverse("cases:rules")).content.decode()
    shift = ShiftDraft(name="Early", days="every", weekdays=(), spans=read_spans("08:00-16:00"), agents=())
    save_shift(shop=shop, shift=None, draft=shift, edit=Edit(supervisor, NOW, 0, "earlier"))
    now = timezone.now()
    Pause.objects.create(shop=shop, starts_at=now, ends_at=now + timedelta(days=1), reason="Stocktaking")
    Pause.objects.create(shop=shop, starts_at=now - timedelta(days=2), ends_at=now, reason="Moved house")
    page = client.get(reverse("cases:rules")).content.decode()
    assert "Early: 08:00-16:00" in page
    assert "Pause: Stocktaking" in page
    assert "Moved house" not in page
    assert "<strong>Working hours</strong>" in page
    assert "earlier" in page


def test_a_rule_is_looked_at_before_it_is_kept(
    shop: Shop, supervisor: User, sign_in: SignIn, make_case: Callable[..., Case], make_review: Callable[..., Review]
) -> None:
    case = make_case(make_review(["courier.slow"]))
    url = reverse("cases:add_tier_rule", args=[shop.pk])
    typed = {"name": "Slow again.", "tier": "priority", "is_on": "on", "causes": ["courier.slow"], "seen": "0"}
    client = sign_in(supervisor)
    page = client.post(url, {**typed, "do": "preview"})
    assert "1 case would move from General to Priority" in page.content.decode()
    assert case.get_absolute_url() in page.content.decode()
    assert not TierRule.objects.exists()
    assert client.post(url, {**typed, "do": "save"}).status_code == 302
    case.refresh_from_db()
    assert (TierRule.objects.get().name, case.tier) == ("Slow again.", "priority")


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"complaints_from": ""}, "Set at least one condition"),
        ({"name": ""}, "Say in a sentence why"),
        ({"name": "loyal"}, "used by the rules themselves"),
        ({"complaints_to": "1"}, "must not be less"),
        ({"risk_from": "101"}, "less than or equal to 100"),
        ({"amount_from": "-1"}, "greater than or equal to 0"),
        ({"causes": "moon"}, "not one of the available choices"),
        ({"tier": "moon"}, "not one of the available choices"),
        ({"seen": "x"}, "whole number"),
    ],
)
def test_what_cannot_be_a_rule_is_told_and_nothing_typed_is_lost(
    typed: dict[str, str], told: str, shop: Shop, supervisor: User, sign_in: SignIn
) -> None:
    url = reverse("cases:add_tier_rule", args=[shop.pk])
    page = sign_in(supervisor).post(url, {**TYPED, "comment": "because", **typed, "do": "save"})
    assert page.status_code == 422
    assert told in page.content.decode() + str(page.context["form"].errors)
    assert 'value="because"' in page.content.decode()
    assert not TierRule.objects.exists()


def test_a_rule_that_says_something_else_needs_its_own_sentence(shop: Shop, supervisor: User, sign_in: SignIn) -> None:
    url = rule_url(shop, "loyal")
    typed = {"tier": "priority", "is_on": "on", "orders_from": "3", "complaints_to": "0", "seen": "0", "do": "save"}
    other = sign_in(supervisor).post(url, {**typed, "complaints_to": "2"})
    assert "Say in a sentence why" in other.content.decode()
    assert sign_in(supervisor).post(url, typed).status_code == 302
    assert TierRule.objects.get().conditions == {"orders_from": 3, "complaints_to": 0}


def test_a_rule_is_removed_after_a_look_at_what_that_does(
    shop: Shop, supervisor: User, sign_in: SignIn, make_case: Callable[..., Case]
) -> None:
    make_case()
    change = save_rule(shop=shop, rule=OWN, edit=Edit(supervisor, NOW, 0))
    assert change is not None
    client = sign_in(supervisor)
    looked = client.post(rule_url(shop, OWN.key), {"seen": change.pk, "do": "foresee"}).content.decode()
    assert "1 case would move from Priority to General" in looked
    assert client.post(rule_url(shop, OWN.key), {"seen": "0", "do": "remove"}).status_code == 409
    assert client.post(rule_url(shop, OWN.key), {"seen": change.pk, "do": "remove"}).status_code == 302
    assert not TierRule.objects.exists()
    assert Case.objects.get().tier == "general"


def test_the_later_editor_of_a_rule_keeps_what_was_typed_and_can_save_it_then(
    shop: Shop, supervisor: User, admin: User, sign_in: SignIn
) -> None:
    save_rule(shop=shop, rule=OWN, edit=Edit(admin, NOW, 0))
    client = sign_in(supervisor)
    page = client.post(rule_url(shop, OWN.key), {**TYPED, "do": "save"})
    text = page.content.decode()
    assert page.status_code == 409
    assert "admin changed this" in text
    assert 'value="Third complaint."' in text
    seen = page.context["form"]["seen"].value()
    assert client.post(rule_url(shop, OWN.key), {**TYPED, "seen": seen, "do": "save"}).status_code == 302
    assert TierRule.objects.get().name == "Third complaint."


def limits_typed(client: Client, shop: Shop, **typed: Any) -> dict[str, Any]:
    form = client.get(reverse("cases:limits", args=[shop.pk])).context["form"]
    return {name: field.initial if field.initial is not None else "" for name, field in form.fields.items()} | {
        "seen": form.initial["seen"],
        "comment": "",
        **{name: value for name, value in form.initial.items() if name != "seen"},
        **typed,
    }


def test_limits_are_changed_in_the_page(shop: Shop, supervisor: User, sign_in: SignIn) -> None:
    client = sign_in(supervisor)
    url = reverse("cases:limits", args=[shop.pk])
    assert client.post(url, limits_typed(client, shop, backlog_days="7", comment="calmer")).status_code == 302
    assert ShopPolicy.of(shop).backlog_days == 7
    assert RuleChange.objects.get().comment == "calmer"
    assert client.post(url, limits_typed(client, shop, calls_a_day="0")).status_code == 422


def test_limits_are_looked_at_before_they_are_kept(
    shop: Shop, supervisor: User, sign_in: SignIn, make_case: Callable[..., Case]
) -> None:
    Shift.objects.create(shop=shop, name="day and night", spans=[[0, 1440]])
    due = timezone.now() + timedelta(minutes=20)
    case = make_case(due_at=due, first_contact_due_at=due)
    client = sign_in(supervisor)
    url = reverse("cases:limits", args=[shop.pk])

    def effect_of(**typed: Any) -> str:
        page = client.post(url, {**limits_typed(client, shop, **typed), "do": "preview"})
        assert page.status_code == 200
        return page.content.decode()

    assert "The running clock of 1 open case would move." in effect_of(first_contact_minutes="45")
    assert "1 of them would be overdue at once." in effect_of(first_contact_minutes="5")
    assert "No running clock would move." in effect_of(backlog_days="7")
    case.refresh_from_db()
    assert (case.due_at, ShopPolicy.of(shop).first_contact_minutes) == (due, 30)
    assert not RuleChange.objects.exists()


def test_the_later_editor_of_limits_loses_nothing(shop: Shop, supervisor: User, admin: User, sign_in: SignIn) -> None:
    first, second = sign_in(admin), sign_in(supervisor)
    url = reverse("cases:limits", args=[shop.pk])
    late = limits_typed(second, shop, backlog_days="9")
    first.post(url, limits_typed(first, shop, backlog_days="7"))
    told = second.post(url, late)
    assert told.status_code == 409
    assert told.context["form"]["backlog_days"].value() == "9"
    assert ShopPolicy.of(shop).backlog_days == 7
    again = {**late, "seen": state_of(shop=shop, subject="limits")}
    assert second.post(url, again).status_code == 302
    assert ShopPolicy.of(shop).backlog_days == 9


def table(*lines: dict[str, str], known: int = 0, **more: str) -> dict[str, str]:
    sent = {"line-TOTAL_FORMS": str(len(lines)), "line-INITIAL_FORMS": str(known), "seen": "0", **more}
    return sent | {f"line-{place}-{name}": value for place, line in enumerate(lines) for name, value in line.items()}


COUPON = {"cause": "courier", "tier": "", "kind": "coupon", "amount": "10", "note": ""}


def test_standards_are_changed_in_the_page(shop: Shop, supervisor: User, sign_in: SignIn) -> None:
    client = sign_in(supervisor)
    url = reverse("cases:standards", args=[shop.pk])
    empty = {"cause": "", "tier": "", "kind": "", "amount": "", "note": ""}
    assert client.post(url, table(COUPON, empty)).status_code == 302
    assert str(RemedyStandard.objects.get()) == "Courier and delivery Coupon"
    seen = str(state_of(shop=shop, subject="remedies"))
    assert client.post(url, table({**COUPON, "DELETE": "on"}, known=1, seen=seen)).status_code == 302
    assert not RemedyStandard.objects.exists()


@pytest.mark.parametrize("wrong", [{"kind": ""}, {"amount": "ten"}, {"tier": "highest"}])
def test_a_line_on_its_way_out_may_be_wrong(
    wrong: dict[str, str], shop: Shop, supervisor: User, sign_in: SignIn
) -> None:
    client = sign_in(supervisor)
    url = reverse("cases:standards", args=[shop.pk])
    assert client.post(url, table(COUPON)).status_code == 302
    seen = str(state_of(shop=shop, subject="remedies"))
    gift = {**COUPON, "kind": "gift"}
    sent = table({**COUPON, **wrong, "DELETE": "on"}, gift, known=1, seen=seen)
    assert client.post(url, sent).status_code == 302
    assert RemedyStandard.objects.get().kind == "gift"


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ([{**COUPON, "kind": ""}], "Choose what is granted."),
        ([{**COUPON, "cause": ""}], "Choose the cause it is granted for."),
        ([{**COUPON, "amount": "-1"}], "greater than or equal to 0"),
        ([{**COUPON, "note": "改成好评就返10元"}], "ties the remedy to the review"),
        ([COUPON, COUPON], "stands in the table twice"),
    ],
)
def test_a_line_that_cannot_be_is_told_where_it_stands(
    lines: list[dict[str, str]], told: str, shop: Shop, supervisor: User, sign_in: SignIn
) -> None:
    page = sign_in(supervisor).post(reverse("cases:standards", args=[shop.pk]), table(*lines))
    assert page.status_code == 422
    assert told in page.content.decode()
    assert not RemedyStandard.objects.exists()


def test_a_playbook_is_read_for_a_case_before_it_is_kept(
    admin: User, sign_in: SignIn, make_case: Callable[..., Case]
) -> None:
    case = make_case()
    client = sign_in(admin)
    url = reverse("cases:playbook", args=["courier"])
    page = client.post(url, {**book(content()), "do": "preview"}).content.decode()
    assert f"Hello,  of {case.shop.name}: I am very sorry." not in page
    assert f"of {case.shop.name}: I am very sorry." in page
    assert not Playbook.objects.exists()
    assert client.post(url, book(content())).status_code == 302
    assert Playbook.objects.get().steps == content().steps


@pytest.mark.parametrize(
    ("field", "text", "told"),
    [
        ("script-1-0-zh", "{nick}您好,非常抱歉。", "Nothing is known by the name {nick}"),
        ("script-1-0-en", "", "Write the script in both languages."),
        ("script-2-3-zh", "抱歉", "Write the script in both languages."),
        ("goal-1-zh", "", "This field is required."),
    ],
)
def test_a_playbook_says_what_cannot_stand_in_it(
    field: str, text: str, told: str, admin: User, sign_in: SignIn
) -> None:
    url = reverse("cases:playbook", args=["courier"])
    page = sign_in(admin).post(url, {**book(content()), field: text})
    assert page.status_code == 422
    assert told in page.content.decode()
    assert FIRST["zh" if field.endswith("en") else "en"] in page.content.decode().replace("&#x27;", "'")
    assert not Playbook.objects.exists()


def test_an_earlier_playbook_comes_back(admin: User, supervisor: User, sign_in: SignIn) -> None:
    edit = Edit(admin, NOW, 0)
    first = save_playbook(cause="courier", content=content(), edit=edit)
    assert first is not None
    later = content(script={"zh": "真的非常抱歉。", "en": "We are truly sorry."})
    second = save_playbook(cause="courier", content=later, edit=edit._replace(seen=first.pk))
    assert second is not None
    url = reverse("cases:restore_playbook", args=[second.pk])
    assert sign_in(supervisor).post(url, {"seen": second.pk}).status_code == 403
    client = sign_in(admin)
    assert "Somebody else changed" in client.post(url, {"seen": first.pk}, follow=True).content.decode()
    assert Playbook.objects.get().steps == later.steps
    assert client.post(url, {"seen": second.pk}).status_code == 302
    assert Playbook.objects.get().steps == content().steps


def test_supervisors_read_playbooks_and_cannot_write_them(supervisor: User, sign_in: SignIn) -> None:
    client = sign_in(supervisor)
    url = reverse("cases:playbook", args=["courier"])
    assert b"<textarea" not in client.get(url).content
    assert client.post(url, book(content())).status_code == 403
    assert client.get(reverse("cases:playbook", args=["moon"])).status_code == 404
