"""What other systems are told of who covers accounts: each change with how it fares, and files of them."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from core.access import person_of, requires
from core.errors import Refused
from core.listing import Column, Empty, ListPage, export_rows
from core.pages import Section, allowed_sections, table_section
from core.roles import can
from territories.filters.coverage import OwnershipFilter
from territories.models import OwnershipChange
from territories.pipeline.ownership import external_ids
from territories.selectors.coverage_history import exports_visible_to, ownership_changes_visible_to
from territories.selectors.ownership import arrivals
from territories.services.ownership import export_changes
from territories.views.coverage_words import CHANGES, PLAN, PRETITLE, VIEW, fares

CODES = [
    Column("change", "Change", "pk", "number"),
    Column("day", "From day", "day", "date"),
    Column("account", "Account", "account.code", "code"),
    Column("external_ids", "Ids in CRMs", lambda row: " ".join(getattr(row, "outside", []))),
    Column("role", "Role", "role.code", "code"),
    Column("old_rep", "Until then", "old_rep.code", "code"),
    Column("new_rep", "From then", "new_rep.code", "code"),
    Column("cause", "Cause", "cause", "code"),
    Column("reason", "Why", "reason"),
]
FILES = [
    Column("file", "File", str),
    Column("made", "Taken out", "made", "time"),
    Column("made_by", "By", "made_by.name"),
]
NO_FILES = Empty("Nothing taken out yet", "Each file holds what changed hands since the one before.")


def _cause(row: OwnershipChange) -> str:
    """A rule, a realignment …, with what was said why."""
    cause = str(row.get_cause_display())
    return f"{cause}: {row.reason}" if row.reason else cause


class OwnershipList(ListPage):
    """Every change that other systems were told of, the newest first."""

    action = VIEW
    title = "Ownership changes"
    pretitle = PRETITLE
    template_name = "territories/ownership.html"
    filterset_class = OwnershipFilter
    default_order = "-pk"
    columns = [
        Column("change", "Number", "pk", "number", order="pk"),
        *CHANGES,
        Column("cause", "Cause", _cause, order="cause"),
        Column(
            "state",
            "Other systems",
            lambda row: fares(getattr(row, "arrival", None))[1],
            "badge",
            tone=lambda row: fares(getattr(row, "arrival", None))[0],
        ),
    ]
    empty = Empty(
        "Nothing changed hands yet",
        "When a day comes on which an account gets another rep, the change is written here and told to the "
        "outgoing webhooks that ask for it.",
    )

    def rows(self, request: HttpRequest) -> QuerySet[OwnershipChange]:
        return ownership_changes_visible_to(person_of(request))

    def prepared(self, request: HttpRequest, rows: Any) -> Any:
        return arrivals(list(rows))

    def more(self, request: HttpRequest) -> dict[str, Any]:
        files = exports_visible_to(person_of(request))[:20]
        section: Section = table_section("Files", files, FILES, empty=NO_FILES, row_url=file_url)
        return {
            "may_export": bool(can(request.user, PLAN)),
            "files": allowed_sections(request.user, [section])[0],
        }


def file_url(row: Any) -> str:
    return reverse("territories:ownership-file", args=[row.pk])


@require_POST
@requires(PLAN)
def ownership_export(request: HttpRequest) -> HttpResponse:
    """Mark what is new as taken out; the file is then there to be fetched."""
    try:
        made = export_changes(actor=person_of(request))
    except Refused as refusal:
        messages.info(request, str(refusal))
        return redirect("territories:ownership-list")
    messages.success(request, f"{made} are in a file: fetch it below.")
    return redirect("territories:ownership-list")


@requires(VIEW)
def ownership_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A file of changes, as often as it is asked for."""
    export = get_object_or_404(exports_visible_to(person_of(request)), pk=pk)
    rows = ownership_changes_visible_to(person_of(request)).filter(pk__gt=export.after, pk__lte=export.last)
    found = list(rows.order_by("pk"))
    outside = external_ids({row.account_id for row in found})
    for row in found:
        row.outside = outside.get(row.account_id, [])  # type: ignore[attr-defined]
    return export_rows(
        found, CODES, title=f"ownership changes {export.after + 1} to {export.last}", form="csv"
    )
