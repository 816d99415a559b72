"""Quotas of overlays on the page of a plan."""

from typing import Any

from django.urls import reverse

from catalog.selectors import base_currency
from core.listing import Column, Empty
from core.models import Person
from core.pages import Link, Section, table_section
from core.roles import can
from territories.models import QuotaPlan, QuotaState
from territories.selectors.quota_tree import TreeRow, overlay_rows, overlays_to_choose
from territories.views.quota_columns import row_url

NOTE = (
    "An overlay sells to accounts that others own. Its quota stands beside the tree: it is part of no other "
    "quota, and does not add up into the target."
)
EMPTY = Empty("No overlay has a quota", "Give one its own target: it is approved with the plan.")


def overlay_sections(plan: QuotaPlan, person: Person) -> list[Section]:
    """The overlays that have a quota and the way to give one to another; nothing where the model has none."""
    rows = overlay_rows(plan, person)
    plans = plan.state == QuotaState.DRAFT and bool(can(person, "quotas.plan"))
    more = plans and overlays_to_choose(plan).exists()
    if not rows and not more:
        return []
    add = Link("Give an overlay a quota", reverse("territories:quota-overlay-add", args=[plan.pk]))
    links = (add,) if more else ()
    return [table_section("Overlays", rows, _columns(), empty=EMPTY, note=NOTE, links=links, row_url=row_url)]


def _columns() -> list[Column]:
    return [
        Column("label", "Overlay"),
        Column("role", "Role", "quota.territory.role.name"),
        Column("amount", "Quota", "quota.amount", "quantity", base_currency()),
        Column("rests_on", "Rests on", rests_on),
    ]


def rests_on(row: TreeRow) -> Any:
    """What was said when it was set."""
    return row.quota.made[0]["note"] if row.quota.made else ""
