"""What accounts ask and what reps can give: two lists, and the form behind each row."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.text import capfirst

from catalog.selectors import base_currency
from core.access import person_of
from core.listing import Column, Empty, ListPage
from core.pages import EditPage, FormPage
from core.roles import can
from crm.models import Account, Rep
from crm.selectors.accounts import accounts_visible_to, reps_visible_to
from territories.filters.work import AccountsWithWorkFilter, RepsWithBaseFilter
from territories.forms.work import AccountWorkForm, RepBaseForm, WorkFileForm
from territories.models import AccountWork, RepBase
from territories.pipeline.work_files import Stored
from territories.selectors.work import accounts_with_work, base_of, reps_with_base, work_at
from territories.services.work import (
    ALREADY,
    import_account_work,
    import_rep_bases,
    set_account_work,
    set_rep_base,
)


def place_of(row: AccountWork | RepBase | None) -> str:
    """Latitude and longitude as people write them."""
    return "" if row is None or row.latitude is None else f"{row.latitude:.3f}, {row.longitude:.3f}"


def _of(related: str, name: str) -> Any:
    """The value of a row that may not be there."""
    return lambda row: getattr(getattr(row, related, None), name, None)


def _words(related: str, name: str) -> Any:
    return lambda row: ", ".join(getattr(getattr(row, related, None), name, None) or [])


class SettableList(ListPage):
    """A list whose rows open the form behind them, for those who may change anything."""

    action = "territories.view"
    pretitle = "Territories"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        self.may_set = bool(can(request.user, "territories.plan"))
        return super().get(request, **kwargs)


class WorkList(SettableList):
    """Every active account with its place, potential and calls."""

    title = "Account work"
    rows_name = "Accounts"
    filterset_class = AccountsWithWorkFilter
    default_order = "name"
    empty = Empty("No accounts here", "Add accounts first; here you say where they are and what they ask.")
    columns = [
        Column("name", "Account", order="name"),
        Column("code", "Code", kind="code", order="code"),
        Column("owner", "Owner", "owner.name", order="owner__name"),
        Column("country", "Country", order="country"),
        Column("place", "Place", lambda row: place_of(getattr(row, "work", None)), order="work__latitude"),
        Column("potential", "Potential a year", _of("work", "potential"), "money", order="work__potential"),
        Column("calls", "Calls a year", _of("work", "calls_a_year"), "number", order="work__calls_a_year"),
        Column("hours", "Hours a call", _of("work", "hours_a_call"), "number", order="work__hours_a_call"),
        Column("needs", "Needs", _words("work", "needs")),
    ]

    def rows(self, request: HttpRequest) -> QuerySet[Account]:
        return accounts_with_work(person_of(request))

    def visible_columns(self, request: HttpRequest) -> list[Column]:
        money = base_currency()
        return [c if c.kind != "money" else Column(**{**vars(c), "unit": money}) for c in self.columns]

    def row_url(self, row: Account) -> str:
        return work_url(row) if self.may_set else ""

    def more(self, request: HttpRequest) -> dict[str, Any]:
        return import_link(request, "territories:work-import", "Import work")


class BaseList(SettableList):
    """Every active rep with the base, the share and the limits."""

    title = "Rep bases"
    filterset_class = RepsWithBaseFilter
    default_order = "name"
    empty = Empty("No reps here", "Add reps first; here you say where they start from.")
    columns = [
        Column("name", "Rep", order="name"),
        Column("code", "Code", kind="code", order="code"),
        Column("market", "Market", "market.name", order="market__name"),
        Column("place", "Base", lambda row: place_of(getattr(row, "base", None)), order="base__latitude"),
        Column("share", "Share", _of("base", "share"), "percent", order="base__share"),
        Column("most", "Most accounts", _of("base", "most_accounts"), "number", order="base__most_accounts"),
        Column("hours", "Hours a year", _of("base", "hours_a_year"), "quantity", order="base__hours_a_year"),
        Column("skills", "Skills", _words("base", "skills")),
    ]

    def rows(self, request: HttpRequest) -> QuerySet[Rep]:
        return reps_with_base(person_of(request))

    def row_url(self, row: Rep) -> str:
        return base_url(row) if self.may_set else ""

    def more(self, request: HttpRequest) -> dict[str, Any]:
        return import_link(request, "territories:base-import", "Import bases")


def import_link(request: HttpRequest, route: str, label: str) -> dict[str, Any]:
    """The one primary action of a list, for those who may use it."""
    may = can(request.user, "territories.plan")
    return {"primary": {"label": label, "url": reverse(route)}} if may else {}


class SetPage(EditPage):
    """A form about something that may not exist yet: then its revision is 0."""

    action = "territories.plan"
    pretitle = "Territories"

    def title(self, row: Any) -> str:
        return capfirst(str(row))

    def make_form(self, request: HttpRequest, row: Any, data: Any = None) -> Any:
        form = super().make_form(request, row, data)
        seen = row.revision if row.pk else ALREADY
        form.fields["revision"] = forms.IntegerField(widget=forms.HiddenInput, initial=seen)
        return form

    def cancel_url(self, request: HttpRequest, row: Any) -> str:
        return self.done_url(request, row)


class WorkEdit(SetPage):
    """Say where an account is, what it could buy, and how often it is called on."""

    form_class = AccountWorkForm
    submit_label = "Save the account's work"
    note = (
        "Workload is calls × (travel + call time). Travel goes from the rep's base to the account, as the "
        "company settings say. Potential is what it could buy in a year, from anybody."
    )

    def row(self, request: HttpRequest, **kwargs: Any) -> AccountWork:
        return work_at(get_object_or_404(accounts_visible_to(person_of(request)), **kwargs))

    def change(
        self, request: HttpRequest, row: AccountWork, revision: int, data: dict[str, Any]
    ) -> AccountWork:
        account = row.account
        return set_account_work(actor=person_of(request), account=account, revision=revision, values=data)

    def done_url(self, request: HttpRequest, saved: AccountWork) -> str:
        return f"{reverse('territories:work-list')}?search={saved.account.code}"


class BaseEdit(SetPage):
    """Say where a rep starts from and how much the rep can take."""

    form_class = RepBaseForm
    submit_label = "Save the rep's base"
    note = (
        "A share of 0.5 is half a job: half of everything is that rep's just part. Hours and most accounts "
        "are limits of what the rep can take; leave them empty for none."
    )

    def row(self, request: HttpRequest, **kwargs: Any) -> RepBase:
        return base_of(get_object_or_404(reps_visible_to(person_of(request)), **kwargs))

    def change(self, request: HttpRequest, row: RepBase, revision: int, data: dict[str, Any]) -> RepBase:
        return set_rep_base(actor=person_of(request), rep=row.rep, revision=revision, values=data)

    def done_url(self, request: HttpRequest, saved: RepBase) -> str:
        return f"{reverse('territories:base-list')}?search={saved.rep.code}"


class WorkImport(FormPage):
    """Accounts' work from a CSV file."""

    action = "territories.plan"
    form_class = WorkFileForm
    pretitle = "Territories"
    heading = "Import account work"
    submit_label = "Import the file"
    done = "{row}."
    note = (
        "Columns: account (its code), latitude, longitude, potential, calls_a_year, hours_a_call, needs "
        "(semicolons between). Only account is needed: columns that the file lacks stay as they are, an "
        "empty cell clears. All rows are stored, or none."
    )
    service: Any = staticmethod(import_account_work)
    route = "territories:work-list"

    def make_form(self, request: HttpRequest, row: Any, data: Any = None) -> WorkFileForm:
        return WorkFileForm(data, request.FILES if data is not None else None)

    def save(self, request: HttpRequest, row: Any, data: dict[str, Any]) -> str:
        file = data["file"]
        return in_words(self.service(actor=person_of(request), name=file.name, data=file.read()))

    def done_url(self, request: HttpRequest, saved: Any) -> str:
        return reverse(self.route)

    def cancel_url(self, request: HttpRequest, row: Any) -> str:
        return reverse(self.route)


class BaseImport(WorkImport):
    """Reps' bases from a CSV file."""

    heading = "Import rep bases"
    note = (
        "Columns: rep (the code), latitude, longitude, share (0.5 for half a job), most_accounts, "
        "hours_a_year, skills (semicolons between). Only rep is needed: columns that the file lacks stay as "
        "they are, an empty cell clears. All rows are stored, or none."
    )
    service = staticmethod(import_rep_bases)
    route = "territories:base-list"


def in_words(stored: Stored) -> str:
    return f"{stored.added} added, {stored.changed} changed, {stored.unchanged} as before"


def work_url(account: Account) -> str:
    return reverse("territories:work", args=[account.pk])


def base_url(rep: Rep) -> str:
    return reverse("territories:base", args=[rep.pk])
