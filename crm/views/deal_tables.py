"""Deals on the pages of accounts and reps: the open ones first, the most money on top."""

from typing import Any

from django.db.models import F, QuerySet
from django.urls import reverse

from catalog.selectors import base_currency
from core.listing import Column, Empty
from core.pages import Link, Section, table_section

SHOWN = 20


def deals_section(deals: QuerySet, query: str, *, empty: str) -> Section:
    """The most important of these deals; `query` is how the list of deals shows all of them."""
    rows = deals.order_by(F("closed").desc(nulls_first=True), F("base_amount").desc(nulls_last=True), "pk")
    every = reverse("crm:deal-list") + query
    return table_section(
        "Deals",
        rows[:SHOWN],
        [
            Column("name", "Deal", str),
            Column("stage", "Stage", "stage.name"),
            Column("amount", "Amount", "base_amount", "quantity", unit=base_currency()),
            Column("closes", "Closes or closed", _closes, "date"),
        ],
        empty=Empty("No deals", empty),
        row_url=lambda deal: reverse("crm:deal", args=[deal.pk]),
        links=(Link("Open all in the list", every, "deals.view"),),
    )


def _closes(deal: Any) -> Any:
    return deal.closed or deal.expected_close
