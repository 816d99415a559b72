"""What is done with a whole territory model: run its rules, copy, put into force, archive, delete."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from core.access import Page, person_of
from core.errors import Refused
from core.listing import Column, Empty
from core.pages import EditPage, FormPage, plain_table, put_reasons
from territories.forms.models import ActivateForm, ArchiveForm, CopyForm, DeleteForm, RunForm
from territories.models import ModelState, TerritoryModel
from territories.pipeline.rule_preview import Preview, preview
from territories.selectors.models import models_visible_to, sees_all
from territories.services.models import (
    activate_model,
    archive_model,
    copy_model,
    delete_model,
    reasons_against,
    warnings_about,
)
from territories.services.rules import is_big, run_now, start_run
from territories.views.model_words import model_url, trail, why_url

PLAN, ACTIVATE = "territories.plan", "territories.activate"
BEFORE_AFTER = [
    Column("name", "Territory"),
    Column("before", "Now", kind="number", help="Accounts."),
    Column("after", "After", kind="number", help="Accounts."),
    Column("come", "Come in", kind="number"),
    Column("leave", "Leave", kind="number"),
]
MOVES = [
    Column("account", "Account"),
    Column("was", "Now in", lambda move: move.was or None),
    Column("now", "Then in", lambda move: move.now or None),
    Column("why", "Because of"),
]


class OfModel:
    """A page about one model."""

    pretitle = "Territories"

    def rows(self, request: HttpRequest) -> QuerySet[TerritoryModel]:
        return models_visible_to(person_of(request))

    def done_url(self, request: HttpRequest, saved: TerritoryModel) -> str:
        return model_url(saved)


class ModelCopy(OfModel, FormPage):
    """A model's next version, in planning."""

    action = PLAN
    form_class = CopyForm
    submit_label = "Copy this model"
    done = "{row} is a copy to plan with. Run its rules once before it is put into force."
    note = (
        "Its territories, rules, pins, exclusions, reps and placements of today are copied. The copy is in "
        "planning: nothing changes for anybody until it is put into force."
    )

    def title(self, row: TerritoryModel) -> str:
        return f"Copy {row.name}"

    def initial(self, request: HttpRequest, row: TerritoryModel) -> dict[str, Any]:
        number = row.version + 1
        return {"code": f"{row.code}-v{number}", "name": f"{row.name}, version {number}"} | request.GET.dict()

    def save(self, request: HttpRequest, row: TerritoryModel, data: dict[str, Any]) -> TerritoryModel:
        return copy_model(actor=person_of(request), model=row, **data)


class ModelActivate(OfModel, EditPage):
    """Put a planned model into force; what is missing is said before."""

    action = ACTIVATE
    form_class = ActivateForm
    template_name = "territories/model_activate.html"
    submit_label = "Put it into force"
    done = "{row} is in force from its first day on."
    note = (
        "From the first day, accounts belong to its territories and reps; the model in force ends the day "
        "before."
    )

    def title(self, row: TerritoryModel) -> str:
        return f"Put {row.name} into force"

    def initial(self, request: HttpRequest, row: TerritoryModel) -> dict[str, Any]:
        return {"first_day": timezone.localdate() + dt.timedelta(days=1)} | request.GET.dict()

    def more(self, request: HttpRequest, row: TerritoryModel) -> dict[str, Any]:
        return {"against": reasons_against(row, None), "warnings": warnings_about(row)}

    def change(
        self, request: HttpRequest, row: TerritoryModel, revision: int, data: dict[str, Any]
    ) -> TerritoryModel:
        return activate_model(actor=person_of(request), model=row, revision=revision, **data)


class ModelArchive(OfModel, EditPage):
    """End the model in force."""

    action = ACTIVATE
    form_class = ArchiveForm
    submit_label = "Archive this model"
    danger = True
    done = "{row} is archived."
    note = (
        "Without a model in force no account has a rep by its territory. To replace it, put the next one "
        "into force."
    )

    def title(self, row: TerritoryModel) -> str:
        return f"Archive {row.name}"

    def initial(self, request: HttpRequest, row: TerritoryModel) -> dict[str, Any]:
        return {"last_day": timezone.localdate()}

    def change(
        self, request: HttpRequest, row: TerritoryModel, revision: int, data: dict[str, Any]
    ) -> TerritoryModel:
        return archive_model(actor=person_of(request), model=row, revision=revision, **data)


class ModelDelete(OfModel, EditPage):
    """Throw a planned model away."""

    action = PLAN
    form_class = DeleteForm
    submit_label = "Delete this model"
    danger = True
    done = "{row} is deleted."
    note = "Its territories, rules, pins and reps go with it. The event log keeps that it was there."

    def title(self, row: TerritoryModel) -> str:
        return f"Delete {row.name}"

    def change(
        self, request: HttpRequest, row: TerritoryModel, revision: int, data: dict[str, Any]
    ) -> TerritoryModel:
        delete_model(actor=person_of(request), model=row, revision=revision)
        return row

    def done_url(self, request: HttpRequest, saved: TerritoryModel) -> str:
        return reverse("territories:model-list")

    def cancel_url(self, request: HttpRequest, row: TerritoryModel) -> str:
        return model_url(row)


class ModelRun(Page):
    """The dry run of a model's rules, and the button that stores it."""

    action = PLAN

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        model = get_object_or_404(models_visible_to(person_of(request)), pk=pk)
        form = run_form(model, request.GET or None)
        return self._show(request, model, form)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        model = get_object_or_404(models_visible_to(person_of(request)), pk=pk)
        form = run_form(model, request.POST)
        if not form.is_valid():
            return self._show(request, model, form, status=400)
        keep = not form.cleaned_data["renew_decided"]
        asked: dict[str, Any] = {"from_day": form.cleaned_data.get("from_day"), "keep_decided": keep}
        try:
            if is_big():
                job = start_run(actor=person_of(request), model=model, **asked)
                return redirect("core:job", pk=job.pk)
            run = run_now(actor=person_of(request), model=model, **asked)
        except Refused as refusal:
            put_reasons(form, refusal)
            return self._show(request, model, form, status=refusal.status)
        text = f"The rules were run: {run.changed:,} accounts moved, {run.gaps:,} have no territory."
        messages.success(request, text)
        return redirect(model_url(model))

    def _show(
        self, request: HttpRequest, model: TerritoryModel, form: RunForm, *, status: int = 200
    ) -> HttpResponse:
        keep = not (form.is_bound and form.data.get("renew_decided"))
        is_fine = form.is_bound and form.is_valid()
        day = form.cleaned_data.get("from_day") if is_fine else None
        seen = preview(model, from_day=day, keep_decided=keep, user=person_of(request))
        context = {
            "title": f"Run the rules of {model.name}",
            "parents": trail(model),
            "row": model,
            "form": form,
            "seen": seen,
            "may_run": model.state != ModelState.ARCHIVED and sees_all(person_of(request)),
            "figures": _figures(seen),
            "territories": _territories(seen),
            "moves": _moves(seen, model),
        }
        return render(request, "territories/model_run.html", context, status=status)


def run_form(model: TerritoryModel, data: Any) -> RunForm:
    """The questions of a run; a planned model is placed as a whole and is asked for no day."""
    form = RunForm(data)
    if model.days is None and not (data and data.get("from_day")):
        del form.fields["from_day"]
    return form


def _figures(seen: Preview) -> list[dict[str, Any]]:
    return [
        {"label": "Accounts that move", "value": f"{seen.changed:,}"},
        {
            "label": "Without a territory",
            "value": f"{seen.gaps:,}",
            "change": _signed(seen.gaps - seen.gaps_before) if seen.gaps != seen.gaps_before else "as now",
            "change_base": "against now" if seen.gaps != seen.gaps_before else "",
            "tone": "bad" if seen.gaps else "good",
        },
        {"label": "Overlaps", "value": f"{seen.overlaps:,}", "tone": "warn" if seen.overlaps else "good"},
        {
            "label": "Left where they are",
            "value": f"{seen.kept:,}",
            "help": "Placed by a person, a file or a realignment.",
        },
    ]


def _signed(number: int) -> str:
    return f"{number:+,}".replace("-", "−")


def _territories(seen: Preview) -> dict[str, Any]:
    nothing = Empty("No territory gets an account", "Add rules to the territories first.")
    return plain_table(
        seen.territories,
        BEFORE_AFTER,
        caption="Accounts by territory",
        empty=nothing,
        row_url=lambda one: reverse("territories:territory", args=[one.territory]) if one.territory else "",
    )


def _moves(seen: Preview, model: TerritoryModel) -> dict[str, Any]:
    nothing = Empty("No account moves", "Everything lies already where the rules say.")
    return plain_table(
        seen.examples,
        MOVES,
        caption="Accounts that move",
        empty=nothing,
        row_url=lambda move: why_url(move.account_id, model),
    )
