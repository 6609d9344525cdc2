"""Pages that name who did something stay readable once that account is deleted."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from cases.models import Case
from reviewdesk.access import Role, grant_role
from reviews.models import ImportBatch, RememberedColumns, Review, Shop
from tests.conftest import NOW
from tests.reviews.ingest.exports import csv_bytes, looked_at
from tests.reviews.views.import_page import UNKNOWN_HEADINGS, body, confirm, shown


@pytest.fixture
def leaver(db: None) -> User:
    user = User.objects.create_user("leaver")
    grant_role(user, Role.ADMIN)
    return user


def test_the_review_they_decided_on_and_the_list_to_check(
    page: Client, make_review: Callable[..., Review], make_case: Callable[..., Case], leaver: User
) -> None:
    case = make_case(make_review(not_seen_at=NOW, gone_at=NOW, gone_by=leaver, causes_decided_at=NOW))
    Review.objects.update(causes_decided_by=leaver)
    leaver.delete()
    text = body(page.get(case.review.get_absolute_url()))
    assert "Decided by – on" in text
    assert "as – confirmed on" in text
    assert page.get(case.get_absolute_url()).status_code == 200
    assert "– decided:" in body(page.get("/reviews/check/", {"decided": case.review_id}))


@pytest.mark.parametrize(("status", "said"), [("undone", "by –. Importing"), ("discarded", "Discarded on")])
def test_the_import_they_took_back(page: Client, shop: Shop, leaver: User, status: str, said: str) -> None:
    batch = looked_at(shop, csv_bytes())
    ImportBatch.objects.update(
        status=status, finished_at=NOW, undone_at=NOW, undone_by=leaver, discarded_by=leaver, uploaded_by=leaver
    )
    leaver.delete()
    assert said in shown(page, batch)


@pytest.mark.usefixtures("classifier")
def test_the_columns_they_chose(page: Client, shop: Shop, leaver: User) -> None:
    confirm(page, looked_at(shop, csv_bytes(headings=UNKNOWN_HEADINGS)))
    assert RememberedColumns.objects.update(remembered_by=leaver) == 1
    leaver.delete()
    assert "what – chose on" in shown(page, looked_at(shop, csv_bytes(headings=UNKNOWN_HEADINGS)))
