"""What the firm is before any file comes in: its name and money, calendars, profiles, data sources."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import yaml

from catalog.models import Currency, WorkingCalendar
from core import company
from core.editing import create_row
from core.models import Person
from core.roles import Role
from core.services.company import change_setting
from demo.company.trade import BASE_CURRENCY, CURRENCIES, NAME
from demo.loading.people import People
from gathering.models import DataSource, ImportProfile
from gathering.services.profiles import create_profile
from gathering.services.sources import create_source

PROFILES = Path(__file__).resolve().parent.parent / "profiles"
CALENDARS = {"DE": "Germany", "AT": "Austria", "FR": "France", "GB": "United Kingdom", "PL": "Poland"}
APPROVED_FROM = "400000"  # base currency: a large order is nothing unusual here


@dataclass(frozen=True)
class Source:
    """A data source of the month."""

    code: str
    name: str
    dataset: str
    owner: Role
    due_workday: int
    instructions: str
    is_required: bool = True


SOURCES = (
    Source("erp-sales", "Order lines from the ERP", "sales", Role.COORDINATOR, 1,
           "Export “Sales lines, last month” on the first working day."),
    Source("erp-returns", "Returns from the ERP", "returns", Role.COORDINATOR, 1,
           "Export “Returns, last month”."),
    Source("erp-stock", "Month-end stock", "stock", Role.COORDINATOR, 2,
           "Export after the warehouses have closed their month."),
    Source("leeds-stock", "Stock of the Leeds warehouse", "stock", Role.COORDINATOR, 2,
           "Leeds runs its own system: ask its shift leader for the tab-separated report."),
    Source("erp-open-orders", "Open orders", "open_orders", Role.COORDINATOR, 2,
           "Export “Open order lines” on the first day of the month."),
    Source("plant-capacity", "Capacity of the plants", "capacity", Role.ANALYST, 3,
           "The plants' shift calendars for the next eighteen months."),
    Source("finance-budget", "Budget", "budget", Role.MANAGER, 3,
           "Finance sends it once a year and after every revision."),
    Source("sales-targets", "Sales targets", "targets", Role.MANAGER, 3,
           "From the sales managers, when they change.", is_required=False),
    Source("dealer-forecast", "Nordwand's forecast", "external_forecasts", Role.ANALYST, 3,
           "Nordwand sends it by EDI in German number format: use the profile.", is_required=False),
    Source("marketing-campaigns", "Campaign calendar", "campaigns", Role.COORDINATOR, 3,
           "From marketing: all campaigns that are planned or running."),
    Source("competitor-notes", "What the market does", "market_notes", Role.ANALYST, 3,
           "Whatever sales heard about competitors, laws and big customers.", is_required=False),
)  # fmt: skip


def set_up_firm(people: People) -> None:
    """Settings, currencies, calendars, profiles and data sources, each added where missing."""
    advisor = people[Role.ADVISOR]
    _set("base_currency", BASE_CURRENCY, advisor)
    for code, (name, _) in CURRENCIES.items():
        Currency.objects.get_or_create(code=code, defaults={"name": name})
    for country, name in CALENDARS.items():
        _add_calendar(country, name, advisor)
    _set("calendar", "DE", advisor)
    _set("paper_money", APPROVED_FROM, advisor)
    for file in sorted(PROFILES.glob("*.yaml")):
        _add_profile(file, people[Role.COORDINATOR])
    for source in SOURCES:
        _add_source(source, people)


def name_firm(people: People) -> None:
    """The last step of a load: the company's name says that it is complete."""
    _set("company_name", NAME, people[Role.ADVISOR])


def is_complete() -> bool:
    return bool(company.value("company_name") == NAME)


def _set(key: str, value: str, advisor: Person) -> None:
    if company.value(key) != value:
        row = company.row_on(key, dt.date.max)
        change_setting(actor=advisor, key=key, value=value, revision=row.revision if row else 0)


def _add_calendar(country: str, name: str, actor: Person) -> None:
    if not WorkingCalendar.objects.filter(code=country).exists():
        row = WorkingCalendar(code=country, name=name, country=country, weekdays=[1, 2, 3, 4, 5])
        create_row(actor=actor, row=row, verb="calendar added")


def _add_profile(file: Path, actor: Person) -> None:
    if not ImportProfile.objects.filter(code=file.stem).exists():
        raw = yaml.safe_load(file.read_text(encoding="utf-8"))
        create_profile(actor=actor, **{key: raw[key] for key in ("code", "name", "dataset", "definition")})


def _add_source(source: Source, people: People) -> None:
    if DataSource.objects.filter(code=source.code).exists():
        return
    create_source(
        actor=people[Role.MANAGER],
        code=source.code,
        name=source.name,
        dataset=source.dataset,
        profile=ImportProfile.objects.filter(code=source.code).first(),
        owner=people[source.owner],
        due_workday=source.due_workday,
        is_required=source.is_required,
        instructions=source.instructions,
    )
