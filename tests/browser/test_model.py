"""A supervisor lets the model learn, promotes a version, has the tags refreshed, and rolls back: the page follows by
itself."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.models import User
from playwright.sync_api import expect

from reviews.jobs import fit_challenger, refresh_tags
from reviews.models import ClassifierVersion, FittingRun, Review, TagRefresh
from tests.browser.conftest import Visit
from tests.reviews.learning.conftest import make_version as make_version


def test_from_learning_to_rolling_back(
    visit: Visit,
    supervisor: User,
    make_review: Callable[..., Review],
    make_version: Callable[..., ClassifierVersion],
) -> None:
    review = make_review(["other"])
    version = make_version({"price": 20.0, "price__fee": 20.0})
    page = visit(supervisor, "/model/", language="en")

    page.get_by_role("button", name="Learn from decisions now").click()
    expect(page.get_by_text("Learning from decisions …")).to_be_visible()
    fit_challenger(FittingRun.objects.get().pk)
    expect(page.get_by_text("There are 0, and 30 are needed.")).to_be_visible()

    page.get_by_role("button", name=f"Put version {version.number} in force").click()
    expect(page.get_by_text("1 negative review carries tags of another version.")).to_be_visible()
    page.get_by_role("button", name="Refresh the model's tags").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    refresh_tags(TagRefresh.objects.get().pk)
    expect(page.get_by_text("reviews 1, with other causes now 1, cases opened 0.")).to_be_visible()
    assert review.causes.filter(code="price.fee", source="model").exists()

    page.get_by_role("button", name="Roll back to the shipped model").click()
    expect(page.get_by_text("The shipped model, without a layer")).to_be_visible()
    assert page.locator(".chart-canvas canvas").count() == 2
