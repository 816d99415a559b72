"""Pages of pay roles."""

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from compensation.filters.plans import RoleFilter
from compensation.forms.plans import RoleChangeForm, RoleForm
from compensation.models import PayRole
from compensation.selectors.positions import pay_roles_visible_to
from compensation.services.roles import add_pay_role, change_pay_role
from compensation.views.plan_columns import PLAN, PLANS, PRETITLE
from core.access import person_of
from core.listing import Column, Empty, ListPage
from core.pages import AddPage, EditPage, Link
from core.roles import can


def list_url() -> str:
    return reverse("compensation:pay-role-list")


class PayRoleList(ListPage):
    action = PLANS
    title = "Pay roles"
    pretitle = PRETITLE
    filterset_class = RoleFilter
    default_order = "name"
    empty = Empty("No roles yet", "A role is what people are hired as. Plans are made for roles.")
    columns = [
        Column("name", "Role", order="name"),
        Column("code", "Code", kind="code", order="code"),
        Column("people", "Have it today", "people", "number"),
        Column("is_active", "In use", kind="bool", order="is_active"),
    ]

    def rows(self, request: HttpRequest) -> QuerySet[PayRole]:
        today = Q(positions__days__contains=timezone.localdate())
        return pay_roles_visible_to(person_of(request)).annotate(people=Count("positions", filter=today))

    def row_url(self, row: PayRole) -> str:
        return reverse("compensation:pay-role-edit", args=[row.pk])

    def more(self, request: HttpRequest) -> dict[str, Any]:
        if not can(request.user, PLAN):
            return {}
        return {"primary": Link("Add a role", reverse("compensation:pay-role-add"))}


class PayRoleAdd(AddPage):
    action = PLAN
    pretitle = PRETITLE
    heading = "Add a pay role"
    form_class = RoleForm

    def save(self, request: HttpRequest, row: Any, data: dict[str, Any]) -> PayRole:
        return add_pay_role(actor=person_of(request), **data)

    def done_url(self, request: HttpRequest, saved: Any) -> str:
        return list_url()

    def cancel_url(self, request: HttpRequest, row: Any) -> str:
        return list_url()


class PayRoleEdit(EditPage):
    action = PLAN
    pretitle = PRETITLE
    form_class = RoleChangeForm

    def rows(self, request: HttpRequest) -> QuerySet[PayRole]:
        return pay_roles_visible_to(person_of(request))

    def change(self, request: HttpRequest, row: PayRole, revision: int, data: dict[str, Any]) -> PayRole:
        return change_pay_role(actor=person_of(request), role=row, revision=revision, changes=data)

    def done_url(self, request: HttpRequest, saved: Any) -> str:
        return list_url()
