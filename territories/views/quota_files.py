"""Quotas from a CSV file into a draft."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from core.access import person_of
from core.formats import show
from core.pages import FormPage
from territories.forms.quota_files import QuotaFileForm
from territories.models import QuotaPlan
from territories.selectors.quotas import plans_visible_to
from territories.services.quota_files import import_quotas


class QuotaFile(FormPage):
    """Amounts by rep or territory and month or quarter."""

    action = "quotas.plan"
    form_class = QuotaFileForm
    pretitle = "Quotas"
    heading = "Quotas from a file"
    submit_label = "Import the file"
    done = "{row}."
    note = (
        "Columns: rep or territory (codes), month (2026-01) or quarter (2026-Q1 of the calendar, or its "
        "first month), amount in base currency. A quarter goes to its three months in equal parts. Months "
        "that the file does not name stay as they are. All rows are stored, or none."
    )

    def rows(self, request: HttpRequest) -> Any:
        return plans_visible_to(person_of(request))

    def make_form(self, request: HttpRequest, row: Any, data: Any = None) -> QuotaFileForm:
        return QuotaFileForm(data, request.FILES if data is not None else None)

    def save(self, request: HttpRequest, row: QuotaPlan, data: dict[str, Any]) -> str:
        file = data["file"]
        stored = import_quotas(actor=person_of(request), plan=row, name=file.name, data=file.read())
        total = show(stored.total, "money")[0]
        return (
            f"{stored.added} quotas added, {stored.changed} changed, {stored.unchanged} as before: "
            f"{total} in all"
        )

    def done_url(self, request: HttpRequest, saved: Any) -> str:
        return self._plan_url(request)

    def cancel_url(self, request: HttpRequest, row: Any) -> str:
        return self._plan_url(request)

    def _plan_url(self, request: HttpRequest) -> str:
        match = request.resolver_match
        return reverse("territories:quota-plan", kwargs=match.kwargs if match else {})
