"""The accounts of a scenario: who has them, who would get them; locked and moved by hand."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from catalog.selectors import base_currency
from core.access import Page, person_of
from core.errors import Conflict, Denied, Invalid, Reason, Refused
from core.forms import reasons_of
from core.listing import Column, Empty, ListPage, cell_of, query_without
from core.roles import can
from core.row_actions import refused_page
from territories.filters.scenarios import ScenarioAccountFilter
from territories.forms.scenarios import BulkForm
from territories.models import Scenario, ScenarioAccount, ScenarioState
from territories.selectors.scenarios import (
    scenario_accounts_visible_to,
    scenario_url,
    scenarios_visible_to,
    territories_to_choose,
)
from territories.services.scenario_accounts import lock_accounts, move_accounts

PLAN = "realignment.plan"
WORDS = {
    "lock": ("locked", "all of them are locked"),
    "unlock": ("unlocked", "none of them is locked"),
    "move": ("moved and locked there", "they are locked there already"),
    "back": ("put back", "none of them has moved"),
}


class ScenarioAccounts(ListPage):
    """Every account with its owner now and then, and what can be done about it."""

    action = "territories.view"
    pretitle = "Realignments"
    template_name = "territories/scenario_accounts.html"
    filterset_class = ScenarioAccountFilter
    default_order = "-revenue,account__name"
    empty = Empty("No such account", "None is like that. Clear the filters to see all.")
    scenario: Scenario
    refused: Refused | None = None

    @property
    def title(self) -> str:  # type: ignore[override]
        return f"Accounts of {self.scenario.name}"

    def get(self, request: HttpRequest, **kwargs: Any) -> Any:
        self.scenario = get_object_or_404(scenarios_visible_to(person_of(request)), pk=kwargs["pk"])
        return super().get(request, **kwargs)

    def rows(self, request: HttpRequest) -> QuerySet[ScenarioAccount]:
        return scenario_accounts_visible_to(person_of(request)).filter(scenario=self.scenario)

    def visible_columns(self, request: HttpRequest) -> list[Column]:
        money = base_currency()
        return [
            Column("account", "Account", "account.name", order="account__name", link=account_url),
            Column("from_rep", "Rep now", "from_rep.name", order="from_rep__name"),
            Column("to_rep", "Rep then", "to_rep.name", order="to_rep__name"),
            Column("to_territory", "Territory then", "to_territory.name", order="to_territory__name"),
            Column("state", "State", state_of, "badge", tone=tone_of),
            Column("potential", "Potential", kind="quantity", unit=money, order="potential"),
            Column("revenue", "Revenue", kind="quantity", unit=money, order="revenue"),
            Column("from_km", "Distance now", kind="quantity", unit="km", order="from_km"),
            Column("to_km", "Distance then", kind="quantity", unit="km", order="to_km"),
        ]

    def about_rows(self, request: HttpRequest, rows: list[Any]) -> dict[str, Any]:
        columns = self.visible_columns(request)
        ticks = [
            {"choice": f"{row.pk}.{row.revision}", "id": row.pk, "cells": [cell_of(row, c) for c in columns]}
            for row in rows
        ]
        return {"ticks": ticks}

    def more(self, request: HttpRequest) -> dict[str, Any]:
        draft = self.scenario.state == ScenarioState.DRAFT
        may = draft and bool(can(request.user, PLAN))
        return {
            "scenario": self.scenario,
            "scenario_url": scenario_url(self.scenario),
            "may_change": may,
            "territories": territories_to_choose(self.scenario) if may else [],
            "refused": self.refused.reasons if self.refused else None,
            "change_url": reverse("territories:scenario-accounts-change", args=[self.scenario.pk]),
            "kept_query": query_without(request).rstrip("&"),
        }


def account_url(row: ScenarioAccount) -> str:
    return reverse("crm:account", args=[row.account_id])


def state_of(row: ScenarioAccount) -> str:
    """What a person should know about the row, in words."""
    if row.moves:
        return f"Moves{', by hand' if row.by_hand else ', locked' if row.locked else ''}"
    if row.to_territory_id is None:
        return "No territory"
    return "Stays, locked" if row.locked else "Stays"


def tone_of(row: ScenarioAccount) -> str:
    if row.to_territory_id is None:
        return "bad"
    return "info" if row.moves else "quiet"


class ScenarioAccountsChange(Page):
    """Lock, free, move or put back the chosen accounts; what somebody changed meanwhile is not touched."""

    action = PLAN
    http_method_names = ["post", "head", "options"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        person = person_of(request)
        scenario = get_object_or_404(scenarios_visible_to(person), pk=pk)
        form = BulkForm(request.POST, territories=territories_to_choose(scenario))
        try:
            if not form.is_valid():
                raise Invalid(*reasons_of(form))
            count = change_chosen(person, scenario, form.cleaned_data, chosen_of(request.POST.getlist("row")))
        except Denied:
            raise
        except Conflict as conflict:
            return _refused(request, pk, Refused(*both_values(conflict)), 409)
        except Refused as refusal:
            return _refused(request, pk, refusal, refusal.status)
        done, none = WORDS[form.cleaned_data["do"]]
        many = "account is" if count == 1 else "accounts are"
        messages.success(request, f"{count} {many} {done}." if count else f"Nothing to do: {none}.")
        query = request.POST.get("query", "")
        return redirect(f"{reverse('territories:scenario-accounts', args=[pk])}{'?' if query else ''}{query}")


def change_chosen(person: Any, scenario: Scenario, data: dict[str, Any], rows: dict[int, int]) -> int:
    """What the form says, done to the rows (key → revision); says how many changed."""
    if data["do"] in {"lock", "unlock"}:
        return lock_accounts(actor=person, scenario=scenario, rows=rows, locked=data["do"] == "lock")
    territory = data["territory"] if data["do"] == "move" else None
    return move_accounts(actor=person, scenario=scenario, rows=rows, territory=territory)


def chosen_of(values: list[str]) -> dict[int, int]:
    """Key → revision of the ticked rows, each sent as "key.revision". Raises Invalid for anything else."""
    found = {}
    for value in values:
        key, _, revision = value.partition(".")
        if not (key.isdigit() and revision.isdigit()) or len(value) > 30:
            raise Invalid(Reason("Choose accounts by their ticks. Reload the page and try again.", "row"))
        found[int(key)] = int(revision)
    return found


def both_values(conflict: Conflict) -> list[Reason]:
    """A sentence for each account with both values."""
    head = Reason(f"{conflict.reasons[0].text} Nothing was changed.", "stale")
    return [
        head,
        *(
            Reason(f"{name}: you chose “{mine}”, now it is “{conflict.theirs[name]}”.", "stale")
            for name, mine in conflict.yours.items()
        ),
    ]


def _refused(request: HttpRequest, pk: int, refusal: Refused, status: int) -> HttpResponse:
    return refused_page(ScenarioAccounts, request, refusal, status=status, pk=pk)
