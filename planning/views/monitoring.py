"""Plan against actual: by lag, by family, value added, and what left its tolerance."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from catalog.selectors import base_currency
from core import company
from core.access import Page, person_of
from core.formats import short
from core.listing import Column, Empty
from core.pages import plain_table
from planning.selectors.accuracy_cells import MAKERS
from planning.selectors.monitoring import (
    Alert,
    FamilyAccuracy,
    LagAccuracy,
    accuracy_by_family,
    accuracy_by_lag,
    alerts_of,
)
from planning.selectors.value_added import Step, steps_of
from planning.views.accuracy_words import SIGNAL, signal_tone, signal_word
from planning.views.comparison_words import percent
from planning.views.value_added_words import stair_chart, step_table

LAGS = (1, 2, 3, 6)
SHOWN = 10
NOTHING = Empty(
    "No month to compare yet",
    "When the first month of a released plan is over and its sales are imported, plan and actual stand here.",
    "Released plans",
    "/releases/",
)
NO_ALERTS = Empty("Everything is within its tolerance", "Sales stay close to the released plans.")


class MonitoringPage(Page):
    """What became of the released plans, and where to look first."""

    action = "release.view"

    def get(self, request: HttpRequest) -> HttpResponse:
        person = person_of(request)
        lag = _lag(request.GET.get("lag", ""))
        lags, families = accuracy_by_lag(person), accuracy_by_family(person, lag)
        alerts, steps = alerts_of(person), steps_of(person, lag)
        context: dict[str, Any] = {
            "lag": lag,
            "lags": [(one, one == lag) for one in LAGS],
            "figures": _figures(lags, families, alerts, steps, lag),
            "lag_chart": _lag_chart(lags) if lags else None,
            "alerts": _alerts_table(alerts[:SHOWN]),
            "smaller_alerts": _alerts_table(alerts[SHOWN:], "Out of tolerance, smaller ones")
            if alerts[SHOWN:]
            else None,
            "tolerance": company.value("tolerance_percent"),
            "threshold": company.value("exception_money"),
            "currency": base_currency(),
            "families": _family_table(families),
            "value_added": step_table(steps),
            "value_chart": stair_chart(steps) if steps else None,
        }
        return render(request, "planning/monitoring.html", context)


def _lag(text: str) -> int:
    return int(text) if text.isdigit() and int(text) in LAGS else LAGS[0]


def _figures(
    lags: list[LagAccuracy],
    families: list[FamilyAccuracy],
    alerts: list[Alert],
    steps: list[Step],
    lag: int,
) -> list[dict[str, Any]]:
    here = next((row for row in lags if row.lag == lag), None)
    leaning = sum(1 for row in families if row.signal is not None and abs(row.signal) > SIGNAL)
    gained = next((step.gained for step in steps if step.label == MAKERS["consensus"]), None)
    return [
        {
            "label": f"WAPE at lag {lag}",
            "value": percent(here.wape if here else None, sign=False),
            "help": "Sum of absolute errors by demand unit and month, over what was sold.",
            "change": f"bias {percent(here.bias if here else None)}",
            "url": "#lags",
        },
        {
            "label": "Value added",
            "value": f"{gained * 100:+.1f}".replace("-", "\u2212") if gained is not None else "–",
            "unit": "points",
            "help": "WAPE of the statistical baseline less WAPE of the consensus, in points.",
            "tone": "bad" if gained is not None and gained < 0 else "",
            "url": "#value",
        },
        {
            "label": "Out of tolerance",
            "value": len(alerts),
            "tone": "warn" if alerts else "",
            "change": f"{short(sum(abs(alert.difference) for alert in alerts))} {base_currency()}",
            "url": "#alerts",
        },
        {
            "label": "Families that lean",
            "value": leaning,
            "help": "Tracking signal beyond ±4: too high or too low month after month.",
            "url": "#families",
        },
    ]


def _lag_chart(lags: list[LagAccuracy]) -> dict[str, Any]:
    """WAPE of plan and baseline by lag."""
    columns = [
        Column("lag", "Lag", "lag", "number", unit="months"),
        Column("months", "Months compared", "months", "number"),
        Column("wape", "WAPE of the plan", "wape", "percent"),
        Column("bias", "Bias of the plan", "bias", "percent"),
        Column("baseline", "WAPE of the baseline", "baseline_wape", "percent"),
        Column("units", "Sold", "units", "quantity", unit="units"),
    ]
    series = [
        {"name": name, "role": role, "values": [_points(getattr(row, key)) for row in lags]}
        for name, role, key in (("Plan", "consensus", "wape"), ("Baseline", "statistical", "baseline_wape"))
    ]
    first = lags[0]
    return {
        "id": "lags-chart",
        "kind": "line",
        "title": "Accuracy by lag",
        "subtitle": "WAPE in %, months ahead",
        "text": f"At lag {first.lag} the plan is off by {percent(first.wape, sign=False)} of what was sold.",
        "data": {"x": [str(row.lag) for row in lags], "unit": "%", "series": series},
        "table": plain_table(lags, columns, caption="Accuracy by lag", empty=NOTHING),
    }


def _points(value: float | None) -> float | None:
    return None if value is None else round(value * 100, 2)


def _alerts_table(alerts: list[Alert], caption: str = "Out of tolerance") -> dict[str, Any]:
    money = base_currency()
    columns = [
        Column("family", "Family"),
        Column("market", "Market"),
        Column("month", "Month", "month", "month"),
        Column("planned", "Planned", "planned", "quantity", unit="units"),
        Column("sold", "Sold", "sold", "quantity", unit="units"),
        Column("planned_revenue", "Planned", "planned_revenue", "quantity", unit=money),
        Column("revenue", "Sold", "revenue", "quantity", unit=money),
        Column("difference", "Difference", "difference", "quantity", unit=money),
        Column("share", "Of the plan", "share", "percent"),
    ]
    return plain_table(alerts, columns, caption=caption, empty=NO_ALERTS)


def _family_table(families: list[FamilyAccuracy]) -> dict[str, Any]:
    columns = [
        Column("family", "Family"),
        Column("months", "Months", "months", "number"),
        Column("units", "Sold", "units", "quantity", unit="units"),
        Column("wape", "WAPE", "wape", "percent"),
        Column("bias", "Bias", "bias", "percent", help="Positive: too much was planned."),
        Column(
            "signal",
            "Tracking signal",
            lambda row: signal_word(row.signal),
            "badge",
            tone=lambda row: signal_tone(row.signal),
        ),
    ]
    return plain_table(families, columns, caption="Families", empty=NOTHING)
