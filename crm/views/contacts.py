"""Pages of contacts: whom to call at an account."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from core.access import person_of
from core.forms import RowForm
from core.listing import Column, Empty, ListPage
from core.pages import AddPage, DetailPage, EditPage, Link, RowPage
from core.roles import can
from crm.filters.accounts import ContactFilter
from crm.models import Contact
from crm.selectors.accounts import accounts_visible_to, contacts_visible_to
from crm.services.contacts import change_contact, create_contact, remove_contact
from crm.views.base import ACTIVE, EDIT, VIEW, account_url

COLUMNS = [
    Column("name", "Name", order="name"),
    Column("job_title", "Job title", order="job_title"),
    Column("email", "E-mail", order="email"),
    Column("phone", "Phone"),
    ACTIVE,
]


def contact_url(row: Any) -> str:
    return reverse("crm:contact", args=[row.pk])


class ContactForm(RowForm):
    visible = {"account": accounts_visible_to}
    typed = frozenset({"account"})

    class Meta:
        model = Contact
        fields = ["account", "name", "email", "phone", "job_title", "is_active"]
        labels = {"email": "E-mail", "is_active": "Active"}
        help_texts = {"account": "The code of the account where they work."}


class ContactList(ListPage):
    action = VIEW
    title = "Contacts"
    columns = [
        COLUMNS[0],
        Column(
            "account", "Account", "account.name", order="account__name", link=lambda r: account_url(r.account)
        ),
        *COLUMNS[1:],
    ]
    filterset_class = ContactFilter
    default_order = "name"
    empty = Empty(
        "No contacts here",
        "Contacts are whom to call at an account: a name and how to reach them, nothing more. "
        "They come from a CRM or a file, or are written here.",
    )

    def rows(self, request: HttpRequest) -> QuerySet:
        return contacts_visible_to(person_of(request))

    def row_url(self, row: Any) -> str:
        return contact_url(row)

    def more(self, request: HttpRequest) -> dict[str, Any]:
        if not can(request.user, EDIT):
            return {}
        return {"primary": Link("Add a contact", reverse("crm:contact-add"))}


class ContactPage(DetailPage):
    action = VIEW
    edit = (EDIT, "crm:contact-edit")
    template_name = "crm/contact.html"
    facts = [
        Column("account", "Account", "account.name", link=lambda row: account_url(row.account)),
        *COLUMNS[1:],
    ]

    def rows(self, request: HttpRequest) -> QuerySet:
        return contacts_visible_to(person_of(request))

    def title(self, row: Contact) -> str:
        return row.name

    def parents(self, request: HttpRequest, row: Contact) -> list[Link]:
        return [
            Link("Contacts", reverse("crm:contact-list")),
            Link(row.account.name, account_url(row.account)),
        ]


class ContactAdd(AddPage):
    action = EDIT
    heading = "Add a contact"
    form_class = ContactForm

    def initial(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        return {"is_active": True} | super().initial(request, row)

    def save(self, request: HttpRequest, row: Any, data: dict[str, Any]) -> Contact:
        return create_contact(actor=person_of(request), values=data)

    def done_url(self, request: HttpRequest, saved: Contact) -> str:
        return contact_url(saved)

    def cancel_url(self, request: HttpRequest, row: Any) -> str:
        return reverse("crm:contact-list")


class ContactEdit(EditPage):
    action = EDIT
    form_class = ContactForm
    done = "The {row} is saved."

    def title(self, row: Contact) -> str:
        return f"Edit {row.name}"

    def rows(self, request: HttpRequest) -> QuerySet:
        return contacts_visible_to(person_of(request))

    def change(self, request: HttpRequest, row: Contact, revision: int, data: dict[str, Any]) -> Contact:
        return change_contact(actor=person_of(request), row=row, revision=revision, changes=data)

    def done_url(self, request: HttpRequest, saved: Contact) -> str:
        return contact_url(saved)


class ContactRemove(RowPage):
    """Forgets the person."""

    action = EDIT
    http_method_names = ["post"]

    def rows(self, request: HttpRequest) -> QuerySet:
        return contacts_visible_to(person_of(request))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = self.row(request, pk=pk)
        name, account = row.name, row.account
        remove_contact(actor=person_of(request), row=row)
        messages.success(request, f"{name} is forgotten here.")
        return redirect(account_url(account))
