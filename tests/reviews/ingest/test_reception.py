"""A confirmed import is never lost, even where the queue cannot be reached."""

from unittest.mock import patch

import pytest
from django.core.files.base import ContentFile

from reviewdesk import queue
from reviews.ingest.reception import receive_file, start_import
from reviews.models import ImportBatch, Shop


@pytest.mark.django_db(transaction=True)
def test_without_redis_a_confirmed_import_waits_for_the_sweep(shop: Shop) -> None:
    file = ContentFile("评价内容,评价时间,订单号\n太慢,2026-11-18 10:00,1\n".encode(), name="export.csv")
    batch = receive_file(shop=shop, file=file)
    with patch("django_rq.queues.DjangoRQ.original_enqueue_call", side_effect=queue.RedisError("gone")):
        assert start_import(batch)
    batch.refresh_from_db()
    assert batch.status == ImportBatch.Status.QUEUED
