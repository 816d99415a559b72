"""Pages of accounts and reps."""

from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse

from catalog.selectors import markets_visible_to, path_of
from core.access import person_of
from core.forms import RowForm
from core.listing import Column, Empty, ListPage
from core.pages import AddPage, DetailPage, EditPage, Link, Section, table_section
from core.roles import can
from crm.filters.accounts import AccountFilter, RepFilter
from crm.models import Account, Rep
from crm.selectors.accounts import (
    VISIBLE,
    accounts_visible_to,
    people_who_may_be_reps,
    reps_visible_to,
)
from crm.services.accounts import change_crm_row, create_crm_row

VIEW = "crm.view"
EDIT = "crm.edit"
SHOWN = 100
CODE = Column("code", "Code", kind="code", order="code")
ACTIVE = Column(
    "is_active",
    "State",
    lambda row: "Active" if row.is_active else "Inactive",
    kind="badge",
    order="is_active",
    tone=lambda row: "good" if row.is_active else "quiet",
)
MARKET = Column("market", "Market", "market.name", order="market__name")


def rep_url(row: Any) -> str:
    return reverse("crm:rep", args=[row.pk])


def account_url(row: Any) -> str:
    return reverse("crm:account", args=[row.pk])


def rep_link(name: str) -> Any:
    return lambda row: rep_url(getattr(row, name)) if getattr(row, name) else ""


class CrmList(ListPage):
    action = VIEW
    model: ClassVar[type[Model]]
    default_order = "name"

    def rows(self, request: HttpRequest) -> QuerySet:
        return VISIBLE[self.model](person_of(request))

    def row_url(self, row: Any) -> str:
        return reverse(f"crm:{self.model._meta.model_name}", args=[row.pk])

    def more(self, request: HttpRequest) -> dict[str, Any]:
        if not can(request.user, EDIT):
            return {}
        name = self.model._meta.verbose_name
        article = "an" if str(name).startswith("a") else "a"
        return {"primary": Link(f"Add {article} {name}", reverse(f"crm:{self.model._meta.model_name}-add"))}


class CrmDetail(DetailPage):
    action = VIEW
    model: ClassVar[type[Model]]
    up: ClassVar[str]

    def rows(self, request: HttpRequest) -> QuerySet:
        return VISIBLE[self.model](person_of(request))

    def title(self, row: Any) -> str:
        return row.name

    def parents(self, request: HttpRequest, row: Any) -> list[Link]:
        """The list, and of the rows above those that this person may open."""
        noun = self.model._meta.model_name
        above = path_of(row, self.up)
        allowed = set(self.rows(request).filter(pk__in=[r.pk for r in above]).values_list("pk", flat=True))
        links = [Link(r.name, reverse(f"crm:{noun}", args=[r.pk])) for r in above if r.pk in allowed]
        return [Link(f"{noun}s".capitalize(), reverse(f"crm:{noun}-list")), *links]


class CrmAdd(AddPage):
    action = EDIT
    model: ClassVar[Any]

    def save(self, request: HttpRequest, row: Any, data: dict[str, Any]) -> Any:
        return create_crm_row(actor=person_of(request), model=self.model, values=data)

    def done_url(self, request: HttpRequest, saved: Any) -> str:
        return reverse(f"crm:{self.model._meta.model_name}", args=[saved.pk])

    def cancel_url(self, request: HttpRequest, row: Any) -> str:
        return reverse(f"crm:{self.model._meta.model_name}-list")

    def initial(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        return {"is_active": True} | super().initial(request, row)


class CrmEdit(EditPage):
    action = EDIT
    model: ClassVar[type[Model]]

    def rows(self, request: HttpRequest) -> QuerySet:
        return VISIBLE[self.model](person_of(request))

    def change(self, request: HttpRequest, row: Any, revision: int, data: dict[str, Any]) -> Any:
        return change_crm_row(actor=person_of(request), row=row, revision=revision, changes=data)

    def done_url(self, request: HttpRequest, saved: Any) -> str:
        return reverse(f"crm:{self.model._meta.model_name}", args=[saved.pk])


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
                "Team",
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
        ]


class RepAdd(CrmAdd):
    model = Rep
    heading = "Add a rep"
    form_class = RepForm


class RepEdit(CrmEdit):
    model = Rep
    form_class = RepForm


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
            )
        ]


class AccountAdd(CrmAdd):
    model = Account
    heading = "Add an account"
    form_class = AccountForm


class AccountEdit(CrmEdit):
    model = Account
    form_class = AccountForm
