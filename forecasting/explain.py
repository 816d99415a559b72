"""Where a forecast comes from: the run, its method and why, and the sales it was made from."""

import datetime as dt
from typing import Any

from django.urls import reverse

from catalog.models import DemandUnit
from catalog.selectors import demand_units_visible_to
from core.explain import Explanation, Fact, found, month, number, part, pointer, register
from core.formats import show
from core.models import Person
from forecasting.models import ForecastRun, ForecastSeries, ForecastValue
from gathering.selectors.facts import sales_of_unit

SHOWN_MONTHS = 24


@register("forecast", "run", "unit", "month", action="forecast.view")
def forecast(person: Person, run: str, unit: str, when: str) -> Explanation:
    """The statistical forecast of a demand unit in a month."""
    at = month(when)
    unit_row = found(demand_units_visible_to(person).filter(pk=number(unit)).first(), "demand unit")
    made = found(ForecastRun.objects.filter(pk=number(run)).first(), "forecast run")
    rows = ForecastValue.objects.filter(run=made, demand_unit=unit_row, month=at)
    value = found(rows.first(), "forecast")
    series = ForecastSeries.objects.filter(run=made, demand_unit=unit_row).first()
    return Explanation(
        label=f"Statistical forecast of {unit_row.product.name} in {unit_row.market.name}, {at:%b %Y}",
        value=value.mean,
        unit=unit_row.product.unit.name.lower(),
        kind="number",
        formula=_formula(made, series),
        parts=_history(person, unit_row, made.last_month),
        source=Fact(
            "Forecast run",
            f"no. {made.pk}, on sales up to {made.last_month:%b %Y}",
            reverse("forecasting:series", args=[made.pk, unit_row.pk]),
        ),
        facts=(*_of_value(value), *_of_series(series), *_of_run(made)),
    )


def _formula(run: ForecastRun, series: ForecastSeries | None) -> str:
    method = f"{series.method}: {series.reason}" if series else "The method was not kept"
    return f"{method.rstrip('.')}. Made from the months of sales up to {run.last_month:%b %Y}."


def _of_value(value: ForecastValue) -> tuple[Fact, ...]:
    return tuple(
        Fact(f"{level} % interval", f"{show(low, 'number')[0]} to {show(high, 'number')[0]}")
        for level, low, high in (
            (80, value.lower_80, value.upper_80),
            (95, value.lower_95, value.upper_95),
        )
    )


def _of_series(series: ForecastSeries | None) -> tuple[Fact, ...]:
    """How well the method did in back-tests: what could be measured."""
    if series is None:
        return ()
    figures = (
        ("MASE", series.mase, "number"),
        ("WAPE", series.wape, "percent"),
        ("bias", series.bias, "percent"),
    )
    return tuple(
        Fact(f"Back-test {label}", show(value, kind)[0])
        for label, value, kind in figures
        if value is not None
    )


def _of_run(run: ForecastRun) -> tuple[Fact, ...]:
    who = run.requested_by.name if run.requested_by else "the system"
    settings = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in sorted(run.settings.items()))
    return (
        Fact("Made", f"{show(run.finished or run.created, 'time')[0]} for {who}"),
        Fact("Engine", run.engine_version),
        *((Fact("Settings", settings),) if settings else ()),
        Fact("Fingerprint of the input", run.input_hash),
    )


def _history(person: Person, unit: DemandUnit, last: dt.date) -> tuple[Explanation, ...]:
    """The last months of sales that the run has read, the newest first."""
    rows = sales_of_unit(person, unit.pk).filter(month__lte=last).order_by("-month")[:SHOWN_MONTHS]
    return tuple(_month(person, unit, row, is_newest=place == 0) for place, row in enumerate(rows))


def _month(person: Person, unit: DemandUnit, row: Any, *, is_newest: bool) -> Explanation:
    """A month of sales; the newest with its files, the others by the address that shows theirs."""
    line = Explanation(f"Sold in {row.month:%b %Y}", row.quantity, unit.product.unit.name.lower())
    if is_newest:
        return part(person, "sales", unit, row.month, instead=line)
    return pointer(person, "sales", unit, row.month, to=line)
