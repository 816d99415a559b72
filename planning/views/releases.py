"""Released plans: the list, one plan with its numbers, its verification and its files."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from catalog.selectors import base_currency
from catalog.selectors.scope import may_see_costs
from core.access import Page, person_of, require, requires
from core.explain import address
from core.formats import grouped, short
from core.listing import Column, Empty, ListPage
from core.models import Job, JobState, Person
from core.pages import plain_table
from core.roles import can
from core.selectors.jobs import job_progress
from planning.filters import ReleasedValueFilter
from planning.models import PackFile, Release, ReleasedValue
from planning.pipeline.pack_content import pack_of_release
from planning.pipeline.pack_files import FILES
from planning.pipeline.packs import JOB, is_big
from planning.selectors.addresses import cycle_path, release_path
from planning.selectors.releases import (
    months_of,
    refuse_part_of,
    releases_visible_to,
    values_visible_to,
    verify,
)
from planning.selectors.verification import text_of
from planning.services.packs import make_release_pack
from planning.views.files import FILE_TYPES, as_download

COSTS = {"cost", "margin"}


class ReleaseList(ListPage):
    """Every released plan, the newest first."""

    action = "release.view"
    title = "Released plans"
    default_order = "-cycle__month,-cycle__issue"
    empty = Empty(
        "No plan is released yet",
        "A plan comes here when executives have signed it and the VP releases it. It never changes again.",
        "See where the cycle stands",
        "/cycles/",
    )
    columns = [
        Column("cycle", "Plan of", lambda row: f"{row.cycle.month:%B %Y}", order="cycle__month"),
        Column("issue", "Revision", "cycle.issue", "number", order="cycle__issue"),
        Column(
            "state",
            "State",
            lambda row: row.cycle.get_stage_display(),
            "badge",
            tone=lambda row: "good" if row.cycle.stage == "released" else "quiet",
        ),
        Column("scenario", "Scenario", "run.scenario.name"),
        Column("released", "Released", "released", "time", order="released"),
        Column("by", "By", "released_by.name"),
        Column("hash", "SHA-256", lambda row: row.content_hash[:12], "code"),
    ]

    def rows(self, request: HttpRequest) -> QuerySet[Release]:
        return releases_visible_to(person_of(request))

    def row_url(self, row: Release) -> str:
        return release_path(row)


VALUES = [
    Column("product", "Product", "demand_unit.product.name", order="demand_unit__product__name"),
    Column("code", "Code", "demand_unit.product.code", "code", order="demand_unit__product__code"),
    Column("market", "Market", "demand_unit.market.name", order="demand_unit__market__name"),
    Column("month", "Month", "month", "month", order="month"),
    Column("baseline", "Baseline", "baseline", "quantity", unit="units", order="baseline"),
    Column("consensus", "Consensus", "consensus", "quantity", unit="units", order="consensus"),
    Column(
        "supplied",
        "Supplied",
        "supplied",
        "quantity",
        unit="units",
        order="supplied",
        link=lambda row: address("released", row.release_id, row.demand_unit_id, row.month),
    ),
    Column("price", "Price", "price", "money", order="price"),
    Column("revenue", "Revenue", lambda row: row.supplied * row.price, "money"),
    Column("cost", "Cost", "cost", "money", order="cost"),
    Column("margin", "Margin", lambda row: row.supplied * (row.price - row.cost), "money"),
]


class ReleasePage(ListPage):
    """One released plan: its totals, and every value with filters and export."""

    action = "release.view"
    title = "Released values"
    template_name = "planning/released.html"
    filterset_class = ReleasedValueFilter
    default_order = "demand_unit__product__code,demand_unit__market__code,month"
    columns = VALUES
    empty = Empty("No values here", "Widen the filters; your scope may hold only a part of the plan.")

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        if request.GET.get("export"):
            require(person_of(request), "release.export")
        self.release = get_object_or_404(releases_visible_to(person_of(request)), pk=kwargs["pk"])
        return super().get(request, **kwargs)

    def rows(self, request: HttpRequest) -> QuerySet[ReleasedValue]:
        return values_visible_to(person_of(request), self.release)

    def visible_columns(self, request: HttpRequest) -> list[Column]:
        if may_see_costs(person_of(request)):
            return VALUES
        return [column for column in VALUES if column.key not in COSTS]

    def more(self, request: HttpRequest) -> dict[str, Any]:
        person, release = person_of(request), self.release
        months = list(months_of(person, release))
        return {
            "release": release,
            "title": f"Plan of {release.cycle.month:%B %Y}",
            "cycle_url": cycle_path(release.cycle),
            "figures": _figures(months, may_see_costs(person)),
            "chart": _chart(months),
            "may_export": bool(can(person, "release.export")),
            "pack_job": _pack_job(release, person),
            "files": list(FILE_TYPES),
        }


def _figures(months: list[Any], with_costs: bool) -> list[dict[str, Any]]:
    money = base_currency()
    supplied, consensus, revenue, cost = (
        sum(row[f"sum_{name}"] for row in months) for name in ("supplied", "consensus", "revenue", "cost")
    )
    figures = [
        {"label": "Revenue", "value": short(revenue), "unit": money, "title": grouped(revenue, 2)},
        {"label": "Units supplied", "value": short(supplied), "title": grouped(supplied, 2)},
        {
            "label": "Demand supplied",
            "value": f"{grouped(100 * supplied / consensus, 1)} %" if consensus else "–",
            "help": "Units supplied of the agreed demand.",
        },
    ]
    if with_costs:
        figures.append({"label": "Margin", "value": short(revenue - cost), "unit": money})
    return figures


def _chart(months: list[Any]) -> dict[str, Any]:
    money = base_currency()
    series = [
        {"name": name, "role": role, "values": [round(row[key], 2) for row in months]}
        for name, role, key in (
            ("Agreed demand", "consensus", "sum_demand_revenue"),
            ("Supplied", "supply", "sum_revenue"),
        )
    ]
    total = sum(row["sum_revenue"] for row in months)
    return {
        "id": "released-months",
        "kind": "line",
        "title": "Revenue by month",
        "subtitle": money,
        "text": f"The plan supplies {grouped(total, 0)} {money} over {len(months)} months.",
        "data": {"x": [f"{row['month']:%b %y}" for row in months], "unit": money, "series": series},
        "table": plain_table(
            months,
            [
                Column("month", "Month", lambda row: row["month"], "month"),
                Column(
                    "demand", "Agreed demand", lambda row: row["sum_demand_revenue"], "quantity", unit=money
                ),
                Column("revenue", "Supplied", lambda row: row["sum_revenue"], "quantity", unit=money),
                Column("units", "Supplied", lambda row: row["sum_supplied"], "quantity", unit="units"),
            ],
            caption="By month",
            empty=ReleasePage.empty,
        ),
    }


def _pack_job(release: Release, person: Person) -> dict[str, Any] | None:
    job = Job.objects.filter(kind=JOB, params__release=release.pk).exclude(state=JobState.DONE).first()
    return job_progress(job, person) if job else None


class VerifyPage(Page):
    """Takes every hash of a released plan again and says what agrees."""

    action = "release.view"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        rows = releases_visible_to(person_of(request)).defer(None)
        release = get_object_or_404(rows, pk=pk)
        context = {"release": release, "found": verify(release), "release_url": release_path(release)}
        return render(request, "planning/verify.html", context)


@require_POST
@requires("release.export")
def release_pack_make(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep the files of the pack; a big one is made by a job."""
    release = _whole(request, pk)
    job = make_release_pack(actor=person_of(request), release=release)
    messages.success(request, "The pack is being made." if job else "The pack is made.")
    return redirect(release_path(release))


@requires("release.export")
def release_file(request: HttpRequest, pk: int, form: str) -> HttpResponse:
    """One file of a released plan: PDF, XLSX, CSV, or the canonical content as JSON."""
    release = _whole(request, pk)
    pack = pack_of_release(release)
    if form == "json":
        return as_download(text_of(release), pack.name, form)
    if form not in FILES:
        raise Http404("A plan has a PDF, an XLSX, a CSV and a JSON file.")
    kept = PackFile.objects.filter(release=release, form=form).first()
    if kept is not None:
        return as_download(bytes(kept.content), pack.name, form)
    if form == "xlsx" and is_big(pack):
        messages.warning(request, "This plan is large: make its pack first, then take the XLSX.")
        return redirect(reverse("planning:release", args=[pk]))
    return as_download(FILES[form](pack), pack.name, form)


def _whole(request: HttpRequest, pk: int) -> Release:
    person = person_of(request)
    refuse_part_of(person)
    return get_object_or_404(releases_visible_to(person).defer(None), pk=pk)
