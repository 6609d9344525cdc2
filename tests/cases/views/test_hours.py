"""The working hours of a shop in the app: seen, foretold, changed, with who may."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from cases.models import Case, Pause, RuleChange, Shift
from cases.rulebook.editing import state_of
from cases.working_time import KNOWN_UNTIL
from reviews.models import Shop

SignIn = Callable[[User], Client]
pytestmark = pytest.mark.django_db


@pytest.fixture
def client(supervisor: User, sign_in: SignIn) -> Client:
    client = sign_in(supervisor)
    client.cookies["django_language"] = "en"
    return client


@pytest.fixture
def shift(shop: Shop, agent: User) -> Shift:
    shift = Shift.objects.create(shop=shop, name="白班", spans=[[0, 1440]])
    shift.agents.set([agent])
    return shift


def typed(shop: Shop, **fields: Any) -> dict[str, Any]:
    seen = state_of(shop=shop, subject="hours")
    return {"name": "晚班", "spans": "18:00-24:00", "days": "every", "seen": seen, "do": "save", **fields}


def rest(shop: Shop, **fields: Any) -> dict[str, Any]:
    now = timezone.localtime()
    times = {"starts_at": now + timedelta(hours=1), "ends_at": now + timedelta(hours=3), **fields.pop("times", {})}
    told = {name: f"{moment:%Y-%m-%dT%H:%M}" for name, moment in times.items()}
    return {"reason": "盘点", "seen": state_of(shop=shop, subject="hours"), "do": "save", **told, **fields}


def test_without_shifts_the_page_tells_the_default(client: Client) -> None:
    page = client.get("/settings/hours/")
    assertContains(page, "it works 09:00-22:00, every day")
    assertContains(page, f"known up to the end of {KNOWN_UNTIL}")


def test_the_page_shows_shifts_pauses_and_what_was_changed(
    client: Client, shop: Shop, shift: Shift, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client.post(f"/settings/hours/{shop.pk}/pauses/add/", rest(shop))
    Pause.objects.create(
        shop=shop,
        starts_at=timezone.now() - timedelta(days=2),
        ends_at=timezone.now() - timedelta(days=1),
        reason="搬仓",
    )
    with django_assert_max_num_queries(15):
        page = client.get("/settings/hours/")
    for words in ("白班", "00:00-24:00", "Every day", "盘点", "搬仓", "(over)", "The clocks run now."):
        assertContains(page, words)


def test_a_shift_is_added(client: Client, shop: Shop, agent: User) -> None:
    sent = typed(shop, spans="9：00-12：00，13:00-18:00", days="weekdays", weekdays=["0", "5"], agents=[agent.pk])
    answer = client.post(f"/settings/hours/{shop.pk}/shifts/add/", sent)
    assertRedirects(answer, f"/settings/hours/?shop={shop.pk}")
    shift = Shift.objects.get()
    assert (shift.times, shift.days, shift.weekdays) == ("09:00-12:00, 13:00-18:00", "weekdays", [0, 5])
    assert list(shift.agents.all()) == [agent]
    assertContains(client.get("/settings/hours/"), "Monday, Saturday")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"spans": "09:00-09:00"}, "ends as it starts"),
        ({"spans": "09:00-13:00, 12:00-18:00"}, "09:00-13:00 and 12:00-18:00 overlap."),
        ({"spans": "all day"}, "is no span of time"),
        ({"days": "weekdays"}, "Choose at least one day."),
        ({"name": "白班"}, "The shop has a shift of this name already."),
        ({"name": ""}, "This field is required."),
    ],
)
def test_what_is_wrong_is_said_in_words(
    client: Client, shop: Shop, shift: Shift, fields: dict[str, str], words: str
) -> None:
    answer = client.post(f"/settings/hours/{shop.pk}/shifts/add/", typed(shop, **fields))
    assertContains(answer, words, status_code=422)
    assert Shift.objects.count() == 1


def test_a_shift_keeps_its_own_name(client: Client, shop: Shop, shift: Shift) -> None:
    client.post(f"/settings/hours/shifts/{shift.pk}/", typed(shop, name="白班", spans="08:00-20:00"))
    shift.refresh_from_db()
    assert shift.times == "08:00-20:00"
    assert list(shift.agents.all()) == []


def test_agents_of_another_shop_cannot_be_expected(client: Client, shop: Shop, outsider: User) -> None:
    answer = client.post(f"/settings/hours/{shop.pk}/shifts/add/", typed(shop, agents=[outsider.pk]))
    assert answer.status_code == 422


def test_the_effect_is_shown_before_anything_is_kept(
    client: Client, shop: Shop, shift: Shift, make_case: Callable[..., Case]
) -> None:
    due_at = timezone.now() + timedelta(minutes=20)
    for _number in range(2):
        make_case(due_at=due_at)
    page = client.post(f"/settings/hours/{shop.pk}/pauses/add/", rest(shop, do="preview", times={
        "starts_at": timezone.localtime()
    }))  # fmt: skip
    assertContains(page, "The running clocks of 2 open cases would move.")
    assert not Pause.objects.exists()
    assert set(Case.objects.values_list("due_at", flat=True)) == {due_at}
    page = client.post(
        f"/settings/hours/shifts/{shift.pk}/", typed(shop, name="白班", spans="00:00-24:00", do="preview")
    )
    assertContains(page, "No running clock would move.")


def test_a_pause_moves_the_clocks_and_its_end_is_checked(
    client: Client, shop: Shop, shift: Shift, make_case: Callable[..., Case]
) -> None:
    case = make_case(due_at=timezone.now() + timedelta(minutes=90))
    client.post(f"/settings/hours/{shop.pk}/pauses/add/", rest(shop))
    before = case.due_at
    case.refresh_from_db()
    assert case.due_at - before == timedelta(hours=2)
    now = timezone.localtime()
    for end, words in (
        (now - timedelta(hours=1), "lies in the past"),
        (now + timedelta(minutes=30), "must end after it starts"),
        (now + timedelta(days=61, hours=1), "60 days at most"),
    ):
        answer = client.post(f"/settings/hours/{shop.pk}/pauses/add/", rest(shop, times={"ends_at": end}))
        assertContains(answer, words, status_code=422)
    assert Pause.objects.count() == 1


def test_a_shift_and_a_pause_are_removed_after_their_effect_was_shown(client: Client, shop: Shop, shift: Shift) -> None:
    client.post(f"/settings/hours/{shop.pk}/pauses/add/", rest(shop))
    pause = Pause.objects.get()
    for address in (f"/settings/hours/shifts/{shift.pk}/", f"/settings/hours/pauses/{pause.pk}/"):
        assertContains(client.post(address, {"do": "foresee"}), "What it would do")
        sent = {"do": "remove", "seen": state_of(shop=shop, subject="hours"), "comment": "不用了"}
        assertRedirects(client.post(address, sent), f"/settings/hours/?shop={shop.pk}")
        assert client.get(address).status_code == 404
    assert RuleChange.objects.filter(comment="不用了").count() == 2


def test_who_was_faster_is_told_and_nothing_typed_is_lost(client: Client, shop: Shop, shift: Shift) -> None:
    sent = typed(shop)
    client.post(f"/settings/hours/{shop.pk}/pauses/add/", rest(shop))
    answer = client.post(f"/settings/hours/{shop.pk}/shifts/add/", sent)
    assertContains(answer, "晚班", status_code=409)
    assert Shift.objects.count() == 1


def test_only_supervisors_of_the_shop_come_here(
    shop: Shop,
    other_shop: Shop,
    shift: Shift,
    agent: User,
    outsider: User,
    admin: User,
    supervisor: User,
    sign_in: SignIn,
) -> None:
    theirs = Shift.objects.create(shop=other_shop, name="白班", spans=[[0, 60]])
    rests = Pause.objects.create(
        shop=other_shop, starts_at=timezone.now(), ends_at=timezone.now() + timedelta(hours=1), reason="盘点"
    )
    there = [
        f"/settings/hours/?shop={other_shop.pk}",
        f"/settings/hours/{other_shop.pk}/shifts/add/",
        f"/settings/hours/{other_shop.pk}/pauses/add/",
        f"/settings/hours/shifts/{theirs.pk}/",
        f"/settings/hours/pauses/{rests.pk}/",
    ]
    for address in there:
        assert sign_in(supervisor).get(address).status_code == 404
        assert sign_in(agent).get(address).status_code == 403
        assert sign_in(admin).get(address).status_code == 200
    sign_in(supervisor).post(there[3], {"do": "remove", "seen": 0})
    assert Shift.objects.filter(pk=theirs.pk).exists()


def test_other_shops_stay_out_of_the_page(client: Client, other_shop: Shop) -> None:
    Shift.objects.create(shop=other_shop, name="别店夜班", spans=[[0, 60]])
    assertNotContains(client.get("/settings/hours/"), "别店夜班")
