"""The call flow: steps unlock in their order, with scripts of the playbook."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from cases.models import Case, Playbook
from cases.views.playbook import fill
from reviews.models import Review

SignIn = Callable[[User], Client]
MakeCase = Callable[..., Case]
MakeReview = Callable[..., Review]

pytestmark = pytest.mark.django_db


@pytest.fixture
def playbook(db: None) -> Playbook:
    keys = ("apologise", "cause", "remedy", "close")
    steps = [
        {
            "key": key,
            "goal_zh": f"目标{key}",
            "goal_en": f"goal {key}",
            "scripts": [
                {
                    "zh": f"{key}:{{buyer}}您好,订单{{order}}的{{product}}",
                    "en": f"{key}: Hello {{buyer}}, {{product}} of order {{order}}",
                }
            ],
        }
        for key in keys
    ]
    return Playbook.objects.create(cause="courier", guidance_zh="先道歉", guidance_en="Apologise first", steps=steps)


@pytest.mark.usefixtures("playbook")
def test_only_the_current_step_offers_its_scripts(agent: User, sign_in: SignIn, make_case: MakeCase) -> None:
    case = make_case(owner=agent, steps_done=1)
    page = sign_in(agent).get(f"/desk/{case.pk}/")
    assert [view.state for view in page.context["steps"]] == ["done", "current", "locked", "locked"]
    assertContains(page, "cause:亲您好")
    assertContains(page, "先道歉")
    for key in ("apologise", "remedy", "close"):
        assertNotContains(page, f"{key}:")


@pytest.mark.usefixtures("playbook")
def test_scripts_speak_the_readers_language(agent: User, sign_in: SignIn, make_case: MakeCase) -> None:
    case = make_case(owner=agent)
    client = sign_in(agent)
    client.post("/language/", {"language": "en"})
    page = client.get(f"/desk/{case.pk}/")
    assertContains(page, "apologise: Hello dear customer, the item of order")
    assertContains(page, "Apologise first")


@pytest.mark.usefixtures("playbook")
def test_a_name_that_is_not_masked_is_said_and_the_product_in_a_word(
    agent: User, sign_in: SignIn, make_case: MakeCase, make_review: MakeReview
) -> None:
    review = make_review(buyer_name="爱喝茶的猫", order_number="123")
    page = sign_in(agent).get(f"/desk/{make_case(review, owner=agent).pk}/")
    assertContains(page, "apologise:爱喝茶的猫您好,订单123的宝贝")


@pytest.mark.usefixtures("playbook")
def test_a_missing_name_is_a_visible_gap(
    agent: User, sign_in: SignIn, make_case: MakeCase, make_review: MakeReview
) -> None:
    case = make_case(make_review(order_number=""), owner=agent)
    client = sign_in(agent)
    client.post("/language/", {"language": "en"})
    assertContains(client.get(f"/desk/{case.pk}/"), "【order number】")


def test_a_name_that_looks_like_a_placeholder_stays_as_it_is() -> None:
    parts = fill("{buyer}:{nothing} {agent}", {"buyer": "{order}", "agent": "", "order": "12"})
    assert "".join(part.text for part in parts[:2]) == "{order}:{nothing} "
    assert [part.missing for part in parts] == ["", "", "agent"]


def test_a_case_without_a_playbook_still_has_its_steps(
    agent: User, sign_in: SignIn, make_case: MakeCase, make_review: MakeReview
) -> None:
    case = make_case(make_review(causes=[]), owner=agent)
    page = sign_in(agent).get(f"/desk/{case.pk}/")
    assert [view.state for view in page.context["steps"]] == ["current", "locked", "locked", "locked"]


def test_finishing_a_step_unlocks_the_next(agent: User, sign_in: SignIn, make_case: MakeCase) -> None:
    case = make_case(owner=agent)
    client = sign_in(agent)
    assertRedirects(client.post(f"/desk/{case.pk}/step/", {"step": "1", "reason": "旺旺里谈过"}), f"/desk/{case.pk}/")
    assert client.get(f"/desk/{case.pk}/").context["current_step"].step == 2


@pytest.mark.parametrize(("step", "status"), [("2", 409), ("4", 409), ("5", 422), ("0", 422), ("", 422), ("x", 422)])
def test_no_step_out_of_order(agent: User, sign_in: SignIn, make_case: MakeCase, step: str, status: int) -> None:
    case = make_case(owner=agent)
    assert sign_in(agent).post(f"/desk/{case.pk}/step/", {"step": step}).status_code == status
    case.refresh_from_db()
    assert case.steps_done == 0


def test_a_second_click_is_told_apart(agent: User, sign_in: SignIn, make_case: MakeCase) -> None:
    case = make_case(owner=agent)
    client = sign_in(agent)
    client.post(f"/desk/{case.pk}/step/", {"step": "1", "reason": "旺旺里谈过"})
    again = client.post(f"/desk/{case.pk}/step/", {"step": "1", "reason": "旺旺里谈过"})
    assert again.status_code == 409
    assert len(again.context["messages"]) == 1
    case.refresh_from_db()
    assert case.steps_done == 1


def test_changing_the_review_is_first_spoken_of_after_the_last_step(
    agent: User, sign_in: SignIn, make_case: MakeCase
) -> None:
    client = sign_in(agent)
    client.post("/language/", {"language": "en"})
    hint = "The buyer may now be told how a review can be changed"
    assertNotContains(client.get(f"/desk/{make_case(owner=agent, steps_done=3).pk}/"), hint)
    assertContains(client.get(f"/desk/{make_case(owner=agent, steps_done=4).pk}/"), hint)
