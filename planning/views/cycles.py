"""Pages of all cycles: the list, opening one, revising a released one."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse

from core import company
from core.access import person_of
from core.listing import Column, Empty, ListPage
from core.pages import AddPage, FormPage
from core.roles import can
from planning.filters import CycleListFilter
from planning.forms.cycles import OpenForm, ReviseForm, owners_in
from planning.models import Cycle
from planning.selectors.addresses import cycle_path
from planning.selectors.cycles import cycles_visible_to
from planning.services.cycles import open_cycle

TONES = {"released": "good", "superseded": "quiet", "abandoned": "quiet"}


class CycleList(ListPage):
    """Every month's cycle, the newest first."""

    action = "cycle.view"
    title = "Cycles"
    filterset_class = CycleListFilter
    default_order = "-month,-issue"
    empty = Empty(
        "No cycles yet", "A cycle is one month of planning, from gathering data to the released plan."
    )
    columns = [
        Column("cycle", "Cycle", str, order="month"),
        Column(
            "stage",
            "Stands in",
            lambda row: row.get_stage_display(),
            "badge",
            tone=lambda row: TONES.get(row.stage, "info"),
            order="stage",
        ),
        Column("horizon", "Horizon", kind="number", unit="months", order="horizon"),
        Column("opened", "Opened", kind="date", order="opened"),
        Column("opened_by", "Opened by", "opened_by.name"),
        Column("released", "Released", kind="date", order="released"),
        Column(
            "supersedes",
            "Revises",
            "supersedes",
            link=lambda row: cycle_path(row.supersedes_id) if row.supersedes_id else "",
        ),
    ]

    def rows(self, request: HttpRequest) -> QuerySet[Cycle]:
        return cycles_visible_to(person_of(request))

    def row_url(self, row: Cycle) -> str:
        return cycle_path(row)

    def more(self, request: HttpRequest) -> dict[str, Any]:
        if not can(request.user, "cycle.open"):
            return {}
        return {"primary": {"label": "Open a cycle", "url": reverse("planning:cycle-add")}}


class CycleAdd(AddPage):
    """Opens the cycle of a month."""

    action = "cycle.open"
    form_class = OpenForm
    heading = "Open a cycle"
    submit_label = "Open the cycle"
    done = "{row} is open."
    note = "It begins with data gathering. Its owners and days can be changed later."

    def initial(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        return {"horizon": int(company.value("horizon"))} | request.GET.dict()

    def save(self, request: HttpRequest, row: Any, data: dict[str, Any]) -> Cycle:
        return open_cycle(
            actor=person_of(request), month=data["month"], horizon=data["horizon"], owners=owners_in(data)
        )

    def done_url(self, request: HttpRequest, saved: Cycle) -> str:
        return cycle_path(saved)

    def cancel_url(self, request: HttpRequest, row: Any) -> str:
        return reverse("planning:cycle-list")


class CycleRevise(FormPage):
    """Opens a revision of a released cycle."""

    action = "cycle.open"
    form_class = ReviseForm
    submit_label = "Open the revision"
    done = "{row} is open."
    note = (
        "A released plan never changes. The revision runs through all five stages; its release supersedes it."
    )

    def rows(self, request: HttpRequest) -> QuerySet[Cycle]:
        return cycles_visible_to(person_of(request))

    def title(self, row: Any) -> str:
        return f"Revise {row}"

    def initial(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        owners = {f"owner_{stage.name}": stage.owner_id for stage in row.stages.all()}
        return {"horizon": row.horizon, **owners}

    def save(self, request: HttpRequest, row: Cycle, data: dict[str, Any]) -> Cycle:
        return open_cycle(
            actor=person_of(request),
            month=row.month,
            horizon=data["horizon"],
            supersedes=row,
            owners=owners_in(data),
            reason=data["reason"],
        )

    def done_url(self, request: HttpRequest, saved: Cycle) -> str:
        return cycle_path(saved)
