"""The stair of forecast value added: by step, by family and by person."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from core.access import person_of
from core.listing import export_rows
from core.pages import plain_table
from core.roles import can
from planning.forms.accuracy import AskForm
from planning.selectors.accuracy_cells import cells_of
from planning.selectors.value_added import FamilySteps, people_of, steps_by_family, steps_in
from planning.views.accuracy import AskedPage
from planning.views.accuracy_words import NOTHING
from planning.views.value_added_words import (
    CAUTION,
    family_columns,
    people_table,
    stair_chart,
    step_columns,
    step_table,
)


class ValueAddedPage(AskedPage):
    """Who and what makes the plan better, and by how much money."""

    fields = ("lag", "months", "family", "market")
    template_name = "planning/value_added.html"

    def answer(self, request: HttpRequest, form: AskForm) -> HttpResponseBase:
        person, asked = person_of(request), form.asked
        frame = cells_of(person, asked)
        steps = steps_in(frame)
        if export := request.GET.get("export"):
            return export_rows(steps, step_columns(), title="Value added by step", form=export)
        context: dict[str, Any] = {
            "filter": {"form": form},
            "steps": step_table(steps),
            "chart": stair_chart(steps) if steps else None,
            "families": plain_table(
                steps_by_family(person, frame, asked),
                family_columns(),
                caption="Value added by family",
                empty=NOTHING,
                row_url=lambda row: _below(row, request),
            ),
            "people": people_table(people_of(person, asked)),
            "sees_everybody": bool(can(person, "accuracy.people")),
            "caution": CAUTION,
        }
        return render(request, self.template_name, context)


def _below(row: FamilySteps, request: HttpRequest) -> str:
    """The family's own stair; the demand units of one that has nothing below."""
    kept = {name: value for name in ValueAddedPage.fields if (value := request.GET.get(name, ""))}
    kept |= row.narrow
    if not row.is_leaf:
        return f"{reverse('planning:value-added')}?{urlencode(kept)}"
    return f"{reverse('planning:accuracy')}?{urlencode(kept | {'level': 'unit'})}"
