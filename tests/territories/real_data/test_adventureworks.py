"""AdventureWorks end to end: resellers, reps, territories and quotas; attainment agrees with pandas."""

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd
import pytest

from catalog.models import Currency
from core.services.company import change_setting
from crm.models import Account, Rep
from territories.engine.attainment.periods import Period, PeriodKind, period_of
from territories.models import Assignment, Placement, QuotaMeasure, Territory, TerritoryModel, TerritoryRep
from territories.selectors.attainment import Asked, Attainment, attainment
from territories.selectors.attainment_groups import trend
from territories.selectors.attainment_outside import sold_outside
from territories.selectors.attainment_sums import Credit
from territories.selectors.attainment_territories import by_territory
from territories.services.coverage import give_role
from territories.services.models import activate_model, add_model
from territories.services.quota_files import import_quotas
from territories.services.quota_plans import make_plan, move_plan
from territories.services.roles import add_overlay_role, standard_roles
from territories.services.rules import add_rule, run_now
from territories.services.territories import add_territory
from tests.loaded_once import LoadedOnce
from tests.real_files import EXAMPLES, bring, bring_own, shared_folder

pytestmark = pytest.mark.slow
PROFILES = EXAMPLES / "adventureworks"
FIRST, LAST = dt.date(2017, 7, 1), dt.date(2020, 6, 30)
TODAY = dt.date(2020, 7, 1)
FISCAL_YEARS = (2017, 2018, 2019)
BESIDE = ("second", "third", "fourth")


def read(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / name, sep="|", dtype=str, keep_default_na=False)


def quarters() -> list[Period]:
    return [period_of(PeriodKind.QUARTER, day.date(), 7) for day in pd.date_range(FIRST, LAST, freq="QS")]


def quota_file(folder: Path) -> pd.DataFrame:
    """Quarterly quotas by EmployeeKey; the dates lie 78 months before those of the sales, and up to three
    days before the quarter begins."""
    file = pd.read_csv(folder.parent / "FactSalesQuota_dw.csv", dtype=str)
    begins = pd.to_datetime(file["Date"]) + pd.DateOffset(months=78) + pd.Timedelta(days=4)
    file["quarter"] = begins.dt.to_period("Q").dt.start_time.dt.date
    file["amount"] = file["SalesAmountQuota"].map(Decimal)
    return file


class AdventureWorks(LoadedOnce):
    """Everything comes in as people would bring it: imports, rules, roles, quotas by file."""

    folder: ClassVar[Path]
    sales: ClassVar[pd.DataFrame]
    quotas: ClassVar[pd.DataFrame]
    regions: ClassVar[pd.DataFrame]

    @classmethod
    def setUpTestData(cls) -> None:
        cls.folder = folder = shared_folder("adventureworks/reseller_sales")
        cls.sales = read(folder, "Sales.psv")
        cls.sales["quarter"] = pd.to_datetime(cls.sales["OrderDate"]).dt.to_period("Q").dt.start_time.dt.date
        cls.sales["money"] = cls.sales["Sales"].map(Decimal)
        cls.quotas = quota_file(folder)
        cls.regions = read(folder, "SalespersonRegion.psv")
        cls.import_facts(folder)
        model = cls.draw_the_map()
        cls.staff(model)
        cls.set_quotas()

    @classmethod
    def import_facts(cls, folder: Path) -> None:
        Currency.objects.get_or_create(code="USD", defaults={"name": "US dollar"})
        change_setting(actor=None, key="base_currency", value="USD")
        change_setting(actor=None, key="fiscal_year_start", value=7, from_day=FIRST)
        bring_own(PROFILES / "units.csv")
        for name in ("categories", "families", "products"):
            bring(folder / "Product.psv", PROFILES / f"{name}.yaml")
        for name in ("continents", "countries", "territories"):
            bring(folder / "Region.psv", PROFILES / f"{name}.yaml")
        bring(folder / "Salesperson.psv", PROFILES / "reps.yaml")
        bring(folder / "Reseller.psv", PROFILES / "accounts.yaml")
        bring(folder / "Sales.psv", PROFILES / "sales.yaml")

    @classmethod
    def draw_the_map(cls) -> TerritoryModel:
        """A territory for each region, with a rule on country and, within the United States, on states."""
        model = add_model(actor=None, values={"code": "aw", "name": "AdventureWorks"})
        resellers = read(cls.folder, "Reseller.psv")
        sold = cls.sales.drop_duplicates("ResellerKey").merge(resellers, on="ResellerKey")
        for row in read(cls.folder, "Region.psv").itertuples():
            values = {"code": row.SalesTerritoryKey, "name": row.Region, "type": "geographic"}
            territory = add_territory(actor=None, model=model, values=values)
            mine = sold[sold["SalesTerritoryKey"] == row.SalesTerritoryKey]
            asks: list[dict[str, Any]] = [{"field": "country", "is": "is", "value": row.Country}]
            if row.Country == "United States":
                states = sorted(mine["State-Province"].unique())
                asks.append({"field": "region", "is": "one of", "value": states})
            add_rule(actor=None, territory=territory, values={"name": row.Region, "condition": {"all": asks}})
        run_now(actor=None, model=model)
        fresh = TerritoryModel.objects.get(pk=model.pk)
        return activate_model(actor=None, model=fresh, revision=fresh.revision, first_day=FIRST, despite=True)

    @classmethod
    def staff(cls, model: TerritoryModel) -> None:
        """SalespersonRegion: the first rep of a region owns it, the others stand beside, managers above."""
        roles = standard_roles()
        made = {code: add_overlay_role(actor=None, code=code, name=code.title()) for code in BESIDE}
        made |= {
            "owner": roles["owner"],
            "manager": roles["manager"],
            "director": add_overlay_role(actor=None, code="director", name="Director"),
        }
        reps = Rep.objects.in_bulk(field_name="code")
        for territory in Territory.objects.filter(model=model):
            for code, rep in cls.roles_in(territory.code).items():
                give_role(
                    actor=None,
                    territory=territory,
                    role=made[code],
                    rep=reps[rep],
                    first=FIRST,
                    reason="As SalespersonRegion has it",
                )

    @classmethod
    def roles_in(cls, region: str) -> dict[str, str]:
        """role → rep."""
        people = read(cls.folder, "Salesperson.psv").set_index("EmployeeKey")["Title"]
        keys = sorted(cls.regions.loc[cls.regions["SalesTerritoryKey"] == region, "EmployeeKey"], key=int)
        sellers = [key for key in keys if people[key] == "Sales Representative"]
        above = [key for key in keys if people[key].endswith("Sales Manager")]
        directors = [key for key in keys if people[key].startswith("Director")]
        named = dict(zip(("owner", *BESIDE), sellers, strict=False)) | dict.fromkeys(("director",), "277")
        named |= dict(zip(("manager",), above, strict=False))
        assert sorted(named.values(), key=int) == keys
        assert directors == ["277"]
        return named

    @classmethod
    def set_quotas(cls) -> None:
        """One plan for each fiscal year, filled by file and approved."""
        for year in FISCAL_YEARS:
            begin = dt.date(year, 7, 1)
            mine = cls.quotas[
                (cls.quotas["quarter"] >= begin) & (cls.quotas["quarter"] < dt.date(year + 1, 7, 1))
            ]
            plan = make_plan(
                actor=None,
                values={
                    "name": f"FY{year + 1}",
                    "first_month": begin,
                    "measure": QuotaMeasure.SALES,
                    "target": mine["amount"].sum(),
                    "target_reason": "The sum of the quotas",
                    "model": None,
                },
            )
            lines = [f"{r.EmployeeKey},{r.quarter:%Y-%m},{r.SalesAmountQuota}" for r in mine.itertuples()]
            data = "\n".join(["rep,quarter,amount", *lines]).encode()
            import_quotas(actor=None, plan=plan, name="FactSalesQuota_dw.csv", data=data)
            for move in ("submit", "approve"):
                plan.refresh_from_db()
                move_plan(actor=None, plan=plan, name=move)

    def of(self, period: Period, credit: str = Credit.SELLER) -> Attainment:
        return attainment(None, Asked(period, QuotaMeasure.SALES, credit, TODAY))

    # --- what came in ---------------------------------------------------------------------------

    def test_the_sales_force_is_there(self) -> None:
        assert (Account.objects.count(), Rep.objects.count(), Territory.objects.count()) == (701, 18, 10)
        assert TerritoryRep.objects.count() == len(self.regions) == 39

    def test_every_reseller_that_bought_lies_in_the_territory_of_its_lines_and_has_one_owner(self) -> None:
        wanted = dict(
            self.sales.drop_duplicates("ResellerKey")[["ResellerKey", "SalesTerritoryKey"]].itertuples(
                index=False, name=None
            )
        )
        placed = dict(Placement.objects.values_list("account__code", "territory__code"))
        owners = dict(Assignment.objects.filter(role__kind="owner").values_list("account__code", "rep__code"))

        owner = {region: self.roles_in(region)["owner"] for region in set(wanted.values())}

        assert len(wanted) == 632
        assert {code: placed[code] for code in wanted} == wanted
        assert {code: owners[code] for code in wanted} == {
            code: owner[region] for code, region in wanted.items()
        }

    # --- attainment -----------------------------------------------------------------------------

    def test_quota_sold_and_attained_by_quarter_and_rep_agree_with_pandas_to_the_cent(self) -> None:
        sold = self.sales.groupby(["quarter", "EmployeeKey"])["money"].sum()
        quota = self.quotas.groupby(["quarter", "EmployeeKey"])["amount"].sum()
        wanted = pd.DataFrame({"sold": sold, "quota": quota}).astype(object)

        for period in quarters():
            ours = {line.key: (line.quota, line.closed, line.attained) for line in self.of(period).lines}
            theirs = {}
            for key, row in wanted.loc[period.first].iterrows():
                quota_of = None if pd.isna(row["quota"]) else row["quota"]
                sold_by = Decimal(0) if pd.isna(row["sold"]) else row["sold"]
                theirs[key] = (quota_of, sold_by, sold_by / quota_of if quota_of else None)
            assert ours == theirs, period.label
        assert wanted["quota"].notna().sum() == len(self.quotas) == 163

    def test_the_company_attained_between_79_and_89_percent_in_eleven_quarters(self) -> None:
        totals = [self.of(period).total for period in quarters()]
        attained = [float(total.attained or 0) for total in totals]

        assert sum(total.closed for total in totals) == Decimal("77548570.20")
        assert all(0.79 <= share <= 0.895 for share in attained[:11]), attained
        assert attained[11] < 0.6  # the file of sales ends a month before the quarter does

    def test_the_trend_tells_the_same(self) -> None:
        last = quarters()[-1]
        past = trend(None, Asked(last, QuotaMeasure.SALES, Credit.SELLER, TODAY), count=12)

        assert [(one.quota, one.closed) for one in past] == [
            (total.quota, total.closed) for total in (self.of(period).total for period in quarters())
        ]

    def test_credited_to_the_owner_of_the_account_they_agree_as_well(self) -> None:
        owner = {
            region: self.roles_in(region)["owner"] for region in self.sales["SalesTerritoryKey"].unique()
        }
        credited = self.sales.assign(owner=self.sales["SalesTerritoryKey"].map(owner))
        wanted = credited.groupby(["quarter", "owner"])["money"].sum()

        for period in quarters()[::4]:
            ours = {line.key: line.closed for line in self.of(period, Credit.OWNER).lines if line.closed}
            assert ours == wanted.loc[period.first].to_dict()

    def test_territories_sold_what_their_lines_say(self) -> None:
        period = quarters()[3]
        wanted = self.sales[self.sales["quarter"] == period.first].groupby("SalesTerritoryKey")["money"].sum()

        found = by_territory(None, Asked(period, QuotaMeasure.SALES, Credit.OWNER, TODAY))

        assert {line.key: line.closed for line in found.lines} == wanted.to_dict()

    # --- the finding ----------------------------------------------------------------------------

    def test_a_third_of_the_lines_was_sold_outside_the_reps_own_regions(self) -> None:
        allowed = set(self.regions[["EmployeeKey", "SalesTerritoryKey"]].itertuples(index=False, name=None))
        pairs = zip(self.sales["EmployeeKey"], self.sales["SalesTerritoryKey"], strict=True)
        outside = self.sales[[pair not in allowed for pair in pairs]]
        by_rep = outside.groupby("EmployeeKey")["money"].agg(["size", "sum"])

        found = sold_outside(None, FIRST, LAST)

        assert found.total.all.lines == len(self.sales) == 57_851
        assert found.total.outside.lines == len(outside) == 19_169
        assert found.total.outside.revenue == outside["money"].sum()
        assert found.total.nowhere.lines == 0
        assert round(found.total.share_of_lines or 0, 2) == 0.33
        ours = {row.key: (row.outside.lines, row.outside.revenue) for row in found.reps if row.outside.lines}
        assert ours == {key: (row["size"], row["sum"]) for key, row in by_rep.iterrows()}
