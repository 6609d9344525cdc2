"""Whom the shifts of a shop expect to be at work."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User

from cases.assignment.expected import on_shift
from cases.models import Pause, Shift
from cases.working_time import read_spans
from reviews.models import Shop
from tests.conftest import NOW

EVENING = NOW.replace(hour=20)


def make_shift(shop: Shop, *agents: User, name: str = "白班", spans: str = "09:00-18:00") -> None:
    shift = Shift.objects.create(shop=shop, name=name, days="every", spans=[list(span) for span in read_spans(spans)])
    shift.agents.set(agents)


def test_who_is_expected_when(shop: Shop, agent: User, teammate: User) -> None:
    make_shift(shop, agent, teammate)
    make_shift(shop, teammate, name="晚班", spans="18:00-24:00")
    assert on_shift([shop], NOW) == {agent.pk, teammate.pk}
    assert on_shift([shop], EVENING) == {teammate.pk}


def test_shifts_of_other_shops_expect_nobody_here(shop: Shop, other_shop: Shop, agent: User, outsider: User) -> None:
    make_shift(other_shop, outsider)
    assert on_shift([shop], NOW) == set()
    assert on_shift([shop, other_shop], NOW) == {outsider.pk}


def test_nobody_is_expected_in_a_pause(shop: Shop, agent: User) -> None:
    make_shift(shop, agent)
    Pause.objects.create(shop=shop, starts_at=NOW, ends_at=NOW + timedelta(minutes=1), reason="盘点")
    assert on_shift([shop], NOW) == set()
    assert on_shift([shop], NOW + timedelta(minutes=1)) == {agent.pk}


def test_looking_up_who_is_expected_takes_the_same_few_queries(
    shop: Shop, agent: User, teammate: User, django_assert_num_queries: Any
) -> None:
    for name in ("早班", "白班", "晚班"):
        make_shift(shop, agent, teammate, name=name)
    with django_assert_num_queries(2):
        on_shift([shop], NOW)
