"""Two territory models side by side."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse

from catalog.selectors import base_currency
from core.access import person_of
from core.formats import show
from core.listing import Column, Empty, ListPage
from core.pages import Link, Section, allowed_sections, table_section
from core.roles import can
from crm.models import Account
from territories.filters.models import DifferenceFilter
from territories.models import TerritoryModel
from territories.selectors.model_diff import (
    Difference,
    account_differences,
    account_sums,
    rule_differences,
    territory_differences,
)
from territories.selectors.models import models_visible_to
from territories.views.model_words import model_url, trail, why_url

WORDS = {"added": "Added", "gone": "Lost", "moved": "Moved", "changed": "Changed"}
TONES = {"added": "good", "gone": "bad", "moved": "info", "changed": "info"}


def _word(row: Difference) -> str:
    return "Gone" if row.state == "gone" else WORDS[row.state]


DIFFERENCES = [
    Column("name", "Name"),
    Column("state", "Change", _word, "badge", tone=lambda row: TONES[row.state]),
    Column("what", "What differs"),
]


class ModelDiff(ListPage):
    """What differs between the model in the address and another: territories, rules, accounts."""

    action = "territories.view"
    title = "Compare territory models"
    rows_name = "Accounts"
    pretitle = "Territories"
    template_name = "territories/model_diff.html"
    filterset_class = DifferenceFilter
    default_order = "-potential,name"
    empty = Empty("No account lies elsewhere", "Both models put every account into the same territory.")

    def visible_columns(self, request: HttpRequest) -> list[Column]:
        return [
            Column("name", "Account", order="name"),
            Column("code", "Code", kind="code", order="code"),
            Column(
                "change",
                "Change",
                lambda row: WORDS[row.change],
                "badge",
                order="change",
                tone=lambda row: TONES[row.change],
            ),
            Column("was", "Was in", order="was"),
            Column("now", "Then in", order="now"),
            Column(
                "potential", "Potential", kind="quantity", unit=f"{base_currency()} a year", order="potential"
            ),
        ]

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        models = models_visible_to(person_of(request))
        self.row = get_object_or_404(models, pk=kwargs["pk"])
        self.choices = list(models.exclude(pk=self.row.pk).order_by("-pk"))
        self.other = _other(self.row, self.choices, request.GET.get("with", ""))
        self.before, self.after = _in_order(self.row, self.other)
        return super().get(request, **kwargs)

    def rows(self, request: HttpRequest) -> QuerySet[Account]:
        if self.after is None:
            return account_differences(self.before, self.before, None).none()
        return account_differences(self.before, self.after, person_of(request))

    def row_url(self, row: Account) -> str:
        return why_url(row.pk, self.after) if self.after else ""

    def more(self, request: HttpRequest) -> dict[str, Any]:
        shared: dict[str, Any] = {
            "row": self.row,
            "other": self.other,
            "choices": self.choices,
            "parents": trail(self.row),
        }
        if can(request.user, "territories.plan"):
            shared["copy"] = Link("Copy this model", reverse("territories:model-copy", args=[self.row.pk]))
        if self.after is None:
            return shared
        return shared | {
            "before": Link(self.before.name, model_url(self.before)),
            "after": Link(self.after.name, model_url(self.after)),
            "figures": _figures(account_sums(self.rows(request))),
            "sections": allowed_sections(request.user, self._sections(request, self.after)),
        }

    def _sections(self, request: HttpRequest, after: TerritoryModel) -> list[Section]:
        person = person_of(request)
        same = Empty("No difference", "Both models have the same.")
        return [
            table_section(title, differences(self.before, after, person), DIFFERENCES, empty=same)
            for title, differences in (("Territories", territory_differences), ("Rules", rule_differences))
        ]


def _in_order(
    row: TerritoryModel, other: TerritoryModel | None
) -> tuple[TerritoryModel, TerritoryModel | None]:
    """From which to which: a copy is told from its original, whichever of the two the page belongs to."""
    if other is not None and row.copied_from_id == other.pk:
        return other, row
    return row, other


def _other(model: TerritoryModel, choices: list[TerritoryModel], code: str) -> TerritoryModel | None:
    """The one asked for, else the copy of this one, else what it was copied from, else the newest."""
    if code:
        return next((one for one in choices if one.code == code), None)
    copies = [one for one in choices if one.copied_from_id == model.pk]
    origin = [one for one in choices if one.pk == model.copied_from_id]
    return next(iter([*copies, *origin, *choices]), None)


def _figures(sums: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    money = base_currency()
    return [
        {
            "label": f"Accounts {WORDS[change].lower()}",
            "value": show(found["accounts"], "number")[0],
            "change": f"{show(found['potential'], 'quantity')[0]} {money} potential a year",
        }
        for change, found in sums.items()
    ]
