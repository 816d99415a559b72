"""New plans from a template or a YAML file, and a YAML file into a plan that is there."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from compensation.engine.plan_templates import TEMPLATES
from compensation.forms.builder import PlanFromTemplateForm, PlanImportForm, TermsImportForm
from compensation.selectors.addresses import pay_plan_path
from compensation.selectors.plans import open_version, plans_visible_to
from compensation.services.builder import import_plan, import_version, plan_from_template
from compensation.services.plans import first_open_month
from compensation.views.builder import builder_path
from core.access import person_of
from core.pages import AddPage, FormPage

PLAN = "pay.plan"


class PlanFromTemplate(AddPage):
    """The gallery: choose how a new plan begins."""

    action = PLAN
    form_class = PlanFromTemplateForm
    heading = "New plan"
    submit_label = "Make the plan"
    template_name = "compensation/builder_gallery.html"
    done = "{row} is a draft. Change its numbers to yours."

    def save(self, request: HttpRequest, row: Any, data: dict[str, Any]) -> Any:
        return plan_from_template(actor=person_of(request), **data)

    def initial(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        return {"starts": first_open_month()} | super().initial(request, row)

    def done_url(self, request: HttpRequest, saved: Any) -> str:
        return builder_path(saved)

    def cancel_url(self, request: HttpRequest, row: Any) -> str:
        return reverse("compensation:plan-list")

    def more(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        chosen = request.POST.get("template", request.GET.get("template", TEMPLATES[2].code))
        return {"templates": TEMPLATES, "chosen": chosen}


class PlanImport(AddPage):
    """A new plan from a YAML file."""

    action = PLAN
    form_class = PlanImportForm
    heading = "Import a plan"
    submit_label = "Import"
    note = "A plan as YAML, as another company or the export writes it. Every fault is named with its line."
    done = "{row} is imported as a draft."

    def make_form(self, request: HttpRequest, row: Any, data: Any = None) -> Any:
        files = request.FILES if data is not None else None
        return self.form_class(data, files, initial=self.initial(request, row))

    def save(self, request: HttpRequest, row: Any, data: dict[str, Any]) -> Any:
        return import_plan(actor=person_of(request), **data)

    def done_url(self, request: HttpRequest, saved: Any) -> str:
        return builder_path(saved)

    def cancel_url(self, request: HttpRequest, row: Any) -> str:
        return reverse("compensation:plan-list")


class VersionImport(FormPage):
    """A YAML file into a plan: its draft gets these terms, or a new draft is made."""

    action = PLAN
    form_class = TermsImportForm
    submit_label = "Import"
    note = "The plan's draft gets these terms; without a draft a new version is made."
    done = "{row} has the terms of the file."

    def rows(self, request: HttpRequest) -> Any:
        return plans_visible_to(person_of(request))

    def title(self, row: Any) -> str:
        return f"Import terms of {row.name}"

    def initial(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        there = open_version(row)
        return {"revision": there.revision if there else None}

    def make_form(self, request: HttpRequest, row: Any, data: Any = None) -> Any:
        files = request.FILES if data is not None else None
        form = self.form_class(data, files, initial=self.initial(request, row))
        form.fields["revision"] = TermsImportForm.revision_field()
        return form

    def save(self, request: HttpRequest, row: Any, data: dict[str, Any]) -> Any:
        return import_version(actor=person_of(request), plan=row, **data)

    def done_url(self, request: HttpRequest, saved: Any) -> str:
        return builder_path(saved)

    def cancel_url(self, request: HttpRequest, row: Any) -> str:
        return pay_plan_path(row.pk)
