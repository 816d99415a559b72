"""Who earns by which plan, what a rep is paid by, and the positions behind it."""

import datetime as dt
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from compensation.filters.plans import EarnerFilter, PositionFilter
from compensation.forms.plans import PositionChangeForm, PositionForm, WhyForm
from compensation.models import Position
from compensation.selectors.addresses import pay_of_rep_path, position_path
from compensation.selectors.positions import assignments_visible_to, earning, positions_visible_to
from compensation.selectors.scope import reps_paid_visible_to
from compensation.services.positions import change_position, give_position, remove_position
from compensation.views.plan_columns import (
    FIRST,
    LAST,
    PLAN,
    PRETITLE,
    REP,
    ROLE,
    VIEW,
    WHEN,
    assignment_url,
    first_day,
    last_day,
    position_url,
    terms_words,
)
from core.access import person_of
from core.listing import Column, Empty, ListPage
from core.pages import AddPage, DetailPage, EditPage, FormPage, Link, Section, table_section
from core.roles import can
from crm.models import Rep

BASE = Column("base_salary", "Base salary", kind="money", order="base_salary", help="Of a year")
TARGET = Column(
    "target_incentive", "Target incentive", kind="money", help="Of a year. Empty: that of the plan."
)
IN = Column("currency", "In", kind="code", help="The plan's currency")
NOBODY = Empty(
    "Nobody has a position on this day",
    "Give reps a pay role from a day on, and put the role on a plan. Then they are paid by it.",
)


def day_asked(request: HttpRequest) -> dt.date:
    """The day in the address; today without one."""
    try:
        return dt.date.fromisoformat(request.GET.get("on", ""))
    except ValueError:
        return timezone.localdate()


def plan_names(row: Any) -> str:
    return ", ".join(row.plan_names) or "No plan"


class EarnerList(ListPage):
    """Who earns by which plan on a day."""

    action = VIEW
    title = "Who earns by which plan"
    rows_name = "People"
    pretitle = PRETITLE
    filterset_class = EarnerFilter
    default_order = "name"
    empty = NOBODY
    columns = [
        Column("name", "Rep", order="name"),
        Column("code", "Code", kind="code", order="code"),
        Column("pay_role", "Role", "pay_role", order="pay_role"),
        Column("plans", "Plan", plan_names),
        Column("own_terms", "Own terms", "own_terms", "bool", order="own_terms"),
        BASE,
        Column("target", "Target incentive", "target", "money", order="target", help=TARGET.help),
        IN,
    ]

    def rows(self, request: HttpRequest) -> QuerySet[Rep]:
        return earning(person_of(request), day_asked(request))

    def row_url(self, row: Rep) -> str:
        return pay_of_rep_path(row.pk)

    def more(self, request: HttpRequest) -> dict[str, Any]:
        if not can(request.user, PLAN):
            return {}
        return {"primary": Link("Give a position", reverse("compensation:position-add"))}


class RepPlansPage(DetailPage):
    """What one rep is paid by: positions and plans, past ones too."""

    action = "pay.own"
    pretitle = PRETITLE
    facts_title = "Today"
    facts = [
        Column("pay_role", "Role", "pay_role"),
        Column("plans", "Plan", plan_names),
        Column("base_salary", "Base salary of a year", kind="money"),
        Column("target", "Target incentive of a year", "target", "money"),
        Column("currency", "In", kind="code"),
    ]

    def title(self, row: Rep) -> str:
        return f"{row.name}: positions and plans"

    def rows(self, request: HttpRequest) -> QuerySet[Rep]:
        return reps_paid_visible_to(person_of(request))

    def row(self, request: HttpRequest, **kwargs: Any) -> Any:
        rep = super().row(request, **kwargs)
        found = earning(person_of(request), timezone.localdate()).filter(pk=rep.pk).first()
        if found is not None:
            return found
        rep.pay_role, rep.plan_names, rep.base_salary, rep.target, rep.currency = None, [], None, None, None
        return rep

    def parents(self, request: HttpRequest, row: Rep) -> list[Link]:
        if not can(request.user, VIEW):
            return []
        return [Link("Who earns by which plan", reverse("compensation:earner-list"))]

    def sections(self, request: HttpRequest, row: Rep) -> list[Section]:
        person = person_of(request)
        positions = positions_visible_to(person).filter(rep=row).order_by("-days")
        own = assignments_visible_to(person).filter(rep=row).order_by("-days")
        add = Link("Give a position", f"{reverse('compensation:position-add')}?rep={row.code}", PLAN)
        opens = can(person, VIEW)
        return [
            table_section(
                "Positions",
                positions,
                [ROLE, FIRST, LAST, WHEN, BASE, TARGET, IN],
                empty=Empty("No position yet", "A position says what the rep is hired as, and since when."),
                links=(add,),
                row_url=position_url if opens else None,
            ),
            table_section(
                "Own rows on plans",
                own,
                [
                    Column("plan", "Plan", "plan.name"),
                    FIRST,
                    LAST,
                    WHEN,
                    Column("target_incentive", "Own target", kind="money"),
                    IN,
                    Column("terms", "Otherwise", terms_words),
                    Column("reason", "Why"),
                ],
                empty=Empty("None", "The rep is paid like everybody in the role."),
                row_url=assignment_url if opens else None,
            ),
        ]

    def more(self, request: HttpRequest, row: Rep) -> dict[str, Any]:
        return {"changes": [], "row_links": []}


class PositionList(ListPage):
    action = VIEW
    title = "Positions"
    pretitle = PRETITLE
    filterset_class = PositionFilter
    default_order = "rep__name,-days"
    columns = [REP, ROLE, FIRST, LAST, WHEN, BASE, TARGET, IN]
    empty = Empty("No positions yet", "A position says what a rep is hired as, since when, and for how much.")

    def rows(self, request: HttpRequest) -> QuerySet[Position]:
        return positions_visible_to(person_of(request))

    def row_url(self, row: Position) -> str:
        return position_url(row)

    def more(self, request: HttpRequest) -> dict[str, Any]:
        if not can(request.user, PLAN):
            return {}
        return {"primary": Link("Give a position", reverse("compensation:position-add"))}


class PositionRows:
    """Positions of the reps whose pay this person may see."""

    pretitle = PRETITLE

    def rows(self, request: HttpRequest) -> QuerySet[Position]:
        return positions_visible_to(person_of(request))


class PositionPage(PositionRows, DetailPage):
    action = VIEW
    edit = (PLAN, "compensation:position-edit")
    facts = [REP, ROLE, FIRST, LAST, WHEN, BASE, TARGET, IN]

    def parents(self, request: HttpRequest, row: Position) -> list[Link]:
        return [Link(row.rep.name, pay_of_rep_path(row.rep_id))]

    def title(self, row: Position) -> str:
        return f"{row.rep.name}, {row.role.name}"

    def sections(self, request: HttpRequest, row: Position) -> list[Section]:
        if row.days.lower <= timezone.localdate():
            return []
        url = reverse("compensation:position-remove", args=[row.pk])
        others = self.rows(request).filter(rep=row.rep_id).order_by("-days")
        return [
            table_section(
                "All positions",
                others,
                [ROLE, FIRST, LAST, WHEN],
                empty=NOBODY,
                links=(Link("Take it back", url, PLAN),),
                row_url=position_url,
            )
        ]


class PositionAdd(AddPage):
    action = PLAN
    pretitle = PRETITLE
    heading = "Give a position"
    form_class = PositionForm
    submit_label = "Give the position"
    note = "A position that the rep has without an end ends the day before."

    def initial(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        return {"first": timezone.localdate().replace(day=1)} | super().initial(request, row)

    def make_form(self, request: HttpRequest, row: Any, data: Any = None) -> PositionForm:
        return PositionForm(data, initial=self.initial(request, row), person=person_of(request))

    def save(self, request: HttpRequest, row: Any, data: dict[str, Any]) -> Position:
        return give_position(actor=person_of(request), **data)

    def done_url(self, request: HttpRequest, saved: Position) -> str:
        return position_path(saved.pk)

    def cancel_url(self, request: HttpRequest, row: Any) -> str:
        return reverse("compensation:earner-list")


class PositionEdit(PositionRows, EditPage):
    action = PLAN
    form_class = PositionChangeForm

    def initial(self, request: HttpRequest, row: Position) -> dict[str, Any]:
        said = {"role": row.role.code, "first": first_day(row), "last": last_day(row), "reason": ""}
        return super().initial(request, row) | said

    def _form_person(self, request: HttpRequest) -> dict[str, Any]:
        return {"person": person_of(request)}

    def change(self, request: HttpRequest, row: Position, revision: int, data: dict[str, Any]) -> Position:
        reason = data.pop("reason")
        return change_position(
            actor=person_of(request), row=row, revision=revision, changes=data, reason=reason
        )

    def done_url(self, request: HttpRequest, saved: Position) -> str:
        return position_path(saved.pk)


class PositionRemove(PositionRows, FormPage):
    """Takes back a position that has not begun."""

    action = PLAN
    form_class = WhyForm
    danger = True
    submit_label = "Take it back"
    done = "{row} is taken back."

    def title(self, row: Position) -> str:
        return f"Take back: {row}"

    def save(self, request: HttpRequest, row: Position, data: dict[str, Any]) -> Position:
        remove_position(actor=person_of(request), row=row, revision=row.revision, reason=data["reason"])
        return row

    def done_url(self, request: HttpRequest, saved: Position) -> str:
        return pay_of_rep_path(saved.rep_id)

    def cancel_url(self, request: HttpRequest, row: Position) -> str:
        return position_path(row.pk)
