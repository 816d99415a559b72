"""Territory models: the list, one model with its tree, adding and changing."""

import datetime as dt
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse

from core.access import person_of
from core.formats import show
from core.listing import Column, Empty, ListPage
from core.pages import AddPage, DetailPage, EditPage, Link, Section, table_section
from core.roles import can
from territories.filters.models import ModelFilter
from territories.forms.models import ModelForm
from territories.models import ModelState, RuleRun, TerritoryModel
from territories.selectors.models import (
    day_of,
    models_visible_to,
    placements_on,
    sees_all,
    tree_of,
    unplaced,
    vacant,
    with_counts,
)
from territories.selectors.rules import is_stale, newest_run, overlaps_visible_to, runs_visible_to
from territories.services.models import add_model, change_model
from territories.views.model_words import STATE, first_of, last_of, model_url, territory_url

VIEW, PLAN, ACTIVATE = "territories.view", "territories.plan", "territories.activate"
SHOWN_RUNS = 5
OF_ALL = "Counted over the whole model, not only your part."
TREE = [
    Column("name", "Territory", lambda branch: "\u2003" * branch.depth + branch.territory.name),
    Column("code", "Code", "territory.code", "code"),
    Column("type", "Type", "territory.get_type_display"),
    Column("owner", "Rep", lambda branch: branch.owner or None, help="Today."),
    Column("reps", "Others", lambda branch: branch.reps or None),
    Column("rules", "Rules", kind="number"),
    Column("accounts", "Accounts", kind="number", help="In the territory itself, not below it."),
]


def _held_from(run: RuleRun) -> dt.date | None:
    """A run of a planned model holds from the model's first day, once there is one."""
    days = run.model.days
    return max(run.from_day, days.lower) if days else None


RUNS = [
    Column("at", "When", kind="time"),
    Column("by", "By", "by.name"),
    Column("from_day", "Holds from", _held_from, "date"),
    Column("accounts", "Accounts", kind="number"),
    Column("changed", "Moved", kind="number"),
    Column("gaps", "Gaps", kind="number"),
    Column("overlaps", "Overlaps", kind="number"),
    Column("seconds", "Seconds", lambda run: round(run.seconds, 1), "number", help="How long it took."),
]


class ModelList(ListPage):
    """Every territory model, the one in force first."""

    action = VIEW
    title = "Territory models"
    pretitle = "Territories"
    filterset_class = ModelFilter
    default_order = "state,-days,-pk"
    columns = [
        Column("name", "Model", order="name"),
        Column("code", "Code", kind="code", order="code"),
        STATE,
        Column("version", "Version", kind="number", order="version"),
        Column("first", "First day", first_of, "date", order="days"),
        Column("last", "Last day", last_of, "date"),
        Column("territories", "Territories", "territory_count", "number", order="territory_count"),
        Column("rules", "Rules", "rule_count", "number", order="rule_count"),
    ]
    empty = Empty(
        "No territory model yet",
        "A model is a map of who covers what: territories in a tree, and rules that say which accounts "
        "belong to each. Plan one, look at what its rules come to, then put it into force on a day.",
        "Plan a model",
        "/territories/models/add/",
    )

    def rows(self, request: HttpRequest) -> QuerySet[TerritoryModel]:
        return with_counts(models_visible_to(person_of(request)))

    def row_url(self, row: TerritoryModel) -> str:
        return model_url(row)

    def more(self, request: HttpRequest) -> dict[str, Any]:
        if not can(request.user, PLAN):
            return {}
        return {"primary": Link("Plan a model", reverse("territories:model-add"))}


class ModelPage(DetailPage):
    """One model: how whole it is, its tree, and what its rules came to."""

    action = VIEW
    template_name = "territories/model.html"
    facts = [
        Column("code", "Code", kind="code"),
        STATE,
        Column("first", "First day", first_of, "date"),
        Column("last", "Last day", last_of, "date"),
        Column("version", "Version", kind="number"),
        Column("copied_from", "Copied from", link=lambda row: row.copied_from and model_url(row.copied_from)),
        Column("owner", "Planned by", "owner.name"),
        Column("description", "What it is for", lambda row: row.description or None),
    ]

    def rows(self, request: HttpRequest) -> QuerySet[TerritoryModel]:
        return models_visible_to(person_of(request))

    def title(self, row: TerritoryModel) -> str:
        return row.name

    def parents(self, request: HttpRequest, row: TerritoryModel) -> list[Link]:
        return [Link("Territory models", reverse("territories:model-list"))]

    def sections(self, request: HttpRequest, row: TerritoryModel) -> list[Section]:
        add = reverse("territories:territory-add", args=[row.pk])
        links = () if row.state == ModelState.ARCHIVED else (Link("Add a territory", add, PLAN),)
        nothing = Empty("No territories yet", "Add the top of the tree first, then what lies below it.")
        return [
            table_section(
                "Territories",
                tree_of(row, person_of(request)),
                TREE,
                empty=nothing,
                links=links,
                row_url=lambda branch: territory_url(branch.territory),
            ),
            table_section(
                "Runs of the rules",
                runs_visible_to(person_of(request)).filter(model=row)[:SHOWN_RUNS],
                RUNS,
                empty=Empty("Never run", "Running the rules says which account lies in which territory."),
                note="" if sees_all(person_of(request)) else OF_ALL,
            ),
        ]

    def more(self, request: HttpRequest, row: TerritoryModel) -> dict[str, Any]:
        run = newest_run(row)
        return {
            "figures": self._figures(request, row),
            "stale": is_stale(row, run),
            "never_run": run is None,
            "may_run": row.state != ModelState.ARCHIVED and sees_all(person_of(request)),
            "may_try": row.state != ModelState.ARCHIVED,
            "is_planning": row.state == ModelState.PLANNING,
            "is_active": row.state == ModelState.ACTIVE,
        }

    def _figures(self, request: HttpRequest, row: TerritoryModel) -> list[dict[str, Any]]:
        person, asked = person_of(request), f"?model={row.code}"
        placed = placements_on(row, day_of(row), person).filter(role=None).count()
        gaps, bare = unplaced(row, person).count(), vacant(row, person).count()
        overlaps = overlaps_visible_to(person).filter(model=row).count()
        names = ("placement", "gap", "overlap")
        lists = {name: reverse(f"territories:{name}-list") + asked for name in names}
        vacancies = lists["gap"] + "#territories-without-a-rep"
        return [
            _figure("Accounts with a territory", placed, lists["placement"]),
            _figure("Accounts without", gaps, lists["gap"], "bad" if gaps else "good"),
            _figure("Overlaps", overlaps, lists["overlap"], "warn" if overlaps else "good"),
            _figure("Territories without a rep", bare, vacancies, "warn" if bare else "good"),
        ]


def _figure(label: str, value: int, url: str, tone: str = "") -> dict[str, Any]:
    return {"label": label, "value": show(value, "number")[0], "url": url, "tone": tone}


class ModelAdd(AddPage):
    action = PLAN
    form_class = ModelForm
    heading = "Plan a territory model"
    pretitle = "Territories"
    note = "It is planned beside the one in force and changes nothing until it is put into force."
    submit_label = "Plan this model"

    def save(self, request: HttpRequest, row: Any, data: dict[str, Any]) -> TerritoryModel:
        person = person_of(request)
        return add_model(actor=person, values=data | {"owner": person})

    def done_url(self, request: HttpRequest, saved: TerritoryModel) -> str:
        return model_url(saved)


class ModelEdit(EditPage):
    action = PLAN
    form_class = ModelForm
    pretitle = "Territories"

    def rows(self, request: HttpRequest) -> QuerySet[TerritoryModel]:
        return models_visible_to(person_of(request))

    def change(
        self, request: HttpRequest, row: TerritoryModel, revision: int, data: dict[str, Any]
    ) -> TerritoryModel:
        return change_model(actor=person_of(request), model=row, revision=revision, changes=data)

    def done_url(self, request: HttpRequest, saved: TerritoryModel) -> str:
        return model_url(saved)
