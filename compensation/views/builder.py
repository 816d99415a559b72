"""The plan builder: a version in plain words with its pay curves; a draft is changed there part by part."""

from decimal import Decimal, InvalidOperation
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from compensation.engine import plan_editing as editing
from compensation.engine.plan import Form
from compensation.engine.plan_templates import TEMPLATES
from compensation.engine.plan_words import FORM_NAMES
from compensation.forms.builder import ComponentForm
from compensation.forms.builder_numbers import amount
from compensation.forms.builder_settings import SettingsForm, settings_fields
from compensation.forms.builder_values import fields_of
from compensation.models import PlanVersion
from compensation.selectors.addresses import plan_version_path
from compensation.selectors.builder import built, text_of, written_terms
from compensation.selectors.plans import versions_visible_to
from compensation.services.builder import arrange_component, save_component, save_settings, use_template
from compensation.services.plans import may_change
from compensation.views.builder_parts import card_parts, example_table
from core.access import person_of
from core.errors import Conflict, Denied, Reason, Refused
from core.pages import EditPage, RowPage
from core.row_actions import refused_page

VIEW, PLAN = "pay.plans", "pay.plan"
FORM_TEXTS = {
    Form.FLAT: "Every deal pays the same share.",
    Form.MARGINAL: "A rate up to a level, another one above it. Accelerators.",
    Form.WHOLE: "The level reached pays for everything since the time began.",
    Form.WHOLE_UNTIL: "So up to a point; above it each rate for its own part.",
    Form.CURVE: "The attainment says which share of the target pay is earned.",
    Form.STEPS: "A sum for each level that is reached.",
    Form.MATRIX: "Two results decide together.",
    Form.SCORECARD: "Weighted objectives that somebody scores.",
    Form.POOL: "A pot that a team shares.",
    Form.CONTEST: "Prizes for the best.",
    Form.RESULT: "Levels are reached by what was paid, not by what was sold.",
}
BESIDE = {"measure": "of", "matrix": "values", "amount": "draw_amount", "months": "draw_months"}


def builder_path(version: PlanVersion) -> str:
    """The page of the builder."""
    return reverse("compensation:plan-builder", args=[version.pk])


class VersionRows(RowPage):
    """A version that the reader may see."""

    action = VIEW

    def rows(self, request: HttpRequest) -> Any:
        return versions_visible_to(person_of(request))


class PlanBuilder(VersionRows):
    """A version in words, with examples. A draft has the forms that change it."""

    refused: Refused | None = None

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        version = self.row(request, pk=pk)
        quotas, target, wrong = _asked(request, version)
        made = built(version, quotas, target)
        context = {
            "version": version,
            "version_url": plan_version_path(version.pk),
            "built": made,
            "cards": card_parts(made.plan, made.cards) if made.plan else [],
            "example": example_table(made.plan, made.example) if made.plan and made.example else None,
            "asked": _asked_fields(made),
            "wrong": wrong,
            "may_change": may_change(person_of(request), version),
            "templates": TEMPLATES,
            "refused": self.refused.reasons if self.refused else None,
        }
        return render(request, "compensation/builder.html", context)


def _asked(request: HttpRequest, version: PlanVersion) -> tuple[dict[str, Decimal], Decimal | None, str]:
    """The quotas and the target of the example that the address asks for."""
    found: dict[str, Decimal] = {}
    for name in request.GET:
        text = str(request.GET.get(name, ""))
        if text.strip() and (name == "target" or name.startswith("quota-")):
            try:
                found[name] = Decimal(amount(text))
            except (forms.ValidationError, InvalidOperation) as error:
                words = " ".join(getattr(error, "messages", ["This is no number."]))
                return {}, None, words
    if any(not 0 < one < 10**12 for one in found.values()):
        return {}, None, "Quotas and target of the example are more than 0 and below 1,000,000,000,000."
    quotas = {name.removeprefix("quota-"): one for name, one in found.items() if name != "target"}
    return quotas, found.get("target"), ""


def _asked_fields(made: Any) -> list[dict[str, Any]]:
    """The fields of the example: a year's quota of each component and the target."""
    if not made.plan or not made.example:
        return []
    rows = [
        {
            "name": f"quota-{one.code}",
            "label": f"A year's quota: {one.name}",
            "value": f"{made.quotas[one.code]:f}",
        }
        for one in made.plan.components
        if one.form not in {Form.SCORECARD, Form.MATRIX, Form.CONTEST} and not one.measure.per
    ]
    target = {"name": "target", "label": "Target incentive", "value": f"{made.example.target:f}"}
    return [*rows, target]


class ComponentForms(VersionRows):
    """Choose the form of pay of a new component."""

    action = PLAN

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        version = self.row(request, pk=pk)
        context = {
            "version": version,
            "builder_url": builder_path(version),
            "forms": [(form.value, FORM_NAMES[form], FORM_TEXTS[form]) for form in Form],
        }
        return render(request, "compensation/builder_forms.html", context)


class DraftEdit(EditPage):
    """A form about a part of a draft."""

    action = PLAN
    template_name = "compensation/builder_form.html"

    def rows(self, request: HttpRequest) -> Any:
        return versions_visible_to(person_of(request))

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        version = self.row(request, **kwargs)
        if not may_change(person_of(request), version):
            messages.warning(request, f"{version} changes only as a draft. Make a new version of it.")
            return redirect(builder_path(version))
        return super().get(request, **kwargs)

    def row(self, request: HttpRequest, **kwargs: Any) -> Any:
        return RowPage.row(self, request, pk=kwargs["pk"])

    def done_url(self, request: HttpRequest, saved: Any) -> str:
        return builder_path(saved)

    def more(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        return {"builder_url": builder_path(row)}


class ComponentEdit(DraftEdit):
    """Add a component of a form of pay, or change one."""

    submit_label = "Save component"
    done = "The component is saved."

    def title(self, row: Any) -> str:
        said = self._there(row)
        return f"Edit {said.get('name') or said['code']}" if said else f"Add: {FORM_NAMES[self._form(row)]}"

    def initial(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        said = self._there(row) or {"against": "quota", "over": "year"}
        form = self._form(row)
        if said.get("form") != form.value:
            said = editing.of_another_form(said, form)
        return fields_of(said) | {"revision": row.revision}

    def make_form(self, request: HttpRequest, row: Any, data: Any = None) -> Any:
        written = written_terms(row)
        components = [
            (str(one.get("code")), str(one.get("name") or one.get("code")))
            for one in editing.components_in(written)
        ]
        return ComponentForm(
            data,
            initial=self.initial(request, row),
            form=self._form(row),
            components=components,
            known=self.initial(request, row),
        )

    def change(self, request: HttpRequest, row: Any, revision: int, data: dict[str, Any]) -> Any:
        code = self.kwargs.get("code", "")
        person = person_of(request)
        try:
            return save_component(actor=person, version=row, revision=revision, code=code, said=data["said"])
        except (Conflict, Denied):
            raise
        except Refused as refusal:
            raise beside_fields(refusal) from refusal

    def more(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        others = [(form.value, name) for form, name in FORM_NAMES.items() if form is not self._form(row)]
        code = self.kwargs.get("code", "")
        return super().more(request, row) | {
            "currency": written_terms(row).get("currency", ""),
            "form_name": FORM_NAMES[self._form(row)],
            "form_text": FORM_TEXTS[self._form(row)],
            "other_forms": others if code else [],
        }

    def _there(self, row: Any) -> dict[str, Any] | None:
        code = self.kwargs.get("code", "")
        said = editing.component_in(written_terms(row), code) if code else None
        if code and said is None:
            raise Http404(f"{row} has no component “{code}”.")
        return said

    def _form(self, row: Any) -> Form:
        asked = self.request.GET.get("form") or str((self._there(row) or {}).get("form", ""))
        if asked == "interpolated":
            return Form.CURVE
        if asked not in set(Form):
            raise Http404(f"There is no form of pay “{asked}”.")
        return Form(asked)


def _beside(reason: Reason) -> Reason:
    """The reason beside the field that holds the setting, without its place in the text of the plan."""
    field = BESIDE.get(reason.field, reason.field)
    place, _, text = reason.text.partition(": ")
    if place.startswith("component ") and text.partition(": ")[0].replace("_", "").isalpha():
        text = text.partition(": ")[2] or text
    return Reason(f"{text[:1].upper()}{text[1:]}" if text else reason.text, reason.code, field)


def beside_fields(refusal: Refused) -> Refused:
    """The same refusal with its reasons beside the fields of a form."""
    return type(refusal)(*(_beside(reason) for reason in refusal.reasons))


class PlanSettings(DraftEdit):
    """What holds for the whole plan."""

    heading = "Settings of the plan"
    submit_label = "Save settings"
    done = "The settings are saved."

    def initial(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        about = {"starts": row.starts, "intro": row.intro, "revision": row.revision}
        return settings_fields(written_terms(row)) | about

    def make_form(self, request: HttpRequest, row: Any, data: Any = None) -> Any:
        return SettingsForm(data, initial=self.initial(request, row))

    def change(self, request: HttpRequest, row: Any, revision: int, data: dict[str, Any]) -> Any:
        person = person_of(request)
        try:
            return save_settings(actor=person, version=row, revision=revision, **data)
        except (Conflict, Denied):
            raise
        except Refused as refusal:
            raise beside_fields(refusal) from refusal


class DraftAction(VersionRows):
    """A button of the builder: does it, or shows the builder with every reason against it."""

    action = PLAN

    def post(self, request: HttpRequest, pk: int, **kwargs: Any) -> HttpResponse:
        version = self.row(request, pk=pk)
        text = request.POST.get("revision", "")
        revision = int(text) if text.isdigit() and len(text) < 9 else -1
        try:
            self.act(request, version, revision, **kwargs)
        except Denied:
            raise
        except Refused as refusal:
            return refused_page(PlanBuilder, request, refusal, pk=pk)
        return redirect(builder_path(version))

    def act(self, request: HttpRequest, version: PlanVersion, revision: int, **kwargs: Any) -> None:
        raise TypeError(f"{type(self).__name__} calls no service: define act()")


class ComponentArrange(DraftAction):
    """Move, duplicate or remove a component."""

    def act(self, request: HttpRequest, version: PlanVersion, revision: int, **kwargs: Any) -> None:
        person, code, what = person_of(request), kwargs["code"], kwargs["what"]
        arrange_component(actor=person, version=version, revision=revision, code=code, what=what)
        done = {"remove": "The component is removed.", "duplicate": "The component is duplicated."}
        if what in done:
            messages.success(request, done[what])


class TemplateUse(DraftAction):
    """Begin with a template, or add its components."""

    def act(self, request: HttpRequest, version: PlanVersion, revision: int, **kwargs: Any) -> None:
        template = request.POST.get("template", "")
        use_template(actor=person_of(request), version=version, revision=revision, template=template)
        messages.success(request, "The template is taken. Change its numbers to yours.")


class PlanYaml(VersionRows):
    """A version as a YAML file."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        version = cast(PlanVersion, self.row(request, pk=pk))
        answer = HttpResponse(text_of(version), content_type="application/yaml; charset=utf-8")
        name = f"{version.plan.code}-{version.number}.yaml"
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer
