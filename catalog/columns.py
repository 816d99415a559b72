"""Columns that several pages of the catalog share, and where their rows open."""

from typing import Any

from django.urls import reverse

from catalog.models import LifeCycle
from core.listing import Column

TONES = {
    LifeCycle.PLANNED: "quiet",
    LifeCycle.LAUNCH: "info",
    LifeCycle.ACTIVE: "good",
    LifeCycle.PHASE_OUT: "warn",
    LifeCycle.DISCONTINUED: "bad",
}


def family_url(row: Any) -> str:
    return reverse("catalog:family", args=[row.pk])


def market_url(row: Any) -> str:
    return reverse("catalog:market", args=[row.pk])


def product_url(row: Any) -> str:
    return reverse("catalog:product", args=[row.pk])


def demand_unit_url(row: Any) -> str:
    return reverse("catalog:demand-unit", args=[row.pk])


def site_url(row: Any) -> str:
    return reverse("catalog:site", args=[row.pk])


def resource_url(row: Any) -> str:
    return reverse("catalog:resource", args=[row.pk])


def calendar_url(row: Any) -> str:
    return reverse("catalog:calendar", args=[row.pk])


def opens(name: str, url: Any) -> Any:
    """The link of a column that shows another row: its page, or none where there is no such row."""

    def link(row: Any) -> str:
        other = getattr(row, name)
        return url(other) if other is not None else ""

    return link


CODE = Column("code", "Code", kind="code", order="code")
NAME = Column("name", "Name", order="name")
LIFE_CYCLE = Column(
    "life_cycle",
    "Life cycle",
    lambda row: row.get_life_cycle_display(),
    kind="badge",
    order="life_cycle",
    tone=lambda row: TONES[row.life_cycle],
)


def from_column() -> Column:
    return Column("valid_from", "From", lambda row: row.valid.lower, kind="date", order="valid")


def to_column() -> Column:
    return Column("valid_to", "To", last_day, kind="date")


def last_day(row: Any) -> Any:
    """The last day a dated row holds: the stored end is the day after."""
    return row.valid.upper and row.valid.upper - row.valid.upper.resolution
