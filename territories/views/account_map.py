"""The map of accounts and bases, and below it the same as a table."""

from dataclasses import asdict
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from catalog.selectors import base_currency
from core.access import person_of
from core.formats import grouped
from core.listing import Column, Empty, ListPage, query_without
from core.slots import may
from crm.models import Account
from territories.engine.crowds import offsets
from territories.filters.map import MapForm
from territories.selectors.map_points import NONE, Group, Map, accounts_on_map, map_of, of_group

COLOURS, SHAPES = 8, 4


class MapPage(ListPage):
    """Who has which account, where. Opening a point opens its row."""

    action = "territories.view"
    title = "Accounts"
    pretitle = "Territories"
    template_name = "territories/map.html"
    default_order = "name"
    empty = Empty("No accounts here", "Choose another model, day or territory; or add accounts first.")

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        self.form = MapForm(request.GET, person=person_of(request))
        self.opens = may(person_of(request), "crm.view")
        if not self.form.is_valid():
            context = {"filter": SimpleNamespace(form=self.form), "title": self.title}
            return render(request, self.template_name, context, status=400)
        return super().get(request, **kwargs)

    def rows(self, request: HttpRequest) -> QuerySet[Account]:
        rows = accounts_on_map(person_of(request), *self.form.on).select_related("work")
        if group := self.form.cleaned_data["group"]:
            rows = of_group(rows, group)
        place = self.form.cleaned_data["place"]
        return rows.filter(work__latitude__isnull=place == "rough") if place else rows

    def visible_columns(self, request: HttpRequest) -> list[Column]:
        by = "Rep" if self.form.on[2] == "rep" else "Territory"
        return [
            Column("name", "Account", order="name"),
            Column("code", "Code", kind="code", order="code"),
            Column("whose", by, lambda row: row.whose_name or "Nobody", order="whose_name"),
            Column("country", "Country", order="country"),
            Column("city", "City", order="city"),
            Column("place", "Place", place_in_words, order="work__latitude"),
            Column(
                "potential",
                "Potential",
                lambda row: getattr(getattr(row, "work", None), "potential", None),
                "quantity",
                unit=f"{base_currency()} a year",
                order="work__potential",
            ),
        ]

    def row_url(self, row: Account) -> str:
        return reverse("crm:account", args=[row.pk]) if self.opens else ""

    def more(self, request: HttpRequest) -> dict[str, Any]:
        model, day, by = self.form.on
        found = map_of(person_of(request), model, day, by, self.form.cleaned_data["group"])
        rest = query_without(request, "group", "page")
        return {
            "filter": SimpleNamespace(form=self.form),
            "model": model,
            "day": day,
            "found": found,
            "drawing": drawing_of(found, reverse("crm:account", args=[0]) if self.opens else ""),
            "keys": _keys(found, rest, self.form.cleaned_data["group"]),
            "in_words": in_words(found),
            "missing_url": f"?{query_without(request, 'place', 'page')}{urlencode({'place': 'rough'})}",
            "all_url": f"?{rest}" if self.form.cleaned_data["group"] else "",
        }


def place_in_words(row: Account) -> str:
    """Latitude and longitude, or what stands for them."""
    work = getattr(row, "work", None)
    if work is not None and work.latitude is not None:
        return f"{work.latitude:.3f}, {work.longitude:.3f}"
    return "Country only" if row.country else "Unknown"


def drawing_of(found: Map, account_url: str = "") -> dict[str, Any]:
    """What static/js/map.js draws: columns rather than rows, so that thousands of points stay small.

    `account_url` holds 0 where the account's number goes; empty where accounts cannot be opened.
    """
    points = found.points
    bases = [(base.longitude, base.latitude) for base in found.bases]
    apart = offsets([(point.longitude, point.latitude) for point in points], bases)
    return {
        "groups": [group.name for group in found.groups],
        "nobody": next((group.place for group in found.groups if group.code == NONE), None),
        "account": [point.account for point in points],
        "name": [point.name for point in points],
        "place": [[point.longitude, point.latitude] for point in points],
        "offset": [[round(right, 2), round(down, 2)] for right, down in apart],
        "group": [point.group for point in points],
        "potential": [point.potential for point in points],
        "approximate": [point.approximate for point in points],
        "shades": [asdict(shade) for shade in found.shades],
        "bases": [asdict(base) for base in found.bases],
        "currency": base_currency(),
        "account_url": account_url,
    }


def _keys(found: Map, rest: str, only: str) -> list[dict[str, Any]]:
    """The legend: each territory or rep, as a link that leaves out the others."""
    return [
        key_of(group) | {"url": f"?{rest}{urlencode({'group': group.code})}", "on": group.code == only}
        for group in found.groups
    ]


def key_of(group: Group) -> dict[str, Any]:
    """A line of the legend."""
    return {
        "label": group.name,
        "accounts": group.accounts,
        "colour": "none" if group.code == NONE else group.place % COLOURS + 1,
        "shape": group.place // COLOURS % SHAPES + 1,
    }


def in_words(found: Map) -> str:
    """The map for those who do not see it."""
    placed = len(found.points) - found.approximate
    parts = [f"{group.name}: {grouped(group.accounts, 0)} accounts" for group in found.groups]
    return (
        f"{grouped(placed, 0)} accounts with a place. {'; '.join(parts)}. The table below holds all of them."
    )
