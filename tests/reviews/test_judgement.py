from __future__ import annotations

import pytest

from reviews.judgement import is_default_text, is_negative


@pytest.mark.parametrize(
    "text",
    [
        "评价方未及时做出评价,系统默认好评!",
        "评价方未及时做出评价，系统默认好评！",
        "此用户没有填写评价。",
        "此用户没有填写评论!",
        "此用户未填写评价内容",
        "该用户未及时评价,系统默认好评",
        "系统默认好评",
        "默认好评",
    ],
)
def test_what_the_platform_wrote_is_no_opinion(text: str) -> None:
    assert is_default_text(text)


@pytest.mark.parametrize("text", ["", "好评", "默认好评是骗人的", "我没有填写评价", "系统默认好评,其实很差", "。"])
def test_what_a_buyer_wrote_is_one(text: str) -> None:
    assert not is_default_text(text)


@pytest.mark.parametrize(
    ("rating", "stars", "is_complaint", "expected"),
    [
        ("bad", None, False, True),
        ("neutral", None, False, True),
        ("good", None, False, False),
        ("good", None, True, True),
        ("", None, True, True),
        ("", None, False, False),
        ("", 1, False, True),
        ("", 3, False, True),
        ("", 4, False, False),
        ("", 5, True, True),
    ],
)
def test_ratings_stars_and_complaints(rating: str, stars: int | None, is_complaint: bool, expected: bool) -> None:
    assert is_negative(rating=rating, stars=stars, is_complaint=is_complaint) is expected
