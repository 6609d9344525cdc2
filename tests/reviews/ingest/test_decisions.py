"""What a person decided of a review is not undone by an import, and no fact of a file is lost on the way."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.files import File

from cases.models import Case, Outcome, State
from reviews.correction import correct_causes, dismiss_complaint
from reviews.ingest import running
from reviews.ingest.reception import receive_file
from reviews.models import ImportBatch, Order, Review, Shop
from tests.conftest import NOW

HEADINGS = [
    "订单号",
    "买家昵称",
    "评价结果",
    "评价内容",
    "评价时间",
    "宝贝标题",
    "追评内容",
    "回复内容",
    "买家应付货款",
]
COMPLAINT = "质量太差了,用两天就坏,客服还不理人"
Import = Callable[..., ImportBatch]


def line(order: str = "2611200000000000001", rating: str = "好评", content: str = COMPLAINT, **more: str) -> list[str]:
    told = {"追评内容": "", "回复内容": "", "买家应付货款": ""} | more
    return [order, "买**9", rating, content, "2026-11-18 10:00", "短袖T恤", *told.values()]


@pytest.fixture
def import_lines(shop: Shop, tmp_path: Path) -> Import:
    def run(*lines: list[str], headings: list[str] = HEADINGS) -> ImportBatch:
        path = tmp_path / "export.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([headings, *lines])
        with path.open("rb") as stream:
            batch = receive_file(shop=shop, file=File(stream, name=path.name), source=ImportBatch.Source.COMMAND)
        running.run(batch.pk)
        batch.refresh_from_db()
        assert batch.status == ImportBatch.Status.DONE, batch.error
        return batch

    return run


def test_a_dismissed_complaint_stays_dismissed_when_its_text_changes(import_lines: Import, agent: User) -> None:
    import_lines(line())
    review = Review.objects.get()
    dismiss_complaint(review=review, actor=agent, now=NOW)
    import_lines(line(content=COMPLAINT + "!!"))
    review.refresh_from_db()
    assert (review.is_negative, review.causes.count()) == (False, 0)
    assert Case.objects.get().outcome == Outcome.MISTAKEN


def test_a_dismissed_complaint_comes_back_with_a_bad_rating(import_lines: Import, agent: User) -> None:
    import_lines(line())
    dismiss_complaint(review=Review.objects.get(), actor=agent, now=NOW)
    import_lines(line(rating="差评"))
    review = Review.objects.get()
    assert review.is_negative
    assert review.causes.exists()
    assert Case.objects.get().state == State.NEW


def test_a_complaint_that_a_person_found_stays_one(import_lines: Import, agent: User) -> None:
    import_lines(line(content="很好,下次还来"))
    correct_causes(review=Review.objects.get(), codes=["courier.slow"], actor=agent, now=NOW)
    import_lines(line(content="很好,下次还来,推荐"))
    review = Review.objects.get()
    assert review.is_negative
    assert [cause.code for cause in review.causes.all()] == ["courier.slow"]


def test_what_only_an_earlier_line_of_the_file_tells_is_kept(import_lines: Import) -> None:
    first = line(rating="差评", 追评内容="还是坏的", 回复内容="抱歉", 买家应付货款="59.90")
    batch = import_lines(first, line(rating="差评"))
    review = Review.objects.get()
    assert (review.append_content, review.reply) == ("还是坏的", "抱歉")
    assert str(Order.objects.get().amount) == "59.90"
    assert (batch.created, batch.unchanged) == (1, 1)


def test_wordless_ratings_without_order_are_told_apart(import_lines: Import) -> None:
    headings = ["用户昵称", "星级", "评论内容", "日期", "SKU"]
    said = "此用户没有填写评价。"
    lines = [["匿名用户", stars, said, "2026-11-02", "黑"] for stars in ("1", "5")]
    assert import_lines(*lines, headings=headings).created == 2
    assert import_lines(*lines, headings=headings).unchanged == 2


def test_a_follow_up_counts_although_praise_stands_before_it(import_lines: Import) -> None:
    import_lines(line(content="五分好评,很满意,质量很好,物流很快,客服也不错", 追评内容="洗完一次就掉色严重,还起球"))
    assert Review.objects.get().is_negative
