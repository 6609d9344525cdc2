"""The list of reviews, the page of one, and the correction form."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from cases.models import Case
from reviews import search
from reviews.models import ImportBatch, Review, ReviewRevision, Shop
from reviews.views import reviews as views
from tests.conftest import NOW

MakeReview = Callable[..., Review]
MakeCase = Callable[..., Case]
SignIn = Callable[[User], Client]


def listed(client: Client, **query: Any) -> list[Review]:
    response = client.get("/reviews/", query)
    assert response.status_code == 200
    return response.context["page"].reviews


def test_newest_first_with_everything_a_row_tells(make_case: MakeCase, agent: User, sign_in: SignIn) -> None:
    case = make_case()
    page = sign_in(agent).get("/reviews/").content.decode()
    assert '<mark class="mark mark-courier"' in page
    assert "第一小店" in page
    assert "夏季宽松短袖T恤" in page
    assert reverse("cases:case", args=[case.pk]) in page


def test_text_of_buyers_is_shown_never_executed(make_review: MakeReview, agent: User, sign_in: SignIn) -> None:
    review = make_review(content="<script>alert(1)</script>", append_content="<b>", buyer_name="<i>", reply="<u>")
    for path in ("/reviews/", review.get_absolute_url()):
        page = sign_in(agent).get(path).content.decode()
        assert "<script>alert(1)" not in page
        assert "&lt;b&gt;" in page
        assert "<i>" not in page


@pytest.mark.parametrize(
    "query", [{"q": "色差"}, {"negative": "0"}, {"cause": "price"}, {"rating": "good"}, {"uncertain": "1"}]
)
def test_filters_of_the_address_reach_the_list(
    make_review: MakeReview, agent: User, sign_in: SignIn, query: dict[str, str]
) -> None:
    make_review()
    wanted = make_review(["price.fee"], content="色差", rating="good", is_negative=False, negative_score=0.5)
    assert listed(sign_in(agent), **query) == [wanted]


@pytest.mark.parametrize(("not_seen", "numbers"), [("missing", {"7"}), ("gone", {"8"}), ("", {"6", "7", "8"})])
def test_reviews_that_an_export_lacked_can_be_listed(
    make_review: MakeReview, agent: User, sign_in: SignIn, not_seen: str, numbers: set[str]
) -> None:
    make_review(order_number="6")
    make_review(order_number="7", not_seen_at=NOW)
    make_review(order_number="8", not_seen_at=NOW, gone_at=NOW)
    assert {review.order_number for review in listed(sign_in(agent), not_seen=not_seen)} == numbers


def test_the_filter_form_shows_what_is_in_force(make_review: MakeReview, agent: User, sign_in: SignIn) -> None:
    review = make_review()
    query = {"q": "九天", "cause": "courier", "primary": "1", "from": "2026-11-01", "batch": review.batch_id}
    page = sign_in(agent).get("/reviews/", query).content.decode()
    assert 'value="九天"' in page
    assert '<option value="courier" selected>' in page
    assert 'name="primary" value="1" checked' in page
    assert 'value="2026-11-01"' in page
    assert f'name="batch" value="{review.batch_id}" checked' in page


@pytest.mark.parametrize(
    "query",
    [
        {"from": "2026-13-01"},
        {"from": "0001-01-01"},
        {"to": "9999-12-31"},
        {"from": "2026-11-02", "to": "2026-11-01"},
        {"rating": "splendid"},
        {"cause": "nonsense"},
        {"q": "a\x00b"},
    ],
)
def test_a_filter_that_makes_no_sense_says_so_and_shows_nothing(
    make_review: MakeReview, agent: User, sign_in: SignIn, query: dict[str, str]
) -> None:
    make_review()
    response = sign_in(agent).get("/reviews/", query)
    assert response.status_code == 200
    assert response.context["form"].errors
    assert not response.context["page"].reviews
    assert "errorlist" in response.content.decode()


def test_pages_keep_the_filter(
    make_review: MakeReview, agent: User, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "PAGE_SIZE", 2)
    made = [make_review(reviewed_at=NOW - timedelta(hours=number)) for number in range(3)]
    make_review(["price.fee"], reviewed_at=NOW)
    client = sign_in(agent)
    first = client.get("/reviews/", {"cause": "courier"})
    assert f'href="?cause=courier&amp;older={made[1].pk}"' in first.content.decode()
    assert listed(client, cause="courier", older=made[1].pk) == [made[2]]
    assert listed(client, cause="courier", newer=made[2].pk) == made[:2]


def test_totals_are_counted_only_so_far(
    make_review: MakeReview, agent: User, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "COUNTED_AT_MOST", 2)
    for _ in range(2):
        make_review()
    client = sign_in(agent)
    assert not client.get("/reviews/").context["has_more_than_total"]
    make_review()
    response = client.get("/reviews/")
    assert response.context["has_more_than_total"]
    assert response.context["total"] == 2


@pytest.mark.parametrize("count", [1, 8])
def test_queries_do_not_grow_with_the_list(
    make_case: MakeCase,
    make_review: MakeReview,
    agent: User,
    sign_in: SignIn,
    django_assert_num_queries: Callable[[int], Any],
    count: int,
) -> None:
    for number in range(count):
        make_case(make_review(["price.fee", "price.drop"], product_title=f"商品{number}"))
    client = sign_in(agent)
    # session, user, demo account?, role, shops, products, products and reviews with the word, list, its causes, total,
    # how many to check, duty
    with django_assert_num_queries(12):
        client.get("/reviews/", {"cause": "price", "q": "九天"})


def test_only_reviews_of_the_users_shops(
    make_review: MakeReview, other_shop: Shop, agent: User, outsider: User, admin: User, sign_in: SignIn
) -> None:
    mine, foreign = make_review(), make_review(shop=other_shop)
    assert listed(sign_in(agent)) == [mine]
    assert listed(sign_in(outsider)) == [foreign]
    assert set(listed(sign_in(admin))) == {mine, foreign}


@pytest.mark.parametrize("name", ["shop", "product", "batch", "older", "newer"])
def test_naming_an_object_of_another_shop_answers_404(
    make_review: MakeReview, other_shop: Shop, agent: User, sign_in: SignIn, name: str
) -> None:
    foreign = make_review(shop=other_shop)
    pk = {"shop": other_shop.pk, "product": foreign.product_id, "batch": foreign.batch_id}.get(name, foreign.pk)
    client = sign_in(agent)
    for value in (pk, "999999999999999999999", "x", "-1", "0"):
        assert client.get("/reviews/", {name: value}).status_code == 404, value


@pytest.mark.parametrize(
    ("who", "list_status", "page_status"),
    [
        (None, 302, 302),
        ("outsider", 200, 404),
        ("agent", 200, 200),
        ("supervisor", 200, 200),
        ("admin", 200, 200),
    ],
)
def test_who_may_see_reviews(
    request: pytest.FixtureRequest,
    make_review: MakeReview,
    sign_in: SignIn,
    who: str | None,
    list_status: int,
    page_status: int,
) -> None:
    review = make_review()
    client = sign_in(request.getfixturevalue(who)) if who else Client()
    assert client.get("/reviews/").status_code == list_status
    assert client.get(review.get_absolute_url()).status_code == page_status
    correction = client.post(reverse("reviews:correct_causes", args=[review.pk]), {"codes": "price.fee"})
    assert correction.status_code == (404 if page_status == 404 else 302)
    if page_status != 200:
        assert [cause.code for cause in review.causes.all()] == ["courier.slow"]


def test_someone_without_a_role_sees_nothing(make_review: MakeReview, sign_in: SignIn) -> None:
    nobody = User.objects.create_user("nobody")
    make_review().shop.members.add(nobody)
    assert sign_in(nobody).get("/reviews/").status_code == 403


def test_the_page_tells_text_causes_changes_and_other_reviews(
    make_review: MakeReview, make_case: MakeCase, other_shop: Shop, agent: User, sign_in: SignIn
) -> None:
    review = make_review(append_content="又坏了", append_at=NOW, reply="抱歉", replied_at=NOW)
    changes = {"content": ["原来的话", review.content]}
    ReviewRevision.objects.create(review=review, batch=ImportBatch.objects.get(), recorded_at=NOW, changes=changes)
    same_buyer = make_review(content="另一条评价")
    make_review(content="别的店的评价", shop=other_shop)
    make_review(content="别人的评价", buyer_name="t**2")
    make_case(review)
    response = sign_in(agent).get(review.get_absolute_url())
    page = response.content.decode()
    for words in ("mark-courier", "又坏了", "抱歉", "原来的话", "0.90", review.order_number):
        assert words in page
    assert response.context["others"] == [same_buyer]
    assert review.case.get_absolute_url() in page


def test_reviews_without_a_buyer_name_are_not_taken_for_one_buyer(
    make_review: MakeReview, agent: User, sign_in: SignIn
) -> None:
    review = make_review(buyer_name="")
    make_review(buyer_name="")
    assert sign_in(agent).get(review.get_absolute_url()).context["others"] == []


def test_queries_of_the_page(
    make_review: MakeReview, agent: User, sign_in: SignIn, django_assert_num_queries: Callable[[int], Any]
) -> None:
    review = make_review()
    for _ in range(5):
        make_review(["price.fee", "price.drop"])
    client = sign_in(agent)
    # session, user, demo account?, role, review, causes, revisions, others, their causes, rating, duty
    with django_assert_num_queries(10):
        client.get(review.get_absolute_url())


def test_a_correction_is_stored_and_goes_back_where_it_came_from(
    make_review: MakeReview, agent: User, sign_in: SignIn
) -> None:
    review = make_review()
    address = reverse("reviews:correct_causes", args=[review.pk])
    response = sign_in(agent).post(address, {"codes": ["price.fee", "", "price.drop"], "next": "/desk/?view=mine"})
    assert response.url == "/desk/?view=mine"
    assert [(cause.code, cause.source) for cause in review.causes.all()] == [
        ("price.fee", "person"),
        ("price.drop", "person"),
    ]


@pytest.mark.parametrize("address", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_a_correction_leads_nowhere_else(make_review: MakeReview, agent: User, sign_in: SignIn, address: str) -> None:
    review = make_review()
    response = sign_in(agent).post(
        reverse("reviews:correct_causes", args=[review.pk]), {"codes": "price.fee", "next": address}
    )
    assert response.url == review.get_absolute_url()


def test_a_refused_correction_says_why(make_review: MakeReview, agent: User, sign_in: SignIn) -> None:
    review = make_review()
    address = reverse("reviews:correct_causes", args=[review.pk])
    page = sign_in(agent).post(address, {"codes": ["other", "price.fee"]}, follow=True)
    (message,) = page.context["messages"]
    assert message.level_tag == "error"
    assert [cause.code for cause in review.causes.all()] == ["courier.slow"]


def test_not_a_complaint_is_offered_only_where_the_rating_allows_it(
    make_review: MakeReview, agent: User, sign_in: SignIn
) -> None:
    client = sign_in(agent)
    bad, praised = make_review(), make_review(rating="good")
    assert 'value="dismiss"' not in client.get(bad.get_absolute_url()).content.decode()
    assert 'value="dismiss"' in client.get(praised.get_absolute_url()).content.decode()
    client.post(reverse("reviews:correct_causes", args=[praised.pk]), {"verdict": "dismiss"})
    praised.refresh_from_db()
    assert not praised.is_negative


def test_a_dismissed_review_says_so_in_the_list_and_on_its_page(
    make_review: MakeReview, agent: User, sign_in: SignIn
) -> None:
    client = sign_in(agent)
    client.cookies["django_language"] = "en"
    review = make_review(rating="good")
    assert ">Not a complaint</span>" not in client.get("/reviews/").content.decode()
    client.post(reverse("reviews:correct_causes", args=[review.pk]), {"verdict": "dismiss"})
    assert ">Not a complaint</span>" in client.get("/reviews/").content.decode()
    page = client.get(review.get_absolute_url()).content.decode()
    assert "<strong>Not a complaint</strong>" in page
    assert '<h2 id="verdict-title">Verdict and causes</h2>' in page


@pytest.mark.parametrize(("length", "is_clamped"), [(400, False), (20_000, True)])
def test_a_long_text_is_clamped_and_can_be_opened(
    make_review: MakeReview, agent: User, sign_in: SignIn, length: int, is_clamped: bool
) -> None:
    page = sign_in(agent).get(make_review([], content="慢" * length).get_absolute_url()).content.decode()
    assert "慢" * length in page
    assert ('<details class="show-all">' in page) == is_clamped


def test_a_correction_must_be_posted(make_review: MakeReview, agent: User, sign_in: SignIn) -> None:
    assert sign_in(agent).get(reverse("reviews:correct_causes", args=[make_review().pk])).status_code == 405
