from django.contrib.humanize.templatetags.humanize import intcomma
from django.test import Client
from django.utils import formats, translation


def test_pages_are_chinese_whatever_the_browser_asks_for(db: None, client: Client) -> None:
    answer = client.get("/accounts/login/", headers={"accept-language": "en-US,en"})
    assert answer.headers["Content-Language"] == "zh-hans"
    assert "登录" in answer.content.decode()


def test_the_switch_in_the_header_turns_pages_english(db: None, client: Client) -> None:
    client.post("/language/", {"language": "en", "next": "/accounts/login/"})
    assert "Sign in" in client.get("/accounts/login/").content.decode()


def test_an_unknown_language_is_ignored(db: None, client: Client) -> None:
    client.cookies["django_language"] = "xx"
    assert client.get("/accounts/login/").headers["Content-Language"] == "zh-hans"


def test_large_figures_are_grouped_in_both_languages() -> None:
    for language in ("zh-hans", "en"):
        with translation.override(language):
            assert intcomma(200000) == "200,000"
            assert formats.number_format(1234) == "1234"
