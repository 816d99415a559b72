"""The lives of demand units, as planners and the catalog tell them, ready for the engine."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from catalog.engine.months import add_months, months_apart, months_from
from catalog.models import DemandUnit
from forecasting.engine.course import Course
from forecasting.engine.launch import Launch, Like
from forecasting.models import Launch as LaunchPlan
from forecasting.models import LaunchLike
from forecasting.pipeline.history import own_values
from forecasting.pipeline.steering import Line, lines_of


def courses_of(units: Sequence[int], last_month: dt.date, horizon: int) -> list[Course | None]:
    """The course of each unit: its part of its line, its launch, and what the catalog says about its end;
    None for most."""
    lines = lines_of()
    months = months_from(add_months(last_month, 1), horizon)
    ends = DemandUnit.objects.filter(pk__in=units).exclude(product__discontinued_on=None)
    ended = dict(ends.values_list("pk", "product__discontinued_on"))
    products = _names({unit for one in units if one in lines for unit in lines[one].units})
    launches = _launches(units, last_month)
    courses = [_course(unit, months, lines.get(unit), products, ended.get(unit)) for unit in units]
    return [_with_launch(course, launches.get(unit)) for unit, course in zip(units, courses, strict=True)]


def _with_launch(course: Course | None, launch: Launch | None) -> Course | None:
    return course if launch is None else replace(course or Course(), launch=launch)


def _names(units: Iterable[int]) -> dict[int, str]:
    if not units:
        return {}
    return dict(DemandUnit.objects.filter(pk__in=units).values_list("pk", "product__name"))


def _launches(units: Sequence[int], last_month: dt.date) -> dict[int, Launch]:
    """The launch plans of these units, with what their likes sold: wherever those are forecast."""
    plans = list(LaunchPlan.objects.filter(is_withdrawn=False, demand_unit__in=units).order_by("pk"))
    likes = _likes(plans, last_month)
    return {
        plan.demand_unit_id: Launch(
            tuple(likes[plan.pk]),
            months_apart(last_month, plan.first_month),
            None if plan.level is None else float(plan.level),
        )
        for plan in plans
    }


def _likes(plans: list[LaunchPlan], last_month: dt.date) -> dict[int, list[Like]]:
    """launch → its likes. A history that begins with the data itself shows no launch."""
    found: dict[int, list[Like]] = {plan.pk: [] for plan in plans}
    rows = LaunchLike.objects.filter(launch__in=plans).order_by("launch", "demand_unit")
    chosen = list(rows.values_list("launch_id", "demand_unit_id", "demand_unit__product__name", "weight"))
    named = sorted({unit for _, unit, _, _ in chosen})
    own = own_values(named, last_month) if named else np.empty((0, 0))
    for launch, unit, name, weight in chosen:
        values = own[:, named.index(unit)]
        first = int(np.isfinite(values).argmax()) if np.isfinite(values).any() else len(values)
        found[launch].append(Like(name, values[first:], float(weight), begun=first > 0))
    return found


def _course(
    unit: int,
    months: list[dt.date],
    line: Line | None,
    products: dict[int, str],
    ends: dt.date | None,
) -> Course | None:
    has_end = line is not None and any(link.old == unit for link in line.links)
    shares = line.shares(unit, months) if line else np.ones(len(months))
    notes = _notes(unit, line, products) if line else []
    if ends is not None and not has_end:
        shares = shares * np.array([float(month <= ends) for month in months])
        if shares[-1] == 0:
            notes.append(f"Discontinued on {ends:%-d %b %Y}.")
    if line is None and (shares == 1).all():
        return None
    return Course(note=" ".join(notes), shares=shares, leads=line is None or line.units[-1] == unit)


def _notes(unit: int, line: Line, products: dict[int, str]) -> list[str]:
    """What came before it, and what comes after it."""
    notes = []
    place = line.units.index(unit)
    if place:
        earlier = ", ".join(products[one][:60] for one in reversed(line.units[:place]))
        notes.append(f"The history of {earlier} counts as its own.")
    for link in line.links[place : place + 1]:
        what = f"Replaced by {products[link.new][:60]}" if link.new else "Phased out"
        notes.append(f"{what} from {link.first_month:%b %Y}.")
    return notes
