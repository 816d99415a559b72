"""Pages of campaigns and market notes: lists, one in detail, forms, and both on one time line."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from catalog.engine.months import add_months, months_from
from core.access import Page, person_of
from core.listing import Column, Empty, ListPage
from core.pages import AddPage, DetailPage, EditPage, Link
from core.roles import can
from gathering.filters import MarketNoteFilter, NoteFilter
from gathering.forms.notes import CampaignForm, MarketNoteForm
from gathering.models import Campaign, MarketNote
from gathering.selectors.notes import campaigns_visible_to, market_notes_visible_to, notes_between
from gathering.services.notes import (
    change_campaign,
    change_market_note,
    create_campaign,
    create_market_note,
)

SHOWN_MONTHS = 18


def last_day(row: Campaign | MarketNote) -> dt.date | None:
    """The last day that is still part of it; None without an end."""
    return row.period.upper - dt.timedelta(days=1) if row.period.upper else None


def names_of(field: str, everything: str) -> Any:
    def named(row: Any) -> str:
        return ", ".join(one.name for one in getattr(row, field).all()) or everything

    return named


DAYS = [
    Column("begins", "First day", "period.lower", "date", order="period"),
    Column("ends", "Last day", last_day, "date"),
]
ABOUT = [
    Column("markets", "Markets", names_of("markets", "all markets")),
    Column("families", "Families", names_of("families", "all families")),
]
NOTE_COLUMNS = [
    Column("title", "Note", order="title"),
    Column("kind", "Kind", lambda row: row.get_kind_display(), order="kind"),
    *DAYS,
    *ABOUT,
    Column("owner", "Written by", "owner.name", order="owner__name"),
]
CAMPAIGN_COLUMNS = [
    Column("name", "Campaign", order="name"),
    *DAYS,
    *ABOUT,
    Column("uplift", "Expected uplift", kind="percent", order="uplift"),
    Column("spend", "Spend", kind="money", order="spend"),
    Column("owner", "Owner", "owner.name", order="owner__name"),
]


class CampaignList(ListPage):
    action = "notes.view"
    title = "Campaigns"
    filterset_class = NoteFilter
    default_order = "-period"
    empty = Empty("No campaigns", "Marketing campaigns with their days, markets and families stand here.")
    columns = CAMPAIGN_COLUMNS

    def rows(self, request: HttpRequest) -> QuerySet[Campaign]:
        return campaigns_visible_to(person_of(request))

    def row_url(self, row: Campaign) -> str:
        return reverse("gathering:campaign", args=[row.pk])

    def more(self, request: HttpRequest) -> dict[str, Any]:
        return _primary(request, "Add a campaign", "gathering:campaign-add")


class MarketNoteList(ListPage):
    action = "notes.view"
    title = "Market notes"
    filterset_class = MarketNoteFilter
    default_order = "-period"
    empty = Empty(
        "No market notes", "Competitors, rules, customers: what moves demand from outside stands here."
    )
    columns = NOTE_COLUMNS

    def rows(self, request: HttpRequest) -> QuerySet[MarketNote]:
        return market_notes_visible_to(person_of(request))

    def row_url(self, row: MarketNote) -> str:
        return reverse("gathering:market-note", args=[row.pk])

    def more(self, request: HttpRequest) -> dict[str, Any]:
        return _primary(request, "Add a market note", "gathering:market-note-add")


def _primary(request: HttpRequest, label: str, route: str) -> dict[str, Any]:
    return {"primary": {"label": label, "url": reverse(route)}} if can(request.user, "notes.edit") else {}


class CampaignPage(DetailPage):
    action = "notes.view"
    facts_title = "Campaign"
    facts = [*CAMPAIGN_COLUMNS[1:], Column("text", "What is done")]
    edit = ("notes.edit", "gathering:campaign-edit")

    def rows(self, request: HttpRequest) -> QuerySet[Campaign]:
        return campaigns_visible_to(person_of(request))

    def parents(self, request: HttpRequest, row: Campaign) -> list[Link]:
        return [Link("Campaigns", reverse("gathering:campaign-list"))]


class MarketNotePage(DetailPage):
    action = "notes.view"
    facts_title = "Note"
    facts = [*NOTE_COLUMNS[1:], Column("text", "What happens")]
    edit = ("notes.edit", "gathering:market-note-edit")

    def rows(self, request: HttpRequest) -> QuerySet[MarketNote]:
        return market_notes_visible_to(person_of(request))

    def parents(self, request: HttpRequest, row: MarketNote) -> list[Link]:
        return [Link("Market notes", reverse("gathering:market-note-list"))]


def campaign_fields(data: dict[str, Any]) -> dict[str, Any]:
    """Percent as people type it becomes the share that is stored."""
    percent = data.pop("uplift_percent", None)
    return data | {"uplift": percent / 100 if percent is not None else None}


class CampaignAdd(AddPage):
    action = "notes.edit"
    form_class = CampaignForm
    heading = "Add a campaign"
    submit_label = "Add the campaign"

    def save(self, request: HttpRequest, row: Any, data: dict[str, Any]) -> Campaign:
        return create_campaign(actor=person_of(request), **campaign_fields(data))

    def done_url(self, request: HttpRequest, saved: Campaign) -> str:
        return reverse("gathering:campaign", args=[saved.pk])


class MarketNoteAdd(AddPage):
    action = "notes.edit"
    form_class = MarketNoteForm
    heading = "Add a market note"
    submit_label = "Add the note"

    def save(self, request: HttpRequest, row: Any, data: dict[str, Any]) -> MarketNote:
        return create_market_note(actor=person_of(request), **data)

    def done_url(self, request: HttpRequest, saved: MarketNote) -> str:
        return reverse("gathering:market-note", args=[saved.pk])


def period_initial(row: Campaign | MarketNote) -> dict[str, Any]:
    return {
        "begins": row.period.lower,
        "ends": last_day(row),
        "markets": list(row.markets.all()),
        "families": list(row.families.all()),
    }


class CampaignEdit(EditPage):
    action = "notes.edit"
    form_class = CampaignForm
    submit_label = "Save the campaign"

    def rows(self, request: HttpRequest) -> QuerySet[Campaign]:
        return campaigns_visible_to(person_of(request))

    def initial(self, request: HttpRequest, row: Campaign) -> dict[str, Any]:
        percent = (row.uplift * 100).quantize(Decimal("0.01")) if row.uplift is not None else None
        return super().initial(request, row) | period_initial(row) | {"uplift_percent": percent}

    def change(self, request: HttpRequest, row: Campaign, revision: int, data: dict[str, Any]) -> Campaign:
        changes = campaign_fields(data)
        return change_campaign(actor=person_of(request), campaign=row, revision=revision, changes=changes)

    def done_url(self, request: HttpRequest, saved: Campaign) -> str:
        return reverse("gathering:campaign", args=[saved.pk])


class MarketNoteEdit(EditPage):
    action = "notes.edit"
    form_class = MarketNoteForm
    submit_label = "Save the note"

    def rows(self, request: HttpRequest) -> QuerySet[MarketNote]:
        return market_notes_visible_to(person_of(request))

    def initial(self, request: HttpRequest, row: MarketNote) -> dict[str, Any]:
        return super().initial(request, row) | period_initial(row)

    def change(
        self, request: HttpRequest, row: MarketNote, revision: int, data: dict[str, Any]
    ) -> MarketNote:
        return change_market_note(actor=person_of(request), note=row, revision=revision, changes=data)

    def done_url(self, request: HttpRequest, saved: MarketNote) -> str:
        return reverse("gathering:market-note", args=[saved.pk])


class Timeline(Page):
    """Campaigns and market notes by the month in which they begin, half a year back and a year ahead."""

    action = "notes.view"

    def get(self, request: HttpRequest) -> HttpResponse:
        person, today = person_of(request), timezone.localdate()
        first = add_months(today, -6)
        end = add_months(today, SHOWN_MONTHS - 6)
        rows = [
            *notes_between(campaigns_visible_to(person), first, end),
            *notes_between(market_notes_visible_to(person), first, end),
        ]
        months = [
            (month, [_entry(row) for row in rows if _shown_in(row, first) == month])
            for month in _months(first)
        ]
        context = {"months": [(month, entries) for month, entries in months if entries], "today": today}
        return render(request, "gathering/notes/timeline.html", context)


def _entry(row: Campaign | MarketNote) -> dict[str, Any]:
    what = "Campaign" if isinstance(row, Campaign) else row.get_kind_display()
    route = "gathering:campaign" if isinstance(row, Campaign) else "gathering:market-note"
    return {
        "row": row,
        "title": str(row),
        "what": what,
        "url": reverse(route, args=[row.pk]),
        "ends": last_day(row),
        "markets": names_of("markets", "all markets")(row),
        "families": names_of("families", "all families")(row),
    }


def _shown_in(row: Campaign | MarketNote, first: dt.date) -> dt.date:
    """The month it begins in; what began earlier and goes on stands in the first month shown."""
    begins = row.period.lower or first
    return max(begins.replace(day=1), first)


def _months(first: dt.date) -> list[dt.date]:
    return months_from(first, SHOWN_MONTHS)
