"""The register of roles in which reps cover accounts."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse

from core.access import person_of
from core.listing import Column, Empty, ListPage
from core.pages import AddPage, EditPage, Link
from core.roles import can
from territories.filters.coverage import CoverageRoleFilter
from territories.forms.coverage import RoleChangeForm, RoleForm
from territories.models import CoverageRole
from territories.selectors.coverage import coverage_roles_visible_to
from territories.services.roles import add_overlay_role, change_coverage_role
from territories.views.coverage_words import PLAN, PRETITLE, VIEW

LIST = "territories:coverage-role-list"


class RoleList(ListPage):
    action = VIEW
    title = "Coverage roles"
    pretitle = PRETITLE
    filterset_class = CoverageRoleFilter
    default_order = "kind,name"
    columns = [
        Column("name", "Role", order="name"),
        Column("code", "Code", kind="code", order="code"),
        Column("kind", "Kind", "get_kind_display", order="kind"),
        Column(
            "is_active",
            "State",
            lambda row: "In use" if row.is_active else "No longer used",
            "badge",
            order="is_active",
            tone=lambda row: "good" if row.is_active else "quiet",
        ),
    ]
    empty = Empty(
        "No roles yet",
        "An account has one owner; overlays, such as a product specialist, stand beside the owner.",
    )

    def rows(self, request: HttpRequest) -> QuerySet[CoverageRole]:
        return coverage_roles_visible_to(person_of(request))

    def row_url(self, row: Any) -> str:
        return reverse("territories:coverage-role-edit", args=[row.pk])

    def more(self, request: HttpRequest) -> dict[str, Any]:
        if not can(request.user, PLAN):
            return {}
        return {"primary": Link("Add an overlay role", reverse("territories:coverage-role-add"))}


class RoleAdd(AddPage):
    action = PLAN
    pretitle = PRETITLE
    heading = "Add an overlay role"
    form_class = RoleForm
    submit_label = "Add the role"
    note = "Somebody beside the owner of an account, such as a product specialist."

    def save(self, request: HttpRequest, row: Any, data: dict[str, Any]) -> CoverageRole:
        return add_overlay_role(actor=person_of(request), **data)

    def done_url(self, request: HttpRequest, saved: Any) -> str:
        return reverse(LIST)

    def cancel_url(self, request: HttpRequest, row: Any) -> str:
        return reverse(LIST)


class RoleEdit(EditPage):
    action = PLAN
    pretitle = PRETITLE
    form_class = RoleChangeForm
    submit_label = "Save the role"

    def rows(self, request: HttpRequest) -> QuerySet[CoverageRole]:
        return coverage_roles_visible_to(person_of(request))

    def change(
        self, request: HttpRequest, row: CoverageRole, revision: int, data: dict[str, Any]
    ) -> CoverageRole:
        return change_coverage_role(actor=person_of(request), role=row, revision=revision, changes=data)

    def done_url(self, request: HttpRequest, saved: CoverageRole) -> str:
        return reverse(LIST)
