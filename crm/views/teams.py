"""Pages of teams: who leads them, and who belongs to them on which days."""

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from core.access import person_of
from core.listing import Column, Empty, ListPage
from core.pages import AddPage, DetailPage, EditPage, FormPage, Link, Section, table_section
from core.roles import can
from crm.filters.accounts import TeamListFilter
from crm.forms.teams import EndForm, MemberForm, TeamForm
from crm.models import Team, TeamMembership
from crm.selectors.teams import last_day, memberships_visible_to, teams_visible_to
from crm.services.teams import change_team, create_team, end_membership, put_into_team
from crm.views.base import ACTIVE, CODE, VIEW, rep_url

MANAGE = "teams.manage"


def team_url(row: Any) -> str:
    return reverse("crm:team", args=[row.pk])


def when(row: TeamMembership) -> str:
    """Whether the membership holds today."""
    today = timezone.localdate()
    if row.days.lower and row.days.lower > today:
        return "To come"
    return "Over" if row.days.upper and row.days.upper <= today else "Today"


def leader_url(row: Team) -> str:
    return rep_url(row.leader) if row.leader else ""


class TeamList(ListPage):
    action = VIEW
    title = "Teams"
    columns = [
        Column("name", "Name", order="name"),
        CODE,
        Column("leader", "Leader", "leader.name", order="leader__name", link=leader_url),
        Column("members", "Members today", "members", "quantity", order="members"),
        ACTIVE,
    ]
    filterset_class = TeamListFilter
    default_order = "name"
    empty = Empty(
        "No teams yet",
        "Teams are reps who are looked at together: the pipeline, funnel and coverage can be shown by team. "
        "Import a file or add one.",
    )

    def rows(self, request: HttpRequest) -> QuerySet:
        here = Q(memberships__days__contains=timezone.localdate())
        return teams_visible_to(person_of(request)).annotate(members=Count("memberships", filter=here))

    def row_url(self, row: Any) -> str:
        return team_url(row)

    def more(self, request: HttpRequest) -> dict[str, Any]:
        if not can(request.user, MANAGE):
            return {}
        return {"primary": Link("Add a team", reverse("crm:team-add"))}


class TeamRows:
    """Teams, as this person may see them."""

    def rows(self, request: HttpRequest) -> QuerySet:
        return teams_visible_to(person_of(request))


class TeamPage(TeamRows, DetailPage):
    action = VIEW
    edit = (MANAGE, "crm:team-edit")
    facts = [CODE, Column("leader", "Leader", "leader.name", link=leader_url), ACTIVE]

    def title(self, row: Team) -> str:
        return row.name

    def parents(self, request: HttpRequest, row: Any) -> list[Link]:
        return [Link("Teams", reverse("crm:team-list"))]

    def sections(self, request: HttpRequest, row: Team) -> list[Section]:
        members = memberships_visible_to(person_of(request)).filter(team=row).order_by("-days", "rep__name")
        return [
            table_section(
                "Members",
                members,
                [
                    Column("rep", "Rep", "rep.name"),
                    Column("from", "From", "days.lower", "date"),
                    Column("to", "Up to and with", last_day, "date"),
                    Column(
                        "when", "Now", when, "badge", tone=lambda m: "good" if when(m) == "Today" else "quiet"
                    ),
                ],
                empty=Empty("Nobody here", "Put reps into the team, each from a day on."),
                row_url=self._member_url(request),
                links=(
                    Link("Put a rep into the team", reverse("crm:team-member-add", args=[row.pk]), MANAGE),
                ),
            )
        ]

    def _member_url(self, request: HttpRequest) -> Any:
        if can(request.user, MANAGE):
            return lambda member: reverse("crm:team-member-end", args=[member.pk])
        return lambda member: rep_url(member.rep)


class TeamAdd(AddPage):
    action = MANAGE
    heading = "Add a team"
    form_class = TeamForm

    def initial(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        return {"is_active": True} | super().initial(request, row)

    def save(self, request: HttpRequest, row: Any, data: dict[str, Any]) -> Team:
        return create_team(actor=person_of(request), values=data)

    def done_url(self, request: HttpRequest, saved: Team) -> str:
        return team_url(saved)

    def cancel_url(self, request: HttpRequest, row: Any) -> str:
        return reverse("crm:team-list")


class TeamEdit(TeamRows, EditPage):
    action = MANAGE
    form_class = TeamForm

    def change(self, request: HttpRequest, row: Team, revision: int, data: dict[str, Any]) -> Team:
        return change_team(actor=person_of(request), row=row, revision=revision, changes=data)

    def done_url(self, request: HttpRequest, saved: Team) -> str:
        return team_url(saved)


class MemberAdd(TeamRows, FormPage):
    """Puts a rep into the team; a team before it ends the day before."""

    action = MANAGE
    form_class = MemberForm
    submit_label = "Put into the team"
    note = "A team that the rep belongs to until then ends the day before."
    done = "{row}: saved."

    def title(self, row: Team) -> str:
        return f"Put a rep into {row.name}"

    def make_form(self, request: HttpRequest, row: Any, data: Any = None) -> MemberForm:
        initial = {"rep": request.GET.get("rep", "")}
        return MemberForm(data, initial=initial, person=person_of(request), today=timezone.localdate())

    def save(self, request: HttpRequest, row: Team, data: dict[str, Any]) -> TeamMembership:
        return put_into_team(actor=person_of(request), team=row, **data)

    def done_url(self, request: HttpRequest, saved: TeamMembership) -> str:
        return team_url(saved.team)

    def cancel_url(self, request: HttpRequest, row: Team) -> str:
        return team_url(row)


class MemberEnd(EditPage):
    """Ends a membership with a day."""

    action = MANAGE
    form_class = EndForm
    submit_label = "End the membership"
    done = "{row}: the last day is saved."

    def rows(self, request: HttpRequest) -> QuerySet:
        return memberships_visible_to(person_of(request))

    def title(self, row: TeamMembership) -> str:
        return f"{row.rep.name} leaves {row.team.name}"

    def initial(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        return {"last": last_day(row)}

    def change(
        self, request: HttpRequest, row: TeamMembership, revision: int, data: dict[str, Any]
    ) -> TeamMembership:
        return end_membership(actor=person_of(request), row=row, revision=revision, last=data["last"])

    def done_url(self, request: HttpRequest, saved: TeamMembership) -> str:
        return team_url(saved.team)
