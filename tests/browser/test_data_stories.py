"""Stories of data quality and data sources in a real browser, with and without JavaScript."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from core.models import Person
from gathering.models import QualityIssue, SourceMonth
from gathering.pipeline.sources import source_received
from gathering.selectors.sources import this_month
from tests.browser.conftest import OpenPage
from tests.gathering.world import World, world

__all__ = ["world"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("scripts", [True, False])
def test_an_analyst_waives_a_finding_with_a_reason(
    open_page: OpenPage,
    sign_in: Callable[[Page, Person], Page],
    transactional_db: None,
    world: World,
    analyst: Person,
    scripts: bool,
) -> None:
    issue = world.issue(rule="duplicate_names", subject="Ridge 92", message="2 products are called Ridge 92.")
    page = sign_in(open_page(scripts=scripts), analyst)

    page.goto("/data/quality/")
    page.get_by_role("link", name="Ridge 92").click()
    page.get_by_text("Waive with a reason").click()
    page.get_by_label("Why").fill("Two versions of one ski.")
    page.get_by_role("button", name="Waive this finding").click()

    expect(page.get_by_text("1 finding is waived.")).to_be_visible()
    assert QualityIssue.objects.get(pk=issue.pk).reason == "Two versions of one ski."


@pytest.mark.parametrize("scripts", [True, False])
def test_a_coordinator_compares_the_totals_and_signs(
    open_page: OpenPage,
    sign_in: Callable[[Page, Person], Page],
    transactional_db: None,
    world: World,
    coordinator: Person,
    scripts: bool,
) -> None:
    world.source(coordinator)
    source_received(run=world.new_run())
    page = sign_in(open_page(scripts=scripts), coordinator)

    page.goto(f"/data/sources/?month={this_month():%Y-%m}")
    page.get_by_role("link", name="ERP sales").click()
    page.get_by_label("Rows").fill("4")
    page.get_by_role("button", name="Compare the totals").click()
    expect(page.get_by_text("The totals do not agree.")).to_be_visible()

    page.get_by_label("Rows").fill("3")
    page.get_by_role("button", name="Compare the totals").click()
    page.get_by_role("button", name="Sign the source").click()

    expect(page.get_by_text("Signed.")).to_be_visible()
    assert SourceMonth.objects.get().state == "signed"
