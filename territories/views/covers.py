"""Who stands in for whom; who is away with nobody standing in; which roles nobody has."""

from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from core.access import Page, person_of
from core.listing import Column, Empty, ListPage
from core.pages import DetailPage, EditPage, Link, Section, allowed_sections, table_section
from core.roles import can
from territories.filters.coverage import CoverFilter
from territories.forms.coverage import CoverForm, EndForm, StandInForm, WhyForm
from territories.models import Cover, Territory
from territories.selectors.addresses import cover_path, territory_coverage_path
from territories.selectors.coverage import last_day, when
from territories.selectors.covers import covers_visible_to, uncovered
from territories.services.covers import change_cover, end_cover, remove_cover, stand_in
from territories.views.coverage import OfTerritory, vacancy_section
from territories.views.coverage_words import (
    AWAY,
    FIRST,
    LAST,
    PLAN,
    PRETITLE,
    ROLE,
    STATE,
    TERRITORY,
    UNCOVERED,
    VIEW,
    cover_url,
    rep_link,
)

STAND_IN = Column("rep", "Stand-in", "rep.name", order="rep__name", link=rep_link)
WHY = Column("reason", "Why")


class CoverRows:
    """Covers of the territories that this person may see, and the own ones."""

    action: ClassVar[str] = VIEW
    pretitle: ClassVar[str] = PRETITLE

    def rows(self, request: HttpRequest) -> QuerySet[Cover]:
        return covers_visible_to(person_of(request))


class MissingCover(Page):
    """Roles that nobody has, and reps who are away with nobody standing in."""

    action = VIEW

    def get(self, request: HttpRequest) -> HttpResponse:
        may = can(request.user, PLAN)
        away = table_section(
            "Away, and nobody stands in",
            uncovered(person_of(request)),
            UNCOVERED,
            empty=AWAY,
            note="In the next 60 days. Open one to choose a stand-in.",
            row_url=(lambda row: cover_url(row.territory.pk, row.role.code, row.first, row.last))
            if may
            else None,
        )
        sections = allowed_sections(request.user, [vacancy_section(request), away])
        context = {"title": "Vacancies and absences", "pretitle": PRETITLE, "sections": sections}
        return render(request, "territories/coverage_sections.html", context)


class CoverList(CoverRows, ListPage):
    title = "Stand-ins"
    filterset_class = CoverFilter
    default_order = "-days"
    columns = [TERRITORY, ROLE, STAND_IN, FIRST, LAST, WHY, STATE]
    empty = Empty(
        "Nobody stands in",
        "When a rep is away or a territory has none, somebody stands in for some days. Ownership and credit "
        "stay as they are. Vacancies and absences shows where somebody is missing.",
    )

    def row_url(self, row: Any) -> str:
        return cover_path(row)


class CoverPage(CoverRows, DetailPage):
    facts = [TERRITORY, ROLE, STAND_IN, FIRST, LAST, WHY, STATE]

    def title(self, row: Cover) -> str:
        return f"{row.rep.name} stands in for {row.territory.name}"

    def parents(self, request: HttpRequest, row: Cover) -> list[Link]:
        return [
            Link("Stand-ins", reverse("territories:cover-list")),
            Link(row.territory.name, territory_coverage_path(row.territory_id)),
        ]

    def more(self, request: HttpRequest, row: Cover) -> dict[str, Any]:
        if not can(request.user, PLAN):
            return {}
        return {"primary": Link("Edit stand-in", reverse("territories:cover-edit", args=[row.pk]))}

    def sections(self, request: HttpRequest, row: Cover) -> list[Section]:
        others = self.rows(request).filter(territory=row.territory_id).order_by("-days")
        links = []
        if when(row) == "Today":
            links = [Link("End it", reverse("territories:cover-end", args=[row.pk]), PLAN)]
        if when(row) == "To come":
            links = [Link("Take it back", reverse("territories:cover-remove", args=[row.pk]), PLAN)]
        return [
            table_section(
                f"Stand-ins of {row.territory.name}",
                others,
                [STAND_IN, ROLE, FIRST, LAST, STATE],
                empty=Empty("Nobody", "Nobody stood in here."),
                links=tuple(links),
                row_url=cover_path,
            )
        ]


class CoverAdd(OfTerritory):
    """Lets a rep stand in for a role in the territory of the address."""

    form_class = StandInForm
    submit_label = "Let them stand in"
    done = "{row.rep.name} stands in for {row.territory.name}: saved. The stand-in and managers are told."
    note = "Ownership and credit stay as they are."

    def title(self, row: Territory) -> str:
        return f"A stand-in for {row.name}"

    def save(self, request: HttpRequest, row: Territory, data: dict[str, Any]) -> Cover:
        return stand_in(actor=person_of(request), territory=row, **data)

    def done_url(self, request: HttpRequest, saved: Cover) -> str:
        return cover_path(saved)


class CoverEdit(CoverRows, EditPage):
    action = PLAN
    form_class = CoverForm
    submit_label = "Save the stand-in"
    done = "{row.rep.name}, {row.territory.name}: saved."

    def initial(self, request: HttpRequest, row: Cover) -> dict[str, Any]:
        return {"rep": row.rep.code, "first": row.days.lower, "last": last_day(row), "reason": row.reason}

    def make_form(self, request: HttpRequest, row: Cover, data: Any = None) -> CoverForm:
        form = CoverForm(data, initial=self.initial(request, row), person=person_of(request))
        return with_revision(form, row)

    def change(self, request: HttpRequest, row: Cover, revision: int, data: dict[str, Any]) -> Cover:
        return change_cover(actor=person_of(request), row=row, revision=revision, changes=data)

    def done_url(self, request: HttpRequest, saved: Cover) -> str:
        return cover_path(saved)


class CoverEnd(CoverRows, EditPage):
    action = PLAN
    form_class = EndForm
    submit_label = "End it"
    done = "{row.rep.name}, {row.territory.name}: the last day is saved."

    def title(self, row: Cover) -> str:
        return f"{row.rep.name} no longer stands in for {row.territory.name}"

    def initial(self, request: HttpRequest, row: Cover) -> dict[str, Any]:
        return {"last": timezone.localdate()}

    def change(self, request: HttpRequest, row: Cover, revision: int, data: dict[str, Any]) -> Cover:
        return end_cover(actor=person_of(request), row=row, revision=revision, last=data["last"])

    def done_url(self, request: HttpRequest, saved: Cover) -> str:
        return cover_path(saved)


class CoverRemove(CoverRows, EditPage):
    """Takes back a cover that has not begun."""

    action = PLAN
    form_class = WhyForm
    submit_label = "Take it back"
    danger = True
    done = "{row.rep.name} for {row.territory.name}: taken back."

    def title(self, row: Cover) -> str:
        return f"Take back: {row.rep.name} for {row.territory.name}"

    def initial(self, request: HttpRequest, row: Cover) -> dict[str, Any]:
        return {}

    def change(self, request: HttpRequest, row: Cover, revision: int, data: dict[str, Any]) -> Cover:
        remove_cover(actor=person_of(request), row=row, revision=revision, reason=data["reason"])
        return row

    def done_url(self, request: HttpRequest, saved: Cover) -> str:
        return reverse("territories:cover-list")


def with_revision(form: Any, row: Any) -> Any:
    """The form with the revision it was made from."""
    form.fields["revision"] = forms.IntegerField(widget=forms.HiddenInput, initial=row.revision)
    return form
