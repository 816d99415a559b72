"""Whether quotas are fair: the spread of attainment, the median, and potential against attainment."""

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render

from catalog.selectors import base_currency
from core.access import Page, person_of
from core.formats import grouped
from core.listing import Column, Empty, export_rows
from core.pages import plain_table
from territories.engine.attainment.distribution import Distribution
from territories.engine.attainment.relation import Relation
from territories.filters.attainment import FairnessForm
from territories.selectors.fairness import Fairness, Point, fairness
from territories.views.attainment import VIEW, Narrowed
from territories.views.attainment_words import money, percent, text, to

NOBODY = Empty(
    "Nobody has a quota in this period",
    "As soon as reps have quotas, the spread of what they attained stands here: how many met the quota, and "
    "whether a good territory was enough to do so.",
)


class FairnessPage(Page):
    """Histogram, median and share at quota; scatter of potential and attainment; what to do."""

    action = VIEW

    def get(self, request: HttpRequest) -> HttpResponseBase:
        form = FairnessForm(request.GET)
        found = fairness(person_of(request), form.asked)
        columns = _columns(request, 12 / len(found.asked.period.months))
        if request.GET.get("export"):
            title = f"Fairness {found.asked.period.label}"
            return export_rows(found.points, columns, title=title, form=request.GET["export"])
        context = {
            "filter": Narrowed(form),
            "asked": found.asked,
            "figures": _figures(found.spread, found.relation) if found.spread else [],
            "bands": _bands(found.spread) if found.spread else None,
            "map": _scatter(found) if len(found.with_potential) > 1 else None,
            "warning": warning(found.relation),
            "todo": what_to_do(found),
            "table": plain_table(found.points, columns, caption="Reps with a quota", empty=NOBODY),
            "running": not found.asked.is_over,
        }
        return render(request, "territories/fairness.html", context)


def _columns(request: HttpRequest, in_a_year: float) -> list[Column]:
    unit = base_currency()
    return [
        Column("rep", "Rep", "line.name", link=lambda one: to("attainment-rep", request, one.line.pk)),
        Column("quota", "Quota", "line.quota", "quantity", unit),
        Column("closed", "Closed", "line.closed", "quantity", unit),
        Column("attained", "Attained", "attained", "percent", help="While the period runs, its forecast."),
        Column("potential", "Potential a year", "potential", "quantity", unit),
        Column(
            "ratio",
            "Quota of potential",
            lambda one: _of_potential(one, in_a_year),
            "percent",
            help="The quota as if it were that of a whole year, over the potential of a year.",
        ),
    ]


def _of_potential(point: Point, in_a_year: float) -> float | None:
    """The share of a year's potential that the quota asks for."""
    if not point.potential or not point.line.quota:
        return None
    return float(point.line.quota) * in_a_year / float(point.potential)


def _figures(spread: Distribution, found: Relation) -> list[dict[str, Any]]:
    low = spread.at_quota < 0.5
    return [
        {
            "label": "Median attainment",
            "value": percent(spread.median),
            "change": f"mean {percent(spread.mean)}",
            "help": "Half of the reps lie above it. A few high ones lift the mean, not the median.",
            "tone": "warn" if spread.median < 0.8 else "",
        },
        {
            "label": "At or above quota",
            "value": percent(spread.at_quota),
            "change": f"{round(spread.at_quota * spread.count)} of {spread.count} reps",
            "help": "50 to 70 % is called healthy.",
            "tone": "warn" if low else "",
        },
        _correlation_figure("Follows the potential", found.pearson, "Pearson's correlation", found),
        _correlation_figure("By rank", found.spearman, "Spearman's rank correlation", found),
    ]


def _correlation_figure(label: str, r: float | None, what: str, found: Relation) -> dict[str, Any]:
    return {
        "label": label,
        "value": "–" if r is None else grouped(r, 2),
        "change": f"{found.count} reps with a potential",
        "help": f"{what} of attainment and potential: near 0 is fair; from {grouped(found.limit, 2)} on, "
        "either way, the map decides (a company setting).",
        "tone": "warn" if r is not None and abs(r) >= found.limit else "",
    }


def warning(found: Relation) -> str:
    """What the correlation says, in a sentence; empty where there is nothing to say."""
    if found.pearson is None:
        return ""
    few = (
        f" Only {found.count} reps have a potential, so this may well be chance."
        if found.may_be_chance
        else ""
    )
    if not found.map_decides:
        return ""
    r = grouped(max((found.pearson, found.spearman or 0.0), key=abs), 2)
    return (
        f"The map decides, not the rep: attainment goes with the potential of the territory (r = {r}).{few}"
    )


def what_to_do(found: Fairness) -> list[dict[str, str]]:
    """Plain advice for what was found."""
    spread, related = found.spread, found.relation
    if spread is None:
        return []
    said = []
    if related.map_decides:
        said.append("Set quotas by potential, or balance the territories: see Territories, Balance.")
    if spread.at_quota < 0.5 and spread.median < 0.8:
        said.append(
            "Fewer than half met the quota and the median is low: look at the target before the people."
        )
    elif spread.at_quota < 0.5:
        said.append(
            "Fewer than half met the quota: look at those from 80 to 100 %, a little help moves most."
        )
    if spread.at_quota > 0.7:
        said.append("More than 70 % met the quota: it asks little, or the market was kind.")
    if spread.mean_misleads:
        said.append("Do not report the mean: a few high reps lift it over 100 % while the median is below.")
    missing = len(found.points) - len(found.with_potential)
    if missing:
        said.append(f"{missing} of {len(found.points)} reps own no account with a potential: enter it first.")
    return [{"text": one} for one in said or ["Nothing stands out. Look again after the next quarter."]]


def _bands(spread: Distribution) -> dict[str, Any]:
    top = max(spread.bands, key=lambda band: band.count)
    return {
        "id": "fairness-bands",
        "kind": "bars",
        "title": f"{percent(spread.at_quota)} of reps met the quota; the median is {percent(spread.median)}",
        "subtitle": "Reps by what they attained of their quota",
        "text": f"Most reps, {top.count}, lie in the band {top.label.lower()}.",
        "data": {
            "x": [band.label for band in spread.bands],
            "unit": "",
            "series": [{"name": "Reps", "role": "history", "values": [band.count for band in spread.bands]}],
        },
        "table": {
            "columns": [{"label": "Attained"}, {"label": "Reps", "numeric": True}],
            "rows": [{"cells": [{"text": b.label}, text(str(b.count))]} for b in spread.bands],
        },
    }


def _scatter(found: Fairness) -> dict[str, Any]:
    unit, points = base_currency(), found.with_potential
    decides = "goes with" if found.relation.map_decides else "does not depend on"
    return {
        "id": "fairness-map",
        "kind": "scatter",
        "title": f"Attainment {decides} the potential of the territory",
        "subtitle": f"A point for each rep; n = {found.relation.count}",
        "text": "; ".join(f"{p.line.name}: {money(p.potential)}, {percent(p.attained)}" for p in points),
        "data": {
            "label_x": f"Potential a year, {unit}",
            "unit_x": unit,
            "label_y": "Attained, %",
            "unit_y": "%",
            "points": [
                {
                    "name": point.line.name,
                    "x": round(point.potential or 0),
                    "y": round(point.attained * 100, 1),
                    "role": "history",
                }
                for point in points
            ],
        },
        "table": {
            "columns": [
                {"label": "Rep"},
                {"label": "Potential", "unit": unit, "numeric": True},
                {"label": "Attained", "numeric": True},
            ],
            "rows": [
                {"cells": [{"text": p.line.name}, text(money(p.potential)), text(percent(p.attained))]}
                for p in points
            ],
        },
    }
