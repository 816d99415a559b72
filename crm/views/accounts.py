"""Pages of accounts."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from catalog.selectors import markets_visible_to
from core.access import person_of
from core.forms import RowForm
from core.listing import Column, Empty
from core.pages import Link, Section, table_section
from crm.filters.accounts import AccountFilter
from crm.models import Account
from crm.selectors.accounts import accounts_visible_to, contacts_visible_to, reps_visible_to
from crm.selectors.deals import live_deals_visible_to
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
    rep_link,
)
from crm.views.deal_tables import deals_section


class AccountForm(RowForm):
    visible = {
        "parent": accounts_visible_to,
        "owner": reps_visible_to,
        "market": markets_visible_to,
    }
    typed = frozenset({"parent", "owner"})

    class Meta:
        model = Account
        fields = [
            "code",
            "name",
            "parent",
            "owner",
            "market",
            "industry",
            "employees",
            "country",
            "region",
            "city",
            "postcode",
            "is_active",
        ]
        labels = {"is_active": "Active"}
        help_texts = {
            "parent": "The code of the company that it belongs to.",
            "owner": "The code of the rep who looks after it.",
        }


class AccountList(CrmList):
    title = "Accounts"
    model = Account
    columns = [
        Column("name", "Name", order="name"),
        CODE,
        Column("owner", "Owner", "owner.name", order="owner__name", link=rep_link("owner")),
        MARKET,
        Column("industry", "Industry", order="industry"),
        Column("country", "Country", order="country"),
        Column("city", "City", order="city"),
        ACTIVE,
    ]
    filterset_class = AccountFilter
    empty = Empty("No accounts here", "Accounts are the company's customers. Import a file or add one.")


class AccountPage(CrmDetail):
    model = Account
    up = "parent_id"
    edit = (EDIT, "crm:account-edit")
    facts = [
        CODE,
        Column("owner", "Owner", "owner.name", link=rep_link("owner")),
        Column("parent", "Belongs to", "parent.name"),
        MARKET,
        Column("industry", "Industry"),
        Column("employees", "Employees", kind="quantity"),
        Column("country", "Country"),
        Column("region", "Region"),
        Column("city", "City"),
        Column("postcode", "Postcode"),
        ACTIVE,
    ]

    def sections(self, request: HttpRequest, row: Any) -> list[Section]:
        below = accounts_visible_to(person_of(request)).filter(parent=row).order_by("name")
        add = reverse("crm:account-add") + f"?parent={row.code}"
        return [
            table_section(
                "Accounts below",
                below[:SHOWN],
                [Column("name", "Account"), CODE, Column("owner", "Owner", "owner.name"), ACTIVE],
                empty=Empty("None below", "Companies that belong to this one stand here."),
                row_url=account_url,
                links=(Link("Add an account below", add, EDIT),),
            ),
            self._contacts(request, row),
            deals_section(
                live_deals_visible_to(person_of(request)).filter(account=row),
                f"?account={row.code}",
                empty="Deals with this account stand here.",
            ),
        ]

    def _contacts(self, request: HttpRequest, row: Account) -> Section:
        add = reverse("crm:contact-add") + f"?account={row.code}"
        return table_section(
            "Contacts",
            contacts_visible_to(person_of(request)).filter(account=row)[:SHOWN],
            [
                Column("name", "Name"),
                Column("job_title", "Job title"),
                Column("email", "E-mail"),
                Column("phone", "Phone"),
                ACTIVE,
            ],
            empty=Empty("Nobody known", "Whom to call here: a name and how to reach them."),
            row_url=lambda contact: reverse("crm:contact", args=[contact.pk]),
            links=(Link("Add a contact", add, EDIT),),
        )


class AccountAdd(CrmAdd):
    model = Account
    heading = "Add an account"
    form_class = AccountForm


class AccountEdit(CrmEdit):
    model = Account
    form_class = AccountForm
