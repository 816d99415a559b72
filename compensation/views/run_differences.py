"""What differs between a run and another: by person and by line."""

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from compensation.models import LineKind, PayRun
from compensation.selectors.run_differences import LineDifference, by_line, by_person
from compensation.selectors.runs import previous_month_run, runs_of_month, runs_visible_to
from compensation.views.run_words import statement_link
from compensation.workflow.runs import month_path, run_url
from core.access import Page, person_of
from core.listing import Column, Empty, export_rows
from core.pages import Link, plain_table

PEOPLE = [
    Column("rep", "Rep", "rep.name", link=statement_link),
    Column("before", "Before", kind="money"),
    Column("after", "Now", kind="money"),
    Column("change", "Change", kind="money"),
    Column("currency", "Currency"),
]
LINES = [
    Column("name", "Rep"),
    Column("component", "Component"),
    Column("label", "Deal"),
    Column("kind", "Why", lambda row: kind_words(row)),
    Column("before", "Before", kind="money"),
    Column("after", "Now", kind="money"),
    Column("change", "Change", kind="money"),
    Column("currency", "Currency"),
]
SAME = Empty("Nothing differs", "Both runs pay everybody the same.")


def kind_words(row: LineDifference) -> str:
    said = str(LineKind(row.kind).label)
    return f"{said}, late change" if row.is_late else said


class RunDifferences(Page):
    """Against the run before of the same month, that of the month before, or another one that is chosen."""

    action = "pay.runs"

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        person = person_of(request)
        run = get_object_or_404(runs_visible_to(person), pk=pk)
        before = self._before(request, run)
        lines = by_line(person, before, run)
        if form := request.GET.get("export"):
            return export_rows(lines, LINES, title=f"Changes of {run}", form=form)
        people = by_person(person, before, run)
        context = {
            "title": f"Changes of {run}",
            "parents": [Link(f"{run.month:%B %Y}", month_path(run.month)), Link(str(run), run_url(run))],
            "run": run,
            "before": before,
            "others": self._others(request, run, before),
            "people": plain_table(people, PEOPLE, caption="People", empty=SAME),
            "lines": plain_table(lines, LINES, caption="Lines", empty=SAME),
        }
        return render(request, "compensation/run_differences.html", context)

    def _before(self, request: HttpRequest, run: PayRun) -> PayRun | None:
        chosen = request.GET.get("against", "")
        if chosen.isdigit():
            return get_object_or_404(runs_visible_to(person_of(request)), pk=int(chosen))
        return run.follows or previous_month_run(run)

    def _others(self, request: HttpRequest, run: PayRun, before: PayRun | None) -> list[dict[str, Any]]:
        """The runs it can be compared with."""
        rows = [one for one in runs_of_month(person_of(request), run.month) if one.pk != run.pk]
        last = previous_month_run(run)
        here = reverse("compensation:run-differences", args=[run.pk])
        return [
            {"label": str(one), "url": f"{here}?against={one.pk}", "chosen": before and one.pk == before.pk}
            for one in [*([last] if last else []), *rows]
        ]
