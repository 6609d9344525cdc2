"""The test box as an admin meets it: type, look, keep; and the same without JavaScript."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.models import User
from playwright.sync_api import BrowserContext, expect

from reviews.models import Review, ShopPhrase
from reviews.vocabulary.keeping import add_phrase
from reviews.vocabulary.matching import LONGEST
from reviews.vocabulary.wording import checked_wording
from tests.browser.conftest import Visit, overflow
from tests.conftest import NOW


def test_the_effect_follows_what_is_typed_and_what_is_seen_is_kept(
    visit: Visit, admin: User, make_review: Callable[..., Review]
) -> None:
    make_review(content="用了两天就跑珠了,太差")
    page = visit(admin, "/words/", language="en")
    page.get_by_role("textbox", name="Phrase", exact=True).press_sequentially("跑珠")
    page.get_by_label("Cause", exact=True).select_option("quality.workmanship")
    expect(page.locator("#effect mark")).to_have_text("跑珠")
    expect(page.locator("#effect")).to_contain_text("Shop's word")
    assert not ShopPhrase.objects.exists()
    page.get_by_role("button", name="Keep “跑珠”").click()
    expect(page.locator(".words-table th[scope=row]")).to_have_text("跑珠")
    assert ShopPhrase.objects.get().cause == "quality.workmanship"


def test_a_word_that_buyers_say_is_taken_into_the_form(
    visit: Visit, admin: User, make_review: Callable[..., Review]
) -> None:
    for _ in range(8):
        make_review(content="这支笔掉色", causes=["quality.workmanship"])
        make_review(content="快递太慢", causes=["courier.slow"])
    page = visit(admin, "/words/", language="en")
    page.get_by_label("Take “掉色” into the form").click()
    expect(page.get_by_role("textbox", name="Phrase", exact=True)).to_have_value("掉色")


def test_a_phrase_is_looked_at_and_kept_without_javascript(
    new_context: Callable[..., BrowserContext], admin: User, make_review: Callable[..., Review]
) -> None:
    make_review(content="用了两天就跑珠了,太差")
    page = new_context(admin, language="en", java_script_enabled=False).new_page()
    page.goto("/words/")
    page.get_by_role("textbox", name="Phrase", exact=True).fill("跑珠")
    page.get_by_label("Cause", exact=True).select_option("quality.workmanship")
    page.get_by_role("button", name="Show the effect").click()
    expect(page.locator("#effect mark")).to_have_text("跑珠")
    page.get_by_role("button", name="Keep “跑珠”").click()
    expect(page.locator(".words-table th[scope=row]")).to_have_text("跑珠")
    page.get_by_role("link", name="Show the words typical of each cause").click()
    expect(page).to_have_url(page.url.split("/words/")[0] + "/words/said/")


def test_the_longest_phrase_fits_a_phones_window(visit: Visit, admin: User) -> None:
    text = "锅" * LONGEST
    phrase = add_phrase(wording=checked_wording(None, text, "sign", "quality.defect"), actor=admin, now=NOW)
    page = visit(admin, phrase.get_absolute_url(), width=360)
    assert overflow(page) == []
    expect(page.locator(".word-history")).to_contain_text(f"词语：{text}")
    page.goto("/words/")
    # Chinese breaks anywhere: "表示该原因" stood on five lines.
    meaning = page.locator(".words-table td").first.bounding_box()
    assert meaning is not None
    assert meaning["width"] > 70
