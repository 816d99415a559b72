"""Pages of the registers: assumptions, risks and opportunities, decisions."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse

from core.access import person_of
from core.events import plain
from core.formats import show
from core.listing import Column, Empty, ListPage
from core.pages import DetailPage, EditPage, Link
from core.roles import can
from planning.engine.moves import STAGES
from planning.filters import AssumptionFilter, DecisionFilter, RiskFilter
from planning.forms.around import (
    AssumptionForm,
    DecideForm,
    DecisionForm,
    NewAssumptionForm,
    RiskForm,
    risk_fields,
)
from planning.models import Assumption, Decision, RiskOrOpportunity
from planning.selectors.addresses import decision_path
from planning.selectors.registers import (
    assumptions_visible_to,
    balance_of,
    decisions_visible_to,
    risks_visible_to,
)
from planning.services.registers import (
    add_assumption,
    add_risk,
    change_assumption,
    change_decision,
    change_risk,
    decide,
    may_decide,
    raise_decision,
)
from planning.views.around import CYCLE, OWNER, AddToCycle, add_link, parents_of

FAMILY = Column("family", "Family", "family.name", order="family__name")
OUTCOME_TONES = {"open": "quiet", "held": "good", "failed": "bad"}


def may_write(request: HttpRequest, label: str, place: str) -> dict[str, Any]:
    return add_link(request, label, place) if can(request.user, "registers.edit") else {}


# --- assumptions --------------------------------------------------------------------------------

ASSUMPTION_COLUMNS = [
    Column("text", "Assumption", order="text"),
    FAMILY,
    Column("market", "Market", "market.name", order="market__name"),
    OWNER,
    Column(
        "outcome",
        "Outcome",
        lambda row: row.get_outcome_display(),
        "badge",
        tone=lambda row: OUTCOME_TONES[row.outcome],
        order="outcome",
    ),
    CYCLE,
]


class AssumptionList(ListPage):
    action = "cycle.view"
    title = "Assumptions"
    filterset_class = AssumptionFilter
    default_order = "-cycle__month,pk"
    empty = Empty(
        "No assumptions yet",
        "What a plan takes for granted stands here, so that it can be checked when the months have come.",
    )
    columns = ASSUMPTION_COLUMNS

    def rows(self, request: HttpRequest) -> QuerySet[Assumption]:
        return assumptions_visible_to(person_of(request))

    def row_url(self, row: Assumption) -> str:
        return reverse("planning:assumption", args=[row.pk])

    def more(self, request: HttpRequest) -> dict[str, Any]:
        return may_write(request, "Write an assumption", "assumptions")


class AssumptionPage(DetailPage):
    action = "cycle.view"
    facts = ASSUMPTION_COLUMNS
    edit = ("registers.edit", "planning:assumption-edit")

    def title(self, row: Any) -> str:
        return "Assumption"

    def rows(self, request: HttpRequest) -> QuerySet[Assumption]:
        return assumptions_visible_to(person_of(request))

    def parents(self, request: HttpRequest, row: Assumption) -> list[Link]:
        return parents_of(row, "Assumptions", f"{reverse('planning:assumption-list')}?cycle={row.cycle_id}")


class AssumptionAdd(AddToCycle):
    action = "registers.edit"
    form_class = NewAssumptionForm
    heading = "Write an assumption"
    submit_label = "Write the assumption"

    def save(self, request: HttpRequest, row: Any, data: dict[str, Any]) -> Assumption:
        return add_assumption(actor=person_of(request), cycle=row, **data)

    def done_url(self, request: HttpRequest, saved: Any) -> str:
        return reverse("planning:assumption", args=[saved.pk])


class AssumptionEdit(EditPage):
    action = "registers.edit"
    form_class = AssumptionForm
    submit_label = "Save the assumption"

    def rows(self, request: HttpRequest) -> QuerySet[Assumption]:
        return assumptions_visible_to(person_of(request))

    def change(
        self, request: HttpRequest, row: Assumption, revision: int, data: dict[str, Any]
    ) -> Assumption:
        return change_assumption(actor=person_of(request), assumption=row, revision=revision, changes=data)

    def done_url(self, request: HttpRequest, saved: Assumption) -> str:
        return reverse("planning:assumption", args=[saved.pk])


# --- risks and opportunities --------------------------------------------------------------------

RISK_COLUMNS = [
    Column("title", "What could happen", order="title"),
    Column("leaning", "Kind", lambda row: row.get_leaning_display(), order="leaning"),
    Column("money", "Money", kind="money", order="money"),
    Column("probability", "Chance", kind="percent", order="probability"),
    Column(
        "expected", "Expected", kind="money", order="expected", help="Money × chance; negative for a risk"
    ),
    FAMILY,
    OWNER,
    Column("is_open", "Open", kind="bool", order="is_open"),
    CYCLE,
]


class RiskList(ListPage):
    action = "cycle.view"
    title = "Risks and opportunities"
    filterset_class = RiskFilter
    default_order = "-cycle__month,-is_open,-money"
    empty = Empty(
        "No risks or opportunities yet",
        "What could make the plan come out lower or higher stands here, with its money and its chance.",
    )
    columns = RISK_COLUMNS

    def rows(self, request: HttpRequest) -> QuerySet[RiskOrOpportunity]:
        return risks_visible_to(person_of(request))

    def row_url(self, row: RiskOrOpportunity) -> str:
        return reverse("planning:risk", args=[row.pk])

    def totals(self, request: HttpRequest, rows: QuerySet) -> dict[str, Any]:
        return {"balance": balance_of(rows)}

    def about_totals(self, request: HttpRequest, totals: dict[str, Any]) -> dict[str, Any]:
        balance = totals["balance"]
        shown = (("Risks", -balance.risks), ("Opportunities", balance.opportunities), ("Net", balance.net))
        help_text = "Sum of money × chance of what is open and shown here"
        return {
            "figures": [
                {"label": f"{label}, expected", "value": show(value, "money")[0], "help": help_text}
                for label, value in shown
            ]
        }

    def more(self, request: HttpRequest) -> dict[str, Any]:
        return may_write(request, "Write a risk or opportunity", "risks")


class RiskPage(DetailPage):
    action = "cycle.view"
    facts = [*RISK_COLUMNS[1:], Column("text", "Details")]
    edit = ("registers.edit", "planning:risk-edit")

    def rows(self, request: HttpRequest) -> QuerySet[RiskOrOpportunity]:
        return risks_visible_to(person_of(request))

    def parents(self, request: HttpRequest, row: RiskOrOpportunity) -> list[Link]:
        address = f"{reverse('planning:risk-list')}?cycle={row.cycle_id}"
        return parents_of(row, "Risks and opportunities", address)


class RiskAdd(AddToCycle):
    action = "registers.edit"
    form_class = RiskForm
    heading = "Write a risk or opportunity"
    submit_label = "Write it down"

    def make_form(self, request: HttpRequest, row: Any, data: Any = None) -> forms.Form:
        form = super().make_form(request, row, data)
        del form.fields["is_open"]  # it begins open
        return form

    def save(self, request: HttpRequest, row: Any, data: dict[str, Any]) -> RiskOrOpportunity:
        return add_risk(actor=person_of(request), cycle=row, **risk_fields(data))

    def done_url(self, request: HttpRequest, saved: Any) -> str:
        return reverse("planning:risk", args=[saved.pk])


class RiskEdit(EditPage):
    action = "registers.edit"
    form_class = RiskForm
    submit_label = "Save it"

    def rows(self, request: HttpRequest) -> QuerySet[RiskOrOpportunity]:
        return risks_visible_to(person_of(request))

    def initial(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        return super().initial(request, row) | {"percent": plain(row.probability * 100)}

    def change(
        self, request: HttpRequest, row: RiskOrOpportunity, revision: int, data: dict[str, Any]
    ) -> RiskOrOpportunity:
        return change_risk(actor=person_of(request), risk=row, revision=revision, changes=risk_fields(data))

    def done_url(self, request: HttpRequest, saved: RiskOrOpportunity) -> str:
        return reverse("planning:risk", args=[saved.pk])


# --- decisions ----------------------------------------------------------------------------------


def decision_state(row: Decision) -> str:
    return "decided" if row.decided else "for the executives" if row.asks_executives else "open"


def decision_tone(row: Decision) -> str:
    return "good" if row.decided else "warn"


DECISION_COLUMNS = [
    Column("title", "Decision", order="title"),
    Column("state", "State", decision_state, "badge", tone=decision_tone),
    Column("money", "Money at stake", kind="money", order="money"),
    OWNER,
    Column("due", "Due", kind="date", order="due"),
    Column("decided", "Decided"),
    Column("decided_by", "By", "decided_by.name"),
    CYCLE,
]


class DecisionList(ListPage):
    action = "cycle.view"
    title = "Decisions"
    filterset_class = DecisionFilter
    default_order = "-cycle__month,-money"
    empty = Empty(
        "No decisions yet", "Questions of a cycle stand here, with what can be done and what was decided."
    )
    columns = DECISION_COLUMNS

    def rows(self, request: HttpRequest) -> QuerySet[Decision]:
        return decisions_visible_to(person_of(request))

    def row_url(self, row: Decision) -> str:
        return decision_path(row)

    def more(self, request: HttpRequest) -> dict[str, Any]:
        return may_write(request, "Raise a decision", "decisions")


class DecisionPage(DetailPage):
    action = "cycle.view"
    template_name = "planning/decision.html"
    facts = [
        *DECISION_COLUMNS[1:],
        Column("reason", "Why"),
        Column("decided_at", "When", kind="time"),
        Column("text", "Background"),
    ]

    def rows(self, request: HttpRequest) -> QuerySet[Decision]:
        return decisions_visible_to(person_of(request))

    def parents(self, request: HttpRequest, row: Decision) -> list[Link]:
        return parents_of(row, "Decisions", f"{reverse('planning:decision-list')}?cycle={row.cycle_id}")

    def more(self, request: HttpRequest, row: Decision) -> dict[str, Any]:
        return {
            "may_edit": row.cycle.stage in STAGES
            and not row.decided
            and bool(can(request.user, "registers.edit")),
            "may_decide": row.cycle.stage in STAGES and may_decide(person_of(request), row),
        }


def decision_fields(data: dict[str, Any]) -> dict[str, Any]:
    return data | {"money": data["money"] or 0}


class DecisionAdd(AddToCycle):
    action = "registers.edit"
    form_class = DecisionForm
    heading = "Raise a decision"
    submit_label = "Raise the decision"

    def save(self, request: HttpRequest, row: Any, data: dict[str, Any]) -> Decision:
        return raise_decision(actor=person_of(request), cycle=row, **decision_fields(data))

    def done_url(self, request: HttpRequest, saved: Any) -> str:
        return decision_path(saved)


class DecisionEdit(EditPage):
    action = "registers.edit"
    form_class = DecisionForm
    submit_label = "Save the decision"

    def rows(self, request: HttpRequest) -> QuerySet[Decision]:
        return decisions_visible_to(person_of(request))

    def change(self, request: HttpRequest, row: Decision, revision: int, data: dict[str, Any]) -> Decision:
        changes = decision_fields(data)
        return change_decision(actor=person_of(request), decision=row, revision=revision, changes=changes)

    def done_url(self, request: HttpRequest, saved: Decision) -> str:
        return decision_path(saved)


class DecisionDecide(EditPage):
    """Says what is decided, and why."""

    action = "decision.make"
    form_class = DecideForm
    submit_label = "Decide"
    done = "Decided: {row}."

    def title(self, row: Any) -> str:
        return f"Decide: {row}"

    def rows(self, request: HttpRequest) -> QuerySet[Decision]:
        return decisions_visible_to(person_of(request))

    def make_form(self, request: HttpRequest, row: Any, data: Any = None) -> forms.Form:
        form = DecideForm(data, options=row.options, initial=self._now(row))
        form.fields["revision"] = forms.IntegerField(widget=forms.HiddenInput, initial=row.revision)
        return form

    def _now(self, row: Decision) -> dict[str, Any]:
        known = row.decided in row.options
        return {
            "option": row.decided if known else None,
            "decided": "" if known else row.decided,
            "reason": row.reason,
        }

    def change(self, request: HttpRequest, row: Decision, revision: int, data: dict[str, Any]) -> Decision:
        decided = data.get("option") or data["decided"]
        return decide(
            actor=person_of(request),
            decision=row,
            decided=decided,
            reason=data["reason"],
            revision=revision,
        )

    def done_url(self, request: HttpRequest, saved: Decision) -> str:
        return decision_path(saved)
