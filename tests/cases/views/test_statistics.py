"""The statistics page: its links, its filters, its file, and who may see it."""

import csv
import io
import json
import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from cases.models import Case, Remedy
from cases.remedies import RemedyDraft, agree_remedy, settle_remedy
from reviews.models import Product, Review, Shop

MakeReview = Callable[..., Review]
MakeCase = Callable[..., Case]
SignIn = Callable[[User], Client]
LINKED_NUMBER = re.compile(r'<a href="(/(?:reviews|team)/\?[^"]+)">(\d+)</a>')


@pytest.fixture
def month(make_review: MakeReview, make_case: MakeCase, agent: User) -> None:
    """Reviews of the last two months with cases of every kind, so that hardly a figure of the page is 0."""
    today = timezone.now()
    for number, causes in enumerate(
        [["quality.defect", "quality.workmanship"], ["courier.slow", "price.fee"], ["other"], ["service.refusal"]] * 4
    ):
        review = make_review(causes, reviewed_at=today - timedelta(days=4 * number), product_title=f"商品{number % 3}")
        opened = review.reviewed_at
        if number % 2:
            closed = {"state": "closed", "closed_at": today, "due_at": None, "first_contacted_at": opened}
            make_case(review, owner=agent, opened_at=opened, outcome=("revised", "refused")[number % 4 == 1], **closed)
        else:
            make_case(review, owner=agent if number % 4 else None, opened_at=opened, due_at=opened)
    make_case(make_review(reviewed_at=today), owner=agent, state="escalated", due_at=None)
    make_review([], is_negative=False, rating="good", reviewed_at=today)


@pytest.mark.parametrize("path", ["/statistics/", "/team/"])
def test_escalated_cases_are_counted_and_listed(month: None, supervisor: User, sign_in: SignIn, path: str) -> None:
    page = sign_in(supervisor).get(path).content.decode()
    assert ("/team/?show=escalated#cases", "1") in LINKED_NUMBER.findall(page)


@pytest.mark.parametrize("query", ["", "?period=7", "?period=90"])
def test_every_linked_number_leads_to_a_list_of_that_many(
    month: None, supervisor: User, sign_in: SignIn, query: str
) -> None:
    client = sign_in(supervisor)
    links = LINKED_NUMBER.findall(client.get(f"/statistics/{query}").content.decode())
    assert len(links) > 20
    for address, number in links:
        response = client.get(unescape(address))
        page = response.context["page"]
        total = page.paginator.count if address.startswith("/team/") else response.context["total"]
        assert total == int(number), address


def test_every_number_of_a_table_is_linked_unless_it_is_zero(month: None, supervisor: User, sign_in: SignIn) -> None:
    page = sign_in(supervisor).get("/statistics/").content.decode()
    for cell in re.findall(r'<td class="(?:num|heat-cell[^"]*)">(.*?)</td>', page):
        bare = re.sub(r"<a .*?</a>|<span class=\"change.*", "", cell)
        assert not re.fullmatch(r"\d+", bare) or bare == "0", cell


def test_the_chart_is_given_the_figures_of_the_tables(month: None, supervisor: User, sign_in: SignIn) -> None:
    response = sign_in(supervisor).get("/statistics/")
    script = re.search(r'<script id="chart-data" type="application/json">(.*?)</script>', response.content.decode())
    assert script
    data = json.loads(script.group(1))
    found = response.context["found"]
    assert [(bar["cause"], bar["value"]) for bar in data["pareto"]] == [
        (row.code, row.reviews.value) for row in found.pareto
    ]
    assert len(data["days"]) == 30
    for number, series in enumerate(data["trend"]):
        assert series["values"] == [row.causes[number].value for row in found.days]
    assert data["url"] == found.totals.negative.url
    legend = response.content.decode().partition('<ul class="legend"')[2].partition("</ul>")[0]
    assert re.findall(r"swatch-(\w+)", legend) == [series["cause"] for series in data["trend"]]


@pytest.mark.parametrize(
    ("query", "days"), [("period=today", 1), ("period=7", 7), ("", 30), ("period=90", 90), ("period=nonsense", 30)]
)
def test_presets_end_today(supervisor: User, sign_in: SignIn, query: str, days: int) -> None:
    period = sign_in(supervisor).get(f"/statistics/?{query}").context["scope"].period
    assert period.last == timezone.localdate()
    assert period.days == days


def test_named_days_win_over_a_preset(supervisor: User, sign_in: SignIn) -> None:
    query = {"period": "7", "from": "2026-03-01", "to": "2026-03-10"}
    response = sign_in(supervisor).get("/statistics/", query)
    period = response.context["scope"].period
    assert (period.first.isoformat(), period.last.isoformat()) == ("2026-03-01", "2026-03-10")
    assert not any(preset["is_chosen"] for preset in response.context["presets"])


def test_one_named_day_is_enough(supervisor: User, sign_in: SignIn) -> None:
    client = sign_in(supervisor)
    today = timezone.localdate()
    since = client.get("/statistics/", {"from": today - timedelta(days=4)}).context["scope"].period
    assert (since.days, since.last) == (5, today)
    until = client.get("/statistics/", {"to": "2026-03-10"}).context["scope"].period
    assert (until.days, until.last.isoformat()) == (30, "2026-03-10")


@pytest.mark.parametrize(
    "query",
    [
        {"from": "yesterday"},
        {"from": "2026-03-10", "to": "2026-03-01"},
        {"from": "2020-01-01", "to": "2026-01-01"},
        {"to": "9999-12-31"},
        {"from": "0001-01-01"},
    ],
)
def test_days_that_make_no_sense_are_told_and_no_others_shown(
    supervisor: User, sign_in: SignIn, query: dict[str, str]
) -> None:
    response = sign_in(supervisor).get("/statistics/", query)
    assert response.status_code == 200
    assert "errorlist" in response.content.decode()
    assert "figure-value" not in response.content.decode()


@pytest.mark.parametrize(("period", "shows_changes"), [("today", False), ("7", True)])
def test_today_alone_is_not_measured_against_a_whole_day(
    make_review: MakeReview, supervisor: User, sign_in: SignIn, period: str, shows_changes: bool
) -> None:
    now = timezone.now()
    for days in (0, 1, 8):
        make_review(reviewed_at=now - timedelta(days=days))
    client = sign_in(supervisor)
    client.cookies["django_language"] = "en"
    page = client.get("/statistics/", {"period": period}).content.decode()
    assert ('class="change' in page) == shows_changes
    assert "Today is not over." in page
    file = client.get("/statistics/causes.csv", {"period": period}).content.decode("utf-8-sig")
    assert all(bool(line[11]) == shows_changes for line in list(csv.reader(io.StringIO(file)))[1:])
    past = client.get("/statistics/", {"from": "2026-03-01", "to": "2026-03-10"}).content.decode()
    assert "Today is not over." not in past


def test_a_shop_and_a_product_narrow_the_page_and_stay_in_its_links(
    month: None, supervisor: User, shop: Shop, sign_in: SignIn
) -> None:
    product = Product.objects.get(title="商品1")
    response = sign_in(supervisor).get("/statistics/", {"shop": shop.pk, "product": product.pk, "period": "90"})
    assert [row.title for row in response.context["found"].products] == ["商品1"]
    page = unescape(response.content.decode())
    assert f"?period=7&shop={shop.pk}&product={product.pk}" in page
    for address, _number in LINKED_NUMBER.findall(response.content.decode()):
        assert f"product={product.pk}" in address


@pytest.mark.parametrize("path", ["/statistics/", "/statistics/causes.csv"])
def test_another_shop_or_its_product_answers_404(
    make_review: MakeReview, other_shop: Shop, supervisor: User, sign_in: SignIn, path: str
) -> None:
    foreign = make_review(shop=other_shop)
    client = sign_in(supervisor)
    assert client.get(path, {"shop": other_shop.pk}).status_code == 404
    assert client.get(path, {"product": foreign.product_id}).status_code == 404
    assert client.get(path, {"shop": "x"}).status_code == 404


def test_nothing_of_another_shop_is_counted(
    make_case: MakeCase, make_review: MakeReview, other_shop: Shop, supervisor: User, admin: User, sign_in: SignIn
) -> None:
    make_case(make_review(["price.fee"], shop=other_shop, reviewed_at=timezone.now()))
    mine = sign_in(supervisor).get("/statistics/")
    assert mine.context["found"].totals.negative.value == 0
    assert mine.context["open_cases"].total.value == 0
    assert sign_in(admin).get("/statistics/").context["found"].totals.negative.value == 1


def test_a_supervisor_without_a_shop_sees_an_empty_page(month: None, supervisor: User, sign_in: SignIn) -> None:
    supervisor.shops.clear()
    response = sign_in(supervisor).get("/statistics/")
    assert response.status_code == 200
    assert not response.context["found"].causes


@pytest.mark.parametrize("path", ["/statistics/", "/statistics/causes.csv", "/team/"])
@pytest.mark.parametrize(
    ("who", "status"), [(None, 302), ("agent", 403), ("outsider", 403), ("supervisor", 200), ("admin", 200)]
)
def test_who_may_see_it(
    request: pytest.FixtureRequest, db: None, sign_in: SignIn, path: str, who: str | None, status: int
) -> None:
    client = sign_in(request.getfixturevalue(who)) if who else Client()
    response = client.get(path)
    assert response.status_code == status
    if who is None:
        assert response["Location"].startswith("/accounts/login/")


def test_queries(
    month: None, supervisor: User, sign_in: SignIn, django_assert_num_queries: Callable[[int], Any]
) -> None:
    client = sign_in(supervisor)
    # session, user, demo account?, role, shops, products, 5 about reviews, 3 about cases, 7 about what is pending, duty
    with django_assert_num_queries(21):
        client.get("/statistics/?period=90")


def test_what_is_pending_stands_on_top(month: None, supervisor: User, agent: User, sign_in: SignIn) -> None:
    client = sign_in(supervisor)
    client.cookies["django_language"] = "en"
    assert 'href="/pending/promises/"' not in client.get("/statistics/").content.decode()
    case = Case.objects.still_open().first()
    assert case is not None
    remedy = agree_remedy(case=case, actor=supervisor, now=timezone.now(), draft=RemedyDraft("gift", Decimal(9)))
    Remedy.objects.update(due_on=timezone.localdate() - timedelta(days=1))
    page = client.get("/statistics/").content.decode()
    assert 'href="/pending/promises/"' in page
    assert "1 late" in page
    settle_remedy(remedy=remedy, state="done", actor=supervisor, now=timezone.now(), note="sent")
    assert 'href="/pending/promises/"' not in client.get("/statistics/").content.decode()


def test_the_link_to_the_file_keeps_what_is_counted(month: None, supervisor: User, shop: Shop, sign_in: SignIn) -> None:
    page = sign_in(supervisor).get("/statistics/", {"period": "7", "shop": shop.pk}).content.decode()
    assert f'href="/statistics/causes.csv?period=7&amp;shop={shop.pk}"' in page


def test_the_file_holds_the_table(month: None, supervisor: User, sign_in: SignIn) -> None:
    client = sign_in(supervisor)
    response = client.get("/statistics/causes.csv", {"period": "90"})
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response.content.startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    rows = client.get("/statistics/", {"period": "90"}).context["found"].causes
    assert [(line[4], int(line[7]), int(line[8]), int(line[10])) for line in lines[1:]] == [
        (row.code, row.reviews.value, row.primary.value, row.previous.value) for row in rows
    ]
    assert {len(line) for line in lines} == {12}


@pytest.mark.parametrize("title", ["=HYPERLINK(1)", "+1", "-1", "@SUM(1)", "\t=1"])
def test_no_spreadsheet_takes_a_title_for_a_formula(
    make_review: MakeReview, supervisor: User, sign_in: SignIn, title: str
) -> None:
    review = make_review(product_title=title, reviewed_at=timezone.now())
    response = sign_in(supervisor).get("/statistics/causes.csv", {"product": review.product_id})
    lines = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert lines[1][3] == f"'{title}"


def test_titles_are_shown_never_executed(make_review: MakeReview, supervisor: User, sign_in: SignIn) -> None:
    make_review(product_title="</script><script>alert(1)</script>", reviewed_at=timezone.now())
    assert "<script>alert(1)" not in sign_in(supervisor).get("/statistics/").content.decode()
