"""The generator: pure, seeded, no clock and no Django. Everything follows from scale, seed and month."""

import datetime as dt
from dataclasses import dataclass

import pandas as pd

from demo.company.campaigns import campaign_file, make_promotions, note_file
from demo.company.deals import deal_tables
from demo.company.demand import make_demand
from demo.company.faults import as_text, last_month_file, spoil
from demo.company.finance import finance_tables
from demo.company.markets import account_file, make_accounts, market_tables
from demo.company.orders import make_lines, make_open_orders, make_returns
from demo.company.products import catalog_tables, make_products
from demo.company.sayings import Sayings
from demo.company.span import HISTORY, first_day, month_number
from demo.company.supply import late_report, supply_tables


@dataclass(frozen=True)
class File:
    """One file that some system of the company would hand in."""

    name: str
    dataset: str
    source: str
    rows: pd.DataFrame
    profile: str = ""
    delimiter: str = ","
    decimal: str = "."


def make_company(
    *, scale: int, seed: int, until: dt.date, with_late: bool = False, today: dt.date | None = None
) -> list[File]:
    """Every file of the company, in the order in which they can be imported.

    `until` is any day of the last month with sales. `with_late` adds what comes in after the others.
    Deals are told as of `today`, the first day after that month unless it is given.
    """
    first = month_number(until) - HISTORY + 1
    products = make_products(scale, seed, first, HISTORY)
    accounts = make_accounts(scale, seed)
    promotions = make_promotions(seed, first, HISTORY)
    demand = make_demand(products, promotions, seed, first, HISTORY)
    lines = spoil(make_lines(demand, products, accounts, seed, first), seed)
    tables = catalog_tables(products, first, HISTORY, seed)
    tables |= market_tables(seed, first, HISTORY) | {"accounts": account_file(accounts)}
    tables |= supply_tables(demand, products, seed, first) | finance_tables(demand, products, seed, first)
    tables |= {
        "campaigns": campaign_file(promotions),
        "market_notes": note_file(month_number(until)),
        "open_orders": make_open_orders(demand, products, accounts, seed, first),
        "returns": as_text(make_returns(lines, seed, first)),
    }
    tables |= deal_tables(
        accounts,
        products,
        tables["targets"],
        scale=scale,
        seed=seed,
        first=first,
        today=today or first_day(first + HISTORY),
    )
    masters = [_file(dataset, source, tables) for dataset, source in SOURCES.items()]
    monthly = [_file(dataset, source, tables) for dataset, source in AFTER_SALES.items()]
    dealer = _dealer_file(tables["external_forecasts"])
    late = [_late_file(late_report(demand, products, seed, first))] if with_late else []
    return [*masters, *_sales_files(lines, first), *monthly, dealer, *late]


@dataclass(frozen=True)
class Past:
    """What people said in the cycles of the company."""

    sayings: Sayings


def make_past(*, scale: int, seed: int, until: dt.date) -> Past:
    """The words of the cycles around the last month with sales, of the same company."""
    first = month_number(until) - HISTORY + 1
    products = make_products(scale, seed, first, HISTORY)
    promotions = make_promotions(seed, first, HISTORY)
    demand = make_demand(products, promotions, seed, first, HISTORY)
    return Past(Sayings(demand, promotions, scale, seed, first))


# Who hands the file in, and the order: what is pointed at comes first.
SOURCES = {
    "units": "plm",
    "families": "plm",
    "products": "plm",
    "month_rates": "treasury",
    "markets": "plm",
    "sites": "erp",
    "resources": "erp",
    "prices": "erp",
    "costs": "erp",
    "capacity_uses": "plm",
    "bills_of_materials": "plm",
    "reps": "crm",
    "accounts": "crm",
    "capacity": "erp",
    "stock": "erp",
    "budget": "finance",
    "targets": "sales",
    **dict.fromkeys(("deal_stages", "teams", "team_members", "contacts"), "crm"),
    **dict.fromkeys(("deals", "deal_history", "deal_lines"), "crm"),
    "campaigns": "marketing",
    "market_notes": "sales",
}
AFTER_SALES = {"returns": "erp", "open_orders": "erp"}


def _file(dataset: str, source: str, tables: dict[str, pd.DataFrame]) -> File:
    return File(f"{dataset}.csv", dataset, source, tables[dataset])


def _dealer_file(forecast: pd.DataFrame) -> File:
    """A big dealer's forecast in its own words and number format: read by a profile."""
    rows = pd.DataFrame(
        {
            "Artikel": forecast["product"],
            "Vertriebsweg": "Handel Deutschland",
            "Monat": pd.to_datetime(forecast["month"]).dt.strftime("%d.%m.%Y"),
            "Menge": forecast["quantity"].astype(float),
        }
    )
    return File(
        name="nordwand-bedarf.csv",
        dataset="external_forecasts",
        source="nordwand-edi",
        rows=rows,
        profile="dealer-forecast",
        delimiter=";",
        decimal=",",
    )


def _late_file(rows: pd.DataFrame) -> File:
    """The report of the warehouse whose own system is always the last: tab-separated, day first."""
    return File(
        name="leeds-stock.tsv",
        dataset="stock",
        source="leeds",
        rows=rows,
        profile="leeds-stock",
        delimiter="\t",
    )


def _sales_files(lines: pd.DataFrame, first: int) -> list[File]:
    """One file for each calendar year, and the last month by itself."""
    last = lines["month"] == HISTORY - 1
    year = (first + lines["month"]) // 12
    years = [
        File(f"sales-{number}.csv", "sales", "erp", as_text(lines[(year == number) & ~last]))
        for number in sorted(year[~last].unique())
    ]
    month = first_day(first + HISTORY - 1)
    newest = File(f"sales-{month:%Y-%m}.csv", "sales", "erp", last_month_file(lines[last]))
    return [*years, newest]
