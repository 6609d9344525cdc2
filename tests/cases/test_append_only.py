"""Contact entries and history stay as written."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import ProtectedError

from cases import history
from cases.contacts.entries import ContactDraft, log_contact
from cases.contacts.rulings import ask_not_to_phone
from cases.models import Case, CaseChange, ContactEntry, ContactRuling
from reviewdesk.append_only import AppendOnlyError
from tests.conftest import NOW

Kept = ContactEntry | CaseChange | ContactRuling
RELATED = {ContactEntry: "contacts", CaseChange: "changes", ContactRuling: "contact_rulings"}


@pytest.fixture(params=RELATED)
def kept(request: pytest.FixtureRequest, make_case: Callable[..., Case], agent: User) -> Kept:
    case = make_case(owner=agent)
    log_contact(case=case, actor=agent, now=NOW, draft=ContactDraft("chat", "reached", "已道歉"))
    ask_not_to_phone(case=case, reason="别打电话", actor=agent, now=NOW)
    return request.param.objects.first()  # type: ignore[no-any-return]


def test_a_row_is_not_saved_again(kept: Kept) -> None:
    with pytest.raises(AppendOnlyError):
        kept.save()
    with pytest.raises(AppendOnlyError):
        type(kept).objects.get(pk=kept.pk).save(update_fields=["at"])


def test_a_row_is_not_deleted(kept: Kept) -> None:
    with pytest.raises(AppendOnlyError):
        kept.delete()
    assert type(kept).objects.filter(pk=kept.pk).exists()


def test_rows_are_not_changed_or_deleted_together(kept: Kept, agent: User) -> None:
    rows = type(kept).objects.filter(pk=kept.pk)
    with pytest.raises(AppendOnlyError):
        rows.update(actor=agent)
    with pytest.raises(AppendOnlyError), transaction.atomic():
        type(kept).objects.bulk_update([kept], ["at"])
    with pytest.raises(AppendOnlyError):
        rows.delete()
    with pytest.raises(AppendOnlyError):
        getattr(kept.case, RELATED[type(kept)]).all().delete()
    assert rows.exists()


def test_a_case_review_or_user_does_not_take_its_rows_along(kept: Kept, agent: User) -> None:
    for owner_of_rows in (kept.case, kept.case.review, agent):
        with pytest.raises(ProtectedError):
            owner_of_rows.delete()


@pytest.mark.django_db(transaction=True)
def test_history_is_written_only_within_the_transaction_of_its_change(make_case: Callable[..., Case]) -> None:
    case = make_case()
    with pytest.raises(RuntimeError):
        history.record(case=case, kind=CaseChange.Kind.STEP, actor=None, now=NOW)
