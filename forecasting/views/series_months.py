"""The months of one series: sold, cleaned, forecast, and what the forecast before said."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import Http404

from catalog.engine.months import add_months
from core.explain import address
from core.formats import show
from core.listing import Column, Empty
from core.pages import plain_table
from forecasting.models import ForecastSeries, ForecastValue
from forecasting.selectors.series_page import Before

SHOWN_HISTORY = 36  # months
NOTHING = Empty("No months", "Nothing is forecast.")


@dataclass(frozen=True)
class MonthLine:
    """One month: what was sold, what stands there after cleaning and why, what is forecast, and what the
    forecast before this one said."""

    month: dt.date
    sold: float | None
    forecast: ForecastValue | None
    before: float | None = None
    cleaned: float | None = None
    why: str = ""

    @property
    def change(self) -> float | None:
        """The forecast against the one before, a share."""
        if self.forecast is None or not self.before:
            return None
        return self.forecast.mean / self.before - 1


def _of_forecast(name: str) -> Callable[[MonthLine], float | None]:
    return lambda line: getattr(line.forecast, name) if line.forecast else None


def _explained(line: MonthLine) -> str:
    """The address that explains the month's forecast."""
    made = line.forecast
    return address("forecast", made.run_id, made.demand_unit_id, made.month) if made else ""


MONTH = Column("month", "Month", kind="month")
SOLD = Column("sold", "Sold", kind="quantity")
FORECAST = [
    Column("mean", "Forecast", _of_forecast("mean"), "quantity", link=_explained),
    Column("lower_80", "80 % from", _of_forecast("lower_80"), "quantity"),
    Column("upper_80", "80 % to", _of_forecast("upper_80"), "quantity"),
    Column("lower_95", "95 % from", _of_forecast("lower_95"), "quantity"),
    Column("upper_95", "95 % to", _of_forecast("upper_95"), "quantity"),
]
BEFORE = [
    Column("before", "Forecast before", kind="quantity"),
    Column("change", "Change", kind="percent", help="This forecast against the one before."),
]
CLEANED = [Column("cleaned", "Taken as", kind="quantity"), Column("why", "Why")]


def month_lines(
    series: ForecastSeries, sold: dict[dt.date, float], values: list[ForecastValue], before: Before | None
) -> list[MonthLine]:
    """The newest months of the history and all months ahead. Raises Http404 while nothing is forecast."""
    if not values:
        raise Http404("This forecast is not done yet.")
    first_ahead, last = values[0].month, values[-1].month
    begin = max(min(sold, default=first_ahead), add_months(first_ahead, -SHOWN_HISTORY))
    known = max([*sold, add_months(first_ahead, -1)]) if sold else begin
    ahead = {value.month: value for value in values}
    said = before.means if before else {}
    cleaned = {dt.date.fromisoformat(month): (now, why) for month, _, now, why in series.cleaned}
    lines, month = [], begin
    while month <= last:
        quantity = sold.get(month, 0.0) if sold and month <= known else None
        now, why = cleaned.get(month, (None, ""))
        lines.append(MonthLine(month, quantity, ahead.get(month), said.get(month), now, why))
        month = add_months(month, 1)
    return lines


def forecast_chart(series: ForecastSeries, lines: list[MonthLine], before: Before | None) -> dict[str, Any]:
    """History, cleaned months, the forecast with its intervals, and the forecast before as a ghost."""
    columns = [MONTH, SOLD, *(CLEANED if any(line.why for line in lines) else []), *FORECAST]
    unit = series.demand_unit.product.unit.name
    return {
        "id": "forecast-chart",
        "kind": "line",
        "title": finding(lines),
        "subtitle": f"{unit} a month, with 80 % and 95 % intervals",
        "text": _text(lines, before),
        "data": {
            "x": [f"{line.month:%b %y}" for line in lines],
            "unit": unit.lower(),
            "today": f"{series.run.last_month:%b %y}",
            "series": _drawn(lines, before),
            "bands": [_band(lines, level) for level in (95, 80)],
        },
        "table": plain_table(
            list(reversed(lines)), columns + (BEFORE if before else []), caption="Months", empty=NOTHING
        ),
        "tall": True,
    }


def months_table(lines: list[MonthLine], before: Before | None) -> dict[str, Any]:
    """The months ahead."""
    ahead = [line for line in lines if line.forecast]
    sold = [SOLD] if any(line.sold is not None for line in ahead) else []
    columns = [MONTH, *FORECAST[:1], *sold, *(BEFORE if before else []), *FORECAST[1:]]
    return plain_table(ahead, columns, caption="Months ahead", empty=NOTHING)


def finding(lines: list[MonthLine]) -> str:
    """What the next twelve months say against the last twelve."""
    first = next(place for place, line in enumerate(lines) if line.forecast)
    before = sum(line.sold or 0.0 for line in lines[:first][-12:])
    months = [line.forecast.mean for line in lines if line.forecast][:12]
    if not before or len(months) < 12:
        return f"{show(sum(months), 'quantity')[0]} in the next {len(months)} months"
    change = sum(months) / before - 1
    word = "above" if change > 0 else "below"
    return f"The next twelve months lie {show(abs(change), 'percent')[0]} {word} the last twelve"


def against_before(lines: list[MonthLine], before: Before | None) -> str:
    """How this forecast differs from the one before over the months that both have, in a sentence."""
    if before is None:
        return ""
    both = [line for line in lines if line.forecast and line.before is not None]
    was = sum(line.before or 0.0 for line in both)
    now = sum(line.forecast.mean for line in both if line.forecast)
    when = f"the forecast on data up to {before.run.last_month:%b %Y}"
    months = "1 month" if len(both) == 1 else f"{len(both)} months"
    if not both:
        return f"No month is in both this forecast and {when}."
    if not was or abs(now / was - 1) < 0.0005:
        return (
            f"As {when} said, over the {months} in both."
            if now == was or was
            else (f"{when[:1].upper()}{when[1:]} said nothing would be sold in the {months} in both.")
        )
    word = "above" if now > was else "below"
    share = show(abs(now / was - 1), "percent")[0]
    return f"{share} {word} {when}, over the {months} in both."


def _drawn(lines: list[MonthLine], before: Before | None) -> list[dict[str, Any]]:
    drawn: list[dict[str, Any]] = [
        {"name": "Sold", "role": "history", "values": [line.sold for line in lines]},
        {"name": "Forecast", "role": "statistical", "values": _ahead(lines, "mean")},
    ]
    if any(line.before is not None for line in lines):
        name = f"Forecast up to {before.run.last_month:%b %y}" if before else "Forecast before"
        drawn.append({"name": name, "role": "last", "values": [line.before for line in lines]})
    if any(line.why for line in lines):
        values = [line.cleaned for line in lines]
        drawn.append({"name": "Cleaned to", "role": "part-3", "values": values, "points": True})
    return drawn


def _band(lines: list[MonthLine], level: int) -> dict[str, Any]:
    low, high = _ahead(lines, f"lower_{level}"), _ahead(lines, f"upper_{level}")
    return {"name": f"{level}% interval", "role": "statistical", "low": low, "high": high}


def _ahead(lines: list[MonthLine], name: str) -> list[float | None]:
    return [getattr(line.forecast, name) if line.forecast else None for line in lines]


def _text(lines: list[MonthLine], before: Before | None) -> str:
    told = f"Sales and forecast by month from {lines[0].month:%b %Y} to {lines[-1].month:%b %Y}."
    return " ".join(part for part in (told, against_before(lines, before)) if part)
