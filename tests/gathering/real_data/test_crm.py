"""The public “CRM sales opportunities”: 8,800 deals come in, their quirks mended by mappings."""

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import ClassVar

import pandas as pd
import pytest
import yaml
from django.db.models import Count, F, Sum
from django.db.models.functions import ExtractQuarter, ExtractYear

from catalog.models import Currency
from core.models import Person
from core.services.company import change_setting
from crm.models import Account, Deal, DealChange, Rep, Team, TeamMembership
from gathering.models import ImportRun, UnmappedValue
from gathering.pipeline.reading import Silent
from gathering.pipeline.replaying import replay_held
from gathering.services.imports import import_now
from gathering.services.mappings import save_mapping
from tests.loaded_once import LoadedOnce
from tests.real_files import EXAMPLES, bring, bring_own, shared_folder

pytestmark = pytest.mark.slow
PROFILES = EXAMPLES / "crm"
QUARTERS = {1: 1_134_672, 2: 3_086_111, 3: 2_982_255, 4: 2_802_496}
STAGES = {"WON": 4238, "LOST": 2473, "ENGAGING": 1589, "PROSPECTING": 500}


class SalesOpportunities(LoadedOnce):
    """All files, imported by the profiles of docs/examples; “GTXPro” is mapped when the queue asks."""

    folder: ClassVar[Path]
    deals: ClassVar[ImportRun]
    asked: ClassVar[list[tuple[str, str, int]]]

    @classmethod
    def setUpTestData(cls) -> None:
        cls.folder = folder = shared_folder("crm")
        Currency.objects.get_or_create(code="USD", defaults={"name": "US dollar"})
        change_setting(actor=None, key="base_currency", value="USD")
        for name in ("units", "deal_stages"):
            bring_own(PROFILES / f"{name}.csv")
        for name in ("families", "products"):
            bring(folder / "products.csv", PROFILES / f"{name}.yaml")
        for name in ("managers", "reps", "teams", "members"):
            bring(folder / "sales_teams.csv", PROFILES / f"{name}.yaml")
        bring(folder / "accounts.csv", PROFILES / "accounts.yaml")
        cls.deals = cls.bring_deals()
        cls.asked = list(UnmappedValue.objects.filter(is_open=True).values_list("kind", "value", "rows"))
        source = cls.deals.source
        decider = Person.objects.create(
            email="coordinator@example.com", name="Coordinator", roles=["coordinator"]
        )
        save_mapping(actor=decider, kind="product", source=source, value="GTXPro", target_code="GTX Pro")
        replay_held(Silent(), kind="product", value="GTXPro", source=source)

    @classmethod
    def bring_deals(cls) -> ImportRun:
        example = yaml.safe_load((PROFILES / "deals.yaml").read_text(encoding="utf-8"))
        with (cls.folder / "sales_pipeline.csv").open("rb") as content:
            return import_now(
                actor=None,
                file=content,
                file_name="sales_pipeline.csv",
                dataset="deals",
                definition=example["definition"],
            )

    def test_one_unknown_product_is_asked_for_once_and_its_rows_follow(self) -> None:
        assert self.asked == [("product", "GTXPro", 1480)]
        assert self.deals.source == "sales-opportunities"
        assert Deal.objects.filter(product__code="GTX Pro").count() == 1480
        assert not UnmappedValue.objects.filter(is_open=True).exists()

    def test_every_deal_is_in_the_stage_of_the_published_answers(self) -> None:
        found = Deal.objects.values_list("stage__code").annotate(number=Count("pk"))

        assert dict(found) == STAGES
        assert Deal.objects.count() == 8800

    def test_the_won_value_agrees_with_the_published_answers_by_quarter(self) -> None:
        won = Deal.objects.filter(stage__code="WON")
        found = (
            won.annotate(year=ExtractYear("closed"), quarter=ExtractQuarter("closed"))
            .values_list("year", "quarter")
            .annotate(total=Sum("base_amount"))
        )

        assert {(year, quarter): total for year, quarter, total in found} == {
            (2017, quarter): total for quarter, total in QUARTERS.items()
        }
        assert won.aggregate(total=Sum("amount"))["total"] == Decimal(10_005_534)

    def test_every_field_of_every_deal_agrees_with_the_file(self) -> None:
        file = pd.read_csv(self.folder / "sales_pipeline.csv", dtype=str, keep_default_na=False)
        wanted = {
            row.opportunity_id: (
                row.sales_agent,
                row.account,
                row.product.replace("GTXPro", "GTX Pro"),
                row.deal_stage.upper(),
                row.close_date,
                Decimal(row.close_value) if row.close_value else None,
            )
            for row in file.itertuples()
        }
        rows = Deal.objects.values_list(
            "external_id", "rep__code", "account__code", "product__code", "stage__code", "closed", "amount"
        )

        found = {
            key: (rep, account or "", product, stage, closed.isoformat() if closed else "", amount)
            for key, rep, account, product, stage, closed, amount in rows
        }
        assert found == wanted

    def test_the_dates_of_the_file_are_the_steps_of_the_history(self) -> None:
        steps = (
            DealChange.objects.filter(deal__external_id="1C1I7A6R", field="stage")
            .exclude(before=F("after"))
            .order_by("occurred")
        )

        found = [(step.occurred.date(), step.before, step.after) for step in steps]
        assert found == [
            (dt.date(2016, 10, 20), "", "ENGAGING"),
            (dt.date(2017, 3, 1), "ENGAGING", "WON"),
        ]

    def test_the_cycle_time_and_the_win_rate_are_those_that_were_published(self) -> None:
        ended = Deal.objects.exclude(closed=None)
        won, lost = ended.filter(stage__kind="won"), ended.filter(stage__kind="lost")
        days = pd.Series([(one.closed - one.created).days for one in ended])  # type: ignore[operator]

        assert won.count() / (won.count() + lost.count()) * 100 == pytest.approx(63.1, abs=0.1)
        assert (round(days.mean(), 1), days.median()) == (48.0, 45)

    def test_accounts_have_their_companies_above_and_the_words_are_mended(self) -> None:
        assert Account.objects.count() == 85
        assert Account.objects.exclude(parent=None).count() == 15
        assert Account.objects.filter(industry="technology").count() == 12
        assert Account.objects.filter(country="Philippines").count() == 1

    def test_every_agent_has_a_manager_and_a_team(self) -> None:
        assert Team.objects.count() == 6
        assert Rep.objects.exclude(manager=None).count() == TeamMembership.objects.count() == 35
