"""Stories of a coordinator who brings files in: a real browser, a real worker."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.models import Person
from gathering.models import Sales, SalesLine
from tests.gathering.pages.company import BAD, GOOD, HEADER, UNKNOWN, _own_files, company
from tests.worker import Worker

__all__ = ["_own_files", "company"]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.worker,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("company"),
]
PATIENCE = 60_000

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """`write("sales.csv", GOOD, BAD)`: a file on the coordinator's disk."""

    def to_disk(name: str, *rows: str) -> Path:
        path = tmp_path / name
        path.write_text(HEADER + "".join(rows), encoding="utf-8")
        return path

    return to_disk


def upload(page: Page, path: Path) -> None:
    """Walk from the list of imports to the uploaded file."""
    page.goto("/data/imports/")
    page.get_by_role("link", name="Import a file").click()
    page.get_by_role("link", name="Sales", exact=True).click()
    page.get_by_label("File", exact=True).set_input_files(path)
    page.get_by_label("The columns are named as in the example file").check()
    page.get_by_label("System the rows come from").fill("erp")
    page.get_by_role("button", name="Upload and go on").click()


def test_a_coordinator_mends_the_rejects_and_commits_them(
    visit: Page, sign_in, coordinator: Person, worker: Worker, write: Write, tmp_path: Path
) -> None:
    page = sign_in(visit, coordinator)

    upload(page, write("sales.csv", GOOD, BAD))
    expect(page.get_by_text("1 rejected row stays out until mended")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("Quantity is not a number.")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="download the rejected rows").click()
    mended = tmp_path / "mended.csv"
    mended.write_bytes(download.value.path().read_bytes().replace(b"many", b"5"))
    page.get_by_role("button", name="Commit the good rows").click()
    expect(page.get_by_text("Committed by Cora Coordinator")).to_be_visible(timeout=PATIENCE)
    assert SalesLine.objects.count() == 2

    page.get_by_role("link", name="Upload the mended rows").first.click()
    page.get_by_label("Mended rows").set_input_files(mended)
    page.get_by_role("button", name="Upload the mended rows").click()
    page.get_by_role("button", name="Commit all rows").click(timeout=PATIENCE)
    expect(page.get_by_text("Committed by Cora Coordinator")).to_be_visible(timeout=PATIENCE)

    assert SalesLine.objects.get(order_number="SO-3").quantity == 5
    assert sum(row.lines for row in Sales.objects.all()) == 3


def test_an_unknown_product_is_mapped_and_its_rows_appear(
    visit: Page, sign_in, coordinator: Person, worker: Worker, write: Write
) -> None:
    page = sign_in(visit, coordinator)
    upload(page, write("sales.csv", GOOD, UNKNOWN))
    page.get_by_role("button", name="Commit the good rows").click(timeout=PATIENCE)
    expect(page.get_by_text("Committed by Cora Coordinator")).to_be_visible(timeout=PATIENCE)
    assert not SalesLine.objects.filter(order_number="SO-4").exists()

    page.goto("/data/mappings/")
    page.get_by_role("link", name="Look closer").click()
    page.get_by_role("link", name="Espresso machine Uno").click()
    page.get_by_role("button", name="Save what it means").click()

    expect(page.get_by_text("No unknown names")).to_be_visible()
    worker.wait_for(
        lambda: SalesLine.objects.filter(order_number="SO-4").exists(), "the held row", seconds=60
    )


def test_the_second_person_with_the_same_file_is_told_who_was_first(
    open_page, sign_in, coordinator: Person, analyst: Person, worker: Worker, write: Write
) -> None:
    path = write("sales.csv", GOOD)
    hers, his = sign_in(open_page(), coordinator), sign_in(open_page(), analyst)
    for page in (hers, his):
        upload(page, path)
    for page in (hers, his):
        expect(page.get_by_role("button", name="Commit all rows")).to_be_visible(timeout=PATIENCE)

    hers.get_by_role("button", name="Commit all rows").click()
    expect(hers.get_by_text("Committed by Cora Coordinator")).to_be_visible(timeout=PATIENCE)
    his.get_by_role("button", name="Commit all rows").click()

    expect(his.get_by_text("already imported")).to_be_visible(timeout=PATIENCE)
    expect(his.get_by_text("Cora Coordinator").first).to_be_visible()
    assert SalesLine.objects.count() == 2


def test_a_file_is_imported_without_javascript(
    open_page, sign_in, coordinator: Person, worker: Worker, write: Write
) -> None:
    page = sign_in(open_page(scripts=False), coordinator)
    upload(page, write("sales.csv", GOOD))
    commit = page.get_by_role("button", name="Commit all rows")

    _refresh_until(page, worker, commit.is_visible)
    commit.click()
    _refresh_until(page, worker, page.get_by_text("Committed by Cora Coordinator").is_visible)

    assert SalesLine.objects.count() == 2


def _refresh_until(page: Page, worker: Worker, condition: Callable[[], bool]) -> None:
    """Without JavaScript a person presses "Refresh" until the work is done."""

    def refreshed() -> bool:
        refresh = page.get_by_role("link", name="Refresh")
        if refresh.is_visible():
            refresh.click()
        return condition()

    worker.wait_for(refreshed, "the page after a refresh", seconds=60)
