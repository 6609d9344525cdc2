"""What a later export shows of a known review: kept as a revision, told to its case, readable on the case's page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils.translation import override

from cases.models import Case, State
from cases.views.timeline import lines_of
from reviews.models import ReviewRevision, Shop
from tests.conftest import NOW
from tests.reviews.ingest.exports import csv_bytes, imported

pytestmark = pytest.mark.usefixtures("classifier")

FIRST = {
    "订单号": "1001",
    "买家昵称": "买**1",
    "评价结果": "中评",
    "评价内容": "物流太慢",
    "评价时间": "2026-11-02 10:00",
    "宝贝名称": "夏季短袖T恤",
    "追评内容": "",
    "追评时间": "",
    "回复内容": "",
    "回复时间": "",
}
CHANGES: dict[str, tuple[dict[str, str], dict[str, list[Any]], list[tuple[str, str, str]]]] = {
    "rating turned": (
        {"评价结果": "差评"},
        {"rating": ["neutral", "bad"]},
        [("rating", "Neutral", "Bad")],
    ),
    "text edited": (
        {"评价内容": "物流太慢,还贵"},
        {"content": ["物流太慢", "物流太慢,还贵"]},
        [("review", "物流太慢", "物流太慢,还贵")],
    ),
    "follow-up added": (
        {"追评内容": "用了就破", "追评时间": "2026-11-09 08:00"},
        {"append_content": ["", "用了就破"], "append_at": [None, "2026-11-09 08:00:00+08:00"]},
        [("follow-up", "", "用了就破")],
    ),
    "seller replied": (
        {"回复内容": "抱歉", "回复时间": "2026-11-03 09:00"},
        {"reply": ["", "抱歉"], "replied_at": [None, "2026-11-03 09:00:00+08:00"]},
        [("seller's reply", "", "抱歉")],
    ),
}
"""What is told anew -> the revision it writes, and what the timeline shows of it."""


@pytest.fixture
def case(shop: Shop, agent: User) -> Case:
    """The case of an imported review."""
    export(shop)
    return Case.objects.get()


def export(shop: Shop, **told: str) -> None:
    imported(shop, csv_bytes([list((FIRST | told).values())], list(FIRST)))


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_is_kept_told_and_readable(
    shop: Shop, case: Case, agent: User, sign_in: Callable[[User], Client], what: str
) -> None:
    told, changes, shown = CHANGES[what]
    export(shop, **told)
    revision = ReviewRevision.objects.get()
    assert (revision.review, revision.changes) == (case.review, changes)
    line = case.changes.get(kind="review")
    assert (line.at, line.actor) == (revision.recorded_at, None)
    assert {name: line.changes[name] for name in changes} == changes
    with override("en"):
        fields = [tuple(change) for change in lines_of([line])[0].changes]
    assert [field for field in fields if field[0] not in ("tier", "risk")] == shown
    page = sign_in(agent).get(case.get_absolute_url()).content.decode()
    assert all(text in page for text in told.values() if ":" not in text and text != "差评")


def test_the_same_export_again_tells_nothing(shop: Shop, case: Case) -> None:
    export(shop)
    assert not ReviewRevision.objects.exists()
    assert list(case.changes.values_list("kind", flat=True)) == ["opened"]


@pytest.mark.parametrize(
    ("what", "reopens"),
    [("rating turned", False), ("text edited", False), ("follow-up added", True), ("seller replied", False)],
)
def test_a_closed_case_opens_again_for_a_new_complaint_only(shop: Shop, case: Case, what: str, reopens: bool) -> None:
    Case.objects.update(state=State.CLOSED, closed_at=NOW, outcome="satisfied", due_at=None)
    export(shop, **CHANGES[what][0])
    case.refresh_from_db()
    assert case.is_open == reopens
    assert list(case.changes.order_by("pk").values_list("kind", flat=True)) == [
        "opened",
        *(["reopened"] if reopens else []),
        "review",
    ]


def test_several_changes_come_one_by_one(shop: Shop, case: Case) -> None:
    so_far: dict[str, str] = {}
    for told, _changes, _shown in CHANGES.values():
        so_far |= told
        export(shop, **so_far)
    revisions = ReviewRevision.objects.order_by("pk")
    assert [revision.changes for revision in revisions] == [changes for _told, changes, _shown in CHANGES.values()]
    assert case.changes.filter(kind="review").count() == len(CHANGES)


def test_another_product_or_variant_is_shown_too(shop: Shop, case: Case) -> None:
    line = case.changes.create(
        at=NOW, kind="review", changes={"product": ["杯子", "保温杯"], "sku": ["黑", "白"], "append_at": [None, "x"]}
    )
    with override("en"):
        assert [tuple(change) for change in lines_of([line])[0].changes] == [
            ("product", "杯子", "保温杯"),
            ("variant", "黑", "白"),
        ]


@pytest.mark.parametrize("kind", ["order", "gone", "back"])
def test_every_new_kind_of_line_has_its_words(case: Case, kind: str) -> None:
    line = case.changes.create(at=NOW, kind=kind, changes={"gone_at": ["", NOW.isoformat()]})
    with override("en"):
        shown = lines_of([line])[0]
    assert shown.what in {"Order facts arrived", "Confirmed gone", "Not gone after all"}
    assert shown.changes == []
