"""The header of every page on a phone."""

from __future__ import annotations

from django.contrib.auth.models import User

from reviews.models import Shop
from tests.browser.conftest import Visit


def test_a_long_heading_leaves_the_header_of_a_phone_on_one_line(supervisor: User, shop: Shop, visit: Visit) -> None:
    Shop.objects.filter(pk=shop.pk).update(name="非常非常长的店铺名称" * 6)
    page = visit(supervisor, "/settings/hours/", width=360)
    heading = page.get_by_role("heading", level=1).bounding_box()
    sign_out = page.get_by_role("button", name="退出").bounding_box()
    assert heading is not None
    assert sign_out is not None
    assert sign_out["y"] < heading["y"] + heading["height"]
    assert heading["width"] > 80
