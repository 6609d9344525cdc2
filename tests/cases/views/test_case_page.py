"""What the page of a case tells: review, causes, clocks, buyer, order, history."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils.html import strip_tags
from pytest_django.asserts import assertContains, assertNotContains

from cases.models import Case, CaseChange, ContactEntry
from reviews.models import ImportBatch, Order, Review, ReviewRevision
from reviews.privacy import masked
from tests.conftest import NOW

SignIn = Callable[[User], Client]
MakeCase = Callable[..., Case]
MakeReview = Callable[..., Review]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _afternoon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


@pytest.fixture
def english(agent: User, sign_in: SignIn) -> Client:
    client = sign_in(agent)
    client.post("/language/", {"language": "en"})
    return client


def test_the_review_with_its_evidence_follow_up_and_revisions(
    agent: User, english: Client, make_case: MakeCase, make_review: MakeReview
) -> None:
    review = make_review(stars=2, sku="黑色/M", append_content="更差了", append_at=NOW, reply="抱歉", replied_at=NOW)
    changes = {"rating": ["good", "bad"], "replied_at": [None, "2026-11-20 21:14:00+08:00"]}
    batch = ImportBatch.objects.get()
    ReviewRevision.objects.create(review=review, batch=batch, recorded_at=NOW, changes=changes)
    page = english.get(f"/desk/{make_case(review, owner=agent).pk}/")
    assertContains(page, '<mark class="mark mark-courier"')
    assertContains(page, "2 of 5 stars")
    for text in ("黑色/M", "更差了", "抱歉", "Changed 1 time"):
        assertContains(page, text)
    assertContains(page, "<del>Good</del>")
    assertContains(page, "<ins>Bad</ins>")
    assertContains(page, "<ins>2026-11-20 21:14</ins>")


def test_causes_can_be_corrected_and_lead_back(agent: User, english: Client, make_case: MakeCase) -> None:
    case = make_case(owner=agent)
    page = english.get(f"/desk/{case.pk}/?view=all")
    assertContains(page, f'action="/reviews/{case.review_id}/causes/"')
    assertContains(page, f'name="next" value="/desk/{case.pk}/?view=all"')
    codes = ["price.fee", "courier.slow", ""]
    back = english.post(f"/reviews/{case.review_id}/causes/", {"codes": codes, "next": f"/desk/{case.pk}/?view=all"})
    assert back["Location"] == f"/desk/{case.pk}/?view=all"
    page = english.get(f"/desk/{case.pk}/")
    assert page.context["cause_slots"] == codes


@pytest.mark.parametrize(
    ("clocks", "due"),
    [
        ({"due_at": NOW + timedelta(minutes=20)}, "First contact 20 min left"),
        ({"first_contacted_at": NOW, "due_at": NOW - timedelta(minutes=5)}, "Next contact 5 min overdue"),
        ({"first_contacted_at": NOW, "due_at": None}, "14 d left"),
    ],
)
def test_the_head_tells_what_is_due_next(
    agent: User, english: Client, make_case: MakeCase, make_review: MakeReview, clocks: dict[str, Any], due: str
) -> None:
    case = make_case(make_review(reviewed_at=NOW - timedelta(days=16)), owner=agent, **clocks)
    page = english.get(f"/desk/{case.pk}/").content.decode()
    head = page.split('<header class="case-head">')[1].split("</header>")[0]
    assert due in " ".join(strip_tags(head).split())


def test_no_complaint_can_be_said_where_the_rating_is_none(
    agent: User, english: Client, make_case: MakeCase, make_review: MakeReview
) -> None:
    button = 'name="verdict" value="dismiss"'
    assertNotContains(english.get(f"/desk/{make_case(owner=agent).pk}/"), button)
    case = make_case(make_review(rating="good"), owner=agent)
    assertContains(english.get(f"/desk/{case.pk}/"), button)
    answer = {"verdict": "dismiss", "codes": ["courier.slow", ""], "next": f"/desk/{case.pk}/"}
    page = english.post(f"/reviews/{case.review_id}/causes/", answer, follow=True)
    assertContains(page, "No complaint after all")
    assertNotContains(page, button)
    assertContains(page, "Causes corrected")


def test_clocks_say_what_runs_and_what_has_closed(
    agent: User, english: Client, make_case: MakeCase, make_review: MakeReview
) -> None:
    review = make_review(reviewed_at=NOW - timedelta(days=40))
    assert english.get(f"/desk/{make_case(owner=agent).pk}/").context["dues"][0].clock.state == "late"
    case = make_case(review, owner=agent, first_contacted_at=NOW, due_at=NOW + timedelta(minutes=90))
    page = english.get(f"/desk/{case.pk}/")
    dues = {due.label: due for due in page.context["dues"]}
    assert dues["Next contact"].clock.text == "90 min left"
    assert dues["Review can be changed"].clock is None
    assertContains(page, "closed 2026-11-10")
    assert dues["Buyer can follow up"].clock.text == "140 d left"


def test_the_buyers_record_and_earlier_contacts(
    agent: User, english: Client, make_case: MakeCase, make_review: MakeReview
) -> None:
    earlier = make_case(make_review(buyer_name="小鱼儿", content="上次也坏了"), owner=agent)
    ContactEntry.objects.create(
        case=earlier, at=NOW, actor=agent, channel="phone", result="reached", said="谈了", circumstances="急性子"
    )
    page = english.get(f"/desk/{make_case(make_review(buyer_name='小鱼儿'), owner=agent).pk}/")
    assertContains(page, "1 (1 negative)")
    assertContains(page, "上次也坏了")
    assertContains(page, "急性子")


def test_the_order_with_a_masked_phone(
    agent: User, english: Client, make_case: MakeCase, make_review: MakeReview
) -> None:
    review = make_review()
    Order.objects.create(
        shop=review.shop,
        number=review.order_number,
        amount="129.00",
        courier_company="圆通速递",
        shipping_way="加急",
        completed_at=NOW - timedelta(days=2),
        receiver_region="浙江",
        phone="13812345678",
    )
    page = english.get(f"/desk/{make_case(review, owner=agent).pk}/")
    assertContains(page, "138****5678")
    assertNotContains(page, "13812345678")
    for text in ("¥129.00", "圆通速递", "加急", "2026-11-18 14:00", "浙江"):
        assertContains(page, text)


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13812345678", "138****5678"),
        ("138 1234 5678", "138 **** 5678"),
        ("138****5678", "138****5678"),
        ("16712345678转1234", "167********转1234"),
        ("6512345", "*****45"),
        ("", ""),
        ("无", "无"),
    ],
)
def test_masking_a_phone(phone: str, shown: str) -> None:
    assert masked(phone) == shown


def test_the_risk_with_its_signals(agent: User, english: Client, make_case: MakeCase) -> None:
    case = make_case(owner=agent, risk_score=70, risk_reasons=["money_for_review", "no_history"])
    page = english.get(f"/desk/{case.pk}/")
    assertContains(page, "Risk 70 of 100")
    assertContains(page, "Asks for money in return for a better review.")
    assert [points for _label, points in page.context["risk_reasons"]] == [60, 10]


def test_history_in_the_readers_words(agent: User, english: Client, make_case: MakeCase) -> None:
    case = make_case(owner=agent)
    changes = {
        "state": ["new", "follow_up"],
        "next_contact_at": ["", "2026-11-21T07:30:00+00:00"],
        "is_tier_chosen": ["False", "True"],
    }
    CaseChange.objects.create(case=case, at=NOW, kind="contact", changes=changes)
    [line] = english.get(f"/desk/{case.pk}/").context["history"]
    assert (line.what, line.who) == ("Contact logged", "System")
    assert [tuple(change) for change in line.changes] == [
        ("state", "New", "To follow up"),
        ("next contact", "", "2026-11-21 15:30"),
    ]
