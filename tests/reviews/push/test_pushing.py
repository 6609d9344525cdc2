"""From the request of a program to stored reviews and open cases."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import django_rq
import pytest
from django.core.files.storage import default_storage
from redis.exceptions import ConnectionError as RedisConnectionError

from cases.models import Case
from reviews.ingest.reading.records import read_records
from reviews.ingest.reading.remembering import remember_columns
from reviews.models import ImportBatch, PushToken, Review, Shop, StagedRow
from tests.conftest import NOW
from tests.reviews.ingest.exports import FakeClassifier, counts
from tests.reviews.push.conftest import ITEM, Push, items, merged


@pytest.fixture(autouse=True)
def _classifier(classifier: FakeClassifier) -> None:
    """A small one is enough here."""


@pytest.mark.django_db
def test_a_pushed_review_is_stored_and_its_case_opened(push: Push, shop: Shop) -> None:
    batch = merged(push([ITEM]))
    review = Review.objects.get()
    assert (batch.status, batch.source, batch.shop, batch.is_confirmed) == ("done", "push", shop, True)
    assert (review.content, review.order_number, review.identity) == (
        ITEM["content"],
        ITEM["order_number"],
        "id:9001",
    )
    assert Case.objects.get().review == review
    assert batch.cases_opened == 1


@pytest.mark.django_db
def test_a_key_that_no_database_stores_is_ignored_like_any_other(push: Push) -> None:
    batch = merged(push([{**ITEM, "note\0": "1"}]))
    assert (batch.status, batch.created) == ("done", 1)
    assert batch.headings[-1] == "note\N{SYMBOL FOR NULL}"


@pytest.mark.django_db
def test_every_item_is_answered_in_its_order(push: Push) -> None:
    pushed = items(5)
    pushed[1]["reviewed_at"] = "yesterday"
    pushed[3]["rating"] = 9
    pushed[4]["content"] = "第一行\n第二行\n第三行"
    answer = push(pushed).json()
    assert answer["counts"] == {"items": 5, "accepted": 3, "rejected": 2}
    assert [(item["index"], item["status"]) for item in answer["items"]] == [
        (0, "accepted"), (1, "rejected"), (2, "accepted"), (3, "rejected"), (4, "accepted"),
    ]  # fmt: skip
    assert answer["items"][1] == {
        "index": 1,
        "status": "rejected",
        "reason": "bad_date",
        "message": answer["items"][1]["message"],
        "field": "reviewed_at",
        "value": "yesterday",
    }
    assert (answer["items"][3]["reason"], answer["items"][3]["value"]) == ("bad_rating", "9")
    assert "date" in answer["items"][1]["message"]


@pytest.mark.django_db
def test_rows_are_durable_before_the_answer_and_a_job_waits(
    push: Push, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        answer = push(items(3))
    assert StagedRow.objects.filter(batch=answer.json()["import"]["id"]).count() == 3
    assert [job.args for job in django_rq.get_queue().jobs] == [(answer.json()["import"]["id"],)]
    assert not Review.objects.exists()


@pytest.mark.django_db
def test_what_became_of_a_push_can_be_asked(push: Push, state: Callable[[int], Any]) -> None:
    pushed = items(3)
    pushed[1]["reviewed_at"] = None
    answer = push(pushed)
    batch_id = answer.json()["import"]["id"]
    assert answer.json()["import"]["url"] == f"http://testserver/api/imports/{batch_id}/"
    assert state(batch_id).json()["status"] == "staging"
    merged(answer)
    told = state(batch_id).json()
    assert (told["status"], told["rows"], told["created"], told["rejected"]) == ("done", 3, 2, 1)
    assert (told["negative"], told["cases_opened"], told["error"]) == (2, 2, "")
    assert [(refused["index"], refused["reason"]) for refused in told["rejections"]] == [(1, "date_missing")]


@pytest.mark.django_db
def test_a_thousand_at_once(push: Push) -> None:
    batch = merged(push(items(1000)))
    assert (batch.created, Review.objects.count()) == (1000, 1000)


@pytest.mark.django_db
def test_the_same_push_again_changes_nothing(push: Push) -> None:
    assert counts(merged(push(items(3))))["created"] == 3
    again = counts(merged(push(items(3))))
    assert again == {"rows": 3, "created": 0, "updated": 0, "unchanged": 3, "rejected": 0}
    assert Review.objects.count() == Case.objects.count() == 3


@pytest.mark.django_db
def test_a_follow_up_pushed_later_updates_the_review(push: Push) -> None:
    merged(push([ITEM]))
    assert counts(merged(push([{**ITEM, "append_content": "用了两天就破了"}])))["updated"] == 1
    assert Review.objects.get().append_content == "用了两天就破了"


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (
            {"tid": 2611200000000000012, "oid": 2611200000000000013, "role": "buyer", "nick": "买**2", "result": "bad",
             "created": "2026-11-18 10:00:00", "rated_nick": "第一小店", "item_title": "保温杯", "item_price": "59.90",
             "content": "破了", "reply": "抱歉", "num_iid": 5566, "valid_score": True},
            {"identity": "oid:2611200000000000013", "order_number": "2611200000000000012", "rating": "bad",
             "buyer_name": "买**2", "content": "破了", "reply": "抱歉", "amount": None},
        ),
        (
            {"user_nick": "买**3", "content": "慢", "comment_time": "2026-11-18 10:00:00", "tags": ["物流慢"],
             "has_negtv": True, "append_content": "还是慢", "append_time": "2026-11-19 10:00:00",
             "append_has_negtv": False},
            {"buyer_name": "买**3", "content": "慢", "append_content": "还是慢", "rating": "", "stars": None},
        ),
        (
            {"commentId": 77, "orderId": 88, "skuid": 99, "skuName": "保温杯", "content": "贵",
             "creationTime": "2026-11-18 10:00:00", "score": 1, "nickName": "j***n",
             "replies": [{"content": "谢谢"}, {"content": "别的"}]},
            {"identity": "id:77", "order_number": "88", "stars": 1, "buyer_name": "j***n", "reply": "谢谢"},
        ),
        (
            {"commentId": 78, "orderId": 89, "itemId": 100, "qualityScore": 2, "serviceScore": 5,
             "logisticsScore": 5, "content": "贵", "createTime": "2026-11-18 10:00:00"},
            {"identity": "id:78", "order_number": "89", "stars": 2, "content": "贵"},
        ),
    ],
    ids=["taobao", "tmall", "jd", "kuaishou"],
)  # fmt: skip
@pytest.mark.django_db
def test_the_platforms_own_names_are_understood(push: Push, item: dict[str, Any], expected: dict[str, Any]) -> None:
    merged(push([item]))
    review = Review.objects.get()
    stored = {"amount": None, **{name: getattr(review, name) for name in expected if name != "amount"}}
    assert {name: stored[name] for name in expected} == expected


@pytest.mark.parametrize("wrapping", ["array", "object", "lines"])
@pytest.mark.django_db
def test_three_wrappings_say_the_same(push: Push, wrapping: str) -> None:
    pushed = items(2)
    if wrapping == "lines":
        lines = "\n".join(json.dumps(item, ensure_ascii=False) for item in pushed) + "\n\n"
        answer = push(lines.encode(), content_type="application/x-ndjson; charset=utf-8")
    else:
        answer = push(pushed if wrapping == "array" else {"reviews": pushed})
    assert counts(merged(answer))["created"] == 2


@pytest.mark.django_db
def test_whole_numbers_stay_exact_and_floats_are_refused(push: Push) -> None:
    pushed = [
        {**ITEM, "order_number": 123456789012345678901234567890},
        {**ITEM, "platform_review_id": "2", "order_number": 1.2e17},
        {**ITEM, "platform_review_id": 10**5000},
    ]
    answer = push(("[" + ",".join(map(_literal, pushed)) + "]").encode())
    assert [item.get("reason") for item in answer.json()["items"]] == [None, "damaged_number", "too_long"]
    merged(answer)
    assert Review.objects.get().order_number == "123456789012345678901234567890"


def _literal(item: dict[str, Any]) -> str:
    """JSON of `item`, also where Python would not write so long a number."""
    shown = {name: value for name, value in item.items() if value != 10**5000}
    text = json.dumps(shown)
    return text if shown == item else text[:-1] + ', "platform_review_id": ' + "1" + "0" * 5000 + "}"


@pytest.mark.parametrize(
    "content",
    [
        "<script>alert(1)</script>",
        "=1+1",
        "{{ 7*7 }} %(x)s \\u0041",
        "一\u202e二\u200b三",
        '“引号”,逗号;"quote"',
        "第一行\r\n第二行".replace("\r\n", "\n"),
        "行\n" * 1500 + "完",
    ],
)
@pytest.mark.django_db
def test_what_a_buyer_wrote_is_stored_word_for_word(push: Push, content: str) -> None:
    merged(push([{**ITEM, "content": content}]))
    assert Review.objects.get().content == content


@pytest.mark.django_db
def test_what_no_database_holds_is_refused_or_replaced(push: Push) -> None:
    answer = push(b'[{"content": "\\ud800\xe6\x85\xa2", "reviewed_at": "2026-11-18", "platform_review_id": "1"},'
                  b' {"content": "a\\u0000b", "reviewed_at": "2026-11-18", "platform_review_id": "2"}]')  # fmt: skip
    assert answer.json()["items"][0]["status"] == "accepted"
    merged(answer)
    assert Review.objects.get(platform_review_id="1").content == "\ufffd慢"


@pytest.mark.django_db
def test_items_need_not_have_the_same_fields(push: Push) -> None:
    pushed = [ITEM, {"content": "破了", "reviewed_at": "2026-11-18", "sub_order_id": "5"}]
    assert counts(merged(push(pushed)))["created"] == 2


@pytest.mark.django_db
def test_the_file_of_a_push_is_a_table_of_it(push: Push) -> None:
    batch = merged(push(items(3, content="两\n行")))
    with default_storage.open(batch.file.name) as file:
        records = [record.cells for record in read_records(file, "utf-8", ",")]
    assert records[0] == list(ITEM)
    assert len(records) == 4


@pytest.mark.django_db
def test_columns_that_an_admin_explained_are_understood(push: Push, shop: Shop) -> None:
    known = ImportBatch(shop=shop, headings=["wann", "text"], mapping={"reviewed_at": 0, "content": 1})
    remember_columns(batch=known, actor=None, now=NOW)
    merged(push([{"text": "太慢", "wann": "2026-11-18 10:00"}]))
    assert Review.objects.get().content == "太慢"


@pytest.mark.django_db
def test_a_use_is_noted(push: Push, token: PushToken) -> None:
    push([ITEM])
    token.refresh_from_db()
    assert token.last_used_at is not None


@pytest.mark.django_db(transaction=True)
def test_without_redis_reviews_are_taken_all_the_same(push: Push, settings: Any) -> None:
    settings.PUSH_REQUESTS_A_MINUTE = 0
    with patch("redis.connection.ConnectionPool.get_connection", side_effect=RedisConnectionError("gone")):
        answer = push([ITEM])
    assert merged(answer).status == "done"


@pytest.mark.django_db
@pytest.mark.parametrize(("languages", "word"), [("zh-CN,zh;q=0.9", "日期"), ("en", "date"), ("de, en;q=0.5", "date")])
def test_answers_are_in_the_language_of_the_program(push: Push, languages: str, word: str) -> None:
    answer = push([{**ITEM, "reviewed_at": "yesterday"}], **{"Accept-Language": languages})
    assert word in answer.json()["items"][0]["message"]
    assert answer.headers["Content-Language"] in ("zh-hans", "en")
