"""Pages of one territory: what belongs to it and why, its form, taking it out."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from core.access import person_of
from core.listing import Column, Empty
from core.pages import AddPage, DetailPage, EditPage, Link, Section, table_section
from territories.forms.models import DeleteForm, TerritoryForm
from territories.models import ModelState, Territory, TerritoryModel
from territories.selectors.coverage import territory_reps_visible_to
from territories.selectors.covers import covers_of, in_words
from territories.selectors.models import (
    day_of,
    models_visible_to,
    placements_on,
    reps_day,
    territories_visible_to,
)
from territories.selectors.rules import pins_visible_to, rules_visible_to, words_of
from territories.services.territories import add_territory, change_territory, delete_territory
from territories.views.coverage_words import give_url
from territories.views.model_words import model_url, rule_url, territory_url, trail, why_url

VIEW, PLAN = "territories.view", "territories.plan"
SHOWN = 25
RULES = [
    Column("name", "Rule"),
    Column("priority", "Priority", kind="number"),
    Column("condition", "Accounts with", words_of),
    Column(
        "state",
        "State",
        lambda row: "On" if row.is_active else "Off",
        "badge",
        tone=lambda row: "good" if row.is_active else "quiet",
    ),
]
PINS = [
    Column("account", "Account", "account.name"),
    Column("kind", "What", "get_kind_display"),
    Column("reason", "Why"),
]
REPS = [
    Column("rep", "Rep", "rep.name"),
    Column("role", "Role", "role.name"),
    Column("share", "Share", kind="percent"),
]
ACCOUNTS = [
    Column("account", "Account", "account.name"),
    Column("code", "Code", "account.code", "code"),
    Column("place", "City", lambda row: row.account.city or None),
    Column("placed_by", "Placed by", "get_placed_by_display"),
    Column("rule", "Because of", lambda row: row.rule.name if row.rule else row.reason or None),
]
BELOW = [
    Column("name", "Territory"),
    Column("code", "Code", kind="code"),
    Column("type", "Type", "get_type_display"),
]


class TerritoryPage(DetailPage):
    """One territory: its rules, pins, reps, accounts, and what lies below."""

    action = VIEW
    template_name = "territories/territory.html"
    edit = (PLAN, "territories:territory-edit")
    facts = [
        Column("code", "Code", kind="code"),
        Column("model", "Model", "model.name", link=lambda row: model_url(row.model)),
        Column("type", "Type", "get_type_display"),
        Column("role", "Overlay role", lambda row: row.role.name if row.role else None),
        Column("market", "Market", "market.name"),
        Column("description", "What it is", lambda row: row.description or None),
    ]

    def rows(self, request: HttpRequest) -> QuerySet[Territory]:
        return territories_visible_to(person_of(request))

    def title(self, row: Territory) -> str:
        return row.name

    def edit_route(self) -> tuple[str, str]:
        return self.edit

    def parents(self, request: HttpRequest, row: Territory) -> list[Link]:
        visible = territories_visible_to(person_of(request))
        above: list[Link] = []
        higher = visible.filter(pk=row.parent_id).first() if row.parent_id else None
        while higher is not None:
            above.insert(0, Link(higher.name, territory_url(higher)))
            higher = visible.filter(pk=higher.parent_id).first() if higher.parent_id else None
        return [*trail(row.model), *above]

    def sections(self, request: HttpRequest, row: Territory) -> list[Section]:
        is_open = row.model.state != ModelState.ARCHIVED
        return [
            self._reps(request, row, is_open),
            self._rules(request, row, is_open),
            self._accounts(request, row),
            self._pins(request, row, is_open),
            self._below(request, row, is_open),
        ]

    def more(self, request: HttpRequest, row: Territory) -> dict[str, Any]:
        return {"may_change": row.model.state != ModelState.ARCHIVED}

    def _rules(self, request: HttpRequest, row: Territory, is_open: bool) -> Section:
        add = Link("Add a rule", reverse("territories:rule-add", args=[row.pk]), PLAN)
        text = "A rule says which accounts belong here, such as country is Germany and postcode from 10000."
        rules = rules_visible_to(person_of(request)).filter(territory=row)
        links = (add,) if is_open else ()
        return table_section(
            "Rules", rules, RULES, empty=Empty("No rules", text), links=links, row_url=rule_url
        )

    def _pins(self, request: HttpRequest, row: Territory, is_open: bool) -> Section:
        add = Link("Pin or exclude an account", reverse("territories:pin-add", args=[row.pk]), PLAN)
        pins = pins_visible_to(person_of(request)).filter(territory=row, is_withdrawn=False)
        text = "Accounts that are always here, or never, whatever rules say."
        return table_section(
            "Pins and exclusions",
            pins,
            PINS,
            empty=Empty("None", text),
            links=(add,) if is_open else (),
            row_url=lambda pin: reverse("territories:pin-withdraw", args=[pin.pk]),
        )

    def _reps(self, request: HttpRequest, row: Territory, is_open: bool) -> Section:
        rows = territory_reps_visible_to(person_of(request)).filter(territory=row)
        now = rows.filter(days__contains=reps_day(row.model, timezone.localdate()))
        links = [Link("Day by day", reverse("territories:coverage-of-territory", args=[row.pk]))]
        if is_open:
            links.append(Link("Give it a rep", give_url(row.pk), PLAN))
        nothing = Empty("Nobody", "Its accounts have no rep until somebody is given the territory.")
        standing_in = ". ".join(in_words(cover) for cover in covers_of([row.pk]))
        return table_section("Reps", now, REPS, empty=nothing, links=tuple(links), note=standing_in)

    def _accounts(self, request: HttpRequest, row: Territory) -> Section:
        placements = placements_on(row.model, day_of(row.model), person_of(request)).filter(territory=row)
        count = placements.count()
        every = reverse("territories:placement-list") + f"?model={row.model.code}&territory={row.code}"
        note = f"The first {SHOWN} of {count:,}." if count > SHOWN else ""
        return table_section(
            f"Accounts ({count:,})",
            placements.order_by("account__name")[:SHOWN],
            ACCOUNTS,
            empty=Empty("No accounts", "Add a rule and run the rules of the model."),
            note=note,
            links=(Link("All accounts", every),),
            row_url=lambda placed: why_url(placed.account_id, row.model),
        )

    def _below(self, request: HttpRequest, row: Territory, is_open: bool) -> Section:
        add = reverse("territories:territory-add", args=[row.model_id]) + f"?parent={row.code}"
        return table_section(
            "Territories below",
            territories_visible_to(person_of(request)).filter(parent=row).order_by("code"),
            BELOW,
            empty=Empty("None below", "A territory can be divided further."),
            links=(Link("Add one below", add, PLAN),) if is_open else (),
            row_url=territory_url,
        )


class TerritoryAdd(AddPage):
    """Add a territory to the model in the address."""

    action = PLAN
    form_class = TerritoryForm
    pretitle = "Territories"
    submit_label = "Add this territory"

    def row(self, request: HttpRequest, **kwargs: Any) -> TerritoryModel:
        return get_object_or_404(models_visible_to(person_of(request)), pk=kwargs["model"])

    def title(self, row: Any) -> str:
        return f"Add a territory to {row.name}"

    def make_form(self, request: HttpRequest, row: TerritoryModel, data: Any = None) -> TerritoryForm:
        initial = {"type": "geographic"} | request.GET.dict()
        return TerritoryForm(data, initial=initial, person=person_of(request), model=row)

    def save(self, request: HttpRequest, row: TerritoryModel, data: dict[str, Any]) -> Territory:
        return add_territory(actor=person_of(request), model=row, values=data)

    def done_url(self, request: HttpRequest, saved: Any) -> str:
        return territory_url(saved) if isinstance(saved, Territory) else model_url(saved)


class TerritoryEdit(EditPage):
    """Change a territory, or move it with everything below it."""

    action = PLAN
    form_class = TerritoryForm
    pretitle = "Territories"

    def rows(self, request: HttpRequest) -> QuerySet[Territory]:
        return territories_visible_to(person_of(request))

    def initial(self, request: HttpRequest, row: Territory) -> dict[str, Any]:
        codes = {name: getattr(row, name).code if getattr(row, name) else None for name in LINKED}
        return super().initial(request, row) | codes

    def _form_person(self, request: HttpRequest) -> dict[str, Any]:
        model = self.row(request, **self.kwargs).model
        return {"person": person_of(request), "model": model}

    def change(self, request: HttpRequest, row: Territory, revision: int, data: dict[str, Any]) -> Territory:
        return change_territory(actor=person_of(request), territory=row, revision=revision, changes=data)

    def done_url(self, request: HttpRequest, saved: Territory) -> str:
        return territory_url(saved)


LINKED = ("parent", "role", "market")


class TerritoryDelete(EditPage):
    """Take a territory of a planned model out of the tree."""

    action = PLAN
    form_class = DeleteForm
    pretitle = "Territories"
    submit_label = "Delete this territory"
    danger = True
    done = "{row} is deleted."
    note = (
        "Its rules, pins and reps go with it, and its accounts are without a territory until rules are run."
    )

    def rows(self, request: HttpRequest) -> QuerySet[Territory]:
        return territories_visible_to(person_of(request))

    def title(self, row: Territory) -> str:
        return f"Delete {row.name}"

    def change(self, request: HttpRequest, row: Territory, revision: int, data: dict[str, Any]) -> Territory:
        delete_territory(actor=person_of(request), territory=row, revision=revision)
        return row

    def done_url(self, request: HttpRequest, saved: Territory) -> str:
        return model_url(saved.model)

    def cancel_url(self, request: HttpRequest, row: Territory) -> str:
        return territory_url(row)
