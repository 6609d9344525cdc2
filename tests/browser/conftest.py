"""A real browser on a real server: pages as people meet them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests.browser import chromium

# Playwright's sync API keeps an event loop in this thread; the ORM would refuse to work beside it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
WCAG_22_AA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

Visit = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in str(item.path):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium.executable()
    assert path, "No Chromium here: python -m tests.browser.chromium says how to get it."
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=chromium.FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def new_context(browser: Browser, live_server: Any) -> Iterator[Callable[..., BrowserContext]]:
    """Makes a browser of one person: `new_context(user, width=, dark=, language=)`."""
    contexts: list[BrowserContext] = []

    def make(
        user: User | None = None, *, width: int = 1440, dark: bool = False, language: str = "zh-hans", **options: Any
    ) -> BrowserContext:
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            locale="zh-CN",
            **{"timezone_id": "Asia/Shanghai", **options},
        )
        context.set_default_timeout(15_000)
        cookies = {settings.LANGUAGE_COOKIE_NAME: language}
        if user:
            client = Client()
            client.force_login(user)
            cookies[settings.SESSION_COOKIE_NAME] = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": name, "value": value, "url": live_server.url} for name, value in cookies.items()])
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def visit(new_context: Callable[..., BrowserContext]) -> Iterator[Visit]:
    """Opens a page as `user` in a browser of their own; errors in its scripts fail the test, but for answers of
    `refusal`, a status the test provokes."""
    errors: list[str] = []

    def open_page(user: User | None, address: str, *, refusal: int = 0, **options: Any) -> Page:
        def note(line: ConsoleMessage) -> None:
            if line.type == "error" and f"status of {refusal}" not in line.text:
                errors.append(f"{address}: {line.text}")

        page = new_context(user, **options).new_page()
        page.on("pageerror", lambda error: errors.append(f"{address}: {error}"))
        page.on("console", note)
        page.goto(address)
        return page

    yield open_page
    assert errors == []


def violations(page: Page) -> list[str]:
    """What axe-core finds against WCAG 2.2 AA on the page as it stands."""
    page.add_script_tag(path=str(AXE))
    found = page.evaluate("tags => axe.run({runOnly: tags})", WCAG_22_AA)
    return [
        f"{violation['id']}: {node['target']} {node['failureSummary']}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


def overflow(page: Page) -> list[str]:
    """Elements that make the page wider than its window; empty where it fits."""
    return list(
        page.evaluate(
            """() => {
              const width = document.documentElement.clientWidth;
              if (document.documentElement.scrollWidth <= width) return [];
              return [...document.body.querySelectorAll("*")]
                .filter(element => element.getBoundingClientRect().right > width + 1)
                .map(element => `${element.tagName}.${element.className} ${element.getBoundingClientRect().right}`)
                .slice(-5);
            }"""
        )
    )
