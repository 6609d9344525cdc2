"""What a person decides about an import is never lost, even where the queue cannot be reached."""

from unittest.mock import patch

import pytest
from django.contrib.auth.models import User

from reviewdesk import queue
from reviews.ingest.reception import choose_columns, discard
from reviews.ingest.running import run
from reviews.models import ImportBatch, ImportRejection, Review, Shop, StagedRow
from tests.reviews.ingest.exports import ROWS, counts, csv_bytes, imported, looked_at

Status = ImportBatch.Status
pytestmark = pytest.mark.usefixtures("classifier")


@pytest.mark.django_db(transaction=True)
def test_without_redis_a_confirmed_import_waits_for_the_sweep(shop: Shop) -> None:
    batch = looked_at(shop, csv_bytes())
    with patch("django_rq.queues.DjangoRQ.original_enqueue_call", side_effect=queue.RedisError("gone")):
        assert choose_columns(batch, batch.mapping, is_confirmed=True)
    batch.refresh_from_db()
    assert (batch.status, batch.is_confirmed) == (Status.STAGING, True)
    assert batch.beat_at is not None


@pytest.mark.django_db
def test_an_upload_is_read_but_not_stored_before_a_person_confirms(shop: Shop) -> None:
    imported(shop, csv_bytes(ROWS[:2]))
    changed = ("1002", "买**2", "差评", *ROWS[1][3:])
    batch = looked_at(shop, csv_bytes([ROWS[0], changed, *ROWS[2:], ROWS[4], ("x", *ROWS[0][1:4], "gestern", "", "")]))
    assert batch.status == Status.READY
    assert batch.forecast == {"created": 3, "updated": 1, "unchanged": 2, "rejected": 1}
    assert Review.objects.count() == 2
    choose_columns(batch, batch.mapping, is_confirmed=True)
    run(batch.pk)
    batch.refresh_from_db()
    assert batch.status == Status.DONE
    assert counts(batch) == {"rows": 7} | batch.forecast


@pytest.mark.django_db
def test_with_other_columns_it_is_read_again(shop: Shop) -> None:
    batch = looked_at(shop, csv_bytes())
    mapping = {name: index for name, index in batch.mapping.items() if name != "rating"}
    assert choose_columns(batch, mapping, is_confirmed=False)
    run(batch.pk)
    batch.refresh_from_db()
    assert (batch.status, batch.mapping) == (Status.READY, mapping)
    assert batch.forecast == {"created": 4, "updated": 0, "unchanged": 0, "rejected": 1}, "one has no text"
    assert StagedRow.objects.count() == 4


@pytest.mark.django_db
def test_what_was_discarded_leaves_nothing_behind(shop: Shop) -> None:
    batch = looked_at(shop, csv_bytes([*ROWS, ("", *ROWS[0][1:])]))
    assert discard(batch)
    run(batch.pk)
    batch.refresh_from_db()
    assert batch.status == Status.DISCARDED
    assert not StagedRow.objects.exists()
    assert not ImportRejection.objects.exists()
    assert not choose_columns(batch, batch.mapping, is_confirmed=True)
    assert not discard(imported(shop, csv_bytes())), "what is stored is not discarded"


@pytest.mark.django_db
def test_what_a_person_said_of_columns_is_remembered_for_the_shop(shop: Shop, other_shop: Shop, admin: User) -> None:
    headings = ("a", "b", "c", "d", "e", "f", "g")
    batch = looked_at(shop, csv_bytes(headings=headings))
    assert (batch.status, batch.mapping) == (Status.READY, {})
    mapping = {"order_number": 0, "buyer_name": 1, "content": 3, "reviewed_at": 4}
    choose_columns(batch, mapping, is_confirmed=True, actor=admin)
    again = looked_at(shop, csv_bytes(ROWS[:2], headings[::-1]))
    assert again.mapping == {"order_number": 6, "buyer_name": 5, "content": 3, "reviewed_at": 2}
    assert again.forecast, "it was read without asking"
    assert looked_at(other_shop, csv_bytes(headings=headings)).mapping == {}
