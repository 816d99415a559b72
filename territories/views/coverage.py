"""Who has which role in which territory: the list, one with its forms, and the territory itself."""

from decimal import Decimal
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from core.access import person_of
from core.listing import Empty, ListPage
from core.pages import AddPage, DetailPage, EditPage, Link, Section, table_section
from core.roles import can
from territories.filters.coverage import TerritoryRepFilter
from territories.forms.coverage import ChangeForm, EndForm, GiveForm, WhyForm
from territories.models import Territory, TerritoryRep
from territories.selectors.addresses import coverage_path, territory_coverage_path
from territories.selectors.coverage import last_day, territory_reps_visible_to, vacancies, when
from territories.selectors.models import territories_visible_to
from territories.services.coverage import change_role, end_role, give_role, remove_role
from territories.views.coverage_words import (
    FIRST,
    LAST,
    NO_VACANCY,
    PLAN,
    PRETITLE,
    REP,
    ROLE,
    SHARE,
    STATE,
    TERRITORY,
    VACANCIES,
    VIEW,
    give_url,
    share_of,
)


class TerritoryRepRows:
    """Roles in the territories that this person may see."""

    action: ClassVar[str] = VIEW
    pretitle: ClassVar[str] = PRETITLE

    def rows(self, request: HttpRequest) -> QuerySet[TerritoryRep]:
        return territory_reps_visible_to(person_of(request))


class CoverageList(TerritoryRepRows, ListPage):
    title = "Who covers what"
    rows_name = "Roles in territories"
    filterset_class = TerritoryRepFilter
    default_order = "territory__name,role__name,days"
    columns = [TERRITORY, ROLE, REP, SHARE, FIRST, LAST, STATE]
    empty = Empty(
        "Nobody has a role yet",
        "Give territories their reps, each from a day on. Accounts follow their territory: whoever owns "
        "the territory owns them, day by day.",
    )

    def row_url(self, row: Any) -> str:
        return coverage_path(row)


class TerritoryRepPage(TerritoryRepRows, DetailPage):
    facts = [TERRITORY, ROLE, REP, SHARE, FIRST, LAST, STATE]

    def title(self, row: TerritoryRep) -> str:
        return f"{row.rep.name}, {row.territory.name}"

    def parents(self, request: HttpRequest, row: TerritoryRep) -> list[Link]:
        return [
            Link("Who covers what", reverse("territories:coverage-list")),
            Link(row.territory.name, territory_coverage_path(row.territory_id)),
        ]

    def more(self, request: HttpRequest, row: TerritoryRep) -> dict[str, Any]:
        if not can(request.user, PLAN):
            return {}
        edit = reverse("territories:territory-rep-edit", args=[row.pk])
        return {"primary": Link("Edit days and share", edit)}

    def sections(self, request: HttpRequest, row: TerritoryRep) -> list[Section]:
        others = self.rows(request).filter(territory=row.territory_id, role=row.role_id).order_by("days")
        links = [Link("Give it to another rep", give_url(row.territory_id, row.role.code), PLAN)]
        if when(row) != "Over":
            links.append(Link("End the role", reverse("territories:territory-rep-end", args=[row.pk]), PLAN))
        if when(row) == "To come":
            remove = reverse("territories:territory-rep-remove", args=[row.pk])
            links.append(Link("Take it back", remove, PLAN))
        return [
            table_section(
                f"{row.role.name} of {row.territory.name}, day by day",
                others,
                [REP, SHARE, FIRST, LAST, STATE],
                empty=Empty("Nobody", "Give the role to a rep."),
                links=tuple(links),
                row_url=coverage_path,
            )
        ]


class OfTerritory(AddPage):
    """A form about the territory of the address. The address may fill in fields: `?role=owner`."""

    action = PLAN
    pretitle = PRETITLE
    form_class: ClassVar[Any]

    def row(self, request: HttpRequest, **kwargs: Any) -> Territory:
        return get_object_or_404(territories_visible_to(person_of(request)), pk=kwargs["territory"])

    def make_form(self, request: HttpRequest, row: Territory, data: Any = None) -> Any:
        initial = {name: value for name, value in request.GET.items() if value}
        return self.form_class(
            data, initial=initial, person=person_of(request), territory=row, today=timezone.localdate()
        )

    def cancel_url(self, request: HttpRequest, row: Territory) -> str:
        return territory_coverage_path(row.pk)


class TerritoryRepGive(OfTerritory):
    """Gives a rep a role in the territory of the address."""

    form_class = GiveForm
    submit_label = "Give the role"
    done = "{row.rep.name} has {row.territory.name}: saved. Accounts follow."
    note = "Whoever has the role until then ends the day before. What is entered for later days stays."

    def title(self, row: Territory) -> str:
        return f"Give {row.name} a rep"

    def save(self, request: HttpRequest, row: Territory, data: dict[str, Any]) -> TerritoryRep:
        data["share"] = as_share(data["share"])
        return give_role(actor=person_of(request), territory=row, **data)

    def done_url(self, request: HttpRequest, saved: TerritoryRep) -> str:
        return territory_coverage_path(saved.territory_id)


class TerritoryRepEdit(TerritoryRepRows, EditPage):
    """Share and days of one row; other reps' days stay."""

    action = PLAN
    form_class = ChangeForm
    submit_label = "Save the role"
    done = "{row.rep.name}, {row.territory.name}: saved. Accounts follow."

    def initial(self, request: HttpRequest, row: TerritoryRep) -> dict[str, Any]:
        share = share_of(row).normalize()
        return {"first": row.days.lower, "last": last_day(row), "share": f"{share:f}"}

    def change(
        self, request: HttpRequest, row: TerritoryRep, revision: int, data: dict[str, Any]
    ) -> TerritoryRep:
        reason = data.pop("reason")
        data["share"] = as_share(data["share"])
        return change_role(actor=person_of(request), row=row, revision=revision, changes=data, reason=reason)

    def done_url(self, request: HttpRequest, saved: TerritoryRep) -> str:
        return coverage_path(saved)


class TerritoryRepEnd(TerritoryRepRows, EditPage):
    """Ends a role with a day."""

    action = PLAN
    form_class = EndForm
    submit_label = "End the role"
    done = "{row.rep.name}, {row.territory.name}: the last day is saved."

    def title(self, row: TerritoryRep) -> str:
        return f"End {row.rep.name}, {row.role.name} of {row.territory.name}"

    def initial(self, request: HttpRequest, row: TerritoryRep) -> dict[str, Any]:
        return {"last": last_day(row) or timezone.localdate()}

    def change(
        self, request: HttpRequest, row: TerritoryRep, revision: int, data: dict[str, Any]
    ) -> TerritoryRep:
        return end_role(actor=person_of(request), row=row, revision=revision, **data)

    def done_url(self, request: HttpRequest, saved: TerritoryRep) -> str:
        return territory_coverage_path(saved.territory_id)


class TerritoryRepRemove(TerritoryRepRows, EditPage):
    """Takes back a role that has not begun."""

    action = PLAN
    form_class = WhyForm
    submit_label = "Take it back"
    danger = True
    done = "{row.territory.name} is taken back from {row.rep.name}."

    def title(self, row: TerritoryRep) -> str:
        return f"Take {row.territory.name} back from {row.rep.name}"

    def change(
        self, request: HttpRequest, row: TerritoryRep, revision: int, data: dict[str, Any]
    ) -> TerritoryRep:
        remove_role(actor=person_of(request), row=row, revision=revision, **data)
        return row

    def done_url(self, request: HttpRequest, saved: TerritoryRep) -> str:
        return territory_coverage_path(saved.territory_id)


def as_share(percent: Decimal) -> Decimal:
    """A share as it is stored: 1 for all of it."""
    return percent / 100


def vacancy_section(request: HttpRequest) -> Section:
    """Roles without a rep; each opens the form that gives them one."""
    return table_section(
        "Vacancies",
        vacancies(person_of(request)),
        VACANCIES,
        empty=NO_VACANCY,
        row_url=(lambda row: give_url(row.territory.pk, row.role.code, max(row.first, timezone.localdate())))
        if can(request.user, PLAN)
        else None,
    )
