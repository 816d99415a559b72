"""What company-wide values there are: their kinds, defaults and limits. core.company reads them."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import available_timezones

from core.formats import grouped

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
BASE_CURRENCY = "base currency"


@dataclass(frozen=True)
class Setting:
    """One company-wide value. `kind` is text, currency, zone, month, weekdays, whole or decimal."""

    key: str
    label: str
    kind: str
    default: Any
    help: str
    group: str
    unit: str = ""
    dated: bool = False
    required: bool = True
    low: int | None = None
    high: int | None = None

    def cleaned(self, raw: Any) -> Any:
        """The value as it is used. Raises ValueError with a sentence for one that cannot be."""
        value = KINDS[self.kind](raw)
        if self.required and value in ("", []):
            raise ValueError(f"{self.label} may not be empty.")
        if isinstance(value, int | Decimal) and not self._within(value):
            raise ValueError(f"{self.label} must be {self._range()}.")
        return value

    def shown(self, value: Any, currency: str = BASE_CURRENCY) -> str:
        """The value in words; `currency` is what amounts of money are in."""
        if self.kind == "month":
            return MONTHS[value - 1]
        if self.kind == "weekdays":
            return ", ".join(WEEKDAYS[day] for day in value)
        text = (
            grouped(value, max(0, -int(value.as_tuple().exponent))) if isinstance(value, Decimal) else value
        )
        return f"{text} {currency if self.unit == BASE_CURRENCY else self.unit}".strip()

    def _within(self, value: int | Decimal) -> bool:
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)

    def _range(self) -> str:
        if self.high is None:
            return f"{self.low} or more"
        return f"between {self.low} and {self.high}"


def _text(raw: Any) -> str:
    text = str(raw or "").strip()
    if len(text) > 120:
        raise ValueError("Use 120 characters at most.")
    return text


def _currency(raw: Any) -> str:
    code = str(raw or "").strip().upper()
    if len(code) != 3 or not code.isascii() or not code.isalpha():
        raise ValueError("A currency is three letters, such as EUR.")
    return code


def _zone(raw: Any) -> str:
    if raw not in available_timezones():
        raise ValueError(f"{raw!r} is not a time zone. Use a name such as Europe/Berlin.")
    return str(raw)


def _whole(raw: Any) -> int:
    try:
        return int(str(raw))
    except ValueError as error:
        raise ValueError(f"{raw!r} is not a whole number.") from error


def _decimal(raw: Any) -> Decimal:
    try:
        number = Decimal(str(raw))
    except InvalidOperation as error:
        raise ValueError(f"{raw!r} is not a number.") from error
    if not number.is_finite():
        raise ValueError(f"{raw!r} is not a number.")
    return number


def _weekdays(raw: Any) -> list[int]:
    days = sorted({_whole(day) for day in raw or []})
    if any(day not in range(7) for day in days):
        raise ValueError("Weekdays are numbered from 0 (Monday) to 6 (Sunday).")
    return days


KINDS: dict[str, Callable[[Any], Any]] = {
    "text": _text,
    "currency": _currency,
    "zone": _zone,
    "month": _whole,
    "weekdays": _weekdays,
    "whole": _whole,
    "decimal": _decimal,
}

COMPANY, TIME, LIMITS, PLANS, PIPELINE = "Company", "Time", "Thresholds", "Plans", "Pipeline"
SETTINGS: dict[str, Setting] = {
    setting.key: setting
    for setting in (
        Setting("company_name", "Company name", "text", "Your company", "Shown on every page.", COMPANY),
        Setting(
            key="base_currency",
            label="Base currency",
            kind="currency",
            default="EUR",
            help="Plan values are kept in it. It cannot change once there are facts.",
            group=COMPANY,
        ),
        Setting(
            key="fiscal_year_start",
            label="First month of the fiscal year",
            kind="month",
            default=1,
            help="A fiscal year has the name of the calendar year in which it ends.",
            group=TIME,
            dated=True,
            low=1,
            high=12,
        ),
        Setting("time_zone", "Time zone", "zone", "UTC", "Times on pages and days of deadlines.", TIME),
        Setting(
            key="working_weekdays",
            label="Working weekdays",
            kind="weekdays",
            default=[0, 1, 2, 3, 4],
            help="Workdays of the cycle are counted in them, without the holidays of the calendar.",
            group=TIME,
            dated=True,
        ),
        Setting(
            key="calendar",
            label="Working calendar",
            kind="text",
            default="",
            help="Code of the working calendar for company-wide due days. Empty: weekdays only.",
            group=TIME,
            required=False,
        ),
        Setting(
            key="horizon",
            label="Planning horizon",
            kind="whole",
            default=18,
            help="How many months ahead are forecast and planned.",
            group=TIME,
            unit="months",
            low=18,
            high=36,
        ),
        Setting(
            key="override_percent",
            label="An override needs a reason from",
            kind="decimal",
            default=Decimal(10),
            help="Change against the baseline, either way.",
            group=LIMITS,
            unit="%",
            low=0,
            high=1000,
        ),
        Setting(
            key="exception_money",
            label="An exception is shown from",
            kind="decimal",
            default=Decimal(10_000),
            help="Money at stake in one demand unit and month.",
            group=LIMITS,
            unit=BASE_CURRENCY,
            low=0,
        ),
        Setting(
            key="outlier_z",
            label="Outlier from a robust z of",
            kind="decimal",
            default=Decimal("3.5"),
            help="Distance from the median in scaled median absolute deviations.",
            group=LIMITS,
            low=1,
            high=100,
        ),
        Setting(
            key="waive_money",
            label="Only the VP waives a quality issue from",
            kind="decimal",
            default=Decimal(100_000),
            help="Money at stake in the issue.",
            group=LIMITS,
            unit=BASE_CURRENCY,
            low=0,
        ),
        Setting(
            key="control_total_percent",
            label="A control total may differ by",
            kind="decimal",
            default=Decimal("0.1"),
            help="Larger differences between a file and its control total are a quality issue.",
            group=LIMITS,
            unit="%",
            low=0,
            high=100,
        ),
        Setting(
            key="quorum",
            label="Approvals a plan needs",
            kind="whole",
            default=2,
            help="How many executives must approve before a plan can be released.",
            group=PLANS,
            low=1,
            high=10,
        ),
        Setting(
            key="pack_days",
            label="The pack is sent ahead by",
            kind="whole",
            default=1,
            help="Executives have the pack at least so long before the plan is released.",
            group=PLANS,
            unit="days",
            low=0,
            high=14,
        ),
        Setting(
            key="decision_money",
            label="A contradiction needs a decision from",
            kind="decimal",
            default=Decimal(50_000),
            help="Money between demand, supply and budget in one family and month.",
            group=LIMITS,
            unit=BASE_CURRENCY,
            low=0,
        ),
        Setting(
            key="tolerance_percent",
            label="Sales are out of tolerance from",
            kind="decimal",
            default=Decimal(10),
            help="Difference of revenue from the released plan in one family, market and month, either way.",
            group=LIMITS,
            unit="%",
            low=0,
            high=1000,
        ),
        Setting(
            key="paper_discount_percent",
            label="A discount needs approval above",
            kind="decimal",
            default=Decimal(10),
            help="Of quotes, contracts, orders and invoices; larger ones are not sent without approval.",
            group=LIMITS,
            unit="%",
            low=0,
            high=100,
        ),
        Setting(
            key="paper_money",
            label="A paper needs approval above",
            kind="decimal",
            default=Decimal(50_000),
            help="Amount of a quote, contract, order or invoice.",
            group=LIMITS,
            unit=BASE_CURRENCY,
            low=0,
        ),
        Setting(
            key="paper_wait_days",
            label="An approval waits too long after",
            kind="whole",
            default=3,
            help="Papers that wait longer for approval stand among the exceptions.",
            group=LIMITS,
            unit="days",
            low=1,
            high=60,
        ),
        *(
            Setting(
                key=f"weight_{name}",
                label=f"Weight of {words}",
                kind="decimal",
                default=Decimal(weight),
                help="Share in the consensus where this stream speaks; shares are scaled to 100 %.",
                group=PLANS,
                unit="%",
                low=0,
                high=100,
            )
            for name, words, weight in (
                ("statistical", "the statistical forecast", 40),
                ("sales", "sales", 25),
                ("marketing", "marketing", 10),
                ("finance", "finance", 10),
                ("pipeline", "the pipeline", 15),
            )
        ),
        Setting(
            key="service_level",
            label="Service level",
            kind="decimal",
            default=Decimal(95),
            help="Chance that a month's demand is met from stock; it sets the safety stock.",
            group=PLANS,
            unit="%",
            low=50,
            high=99,
        ),
        Setting(
            key="lead_time",
            label="Lead time of supply",
            kind="decimal",
            default=Decimal(1),
            help="From deciding to make or buy until it is in stock.",
            group=PLANS,
            unit="months",
            low=0,
            high=12,
        ),
        Setting(
            key="holding_percent",
            label="Keeping stock costs",
            kind="decimal",
            default=Decimal(24),
            help="Of the cost of what is kept, a year.",
            group=PLANS,
            unit="%",
            low=0,
            high=200,
        ),
        Setting(
            key="backlog_percent",
            label="Delivering late costs",
            kind="decimal",
            default=Decimal(5),
            help="Of the price of what is owed, a month.",
            group=PLANS,
            unit="%",
            low=0,
            high=100,
        ),
        Setting(
            key="outsourcing_percent",
            label="Outsourcing costs more than making by",
            kind="decimal",
            default=Decimal(25),
            help="Of the cost of making a unit.",
            group=PLANS,
            unit="%",
            low=0,
            high=500,
        ),
        Setting(
            key="pipeline_pushes",
            label="A deal slips from",
            kind="whole",
            default=2,
            help="How often its close date moved out.",
            group=PIPELINE,
            unit="pushes",
            low=1,
            high=20,
        ),
        Setting(
            key="stalled_days",
            label="A deal stalls after",
            kind="whole",
            default=30,
            help="Days in the same stage.",
            group=PIPELINE,
            unit="days",
            low=1,
            high=730,
        ),
        Setting(
            key="risk_days",
            label="A deal closes soon within",
            kind="whole",
            default=14,
            help="Deals that close so soon must be likely, and have a next step.",
            group=PIPELINE,
            unit="days",
            low=1,
            high=180,
        ),
        Setting(
            key="risk_percent",
            label="A deal that closes soon is at risk below",
            kind="decimal",
            default=Decimal(50),
            help="Its chance of being won.",
            group=PIPELINE,
            unit="%",
            low=0,
            high=100,
        ),
        Setting(
            key="coverage_factor",
            label="The pipeline covers a quota from",
            kind="decimal",
            default=Decimal(3),
            help="Open deals of a period over what of its quota is still missing.",
            group=PIPELINE,
            unit="times",
            low=1,
            high=20,
        ),
    )
}
