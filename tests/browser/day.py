"""What a day at the desk is acted out with: exports of a platform, and somebody's hands on a keyboard."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import django_rq
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect
from rq import SimpleWorker

from cases.models import Case
from reviews.models import Shop

REVIEW_HEADINGS = [
    "订单号", "买家昵称", "评价结果", "评价内容", "评价时间", "宝贝标题", "追评内容", "追评时间"
]  # fmt: skip
ORDER_HEADINGS = ["订单编号", "买家会员名", "买家应付货款", "联系手机", "订单创建时间", "确认收货时间", "宝贝标题"]
PRODUCT = "夏季宽松短袖T恤"


def work_off_queue() -> None:
    """What a worker would do, in this process."""
    SimpleWorker(["default"], connection=django_rq.get_connection("default")).work(burst=True)


def written(moment: datetime) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M:%S")


class Export:
    """Files of one shop as its platform writes them; importing does what the import page does, and all that follows."""

    def __init__(self, shop: Shop, folder: Path) -> None:
        self.shop = shop
        self.folder = folder

    def reviews(self, *rows: Sequence[str]) -> None:
        """Of each row: order number, buyer, text, days since; of a follow-up its text besides."""
        now = timezone.now()
        self._import(REVIEW_HEADINGS, [self._review(now, *row) for row in rows])

    def orders(self, *rows: Sequence[str]) -> None:
        """Of each row: order number, buyer, amount in yuan, phone."""
        now = timezone.now()
        moments = [written(now - timedelta(days=9)), written(now - timedelta(days=2))]
        self._import(ORDER_HEADINGS, [[*row, *moments, PRODUCT] for row in rows])

    @staticmethod
    def _review(now: datetime, number: str, buyer: str, text: str, days: str, follow_up: str = "") -> list[str]:
        # Days end at noon, so that a second export gives the same review the same time.
        noon = timezone.localtime(now).replace(hour=12, minute=0, second=0) - timedelta(days=int(days))
        return [number, buyer, "差评", text, written(noon), PRODUCT, follow_up, written(now) if follow_up else ""]

    def _import(self, headings: list[str], rows: list[list[str]]) -> None:
        path = self.folder / f"export-{len(list(self.folder.iterdir()))}.csv"
        with path.open("w", encoding="gb18030", newline="") as file:
            csv.writer(file).writerows([headings, *rows])
        call_command("import_reviews", str(path), shop=self.shop.code, verbosity=0)
        work_off_queue()


class Desk:
    """One person at the desk who leaves the mouse alone. `keys` counts what they press, texts left out."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.keys = 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.keys += 1

    def type(self, text: str) -> None:
        self.page.keyboard.insert_text(text)

    def send(self) -> None:
        self.press("Control+Enter")

    def sees_case(self, case: Case) -> None:
        expect(self.page.locator("#case-title")).to_have_text(f"#{case.pk}")

    @property
    def queue(self) -> Locator:
        return self.page.locator("#queue-rows [data-row]")

    def sees_queue(self, *cases: Case) -> None:
        """These and no others, the first of them on top."""
        expect(self.queue).to_have_count(len(cases))
        for case in cases:
            expect(self.page.locator(f"#open-{case.pk} .queue-owner")).to_have_text(f"agent · #{case.pk}")
        expect(self.queue.first).to_have_id(f"open-{cases[0].pk}")

    def opens(self, case: Case) -> None:
        """The case's row of the list, from wherever the focus is."""
        place = self.page.evaluate(
            "pk => [...document.querySelectorAll('[data-row]')].findIndex(row => row.id === `open-${pk}`)", str(case.pk)
        )
        assert place >= 0, f"#{case.pk} is not in the list"
        self.page.locator("body").evaluate("() => document.activeElement.blur()")
        here = self.page.evaluate(
            "() => [...document.querySelectorAll('[data-row]')].findIndex(row => row.hasAttribute('aria-current'))"
        )
        self.press(*("j" if place > here else "k" for _step in range(abs(place - here))), "Enter")
        self.sees_case(case)

    @property
    def log(self) -> Locator:
        return self.page.locator("section[aria-labelledby=contacts-title] .timeline")

    def logs(self, text: str, phrase: str = "5") -> None:
        """A contact by one of the phrases, and what else there is to say."""
        self.press(phrase)
        self.type(text)
        self.send()
        expect(self.log).to_contain_text(text)

    def ticks(self, *steps: str) -> None:
        for step in steps:
            self.press("s")
            expect(self.page.locator(".step-done", has_text=step)).to_be_visible()

    def chooses(self, option: str) -> None:
        """An option of the list that has the focus."""
        options = self.page.locator("select:focus option").all_inner_texts()
        self.press(*["ArrowDown"] * options.index(option))

    def closes_as(self, outcome: str) -> None:
        self.press("x")
        self.chooses(outcome)
        self.send()
        expect(self.page.locator(".case-state")).to_contain_text(outcome)
