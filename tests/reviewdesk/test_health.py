from unittest.mock import patch

from django.test import Client
from redis.exceptions import ConnectionError as RedisConnectionError

from reviewdesk import queue


def test_health_names_a_missing_worker(db: None, client: Client) -> None:
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json() == {
        "status": "failing",
        "database": True,
        "migrations": True,
        "redis": True,
        "worker": False,
        "queue_depth": 0,
        "oldest_job_seconds": 0,
    }


def test_health_is_well_with_a_worker(db: None, client: Client) -> None:
    with patch("reviewdesk.queue.state", return_value=queue.QueueState(2, 3, 7)):
        answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json()["queue_depth"] == 3


def test_health_tells_that_redis_is_gone(db: None, client: Client) -> None:
    with patch("reviewdesk.queue.state", side_effect=RedisConnectionError):
        answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["redis"] is False


def test_a_job_waits_in_the_queue_once_the_transaction_commits(transactional_db: None) -> None:
    queue.enqueue("reviews.jobs.resume_stalled_imports")
    assert queue.state().waiting == 1
