"""Pages of reps."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from catalog.selectors import markets_visible_to
from core.access import person_of
from core.forms import RowForm
from core.listing import Column, Empty
from core.pages import Link, Section, table_section
from crm.filters.accounts import RepFilter
from crm.models import Rep
from crm.selectors.accounts import accounts_visible_to, people_who_may_be_reps, reps_visible_to
from crm.selectors.deals import live_deals_visible_to
from crm.selectors.teams import last_day, memberships_visible_to
from crm.views.base import (
    ACTIVE,
    CODE,
    EDIT,
    MARKET,
    SHOWN,
    CrmAdd,
    CrmDetail,
    CrmEdit,
    CrmList,
    account_url,
    rep_url,
)
from crm.views.deal_tables import deals_section
from crm.views.teams import team_url


class RepForm(RowForm):
    visible = {
        "manager": reps_visible_to,
        "market": markets_visible_to,
        "person": people_who_may_be_reps,
    }
    keys = {"person": "email"}

    class Meta:
        model = Rep
        fields = ["code", "name", "email", "job_title", "manager", "market", "person", "is_active"]
        labels = {"email": "E-mail", "person": "Signs in as", "is_active": "Active"}
        help_texts = {"person": "Whose own accounts these are. Empty: only named in files."}


class RepList(CrmList):
    title = "Reps"
    model = Rep
    columns = [
        Column("name", "Name", order="name"),
        CODE,
        Column("job_title", "Job title", order="job_title"),
        Column("manager", "Manager", "manager.name", order="manager__name"),
        MARKET,
        ACTIVE,
    ]
    filterset_class = RepFilter
    empty = Empty("No reps here", "Reps are the people who sell. Import a file or add one.")


class RepPage(CrmDetail):
    model = Rep
    up = "manager_id"
    edit = (EDIT, "crm:rep-edit")
    facts = [
        CODE,
        Column("job_title", "Job title"),
        Column("email", "E-mail"),
        Column("manager", "Manager", "manager.name"),
        MARKET,
        Column("person", "Signs in as", "person.name"),
        ACTIVE,
    ]

    def sections(self, request: HttpRequest, row: Any) -> list[Section]:
        person = person_of(request)
        accounts = accounts_visible_to(person).filter(owner=row).order_by("name")
        every = reverse("crm:account-list") + f"?owner={row.code}"
        return [
            table_section(
                "Reports to this rep",
                reps_visible_to(person).filter(manager=row).order_by("name"),
                [Column("name", "Name"), CODE, Column("job_title", "Job title"), MARKET, ACTIVE],
                empty=Empty("No team", "Nobody reports to this rep."),
                row_url=rep_url,
            ),
            table_section(
                "Accounts",
                accounts[:SHOWN],
                [Column("name", "Account"), CODE, Column("country", "Country"), MARKET, ACTIVE],
                empty=Empty("No accounts", "Accounts that this rep owns stand here."),
                row_url=account_url,
                links=(Link("Open all in the list", every),),
            ),
            deals_section(
                live_deals_visible_to(person).filter(rep=row),
                f"?rep={row.code}",
                empty="Deals that this rep works on stand here.",
            ),
            table_section(
                "Teams",
                memberships_visible_to(person).filter(rep=row).order_by("-days"),
                [
                    Column("team", "Team", "team.name"),
                    Column("from", "From", "days.lower", "date"),
                    Column("to", "Up to and with", last_day, "date"),
                ],
                empty=Empty("In no team", "The teams that this rep belongs to stand here, day by day."),
                row_url=lambda member: team_url(member.team),
            ),
        ]


class RepAdd(CrmAdd):
    model = Rep
    heading = "Add a rep"
    form_class = RepForm


class RepEdit(CrmEdit):
    model = Rep
    form_class = RepForm
