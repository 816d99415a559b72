"""The public marketing funnel of a marketplace: 8,000 leads come in, 842 became deals."""

import csv
import datetime as dt
from pathlib import Path
from statistics import median
from typing import ClassVar

import pytest

from core.models import Notification
from crm.models import Lead
from crm.selectors.lead_reports import Period, altogether, by_source
from tests.loaded_once import LoadedOnce
from tests.real_files import EXAMPLES, bring, bring_own, shared_folder

pytestmark = pytest.mark.slow
PROFILES = EXAMPLES / "leads"
ALL = Period(dt.date(2017, 1, 1), dt.date(2018, 12, 1))


def read(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"olist_{name}_dataset.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


class MarketingFunnel(LoadedOnce):
    """Both files in one import, by the profile of docs/examples."""

    folder: ClassVar[Path]

    @classmethod
    def setUpTestData(cls) -> None:
        cls.folder = folder = shared_folder("leads")
        bring_own(PROFILES / "lead_sources.csv")
        bring(
            folder / "olist_marketing_qualified_leads_dataset.csv",
            PROFILES / "leads.yaml",
            extras=(folder / "olist_closed_deals_dataset.csv",),
        )

    def test_every_lead_is_there_and_every_tenth_became_a_deal(self) -> None:
        total = altogether(None, ALL)

        assert (total.leads, total.converted) == (8000, 842)
        assert round(total.conversion or 0, 3) == 0.105

    def test_half_of_the_deals_came_within_the_days_that_python_finds(self) -> None:
        first = {
            row["mql_id"]: row["first_contact_date"] for row in read(self.folder, "marketing_qualified_leads")
        }
        lags = [
            dt.date.fromisoformat(row["won_date"][:10]) - _day(first[row["mql_id"]])
            for row in read(self.folder, "closed_deals")
        ]

        assert altogether(None, ALL).lag == median(lag.days for lag in lags) == 14

    def test_each_source_has_its_leads_and_an_empty_origin_is_unknown(self) -> None:
        rows = read(self.folder, "marketing_qualified_leads")
        won = {row["mql_id"] for row in read(self.folder, "closed_deals")}
        wanted: dict[str, list[bool]] = {}
        for row in rows:
            wanted.setdefault(row["origin"] or "unknown", []).append(row["mql_id"] in won)

        found = {one.code: (one.leads, one.converted) for one in by_source(None, ALL)}

        assert found == {code: (len(marks), sum(marks)) for code, marks in wanted.items()}
        assert found["unknown"][0] == 1099 + 60

    def test_leads_that_were_answered_long_ago_are_given_to_nobody_and_nobody_is_told(self) -> None:
        assert set(Lead.objects.values_list("state", flat=True)) == {"working", "converted"}
        assert not Lead.objects.exclude(due=None).exists()
        assert not Notification.objects.exists()

    def test_the_same_file_with_one_more_deal_changes_one_lead(self) -> None:
        text = (
            (self.folder / "olist_marketing_qualified_leads_dataset.csv")
            .read_text(encoding="utf-8")
            .splitlines()
        )
        file = self.files / "olist_marketing_qualified_leads_dataset.csv"
        file.write_text("\n".join(text[:3]) + "\n", encoding="utf-8")
        deals = self.files / "olist_closed_deals_dataset.csv"
        key = text[1].split(",")[0]
        deals.write_text(f"mql_id,won_date\n{key},2018-03-01 10:00:00\n", encoding="utf-8")
        before = Lead.objects.filter(state="converted").count()

        bring(file, PROFILES / "leads.yaml", extras=(deals,), source="leads")

        assert Lead.objects.count() == 8000
        assert Lead.objects.filter(state="converted").count() == before + 1


def _day(text: str) -> dt.date:
    day, month, year = text.split("-")
    return dt.date(int(year), int(month), int(day))
