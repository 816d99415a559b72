"""A scenario on the map, and one of its accounts: where it goes, whether it is locked there."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from catalog.selectors import base_currency
from core.access import Page, person_of
from core.errors import Conflict, Denied, Invalid, Reason, Refused
from core.formats import grouped
from core.forms import reasons_of
from core.listing import Column, query_without
from core.roles import can
from territories.forms.scenarios import BulkForm
from territories.models import Scenario, ScenarioAccount, ScenarioState
from territories.selectors.map_points import Map
from territories.selectors.scenario_map import AFTER, BEFORE, Mark, map_of_scenario
from territories.selectors.scenarios import (
    scenario_accounts_visible_to,
    scenario_url,
    scenarios_visible_to,
    territories_to_choose,
)
from territories.views.account_map import drawing_of, key_of
from territories.views.scenario_accounts import (
    PLAN,
    ScenarioAccounts,
    both_values,
    change_chosen,
    state_of,
    tone_of,
)

DONE = {"move": "{} is moved and locked there.", "lock": "{} is locked.", "unlock": "{} is unlocked."}
DONE["back"] = "{} is put back where it lies today."
NOTHING = "Nothing to do: {} is like that already."
SIDES = {BEFORE: "Before", AFTER: "After"}


class ScenarioMapPage(ScenarioAccounts):
    """The accounts in the colours of their territories, before or after; below it the same as a table.
    A point or a row opens the account, where it can be moved and locked."""

    template_name = "territories/scenario_map.html"
    default_order = "account__name"

    def totals(self, request: HttpRequest, rows: QuerySet) -> dict[str, Any]:
        self.shown = rows  # what the filters leave, on the map as in the table
        return {}

    def visible_columns(self, request: HttpRequest) -> list[Column]:
        columns = super().visible_columns(request)
        first = Column("account", "Account", "account.name", order="account__name", link=self.one_url)
        return [first, *columns[1:]]

    def one_url(self, row: ScenarioAccount) -> str:
        return _account_url(row.scenario_id, row.account_id)

    def more(self, request: HttpRequest) -> dict[str, Any]:
        when = BEFORE if request.GET.get("when") == BEFORE else AFTER
        seen = map_of_scenario(person_of(request), self.scenario, self.shown, when)
        rest = query_without(request, "when", "page")
        return super().more(request) | {
            "found": seen.found,
            "drawing": _drawing(seen.found, seen.marks),
            "keys": [key_of(group) for group in seen.found.groups if group.accounts],
            "in_words": _in_words(seen.found, seen.marks),
            "when": when,
            "sides": [
                {"label": label, "url": f"?{rest}{urlencode({'when': side})}", "on": side == when}
                for side, label in SIDES.items()
            ],
            "panel_url": _account_url(self.scenario.pk, 0),
            "ticks": [],
        }


def _drawing(found: Map, marks: list[Mark]) -> dict[str, Any]:
    """As of any map, and the marks by point."""
    return drawing_of(found) | {
        "moves": [mark.moves for mark in marks],
        "locked": [mark.locked for mark in marks],
        "words": [mark.words for mark in marks],
    }


def _in_words(found: Map, marks: list[Mark]) -> str:
    counts = "; ".join(f"{group.name}: {grouped(group.accounts, 0)}" for group in found.groups)
    moved, locked = (sum(getattr(mark, name) for mark in marks) for name in ("moves", "locked"))
    return (
        f"{grouped(len(found.points), 0)} accounts, {grouped(moved, 0)} move, {grouped(locked, 0)} locked. "
        f"{counts}. The table below holds all of them."
    )


def _account_url(scenario: int, account: int) -> str:
    return reverse("territories:scenario-account", args=[scenario, account])


class ScenarioAccountPage(Page):
    """One account of a scenario: a panel beside the map, and a page of its own without JavaScript."""

    action = "territories.view"
    http_method_names = ["get", "post", "head", "options"]

    def get(self, request: HttpRequest, pk: int, account: int) -> HttpResponse:
        return _shown(request, _row(request, pk, account))

    def post(self, request: HttpRequest, pk: int, account: int) -> HttpResponse:
        row = _row(request, pk, account)
        form = BulkForm(request.POST, territories=territories_to_choose(row.scenario))
        seen = request.POST.get("revision", "")
        try:
            if not seen.isdigit() or len(seen) > 9:
                raise Invalid(Reason("The page is too old. Reload it and try again.", "stale", "revision"))
            if not form.is_valid():
                raise Invalid(*reasons_of(form))
            person = person_of(request)
            done = change_chosen(person, row.scenario, form.cleaned_data, {row.pk: int(seen)})
        except Denied:
            raise
        except Conflict as conflict:
            return _shown(request, row, both_values(conflict), 409)
        except Refused as refusal:
            return _shown(request, row, list(refusal.reasons), refusal.status)
        text = DONE[form.cleaned_data["do"]] if done else NOTHING
        messages.success(request, text.format(row.account))
        query = request.POST.get("query", "")
        return redirect(f"{reverse('territories:scenario-map', args=[pk])}{'?' if query else ''}{query}")


def _row(request: HttpRequest, pk: int, account: int) -> ScenarioAccount:
    person = person_of(request)
    scenario: Scenario = get_object_or_404(scenarios_visible_to(person), pk=pk)
    rows = scenario_accounts_visible_to(person).select_related("account__work")
    return get_object_or_404(rows, scenario=scenario, account=account)


def _shown(
    request: HttpRequest, row: ScenarioAccount, refused: list[Reason] | None = None, status: int = 200
) -> HttpResponse:
    partial = request.headers.get("HX-Target") == "panel"
    may = row.scenario.state == ScenarioState.DRAFT and bool(can(request.user, PLAN))
    context = {
        "row": row,
        "refused": refused,
        "may_change": may,
        "territories": territories_to_choose(row.scenario) if may else [],
        "state": state_of(row),
        "tone": tone_of(row),
        "query": request.POST.get("query", "") or _query_of_map(request),
        "currency": base_currency(),
        "here": _account_url(row.scenario_id, row.account_id),
        "map_url": reverse("territories:scenario-map", args=[row.scenario_id]),
        "scenario_url": scenario_url(row.scenario),
    }
    name = "scenario_account_panel" if partial else "scenario_account"
    return render(request, f"territories/{name}.html", context, status=status)


def _query_of_map(request: HttpRequest) -> str:
    """The filters of the map that the panel was opened on, so that one comes back to them."""
    return request.GET.get("from", "")[:500]
