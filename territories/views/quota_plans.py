"""Pages of quota plans: the list, one plan as a tree, the forms."""

from dataclasses import replace
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from catalog.engine.months import add_months
from catalog.selectors import base_currency
from core import company
from core.access import person_of
from core.errors import Refused
from core.formats import short, show
from core.listing import Column, Empty, ListPage, export_rows
from core.models import Person
from core.pages import AddPage, DetailPage, EditPage, Link, Section, plain_table, table_section
from core.roles import can
from territories.filters.quotas import PlanFilter
from territories.forms.quotas import DraftForm, PlanForm, VersionForm
from territories.models import QuotaPlan, QuotaState
from territories.selectors.quota_tree import Tree, overlay_rows, planned_of_markets, tree_of
from territories.selectors.quotas import (
    acceptances_visible_to,
    changes_visible_to,
    only_sells,
    plans_visible_to,
)
from territories.services.quota_plans import change_plan, make_plan
from territories.views.quota_columns import change_tone, months_chart, row_url, tone_of, tree_columns
from territories.views.quota_overlay_words import overlay_sections
from territories.workflow.quotas import QUOTAS, plan_url, quota_url

VIEW, PLAN = "quotas.view", "quotas.plan"
CHANGES = [
    Column("quota", "Quota", "quota"),
    Column("now", "Is", "quota.amount", "quantity"),
    Column("amount", "Asked", kind="quantity"),
    Column("reason", "Why"),
    Column("asked_by", "By", "asked_by.name"),
    Column("state", "State", "get_state_display", "badge", tone=change_tone),
]
ACCEPTANCES = [
    Column("rep", "Rep", "rep.name"),
    Column("accepted", "Accepted", kind="time"),
    Column("sheet_hash", "Sheet", lambda row: row.sheet_hash[:12]),
]


class QuotaPlanList(ListPage):
    """Every version of every year."""

    action = VIEW
    title = "Quota plans"
    pretitle = "Territories"
    filterset_class = PlanFilter
    default_order = "-first_month,measure,-version"
    empty = Empty(
        "No quotas yet",
        "A quota plan takes the target of a year, from the released plan, down the territories to every rep.",
    )
    columns = [
        Column("name", "Plan", order="name"),
        Column("first_month", "Year from", kind="month", order="first_month"),
        Column("version", "Version", kind="number", order="version"),
        Column("measure", "Measured by", "get_measure_display", order="measure"),
        Column("target", "Target", kind="quantity", order="target"),
        Column("state", "State", "get_state_display", "badge", tone=tone_of, order="state"),
        Column("approved_by", "Approved by", "approved_by.name"),
    ]

    def visible_columns(self, request: HttpRequest) -> list[Column]:
        hidden = {"target"} if only_sells(person_of(request)) else set()
        shown = [column for column in self.columns if column.key not in hidden]
        return [replace(one, unit=base_currency()) if one.key == "target" else one for one in shown]

    def rows(self, request: HttpRequest) -> QuerySet[QuotaPlan]:
        return plans_visible_to(person_of(request))

    def row_url(self, row: QuotaPlan) -> str:
        return plan_url(row)

    def more(self, request: HttpRequest) -> dict[str, Any]:
        if not can(request.user, PLAN):
            return {}
        return {"primary": Link("Make a quota plan", reverse("territories:quota-plan-add"))}


class QuotaPlanPage(DetailPage):
    """One version as a tree, with what may happen next and what stands against it."""

    action = VIEW
    template_name = "territories/quota_plan.html"
    refused: Refused | None = None
    facts = [
        Column("state", "State", "get_state_display", "badge", tone=tone_of),
        Column("first_month", "Year from", kind="month"),
        Column("from_month", "This version from", kind="month"),
        Column("measure", "Measured by", "get_measure_display"),
        Column("model", "Territory model", "model.name"),
        Column("source", "Target from", lambda row: source_words(row)),
        Column("weights", "Weights", lambda row: weight_words(row)),
        Column("hedges", "Hedge by level", lambda row: percents(row.hedges)),
        Column("bounds", "Floor and ceiling v last year", lambda row: bound_words(row)),
        Column("seasonality", "Months", "get_seasonality_display"),
        Column("ramp", "Ramp of new hires", lambda row: percents(row.ramp)),
        Column("submitted_by", "Submitted by", "submitted_by.name"),
        Column("approved_by", "Approved by", "approved_by.name"),
    ]
    seller_facts = frozenset({"state", "first_month", "from_month", "measure", "model", "approved_by"})

    def rows(self, request: HttpRequest) -> QuerySet[QuotaPlan]:
        return plans_visible_to(person_of(request))

    def parents(self, request: HttpRequest, row: QuotaPlan) -> list[Link]:
        return [Link("Quota plans", reverse("territories:quota-plan-list"))]

    def visible_facts(self, request: HttpRequest) -> list[Column]:
        if not only_sells(person_of(request)):
            return self.facts
        return [column for column in self.facts if column.key in self.seller_facts]

    def hidden_fields(self, request: HttpRequest) -> tuple[str, ...]:
        hidden = ("target_parts", "notes", "submitted", "approved")
        return (*hidden, "target", "target_reason") if only_sells(person_of(request)) else hidden

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]
        if form := request.GET.get("export"):
            row = self.row(request, **kwargs)
            person = person_of(request)
            tree = tree_of(row, person)
            rows = [*tree.rows(), *overlay_rows(row, person)]
            return export_rows(rows, _columns(tree, person), title=str(row), form=form)
        return super().get(request, **kwargs)

    def sections(self, request: HttpRequest, row: QuotaPlan) -> list[Section]:
        person = person_of(request)
        changes = changes_visible_to(person).filter(quota__plan=row)
        accepted = acceptances_visible_to(person).filter(plan=row)
        nothing = Empty("Nobody asked for a change", "Reps and managers ask on the page of a quota.")
        nobody = Empty("Nobody accepted yet", "Reps accept their sheet once the plan is approved.")
        return [
            *overlay_sections(row, person),
            table_section(
                "Changes asked for",
                changes,
                CHANGES,
                empty=nothing,
                row_url=lambda one: quota_url(one.quota),
            ),
            table_section("Accepted sheets", accepted, ACCEPTANCES, empty=nobody),
        ]

    def more(self, request: HttpRequest, row: QuotaPlan) -> dict[str, Any]:
        person = person_of(request)
        tree, sells = tree_of(row, person), only_sells(person)
        return _moves_of(row, person) | {
            "refused": self.refused.reasons if self.refused else None,
            "figures": None if sells else figures_of(tree),
            "tree": plain_table(
                tree.rows(),
                _columns(tree, person),
                caption="Quotas",
                row_url=row_url,
                empty=Empty("Not allocated yet", "Allocate the target: it goes down the tree to every rep."),
            ),
            "chart": months_chart(tree, base_currency()) if tree.tops and not sells else None,
            "currency": base_currency(),
            "notes": [] if sells else row.notes,
            "may_plan": bool(can(person, PLAN)),
            "is_draft": row.state == QuotaState.DRAFT,
            "is_approved": row.state == QuotaState.APPROVED,
            "version_form": VersionForm(),
            "sells": sells,
        }


def _columns(tree: Tree, person: Person) -> list[Column]:
    """Who sees only a part sees nothing of the released plan."""
    return tree_columns(tree, {} if only_sells(person) else planned_of_markets(tree.plan))


def _moves_of(plan: QuotaPlan, person: Any) -> dict[str, Any]:
    """What may happen next: at once, after something is mended, with a reason."""
    moves = QUOTAS.offered(plan, person)
    plain = [(move, QUOTAS.refusals(plan, move, person)) for move in moves if not move.asks_reason]
    return {
        "ready": [move for move, against in plain if not against],
        "blocked": [(move, against) for move, against in plain if against],
        "asking": [move for move in moves if move.asks_reason],
    }


def figures_of(tree: Tree) -> list[dict[str, Any]]:
    """Target, what reps have, what is still to give, and the gap to what people proposed."""
    reps = [row for row in tree.rows() if row.quota.rep_id]
    given = sum((row.quota.amount for row in reps), tree.plan.target * 0)
    gaps = [row.gap for row in tree.rows() if row.gap is not None]
    left = sum(1 for row in tree.rows() if row.left and row.below) + bool(tree.left and tree.tops)
    unit = base_currency()
    return [
        {
            "label": "Target",
            "value": short(tree.plan.target),
            "unit": unit,
            "title": show(tree.plan.target, "money")[0],
        },
        {"label": "Given to reps", "value": short(given), "unit": unit, "title": show(given, "money")[0]},
        {
            "label": "Do not add up",
            "value": str(left),
            "help": "Territories that give down more or less than they have",
            "tone": "bad" if left else "",
        },
        {
            "label": "Bottom-up v top-down",
            "value": short(sum(gaps)) if gaps else "–",
            "unit": unit if gaps else "",
            "help": "Where people proposed an amount",
        },
    ]


def source_words(plan: QuotaPlan) -> str:
    """Where the target comes from."""
    if plan.target_source == "hand":
        return f"Typed by hand: {plan.target_reason}"
    labels = list(dict.fromkeys(part["label"] for part in plan.target_parts))
    return ", ".join(labels)


def weight_words(plan: QuotaPlan) -> str:
    names = ("history", "potential", "pipeline", "even")
    found = [(name, getattr(plan, f"weight_{name}")) for name in names]
    return ", ".join(f"{name} {weight.normalize():f} %" for name, weight in found if weight)


def percents(values: list[Any]) -> str:
    return ", ".join(f"{float(value):g} %" for value in values)


def bound_words(plan: QuotaPlan) -> str:
    bounds = (plan.floor_percent, plan.ceiling_percent)
    if bounds == (None, None):
        return ""
    return " to ".join("open" if bound is None else f"{float(bound):+g} %" for bound in bounds)


class QuotaPlanAdd(AddPage):
    action = PLAN
    form_class = PlanForm
    heading = "Make a quota plan"
    pretitle = "Quotas"
    note = (
        "The target is what the released plan sells in the year: months that are over count with what was "
        "sold. It goes down the territories by the weights below and can be changed while it is a draft."
    )
    submit_label = "Make the plan"

    def initial(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        defaults = {name: PlanForm.base_fields[name].initial for name in ("step", "leave_days")}
        weights = {
            f"weight_{name}": value
            for name, value in (("history", 50), ("potential", 30), ("pipeline", 20), ("even", 0))
        }
        first = next_year()
        year = company.fiscal_year_of(first)
        own = {"first_month": first, "name": f"Quotas {year}", "seasonality": "history"}
        return defaults | weights | own | super().initial(request, row)

    def make_form(self, request: HttpRequest, row: Any, data: Any = None) -> PlanForm:
        return PlanForm(data, initial=self.initial(request, row), person=person_of(request))

    def save(self, request: HttpRequest, row: Any, data: dict[str, Any]) -> QuotaPlan:
        if data["model"] is None:
            del data["model"]
        return make_plan(actor=person_of(request), values=data)

    def done_url(self, request: HttpRequest, saved: QuotaPlan) -> str:
        return plan_url(saved)

    def cancel_url(self, request: HttpRequest, row: Any) -> str:
        return reverse("territories:quota-plan-list")


def next_year() -> Any:
    """The first month of the next fiscal year."""
    month = timezone.localdate().replace(day=1)
    start = company.value("fiscal_year_start")
    return add_months(month, (start - month.month - 1) % 12 + 1)


class QuotaPlanEdit(EditPage):
    action = PLAN
    form_class = DraftForm
    submit_label = "Save the plan"
    note = "Allocate again after a change: only then do the quotas follow."

    def rows(self, request: HttpRequest) -> QuerySet[QuotaPlan]:
        return plans_visible_to(person_of(request)).filter(state=QuotaState.DRAFT)

    def initial(self, request: HttpRequest, row: QuotaPlan) -> dict[str, Any]:
        found = super().initial(request, row)
        code = row.model.code if row.model else None
        lists = {name: getattr(row, name) for name in ("hedges", "ramp", "season_weights")}
        return found | {"model": code, "target": round(row.target, 2)} | lists

    def change(self, request: HttpRequest, row: QuotaPlan, revision: int, data: dict[str, Any]) -> QuotaPlan:
        if data["target"] is None:
            data.pop("target")
        return change_plan(actor=person_of(request), plan=row, revision=revision, changes=data)

    def done_url(self, request: HttpRequest, saved: QuotaPlan) -> str:
        return plan_url(saved)
