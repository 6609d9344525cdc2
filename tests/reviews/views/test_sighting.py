from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from cases.models import Case, Outcome
from reviews.models import ImportBatch, Review, Shop
from tests.conftest import NOW


@pytest.fixture
def missed(make_review: Callable[..., Review], shop: Shop) -> Review:
    """A review that an import which covers its day did not have."""
    review = make_review()
    batch = ImportBatch.objects.create(shop=shop, file_name="whole.csv", file_bytes=1, status="done")
    Review.objects.filter(pk=review.pk).update(not_seen_at=NOW, not_seen_in=batch)
    review.refresh_from_db()
    return review


@pytest.fixture
def page(agent: User, sign_in: Callable[[User], Client]) -> Client:
    client = sign_in(agent)
    client.cookies["django_language"] = "en"
    return client


def say(page: Client, review: Review, answer: str, **data: str) -> Any:
    return page.post(f"/reviews/{review.pk}/sighting/", {"answer": answer, **data}, follow=True)


def body(response: Any) -> str:
    return str(response.content.decode())


def test_the_page_says_since_when_and_an_agent_confirms_and_takes_back(page: Client, missed: Review) -> None:
    assert f"Not seen since import #{missed.not_seen_in_id}" in body(page.get(missed.get_absolute_url()))
    assert "as agent confirmed on" in body(say(page, missed, "gone"))
    missed.refresh_from_db()
    assert missed.gone_at is not None
    assert "Not seen since import" in body(say(page, missed, "not-gone"))
    text = body(say(page, missed, "still-there"))
    assert "Recorded: the platform still shows this review." in text
    assert "Confirm that it is gone" not in text
    missed.refresh_from_db()
    assert (missed.not_seen_at, missed.gone_at) == (None, None)


def test_at_the_desk_the_case_closes_and_opens_again(
    page: Client, missed: Review, agent: User, make_case: Callable[..., Case]
) -> None:
    case = make_case(missed, owner=agent)
    address = case.get_absolute_url()
    assert "Not seen since import" in body(page.get(address))
    response = say(page, missed, "gone", next=address)
    assert response.redirect_chain == [(address, 302)]
    case.refresh_from_db()
    assert case.outcome == Outcome.DELETED
    say(page, missed, "not-gone", next=address)
    case.refresh_from_db()
    assert case.is_open


def test_what_no_import_misses_cannot_be_gone(page: Client, make_review: Callable[..., Review]) -> None:
    review = make_review()
    assert "No import misses this review any more." in body(say(page, review, "gone"))
    assert "Not seen since" not in body(page.get(review.get_absolute_url()))


def test_other_shops_strangers_and_nonsense(
    page: Client, missed: Review, outsider: User, sign_in: Callable[[User], Client]
) -> None:
    assert page.get(f"/reviews/{missed.pk}/sighting/").status_code == 405
    assert say(page, missed, "nonsense").status_code == 400
    assert sign_in(outsider).post(f"/reviews/{missed.pk}/sighting/", {"answer": "gone"}).status_code == 404
    missed.refresh_from_db()
    assert missed.gone_at is None


def test_the_list_finds_what_was_not_seen(page: Client, missed: Review, make_review: Callable[..., Review]) -> None:
    make_review(content="这条还在")
    text = body(page.get("/reviews/?not_seen=missing"))
    assert missed.get_absolute_url() in text
    assert "这条还在" not in text
    Review.objects.filter(pk=missed.pk).update(gone_at=timezone.now())
    assert missed.get_absolute_url() not in body(page.get("/reviews/?not_seen=missing"))
    assert missed.get_absolute_url() in body(page.get("/reviews/?not_seen=gone"))
