"""Launch plans: the list with the new items that nobody has spoken for, one plan, its forms."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from catalog.models import DemandUnit
from catalog.selectors import demand_units_visible_to
from core.access import person_of
from core.listing import Column, Empty, ListPage
from core.pages import AddPage, DetailPage, EditPage, Link, Section, table_section
from core.roles import can
from forecasting.filters.lives import LaunchFilter
from forecasting.forms.lives import WEIGHT, LaunchForm, WithdrawForm
from forecasting.models import Launch
from forecasting.selectors.launches import (
    Suggestion,
    launches_visible_to,
    suggested_likes,
    unplanned_launches,
)
from forecasting.services.launches import change_launch, plan_launch, withdraw_launch

MOST_SHOWN = 20
UNSPOKEN = [
    Column("unit", "New item", str),
    Column("family", "Family", "product.family.name"),
    Column("launched", "Launched on", "product.launched_on", "date"),
    Column("months", "Months with sales", "months_sold", "number"),
]
LIKES = [
    Column("unit", "Item", "demand_unit"),
    Column("weight", "Weight", kind="factor"),
]
NOTHING = Empty("Every new item has a plan", "No active item with fewer than six months of sales is left.")


def state_of(row: Any) -> str:
    return "Withdrawn" if row.is_withdrawn else "Holds"


def tone_of(row: Any) -> str:
    return "quiet" if row.is_withdrawn else "good"


class LaunchList(ListPage):
    """Every launch plan, and below them the new items without one."""

    action = "forecast.view"
    title = "Launches"
    pretitle = "Forecasts"
    template_name = "forecasting/life_list.html"
    filterset_class = LaunchFilter
    default_order = "is_withdrawn,-first_month"
    empty = Empty(
        "No launch plans yet",
        "A new item has no history. Say which items it resembles: it is forecast by how those began and "
        "where they settled, and corrected by what it sells.",
    )
    columns = [
        Column("unit", "Item", "demand_unit", order="demand_unit__product__name"),
        Column("first_month", "First month", kind="month", order="first_month"),
        Column("level", "Level", kind="quantity", unit="units a month", order="level"),
        Column("likes", "Modelled on", "modelled_on"),
        Column("reason", "Why"),
        Column("owner", "Planned by", "owner.name", order="owner__name"),
        Column("state", "State", state_of, "badge", tone=tone_of, order="is_withdrawn"),
    ]

    def rows(self, request: HttpRequest) -> QuerySet[Launch]:
        return launches_visible_to(person_of(request))

    def row_url(self, row: Launch) -> str:
        return launch_url(row)

    def more(self, request: HttpRequest) -> dict[str, Any]:
        may = can(request.user, "forecast.steer")
        left = unplanned_launches(person_of(request))[:MOST_SHOWN]
        section = table_section(
            "New items without a plan",
            left,
            UNSPOKEN,
            empty=NOTHING,
            note="Fewer than six months with sales, no launch plan and no predecessor. Open one to plan it.",
            row_url=(lambda unit: reverse("forecasting:launch-add", args=[unit.pk])) if may else None,
        )
        return {"unspoken": vars(section)}


class LaunchPage(DetailPage):
    """One launch plan and its likes."""

    action = "forecast.view"
    edit = ("forecast.steer", "forecasting:launch-edit")
    facts = [
        Column("unit", "Item", "demand_unit", link=lambda row: newest_url(row.demand_unit_id)),
        Column("first_month", "First month", kind="month"),
        Column("level", "Level, units a month", kind="quantity"),
        Column("reason", "Why"),
        Column("owner", "Planned by", "owner.name"),
        Column("state", "State", state_of, "badge", tone=tone_of),
    ]

    def rows(self, request: HttpRequest) -> QuerySet[Launch]:
        return launches_visible_to(person_of(request))

    def parents(self, request: HttpRequest, row: Launch) -> list[Link]:
        return [Link("Launches", reverse("forecasting:launch-list"))]

    def sections(self, request: HttpRequest, row: Launch) -> list[Section]:
        url = reverse("forecasting:launch-withdraw", args=[row.pk])
        links = () if row.is_withdrawn else (Link("Withdraw this plan", url, "forecast.steer"),)
        nothing = Empty("No items", "This plan names nothing.")
        note = "Where no level is given, the item settles at their mean."
        likes = row.likes.all()
        return [table_section("Modelled on", likes, LIKES, empty=nothing, note=note, links=links)]


NOTE = (
    "Give a weight to each item that this one resembles. Its forecast follows how they began, settles at "
    "their mean or at your level, and moves towards what it sells itself, month by month."
)


class LaunchAdd(AddPage):
    """Plan the launch of the demand unit in the address."""

    action = "forecast.steer"
    form_class = LaunchForm
    pretitle = "Launches"
    note = NOTE
    submit_label = "Plan this launch"
    done = "{row} is planned: the next forecast uses it."

    def row(self, request: HttpRequest, **kwargs: Any) -> DemandUnit:
        return get_object_or_404(demand_units_visible_to(person_of(request)), pk=kwargs["demand_unit"])

    def title(self, row: Any) -> str:
        return f"Launch of {row}"

    def make_form(self, request: HttpRequest, row: DemandUnit, data: Any = None) -> LaunchForm:
        launched = row.product.launched_on
        initial = {"first_month": launched.replace(day=1) if launched else None} | request.GET.dict()
        suggestions = suggested_likes(person_of(request), row)
        return LaunchForm(data, initial=initial, person=person_of(request), suggestions=suggestions)

    def save(self, request: HttpRequest, row: DemandUnit, data: dict[str, Any]) -> Launch:
        return plan_launch(actor=person_of(request), demand_unit=row, **data)

    def done_url(self, request: HttpRequest, saved: Launch) -> str:
        return launch_url(saved)

    def cancel_url(self, request: HttpRequest, row: Any) -> str:
        return reverse("forecasting:launch-list")


class LaunchEdit(EditPage):
    """Change a launch plan."""

    action = "forecast.steer"
    form_class = LaunchForm
    pretitle = "Launches"
    note = NOTE
    submit_label = "Save the launch plan"

    def rows(self, request: HttpRequest) -> QuerySet[Launch]:
        return launches_visible_to(person_of(request)).filter(is_withdrawn=False)

    def make_form(self, request: HttpRequest, row: Launch, data: Any = None) -> LaunchForm:
        found = suggested_likes(person_of(request), row.demand_unit)
        likes = {like.demand_unit_id: like for like in row.likes.all()}
        suggested = {one.unit.pk for one in found}
        named = [
            Suggestion(like.demand_unit, 0.0, "Named by a person.")
            for key, like in likes.items()
            if key not in suggested
        ]
        initial: dict[str, Any] = {f"{WEIGHT}{key}": like.weight.normalize() for key, like in likes.items()}
        initial |= {"first_month": row.first_month, "level": row.level, "reason": row.reason}
        form = LaunchForm(data, initial=initial, person=person_of(request), suggestions=[*named, *found])
        form.fields["revision"] = forms.IntegerField(widget=forms.HiddenInput, initial=row.revision)
        return form

    def change(self, request: HttpRequest, row: Launch, revision: int, data: dict[str, Any]) -> Launch:
        return change_launch(actor=person_of(request), launch=row, revision=revision, changes=data)

    def done_url(self, request: HttpRequest, saved: Launch) -> str:
        return launch_url(saved)


class LaunchWithdraw(EditPage):
    """Take a launch plan back."""

    action = "forecast.steer"
    form_class = WithdrawForm
    submit_label = "Withdraw this plan"
    done = "{row} is withdrawn."
    danger = True
    note = (
        "From the next run on, the item is forecast from its own history alone. The plan stays in the list."
    )

    def rows(self, request: HttpRequest) -> QuerySet[Launch]:
        return launches_visible_to(person_of(request)).filter(is_withdrawn=False)

    def title(self, row: Launch) -> str:
        return f"Withdraw: {row}"

    def change(self, request: HttpRequest, row: Launch, revision: int, data: dict[str, Any]) -> Launch:
        return withdraw_launch(actor=person_of(request), launch=row, revision=revision)

    def done_url(self, request: HttpRequest, saved: Launch) -> str:
        return launch_url(saved)


def launch_url(row: Launch) -> str:
    return reverse("forecasting:launch", args=[row.pk])


def newest_url(unit: int) -> str:
    return reverse("forecasting:newest-series", args=[unit])
