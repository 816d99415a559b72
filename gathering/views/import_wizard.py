"""The way of a file in: what its rows are, the file, its columns. Reading follows (views.imports)."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from core.access import Page, person_of, requires
from core.errors import Refused
from core.pages import put_reasons
from gathering.datasets import DATASETS, Dataset
from gathering.forms.imports import FileForm, MendForm
from gathering.forms.matching import MatchForm
from gathering.models import ImportProfile, ImportRun
from gathering.selectors.imports import imports_visible_to
from gathering.selectors.profiles import profiles_visible_to
from gathering.services.imports import upload_file
from gathering.services.profiles import create_profile, suggest_profile
from gathering.services.uploads import HeldFile, drop_file, held_file, hold_file
from gathering.views.run_cards import steps_at

GROUPS = (
    ("facts", "What happened and what is expected"),
    ("masters", "What the company has"),
    ("deals", "Deals, and who sells and buys"),
    ("notes", "Notes"),
)


def dataset_groups() -> list[dict[str, Any]]:
    """The datasets under the headings of the first step."""
    return [
        {"title": title, "datasets": [d for d in DATASETS.values() if d.group == group]}
        for group, title in GROUPS
    ]


def dataset_or_404(code: str) -> Dataset:
    if code not in DATASETS:
        raise Http404(f"No dataset is called {code}.")
    return DATASETS[code]


@requires("imports.run")
def import_start(request: HttpRequest) -> HttpResponse:
    context = {"groups": dataset_groups(), "steps": steps_at(0)}
    return render(request, "gathering/imports/start.html", context)


class UploadPage(Page):
    """A form with a file. A refused file shows every reason with its link; the choices stay."""

    action = "imports.run"
    template_name: str

    def show(
        self, request: HttpRequest, form: Any, refusal: Refused | None = None, **context: Any
    ) -> HttpResponse:
        if refusal is not None:
            linked = [reason for reason in refusal.reasons if reason.url]
            put_reasons(form, Refused(*(reason for reason in refusal.reasons if not reason.url)))
            context["reasons"] = linked
        bad = 400 if form.is_bound and form.errors else 200
        status = refusal.status if refusal else bad
        return render(request, self.template_name, {"form": form, **context}, status=status)


class ImportFile(UploadPage):
    """Second step: the file, and how it reads."""

    template_name = "gathering/imports/file.html"

    def get(self, request: HttpRequest, dataset: str) -> HttpResponse:
        found = dataset_or_404(dataset)
        return self._show(request, found, self._form(request, found))

    def post(self, request: HttpRequest, dataset: str) -> HttpResponse:
        found = dataset_or_404(dataset)
        form = self._form(request, found, request.POST, request.FILES)
        if not form.is_valid():
            return self._show(request, found, form)
        try:
            return redirect(self._go_on(request, found, form))
        except Refused as refusal:
            return self._show(request, found, form, refusal)

    def _form(self, request: HttpRequest, dataset: Dataset, *data: Any) -> FileForm:
        profiles = profiles_visible_to(person_of(request)).filter(dataset=dataset.code, is_active=True)
        return FileForm(*data, profiles=list(profiles))

    def _go_on(self, request: HttpRequest, dataset: Dataset, form: FileForm) -> str:
        file, source = form.cleaned_data["file"], form.cleaned_data["source"]
        if form.wants_matching:
            token = hold_file(
                actor=person_of(request), file=file, file_name=file.name, dataset=dataset.code, source=source
            )
            return reverse("gathering:import-match", args=[token])
        run = upload_file(
            actor=person_of(request),
            file=file,
            file_name=file.name,
            dataset=dataset.code,
            profile=form.profile,
            source=source,
            extra_files=form.cleaned_data["extra_files"],
        )
        return reverse("gathering:import-detail", args=[run.pk])

    def _show(
        self, request: HttpRequest, dataset: Dataset, form: FileForm, refusal: Refused | None = None
    ) -> HttpResponse:
        steps = steps_at(1, {0: reverse("gathering:import-start")})
        return self.show(request, form, refusal, dataset=dataset, steps=steps)


class ImportMatch(UploadPage):
    """Third step: which column is what. Columns are suggested by their names, never taken unseen."""

    template_name = "gathering/imports/match.html"

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        return self._answer(request, token)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        return self._answer(request, token, request.POST)

    def _answer(self, request: HttpRequest, token: str, data: Any = None) -> HttpResponse:
        try:
            held = held_file(actor=person_of(request), token=token)
            form = self._form(request, held, data)
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect("gathering:import-start")
        if data is None or not form.is_valid():
            return self._show(request, held, form)
        try:
            run = self._upload(request, held, form)
        except Refused as refusal:
            return self._show(request, held, form, refusal)
        drop_file(held=held)
        return redirect("gathering:import-detail", run.pk)

    def _form(self, request: HttpRequest, held: HeldFile, data: Any) -> MatchForm:
        with held.open() as file:
            suggestion = suggest_profile(
                actor=person_of(request), file=file, file_name=held.file_name, dataset=held.dataset
            )
        return MatchForm(data, dataset=DATASETS[held.dataset], suggestion=suggestion)

    def _upload(self, request: HttpRequest, held: HeldFile, form: MatchForm) -> ImportRun:
        definition = form.definition()
        profile = self._saved(request, held, form, definition)
        with held.open() as file:
            return upload_file(
                actor=person_of(request),
                file=file,
                file_name=held.file_name,
                dataset=held.dataset,
                profile=profile,
                definition="" if profile else definition,
                source=held.source,
            )

    def _saved(
        self, request: HttpRequest, held: HeldFile, form: MatchForm, definition: str
    ) -> ImportProfile | None:
        name = form.cleaned_data["profile_name"]
        if not name:
            return None
        return create_profile(
            actor=person_of(request),
            code=form.profile_code,
            name=name,
            dataset=held.dataset,
            definition=definition,
        )

    def _show(
        self, request: HttpRequest, held: HeldFile, form: MatchForm, refusal: Refused | None = None
    ) -> HttpResponse:
        back = reverse("gathering:import-file", args=[held.dataset])
        steps = steps_at(2, {0: reverse("gathering:import-start"), 1: back})
        context = {"held": held, "dataset": DATASETS[held.dataset], "steps": steps, "back": back}
        return self.show(request, form, refusal, **context)


class ImportMend(UploadPage):
    """Take the mended rejects of a run; they are read like the run itself."""

    template_name = "gathering/imports/mend.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.show(request, MendForm(), run=self._run(request, pk))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        run, form = self._run(request, pk), MendForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.show(request, form, run=run)
        file = form.cleaned_data["file"]
        try:
            mended = upload_file(
                actor=person_of(request),
                file=file,
                file_name=file.name,
                dataset=run.dataset,
                profile=run.profile,
                definition=run.definition,
                source=run.source,
                mends=run,
            )
        except Refused as refusal:
            return self.show(request, form, refusal, run=run)
        return redirect("gathering:import-detail", mended.pk)

    def _run(self, request: HttpRequest, pk: int) -> ImportRun:
        return get_object_or_404(imports_visible_to(person_of(request)), pk=pk)
