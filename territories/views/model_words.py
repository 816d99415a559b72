"""Addresses, columns and the model that a page is about, for all pages of territory models."""

import datetime as dt
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from core.access import person_of
from core.listing import Column
from core.pages import Link
from territories.models import ModelState, TerritoryModel
from territories.selectors.coverage import last_day
from territories.selectors.models import models_visible_to

TONES = {ModelState.PLANNING: "info", ModelState.ACTIVE: "good", ModelState.ARCHIVED: "quiet"}


def model_url(row: TerritoryModel) -> str:
    return reverse("territories:model", args=[row.pk])


def territory_url(row: Any) -> str:
    return reverse("territories:territory", args=[row.pk])


def rule_url(row: Any) -> str:
    return reverse("territories:rule", args=[row.pk])


def why_url(account: int, model: TerritoryModel) -> str:
    return reverse("territories:why-here", args=[account]) + f"?model={model.code}"


def first_of(row: TerritoryModel) -> dt.date | None:
    return row.days.lower if row.days else None


def last_of(row: TerritoryModel) -> dt.date | None:
    return last_day(row) if row.days else None


STATE = Column(
    "state",
    "State",
    "get_state_display",
    "badge",
    order="state",
    tone=lambda row: TONES[ModelState(row.state)],
)


def trail(model: TerritoryModel) -> list[Link]:
    """The way down to a model."""
    return [Link("Territory models", reverse("territories:model-list")), Link(model.name, model_url(model))]


def chosen_model(request: HttpRequest) -> TerritoryModel | None:
    """The model that the address names; else the one in force, else the newest."""
    rows = models_visible_to(person_of(request))
    if code := request.GET.get("model"):
        return rows.filter(code=code).first()
    return rows.filter(state=ModelState.ACTIVE).first() or rows.order_by("-pk").first()
