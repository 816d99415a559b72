"""Pages of deals: the list, one deal with its history, and the forms."""

from decimal import Decimal
from typing import Any

from django.db.models import Count, QuerySet, Sum
from django.forms import Form
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from catalog.selectors import base_currency
from core.access import person_of
from core.formats import short, show
from core.forms import RowForm
from core.listing import Column, Empty, ListPage
from core.pages import AddPage, DetailPage, EditPage, FormPage, Link, Section
from core.roles import can
from crm.filters.deals import DealFilter
from crm.forms.deals import DealForm, DealLineForm, NewDealForm, ReasonForm
from crm.models import Deal, DealLine, StageKind
from crm.selectors.accounts import names_of_reps
from crm.selectors.deals import deals_visible_to, lines_visible_to, steps_of
from crm.services.deals import (
    HERE,
    add_line,
    change_deal,
    change_line,
    create_deal,
    delete_deal,
    remove_line,
    restore_deal,
)
from crm.views.base import account_url, rep_url
from crm.views.deal_parts import (
    changes_section,
    lines_section,
    owners_named,
    people_section,
    stages_section,
    way_section,
)
from crm.views.pipeline_base import pages
from crm.views.pipeline_table import LOOKS

VIEW, EDIT = "deals.view", "deals.edit"
TONES = {StageKind.OPEN: "info", StageKind.WON: "good", StageKind.LOST: "quiet"}


def deal_url(row: Any) -> str:
    return reverse("crm:deal", args=[row.pk])


def stage_of(row: Deal) -> str:
    return row.stage.name if row.stage else ""


def tone_of(row: Deal) -> str:
    return TONES[StageKind(row.stage.kind)] if row.stage else "quiet"


def whose(row: Deal) -> str:
    return account_url(row.account) if row.account else ""


def closes(row: Deal) -> Any:
    return row.closed or row.expected_close


class DealRows:
    """Deals, live and dead, as this person may see them."""

    def rows(self, request: HttpRequest) -> QuerySet:
        return deals_visible_to(person_of(request))


class DealList(DealRows, ListPage):
    action = VIEW
    title = "Deals"
    template_name = "crm/deals.html"
    filterset_class = DealFilter
    default_order = "-created"
    empty = Empty(
        "No deals here",
        "Deals come from a connected CRM or a file, or are written here. "
        "If you expected some, remove a filter.",
    )

    def visible_columns(self, request: HttpRequest) -> list[Column]:
        money = base_currency()
        return [
            Column("name", "Deal", str, order="name"),
            Column("account", "Account", "account.name", order="account__name", link=whose),
            Column("rep", "Owner", "rep.name", order="rep__name"),
            Column("stage", "Stage", stage_of, "badge", order="stage__position", tone=tone_of),
            Column("amount", "Amount", "base_amount", "quantity", unit=money, order="base_amount"),
            Column("created", "Created", kind="date", order="created"),
            Column("closes", "Closes or closed", closes, "date", order="expected_close"),
            Column(
                "pushes", "Pushed", "pushes", "number", order="pushes", help="Times the close date moved out."
            ),
            Column("next_step", "Next step"),
        ]

    def row_url(self, row: Any) -> str:
        return deal_url(row)

    def totals(self, request: HttpRequest, rows: QuerySet) -> dict[str, Any]:
        return rows.order_by().aggregate(count=Count("pk"), amount=Sum("base_amount", default=Decimal(0)))

    def about_totals(self, request: HttpRequest, totals: dict[str, Any]) -> dict[str, Any]:
        unit, exact = base_currency(), show(totals["amount"], "money")[0]
        return {
            "figures": [
                {"label": "Deals", "value": show(totals["count"], "quantity")[0]},
                {
                    "label": "Amount",
                    "value": short(totals["amount"]),
                    "unit": unit,
                    "title": f"{exact} {unit}",
                },
            ]
        }

    def more(self, request: HttpRequest) -> dict[str, Any]:
        looks = {"looks": pages(request, LOOKS)}
        if not can(request.user, EDIT):
            return looks
        return looks | {"primary": Link("Add a deal", reverse("crm:deal-add"))}


class DealPage(DealRows, DetailPage):
    action = VIEW
    template_name = "crm/deal.html"
    edit = (EDIT, "crm:deal-edit")

    def parents(self, request: HttpRequest, row: Deal) -> list[Link]:
        above = [Link(row.account.name, account_url(row.account))] if row.account else []
        return [Link("Deals", reverse("crm:deal-list")), *above]

    def visible_facts(self, request: HttpRequest) -> list[Column]:
        return [
            Column("account", "Account", "account.name", link=whose),
            Column("rep", "Owner", "rep.name", link=lambda row: rep_url(row.rep) if row.rep else ""),
            Column("product", "Product", "product.name"),
            Column("amount", "Amount", _own_amount),
            Column("category", "Forecast category", _category),
            Column("created", "Created", kind="date"),
            Column("next_step", "Next step"),
            Column("lost_reason", "Lost because"),
            Column("pipeline", "Pipeline"),
            Column("source", "From", lambda row: "written here" if row.source == HERE else row.source),
            Column("external_id", "Id there", kind="code"),
        ]

    def sections(self, request: HttpRequest, row: Deal) -> list[Section]:
        steps = list(steps_of(row))
        named = {row.rep.code: row.rep.name} if row.rep else {}
        named |= names_of_reps(owners_named(steps, named))
        return [
            way_section(request, row, steps),
            stages_section(row, steps),
            lines_section(request, row),
            people_section(request, row),
            changes_section(steps, named),
        ]

    def more(self, request: HttpRequest, row: Deal) -> dict[str, Any]:
        unit = base_currency()
        closing = {"label": "Closed" if row.closed else "Closes", "value": show(closes(row), "date")[0]}
        if not row.closed and row.expected_close and row.expected_close < timezone.localdate():
            closing |= {"tone": "warn", "change": "The day is past"}
        if row.pushes:
            closing.setdefault("change", f"pushed {row.pushes} time{'' if row.pushes == 1 else 's'}")
        exact = f"{show(row.base_amount, 'money')[0]} {unit}"
        return {
            "figures": [
                {"label": "Stage", "value": stage_of(row) or "–"},
                {"label": "Amount", "value": short(row.base_amount), "unit": unit, "title": exact},
                {"label": "Chance to win", "value": show(chance_of(row), "percent")[0]},
                closing,
            ],
            "is_dead": row.is_deleted or row.merged_into_id is not None,
            "may_edit": bool(can(request.user, EDIT)),
        }


def chance_of(row: Deal) -> Decimal | None:
    """The deal's own chance, else that of its stage."""
    if row.probability is not None:
        return row.probability
    return row.stage.probability if row.stage else None


def _category(row: Deal) -> str:
    if row.category:
        return str(row.get_category_display())
    return f"{row.stage.get_category_display()} (of the stage)" if row.stage else ""


def _own_amount(row: Deal) -> str:
    """In the deal's own currency, as its CRM has it."""
    if row.amount is None:
        return ""
    return f"{show(row.amount, 'money')[0]} {row.currency_id or base_currency()}"


class DealAdd(AddPage):
    action = EDIT
    heading = "Add a deal"
    form_class = NewDealForm

    def save(self, request: HttpRequest, row: Any, data: dict[str, Any]) -> Deal:
        return create_deal(actor=person_of(request), values=data)

    def done_url(self, request: HttpRequest, saved: Deal) -> str:
        return deal_url(saved)

    def cancel_url(self, request: HttpRequest, row: Any) -> str:
        return reverse("crm:deal-list")


class DealEdit(DealRows, EditPage):
    action = EDIT
    form_class = DealForm

    def more(self, request: HttpRequest, row: Deal) -> dict[str, Any]:
        if row.source == HERE:
            return {}
        return {"note": f"This deal lives in {row.source}. Newer news from there changes it again."}

    def change(self, request: HttpRequest, row: Deal, revision: int, data: dict[str, Any]) -> Deal:
        return change_deal(actor=person_of(request), deal=row, revision=revision, changes=data)

    def done_url(self, request: HttpRequest, saved: Deal) -> str:
        return deal_url(saved)


class DealDelete(DealRows, FormPage):
    """Takes a deal out of the pipeline, with a reason."""

    action = EDIT
    form_class = ReasonForm
    submit_label = "Delete the deal"
    danger = True
    note = "The deal leaves the pipeline and every sum. Its history stays, and it can be brought back."
    done = "{row} is deleted."

    def title(self, row: Deal) -> str:
        return f"Delete {row}"

    def save(self, request: HttpRequest, row: Deal, data: dict[str, Any]) -> Deal:
        return delete_deal(actor=person_of(request), deal=row, reason=data["reason"])

    def done_url(self, request: HttpRequest, saved: Deal) -> str:
        return deal_url(saved)


class DealRestore(DealDelete):
    """Brings a deleted deal back, with a reason."""

    submit_label = "Bring the deal back"
    danger = False
    note = "The deal is in the pipeline again, as it was."
    done = "{row} is back."

    def title(self, row: Deal) -> str:
        return f"Bring {row} back"

    def save(self, request: HttpRequest, row: Deal, data: dict[str, Any]) -> Deal:
        return restore_deal(actor=person_of(request), deal=row, reason=data["reason"])


class LineAdd(DealRows, FormPage):
    action = EDIT
    form_class = DealLineForm
    submit_label = "Add the line"
    done = "{row} is added."

    def title(self, row: Deal) -> str:
        return f"Add a line to {row}"

    def make_form(self, request: HttpRequest, row: Any, data: Any = None) -> RowForm:
        return DealLineForm(data, initial={"quantity": 1}, person=person_of(request))

    def save(self, request: HttpRequest, row: Deal, data: dict[str, Any]) -> DealLine:
        return add_line(actor=person_of(request), deal=row, values=data)

    def done_url(self, request: HttpRequest, saved: DealLine) -> str:
        return deal_url(saved.deal)

    def cancel_url(self, request: HttpRequest, row: Deal) -> str:
        return deal_url(row)


class LineEdit(EditPage):
    action = EDIT
    form_class = DealLineForm
    template_name = "crm/deal_line.html"

    def rows(self, request: HttpRequest) -> QuerySet:
        return lines_visible_to(person_of(request))

    def change(self, request: HttpRequest, row: DealLine, revision: int, data: dict[str, Any]) -> DealLine:
        return change_line(actor=person_of(request), line=row, revision=revision, changes=data)

    def done_url(self, request: HttpRequest, saved: DealLine) -> str:
        return deal_url(saved.deal)


class LineRemove(FormPage):
    """Takes a line out of its deal; asks once."""

    action = EDIT
    form_class = Form
    submit_label = "Remove the line"
    danger = True
    done = "The line is removed."

    def rows(self, request: HttpRequest) -> QuerySet:
        return lines_visible_to(person_of(request))

    def title(self, row: DealLine) -> str:
        return f"Remove {row} from {row.deal}"

    def save(self, request: HttpRequest, row: DealLine, data: dict[str, Any]) -> DealLine:
        remove_line(actor=person_of(request), line=row)
        return row

    def done_url(self, request: HttpRequest, saved: DealLine) -> str:
        return deal_url(saved.deal)
