"""Upkeep of imports: nothing is kept of what nobody will store."""

from __future__ import annotations

from datetime import timedelta
from unittest.mock import patch

import pytest
from django.utils import timezone

from reviews.ingest.reception import discard
from reviews.jobs import LEFT_WAITING, clear_given_up_imports
from reviews.models import ImportBatch, ImportPart, Shop, StagedRow
from tests.reviews.ingest.exports import csv_bytes, looked_at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("classifier")]
Status = ImportBatch.Status


def test_what_a_kill_left_of_a_discarded_import_is_cleared(shop: Shop) -> None:
    batch, waiting = looked_at(shop, csv_bytes()), looked_at(shop, csv_bytes())
    with (
        patch("reviews.ingest.reception.forget_given_up", side_effect=KeyboardInterrupt),
        pytest.raises(KeyboardInterrupt),
    ):
        discard(batch)
    assert StagedRow.objects.filter(batch=batch).exists()
    assert clear_given_up_imports() == 1
    assert set(ImportPart.objects.values_list("batch", flat=True)) == {waiting.pk}
    assert set(StagedRow.objects.values_list("batch", flat=True)) == {waiting.pk}


def test_an_upload_that_nobody_confirmed_for_long_is_discarded(shop: Shop) -> None:
    old, young = looked_at(shop, csv_bytes()), looked_at(shop, csv_bytes())
    ImportBatch.objects.filter(pk=old.pk).update(phase_at=timezone.now() - LEFT_WAITING - timedelta(hours=1))
    clear_given_up_imports()
    assert set(ImportBatch.objects.values_list("pk", "status")) == {
        (old.pk, Status.DISCARDED),
        (young.pk, Status.READY),
    }
