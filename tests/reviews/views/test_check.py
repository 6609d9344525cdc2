"""The list of reviews to check, and the one-click controls of the pages of a review and of a case."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from cases.models import Case
from reviews.correction import correct_causes
from reviews.models import Review, ReviewCause, Shop
from reviews.views import check as views
from reviews.views.deciding import chosen_codes
from tests.conftest import NOW

MakeReview = Callable[..., Review]
SignIn = Callable[[User], Client]


@pytest.fixture
def make_unsure(make_review: MakeReview) -> MakeReview:
    """A review whose last cause the model is unsure of; by default it is sure of another."""

    def make(causes: list[str] | None = None, **fields: Any) -> Review:
        review = make_review(causes or ["quality.defect", "courier.slow"], **fields)
        ReviewCause.objects.filter(pk=review.causes.order_by("-rank")[0].pk).update(score=0.55)
        return review

    return make


@pytest.fixture
def english(agent: User, sign_in: SignIn) -> Client:
    client = sign_in(agent)
    client.cookies["django_language"] = "en"
    return client


def listed(client: Client, **query: Any) -> list[Review]:
    response = client.get("/reviews/check/", query)
    assert response.status_code == 200
    return [row.review for row in response.context["rows"]]


def answer(client: Client, review: Review, **posted: Any) -> Any:
    address = reverse("reviews:correct_causes", args=[review.pk])
    return client.post(address, {"seen": review.causes_seen, "next": "/reviews/check/?cause=courier", **posted})


def codes(review: Review) -> list[str]:
    return [cause.code for cause in review.causes.all()]


def test_newest_first_with_what_is_needed_to_decide(
    make_unsure: MakeReview, make_review: MakeReview, english: Client
) -> None:
    old, new = make_unsure(reviewed_at=NOW - timedelta(days=1), rating="good"), make_unsure()
    make_review()
    assert listed(english) == [new, old]
    page = english.get("/reviews/check/").content.decode()
    for words in ('class="mark mark-quality"', "tag-uncertain", "(uncertain)", "0.55", "2 reviews to check"):
        assert words in page
    assert page.count('value="dismiss"') == 1
    assert page.count('name="without" value="courier.slow"') == 2


def test_a_doubted_cause_that_stands_alone_cannot_be_dropped_at_once(make_unsure: MakeReview, english: Client) -> None:
    make_unsure(["courier.slow"])
    assert 'name="without"' not in english.get("/reviews/check/").content.decode()


def test_filters_of_the_address_reach_the_list_and_the_forms(make_unsure: MakeReview, english: Client) -> None:
    slow, _fee = make_unsure(), make_unsure(["price.fee"])
    query = {"cause": "courier", "from": "2026-11-01", "to": "2026-11-30", "shop": slow.shop_id}
    assert listed(english, **query) == [slow]
    page = english.get("/reviews/check/", query).content.decode()
    here = f"/reviews/check/?shop={slow.shop_id}&amp;cause=courier&amp;from=2026-11-01&amp;to=2026-11-30"
    assert f'name="next" value="{here}&amp;decided={slow.pk}"' in page


def test_pages_follow_one_another(make_unsure: MakeReview, english: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "ROWS_SHOWN", 2)
    made = [make_unsure(reviewed_at=NOW - timedelta(hours=number)) for number in range(3)]
    assert f"?older={made[1].pk}" in english.get("/reviews/check/").content.decode()
    assert listed(english, older=made[1].pk) == [made[2]]
    assert listed(english, newer=made[2].pk) == made[:2]


@pytest.mark.parametrize(
    "query", [{"from": "yesterday"}, {"cause": "nonsense"}, {"from": "2026-11-02", "to": "2026-11-01"}]
)
def test_a_filter_that_makes_no_sense_says_so(make_unsure: MakeReview, english: Client, query: dict[str, str]) -> None:
    make_unsure()
    page = english.get("/reviews/check/", query).content.decode()
    assert "errorlist" in page
    assert "check-row" not in page


@pytest.mark.parametrize("name", ["shop", "older", "newer", "decided"])
def test_naming_an_object_of_another_shop_answers_404(
    make_unsure: MakeReview, other_shop: Shop, english: Client, name: str
) -> None:
    foreign = make_unsure(shop=other_shop)
    pk = other_shop.pk if name == "shop" else foreign.pk
    for value in (pk, "9" * 21, "x"):
        assert english.get("/reviews/check/", {name: value}).status_code == 404, value


@pytest.mark.parametrize(
    ("who", "list_status", "post_status"),
    [(None, 302, 302), ("outsider", 200, 404), ("agent", 200, 302), ("supervisor", 200, 302), ("admin", 200, 302)],
)
def test_who_may_check(
    request: pytest.FixtureRequest,
    make_unsure: MakeReview,
    sign_in: SignIn,
    who: str | None,
    list_status: int,
    post_status: int,
) -> None:
    review = make_unsure()
    user = request.getfixturevalue(who) if who else None
    client = sign_in(user) if user else Client()
    assert client.get("/reviews/check/").status_code == list_status
    if list_status == 200:
        assert listed(client) == ([review] if post_status == 302 else [])
    assert answer(client, review, codes=["price.fee"]).status_code == post_status
    take_back = client.post(reverse("reviews:take_back", args=[review.pk]), {"seen": review.causes_seen})
    assert take_back.status_code == post_status
    assert codes(review) == (["price.fee"] if user and post_status == 302 else ["quality.defect", "courier.slow"])


def test_someone_without_a_role_checks_nothing(make_unsure: MakeReview, sign_in: SignIn) -> None:
    nobody = User.objects.create_user("nobody")
    review = make_unsure()
    review.shop.members.add(nobody)
    assert sign_in(nobody).get("/reviews/check/").status_code == 403
    assert sign_in(nobody).post(reverse("reviews:take_back", args=[review.pk])).status_code == 403


@pytest.mark.parametrize("count", [1, 8])
def test_queries_do_not_grow_with_the_list(
    make_unsure: MakeReview,
    make_case: Callable[..., Case],
    agent: User,
    sign_in: SignIn,
    django_assert_num_queries: Callable[[int], Any],
    count: int,
) -> None:
    for number in range(count):
        make_case(make_unsure(product_title=f"商品{number}", rating="good"))
    client = sign_in(agent)
    # session, user, demo account?, role, shops, products, list, its causes, total, ratings, duty
    with django_assert_num_queries(10):
        client.get("/reviews/check/", {"cause": "courier"})


def test_htmx_gets_the_list_alone(make_unsure: MakeReview, english: Client) -> None:
    make_unsure()
    headers = {"HX-Request": "true", "HX-Target": "section#check"}
    response = english.get("/reviews/check/", headers=headers)
    page = response.content.decode().lstrip()
    assert page.startswith('<section id="check"')
    assert '<hx-partial hx-target="#messages"' in page
    assert "HX-Target" in response["Vary"]


@pytest.mark.parametrize(
    ("posted", "expected"),
    [
        ({"codes": ["quality.defect", "courier.slow"]}, ["quality.defect", "courier.slow"]),
        ({"codes": ["quality.defect", "courier.slow"], "primary": "courier.slow"}, ["courier.slow", "quality.defect"]),
        ({"codes": ["quality.defect", "courier.slow"], "without": "courier.slow"}, ["quality.defect"]),
        ({"codes": ["a", "b", "c", ""], "without": "a c", "primary": "a"}, ["b"]),
        ({"codes": ["a", "b"], "primary": "c"}, ["a", "b"]),
        ({}, []),
    ],
)
def test_what_a_form_means(posted: dict[str, Any], expected: list[str]) -> None:
    assert chosen_codes(QueryDict(urlencode(posted, doseq=True))) == expected


def test_confirming_takes_the_row_away_and_offers_to_take_it_back(make_unsure: MakeReview, english: Client) -> None:
    review = make_unsure()
    response = answer(english, review, codes=codes(review), next=f"/reviews/check/?decided={review.pk}")
    assert response.url == f"/reviews/check/?decided={review.pk}"
    page = english.get(response.url)
    assert page.context["rows"] == []
    assert "You decided:" in page.content.decode()
    assert "The causes are confirmed." in page.content.decode()
    review = Review.objects.get()
    back = english.post(
        reverse("reviews:take_back", args=[review.pk]), {"seen": review.causes_seen, "next": "/reviews/check/"}
    )
    assert back.url == "/reviews/check/"
    assert listed(english) == [review]


def test_the_slower_of_two_is_told_and_sees_the_new_state(
    make_unsure: MakeReview, teammate: User, english: Client
) -> None:
    review = make_unsure()
    seen = review.causes_seen
    correct_causes(review=Review.objects.get(), codes=["price.fee"], actor=teammate, now=NOW)
    response = answer(english, review, seen=seen, codes=["courier.slow"], next=f"/reviews/check/?decided={review.pk}")
    page = english.get(response.url).content.decode()
    assert f"teammate decided on review #{review.pk} meanwhile" in page
    assert "teammate decided:" in page
    assert "Unexpected fee" in page
    assert "take-back" not in page
    assert codes(review) == ["price.fee"]


@pytest.mark.parametrize(
    "posted", [{}, {"codes": ["other", "price.fee"]}, {"codes": ["quality.defect"], "without": "quality.defect"}]
)
def test_a_refused_answer_says_why_and_changes_nothing(
    make_unsure: MakeReview, english: Client, posted: dict[str, Any]
) -> None:
    review = make_unsure()
    response = answer(english, review, **posted)
    (message,) = english.get(response.url).context["messages"]
    assert message.level_tag == "error"
    assert listed(english) == [review]


def test_the_case_of_a_colleague_is_not_closed_from_here(
    make_unsure: MakeReview, make_case: Callable[..., Case], teammate: User, english: Client
) -> None:
    review = make_unsure(rating="good")
    make_case(review, owner=teammate)
    response = answer(english, review, verdict="dismiss")
    assert "A colleague works the case" in english.get(response.url).content.decode()
    assert listed(english) == [review]


def test_the_list_of_reviews_says_how_many_wait(make_unsure: MakeReview, other_shop: Shop, english: Client) -> None:
    assert "/reviews/check/" not in english.get("/reviews/").content.decode()
    review = make_unsure()
    make_unsure(shop=other_shop)
    page = english.get("/reviews/", {"shop": review.shop_id})
    assert (page.context["to_check"], page.context["has_more_to_check"]) == (1, False)
    assert f'href="/reviews/check/?shop={review.shop_id}"' in page.content.decode()


def test_statistics_lead_to_the_doubts_of_the_same_days(
    make_unsure: MakeReview, supervisor: User, sign_in: SignIn
) -> None:
    make_unsure()
    query = {"from": "2026-11-01", "to": "2026-11-20"}
    page = sign_in(supervisor).get("/statistics/", query).content.decode()
    assert 'href="/reviews/check/?from=2026-11-01&amp;to=2026-11-20"' in page


def test_one_click_on_the_page_of_a_review(make_unsure: MakeReview, english: Client) -> None:
    review = make_unsure()
    page = english.get(review.get_absolute_url()).content.decode()
    assert page.count('class="verdict-drop" name="without"') == 2
    assert 'aria-keyshortcuts="r"' in page
    answer(english, review, codes=codes(review), without="courier.slow")
    assert codes(review) == ["quality.defect"]
    page = english.get(review.get_absolute_url()).content.decode()
    assert "verdict-drop" not in page
    assert 'aria-keyshortcuts="r"' not in page


def test_only_whoever_decided_is_offered_to_take_it_back(
    make_unsure: MakeReview, agent: User, supervisor: User, english: Client, sign_in: SignIn
) -> None:
    review = make_unsure()
    address, offer = review.get_absolute_url(), reverse("reviews:take_back", args=[review.pk])
    assert offer not in english.get(address).content.decode()
    correct_causes(review=review, codes=["price.fee"], actor=agent, now=NOW)
    assert offer in english.get(address).content.decode()
    assert offer not in sign_in(supervisor).get(address).content.decode()


def test_one_click_on_the_page_of_a_case_leads_back_to_it(
    make_unsure: MakeReview, make_case: Callable[..., Case], agent: User, english: Client
) -> None:
    case = make_case(make_unsure(), owner=agent)
    page = english.get(f"/desk/{case.pk}/?view=all").content.decode()
    form = page.split('<form class="cause-verdict"')[1].split("</form>")[0]
    assert f'name="next" value="/desk/{case.pk}/?view=all"' in form
    assert form.count('name="without"') == 2
    answer(english, case.review, codes=codes(case.review), next=f"/desk/{case.pk}/")
    page = english.get(f"/desk/{case.pk}/").content.decode()
    assert "Causes confirmed" in page
    assert "→ Quality" not in page


def test_who_may_not_work_a_case_only_reads_its_causes(
    make_unsure: MakeReview, make_case: Callable[..., Case], teammate: User, english: Client
) -> None:
    page = english.get(f"/desk/{make_case(make_unsure(), owner=teammate).pk}/?view=all").content.decode()
    assert "tag-uncertain" in page
    assert "cause-verdict" not in page


@pytest.mark.parametrize("address", ["https://evil.example/", "javascript:alert(1)", "reviews"])
def test_the_page_of_a_review_leads_back_only_to_pages_of_ours(
    make_unsure: MakeReview, english: Client, address: str
) -> None:
    review = make_unsure()
    page = english.get(review.get_absolute_url(), {"next": "/reviews/check/?cause=courier"}).content.decode()
    assert 'name="next" value="/reviews/check/?cause=courier"' in page
    assert answer(english, review, codes=["price.fee"], next=address).url == review.get_absolute_url()
