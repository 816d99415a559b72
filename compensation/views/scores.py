"""Pages of scores: how far reps reached the objectives of scorecards."""

from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse

from compensation.filters.plans import ScoreFilter
from compensation.forms.plan_quotas import ScoreChangeForm, ScoreForm
from compensation.forms.plans import WhyForm
from compensation.models import ObjectiveScore
from compensation.selectors.plan_quotas import scores_visible_to
from compensation.services.plan_tables import import_scores
from compensation.services.scores import change_score, remove_score, score
from compensation.views.plan_columns import PLAN, PRETITLE, VIEW
from compensation.views.plan_quotas import TableFile
from core.access import person_of
from core.formats import typed
from core.listing import Column, Empty, ListPage
from core.pages import AddPage, EditPage, FormPage, Link
from core.roles import can


class ToTheList:
    """After the form, and without it, the list."""

    def done_url(self, request: HttpRequest, saved: Any) -> str:
        return reverse("compensation:score-list")

    def cancel_url(self, request: HttpRequest, row: Any) -> str:
        return reverse("compensation:score-list")


class ScoreList(ListPage):
    """As a file takes it in again: export, change, import."""

    action = VIEW
    title = "Scores"
    pretitle = PRETITLE
    template_name = "compensation/plan_table.html"
    filterset_class = ScoreFilter
    default_order = "-month,rep__name,component,objective"
    empty = Empty(
        "No scores yet",
        "A scorecard pays for objectives. At the end of its period somebody says how far each rep came; "
        "nobody scores the own objectives.",
    )
    columns = [
        Column("name", "Name", "rep.name", order="rep__name"),
        Column("rep", "Rep", "rep.code", "code", order="rep__code"),
        Column("plan", "Plan", "plan.code", "code", order="plan__code"),
        Column("component", "Component", kind="code", order="component"),
        Column("objective", "Objective", kind="code", order="objective"),
        Column("month", "Month", kind="month", order="month", help="The last of the period"),
        Column("reached", "Reached", "achieved", "percent", order="achieved"),
        Column("scored_by", "Scored by", "scored_by.name"),
        Column("note", "Note"),
    ]

    def rows(self, request: HttpRequest) -> QuerySet[ObjectiveScore]:
        return scores_visible_to(person_of(request))

    def row_url(self, row: ObjectiveScore) -> str:
        return reverse("compensation:score-edit", args=[row.pk])

    def more(self, request: HttpRequest) -> dict[str, Any]:
        if not can(request.user, PLAN):
            return {}
        return {
            "primary": Link("Score an objective", reverse("compensation:score-add")),
            "file_url": reverse("compensation:score-file"),
        }


class ScoreAdd(ToTheList, AddPage):
    action = PLAN
    pretitle = PRETITLE
    heading = "Score an objective"
    form_class = ScoreForm

    def make_form(self, request: HttpRequest, row: Any, data: Any = None) -> ScoreForm:
        return ScoreForm(data, initial=self.initial(request, row), person=person_of(request))

    def save(self, request: HttpRequest, row: Any, data: dict[str, Any]) -> ObjectiveScore:
        data["achieved"] = data.pop("percent") / Decimal(100)
        return score(actor=person_of(request), **data)


class ScoreRows:
    pretitle = PRETITLE

    def rows(self, request: HttpRequest) -> QuerySet[ObjectiveScore]:
        return scores_visible_to(person_of(request))


def label(row: ObjectiveScore) -> str:
    """Whose score, for what, of when."""
    return f"{row.rep.name}: {row.objective}, {row.month:%B %Y}"


class ScoreEdit(ToTheList, ScoreRows, EditPage):
    action = PLAN
    form_class = ScoreChangeForm
    template_name = "compensation/plan_row_form.html"

    def title(self, row: ObjectiveScore) -> str:
        return label(row)

    def initial(self, request: HttpRequest, row: ObjectiveScore) -> dict[str, Any]:
        return super().initial(request, row) | {"percent": typed(row.achieved * 100)}

    def more(self, request: HttpRequest, row: ObjectiveScore) -> dict[str, Any]:
        return {"remove_url": reverse("compensation:score-remove", args=[row.pk])}

    def change(
        self, request: HttpRequest, row: ObjectiveScore, revision: int, data: dict[str, Any]
    ) -> ObjectiveScore:
        changes = {"achieved": data["percent"] / Decimal(100), "note": data["note"]}
        return change_score(actor=person_of(request), row=row, revision=revision, changes=changes)


class ScoreRemove(ToTheList, ScoreRows, FormPage):
    action = PLAN
    form_class = WhyForm
    danger = True
    submit_label = "Remove the score"
    done = "The score is removed."

    def title(self, row: ObjectiveScore) -> str:
        return f"Remove: {label(row)}"

    def save(self, request: HttpRequest, row: ObjectiveScore, data: dict[str, Any]) -> ObjectiveScore:
        remove_score(actor=person_of(request), row=row, revision=row.revision, reason=data["reason"])
        return row


class ScoreFile(ToTheList, TableFile):
    heading = "Scores from a file"
    note = (
        "Columns: plan and rep (codes), component, objective, month (2026-03, the last of the period), "
        "reached (105% or 1.05), note. The export of the list has them. All rows are stored, or none."
    )

    def store(self, person: Any, name: str, data: bytes) -> Any:
        return import_scores(actor=person, name=name, data=data)
