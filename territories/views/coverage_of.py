"""Who covers a territory, an account or what a rep covers, day by day."""

import datetime as dt
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from core.access import person_of
from core.forms import DayField
from core.listing import Column, Empty
from core.pages import DetailPage, Link, Section, table_section
from crm.models import Account, Rep
from crm.selectors.accounts import reps_visible_to
from crm.views.base import account_url, rep_url
from territories.models import Territory
from territories.selectors.addresses import account_coverage_path, cover_path, coverage_path
from territories.selectors.coverage import last_day, territory_reps_visible_to
from territories.selectors.coverage_history import (
    accounts_on,
    assigned_on,
    assignments_visible_to,
    changes_visible_to,
    covered_accounts_visible_to,
    lines_of,
    span_of,
)
from territories.selectors.covers import covers_of, covers_of_account, in_words
from territories.selectors.models import territories_visible_to
from territories.views.coverage_words import (
    ACCOUNT,
    CHANGES,
    FIRST,
    LAST,
    PLAN,
    PRETITLE,
    REP,
    ROLE,
    SHARE,
    STATE,
    TERRITORY,
    VIEW,
    cover_url,
    give_url,
)
from territories.views.model_words import model_url, territory_url

SHOWN = 100


class DayForm(forms.Form):
    """The day that is asked about."""

    day = DayField(label="On which day?")


class CoverageOfTerritory(DetailPage):
    """Roles and stand-ins of a territory."""

    action = VIEW
    template_name = "territories/coverage_of.html"
    pretitle = PRETITLE
    facts = [
        Column("territory", "Territory", "name", link=territory_url),
        Column("model", "Model", "model.name", link=lambda row: model_url(row.model)),
        Column("type", "Type", "get_type_display"),
        Column("parent", "Lies below", "parent.name"),
    ]

    def rows(self, request: HttpRequest) -> QuerySet[Territory]:
        return territories_visible_to(person_of(request))

    def title(self, row: Territory) -> str:
        return f"Who covers {row.name}"

    def parents(self, request: HttpRequest, row: Territory) -> list[Link]:
        return [Link("Who covers what", reverse("territories:coverage-list"))]

    def sections(self, request: HttpRequest, row: Territory) -> list[Section]:
        person = person_of(request)
        reps = territory_reps_visible_to(person).filter(territory=row).order_by("role__name", "-days")
        return [
            table_section(
                "Reps",
                reps,
                [REP, ROLE, SHARE, FIRST, LAST, STATE],
                empty=Empty("Nobody has a role here", "Its accounts have no owner by it."),
                links=(Link("Give it a rep", give_url(row.pk), PLAN),),
                row_url=coverage_path,
            ),
            table_section(
                "Stand-ins, today and to come",
                covers_of([row.pk]),
                [Column("rep", "Stand-in", "rep.name"), ROLE, FIRST, LAST, Column("reason", "Why"), STATE],
                empty=Empty("Nobody stands in", "Somebody may stand in while a rep is away."),
                links=(Link("Let somebody stand in", cover_url(row.pk), PLAN),),
                row_url=cover_path,
            ),
        ]


class CoverageOfAccount(DetailPage):
    """Who covers an account: on a day, and all days as a line by role."""

    action = VIEW
    pretitle = PRETITLE
    template_name = "territories/coverage_of_account.html"
    facts = [
        Column("account", "Account", "name", link=account_url),
        Column("owner", "Owner in the CRM", "owner.name"),
        Column("market", "Market", "market.name"),
    ]

    def rows(self, request: HttpRequest) -> QuerySet[Account]:
        return covered_accounts_visible_to(person_of(request))

    def title(self, row: Account) -> str:
        return f"Who covers {row.name}"

    def parents(self, request: HttpRequest, row: Account) -> list[Link]:
        return [Link("Accounts", reverse("crm:account-list")), Link(row.name, account_url(row))]

    def sections(self, request: HttpRequest, row: Account) -> list[Section]:
        rows = assignments_visible_to(person_of(request)).filter(account=row).order_by("role__name", "-days")
        return [
            table_section(
                "All days",
                rows,
                [ROLE, REP, SHARE, TERRITORY, FIRST, LAST, STATE],
                empty=Empty(
                    "No territory covers this account",
                    "Place it in a territory of the model in force that has a rep.",
                ),
            )
        ]

    def more(self, request: HttpRequest, row: Account) -> dict[str, Any]:
        person, today = person_of(request), timezone.localdate()
        form = DayForm(request.GET if "day" in request.GET else None, initial={"day": today})
        day = form.cleaned_data["day"] if form.is_bound and form.is_valid() else today
        rows = list(assignments_visible_to(person).filter(account=row).order_by("days"))
        first, last = span_of(rows, today)
        whole = max(1, (last - first).days)
        lines = lines_of(rows, first, last)
        return {
            "key": sorted({(band.label, band.number) for line in lines for band in line.bands}),
            "form": form,
            "day": day,
            "on_day": assigned_on(person, row, day),
            "covers": [in_words(cover) for cover in covers_of_account(row.pk)],
            "lines": lines,
            "first": first,
            "last": last,
            "today_at": (today - first).days * 1000 // whole,
            "years": [
                {"at": (begin - first).days * 1000 // whole, "label": begin.year}
                for year in range(first.year + 1, last.year + 1)
                if (begin := dt.date(year, 1, 1))
            ],
        }


class CoverageOfRep(DetailPage):
    """What a rep covers today, and what was won and lost on which day."""

    action = VIEW
    template_name = "territories/coverage_of.html"
    pretitle = PRETITLE
    facts = [
        Column("rep", "Rep", "name", link=rep_url),
        Column("manager", "Reports to", "manager.name"),
        Column("market", "Market", "market.name"),
    ]

    def rows(self, request: HttpRequest) -> QuerySet[Rep]:
        return reps_visible_to(person_of(request))

    def title(self, row: Rep) -> str:
        return f"What {row.name} covers"

    def parents(self, request: HttpRequest, row: Rep) -> list[Link]:
        return [Link("Reps", reverse("crm:rep-list")), Link(row.name, rep_url(row))]

    def sections(self, request: HttpRequest, row: Rep) -> list[Section]:
        person, today = person_of(request), timezone.localdate()
        accounts = accounts_on(row, person, today)
        count = accounts.count()
        more = f" The first {SHOWN} of {count:,} are shown." if count > SHOWN else ""
        changed = changes_visible_to(person).filter(Q(old_rep=row) | Q(new_rep=row)).order_by("-day", "pk")
        roles = territory_reps_visible_to(person).filter(rep=row).order_by("-days")
        return [
            table_section(
                "Territories",
                roles,
                [TERRITORY, ROLE, SHARE, FIRST, LAST, STATE],
                empty=Empty("No territory", "The rep has no role in a territory."),
                row_url=coverage_path,
            ),
            table_section(
                "Accounts today",
                accounts[:SHOWN],
                [ACCOUNT, ROLE, TERRITORY, SHARE, FIRST, Column("last", "Up to and with", last_day, "date")],
                empty=Empty("No accounts today", "Accounts follow the territories of the rep."),
                note=f"{count:,} account{'' if count == 1 else 's'} and roles.{more}",
                row_url=lambda one: account_coverage_path(one.account_id),
            ),
            table_section(
                "Accounts gained and lost",
                changed[:SHOWN],
                [_gained(row), *CHANGES],
                empty=Empty("Nothing changed hands", "Accounts that come and go stand here by day."),
                links=(Link("All changes", f"{reverse('territories:change-list')}?rep={row.code}"),),
            ),
        ]


def _gained(rep: Rep) -> Column:
    def gained(row: Any) -> bool:
        return bool(row.new_rep_id == rep.pk)

    return Column(
        "what",
        "Change",
        lambda row: "Gained" if gained(row) else "Lost",
        "badge",
        tone=lambda row: "good" if gained(row) else "warn",
    )
