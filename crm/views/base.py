"""What the pages of accounts, contacts, reps and teams share."""

from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse

from catalog.selectors import path_of
from core.access import person_of
from core.listing import Column, ListPage
from core.pages import AddPage, DetailPage, EditPage, Link
from core.roles import can
from crm.selectors.accounts import VISIBLE
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
