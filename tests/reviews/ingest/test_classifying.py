"""What rating and text together make of a review, by the shipped classifier."""

import pytest

from reviews.ingest.storing.classifying import Opinion, judge

pytestmark = pytest.mark.django_db


def opinion(content: str, rating: str = "", stars: int | None = None, append_content: str = "") -> Opinion:
    return Opinion(rating, stars, content, append_content)


@pytest.mark.parametrize(
    ("said", "is_negative"),
    [
        (opinion("物流快", stars=5), False),
        (opinion("物流快", "good"), False),
        (opinion("物流快", "bad"), True),
        (opinion("快递太慢了,等了十天", "good"), True),
        (opinion("东西是假的", stars=5), True),
        (opinion("太失望了,再也不会买了", "good"), True),
        (opinion("很好", "good", append_content="用了两天就坏了,质量太差"), True),
    ],
)
def test_who_rated_well_complains_by_naming_something(said: Opinion, is_negative: bool) -> None:
    assert judge([said])[0].is_negative is is_negative
