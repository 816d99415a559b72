"""Pages of the stages of deals."""

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse

from core.access import person_of
from core.listing import Column, Empty, ListPage
from core.pages import AddPage, EditPage, Link
from core.roles import can
from crm.forms.deals import DealStageForm
from crm.models import DealStage
from crm.selectors.deals import deal_stages_visible_to, live_deals_visible_to
from crm.services.deal_stages import change_stage, create_stage
from crm.views.base import CODE

VIEW, MANAGE = "deals.view", "deal_stages.manage"
TONES = {"open": "info", "won": "good", "lost": "quiet"}


class DealStageList(ListPage):
    action = VIEW
    title = "Deal stages"
    columns = [
        Column("name", "Name", order="name"),
        CODE,
        Column("position", "Position", kind="number", order="position"),
        Column("kind", "Kind", "get_kind_display", "badge", order="kind", tone=lambda row: TONES[row.kind]),
        Column("probability", "Chance to win", kind="percent", order="probability"),
        Column("category", "Forecast category", "get_category_display", order="category"),
        Column("deals", "Deals", "deals_now", "quantity", order="deals_now"),
    ]
    default_order = "position"
    empty = Empty(
        "No stages yet",
        "Stages are the steps from a first talk to a signature. Deals need them before they can come in: "
        "import a file or add them in their order.",
    )

    def rows(self, request: HttpRequest) -> QuerySet:
        mine = Q(deals__in=live_deals_visible_to(person_of(request)).order_by().values("pk"))
        return deal_stages_visible_to(person_of(request)).annotate(deals_now=Count("deals", filter=mine))

    def row_url(self, row: Any) -> str:
        return reverse("crm:deal-list") + f"?stage={row.code}"

    def visible_columns(self, request: HttpRequest) -> list[Column]:
        if not can(request.user, MANAGE):
            return self.columns
        return [*self.columns, Column("edit", "Change it", lambda row: f"Edit {row.name}", link=edit_url)]

    def more(self, request: HttpRequest) -> dict[str, Any]:
        if not can(request.user, MANAGE):
            return {}
        return {"primary": Link("Add a stage", reverse("crm:deal-stage-add"))}


def edit_url(row: Any) -> str:
    return reverse("crm:deal-stage-edit", args=[row.pk])


class DealStageAdd(AddPage):
    action = MANAGE
    heading = "Add a deal stage"
    form_class = DealStageForm

    def save(self, request: HttpRequest, row: Any, data: dict[str, Any]) -> DealStage:
        return create_stage(actor=person_of(request), values=data)

    def done_url(self, request: HttpRequest, saved: DealStage) -> str:
        return reverse("crm:deal-stage-list")

    def cancel_url(self, request: HttpRequest, row: Any) -> str:
        return reverse("crm:deal-stage-list")


class DealStageEdit(EditPage):
    action = MANAGE
    form_class = DealStageForm

    def rows(self, request: HttpRequest) -> QuerySet:
        return deal_stages_visible_to(person_of(request))

    def change(self, request: HttpRequest, row: DealStage, revision: int, data: dict[str, Any]) -> DealStage:
        return change_stage(actor=person_of(request), row=row, revision=revision, changes=data)

    def done_url(self, request: HttpRequest, saved: DealStage) -> str:
        return reverse("crm:deal-stage-list")
