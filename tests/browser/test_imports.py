"""An import as an admin sees it, from the file that is dropped to the undoing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from django.contrib.auth.models import User
from playwright.sync_api import BrowserContext, Page, expect

from reviews.models import ImportBatch, Review, Shop
from tests.browser.conftest import Visit, violations
from tests.browser.test_main_job import figures, work_off_queue
from tests.reviews.ingest.exports import ROWS, csv_bytes, imported

DROP = """([zone, name, text]) => {
  const files = new DataTransfer();
  files.items.add(new File([text], name, { type: "text/csv" }));
  const drop = new DragEvent("drop", { dataTransfer: files, bubbles: true, cancelable: true });
  document.querySelector(zone).dispatchEvent(drop);
}"""


def drop(page: Page, name: str, content: bytes) -> None:
    page.evaluate(DROP, ["[data-drop]", name, content.decode()])


def test_a_dropped_file_is_looked_at_confirmed_watched_and_undone(admin: User, shop: Shop, visit: Visit) -> None:
    imported(shop, csv_bytes(ROWS[:2]))
    turned = (*ROWS[1][:2], "差评", "洗一次就破了", *ROWS[1][4:])
    page = visit(admin, "/imports/", language="en")
    drop(page, "九月评价.csv", csv_bytes([ROWS[0], turned, ROWS[2], ("8", "甲", "", "好", "昨天", "杯子", "")]))
    expect(page.locator("[data-chosen]")).to_contain_text("九月评价.csv")
    page.get_by_role("button", name="Upload and look").click()
    expect(page.locator("#step")).to_contain_text("Looking at the file")
    work_off_queue()

    confirm = page.get_by_role("button", name="Import 3 rows into")
    expect(confirm).to_be_visible()
    assert figures(page) == {"Rows": "4", "= Created": "1", "+ Updated": "1", "+ Unchanged": "1", "+ Rejected": "1"}
    expect(page.locator(".import-changes")).to_contain_text("洗一次就破了")
    assert violations(page) == []
    confirm.click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    work_off_queue()

    expect(page.locator(".import-status").first).to_contain_text("Done, 1 rejected")
    assert {"Created": "1", "Updated": "1", "Unchanged": "1", "Rejected": "1"}.items() <= figures(page).items()
    page.get_by_role("button", name="Undo this import").click()
    expect(page.locator("#step")).to_contain_text("Taking the import back")
    work_off_queue()
    expect(page.locator(".import-status").first).to_have_text("Undone")
    assert sorted(Review.objects.values_list("order_number", "rating")) == [("1001", "bad"), ("1002", "good")]


def test_the_list_follows_an_import_that_runs(admin: User, shop: Shop, visit: Visit) -> None:
    batch = ImportBatch.objects.create(shop=shop, file_name="a.csv", file_bytes=10, status="staging")
    page = visit(admin, "/imports/", language="en")
    page.get_by_label("File name").fill("half a na")
    ImportBatch.objects.filter(pk=batch.pk).update(status="done", rows=7, created=7)
    expect(page.locator(".import-status")).to_have_text("Done")
    expect(page.get_by_label("File name")).to_have_value("half a na")


def test_an_import_is_decided_without_javascript(
    admin: User, shop: Shop, new_context: Callable[..., BrowserContext], tmp_path: Path
) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes(csv_bytes())
    page = new_context(admin, language="en", java_script_enabled=False).new_page()
    page.goto("/imports/")
    page.set_input_files("input[type=file]", path)
    page.get_by_role("button", name="Upload and look").click()
    work_off_queue()
    page.get_by_role("link", name="Reload to see how far it is").click()
    page.get_by_role("button", name="Import 5 rows into").click()
    work_off_queue()
    page.get_by_role("link", name="Reload to see how far it is").click()
    assert figures(page)["Created"] == "5"
