"""The page on which a deal's credit is shared by hand."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from compensation.forms.splits import SplitForm
from compensation.models import Credit
from compensation.selectors.credits import credit_url, credits_visible_to
from compensation.selectors.splits import closed_run_of, mark_of, shared_deals, splits_of
from compensation.services.splits import Share, set_splits
from compensation.views.credit_words import CREDIT, PRETITLE, credit_columns, deal_path, split_path
from core.access import Page, person_of
from core.errors import Conflict, Refused
from core.listing import Empty
from core.pages import Section, allowed_sections, put_reasons, table_section
from crm.models import Deal


class SplitPage(Page):
    """The shares of a deal as one list; a stale one is shown beside what is there now."""

    action = CREDIT

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        deal = self._deal(request, pk)
        return self._show(request, deal, self._form(request, deal))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        deal = self._deal(request, pk)
        form = self._form(request, deal, request.POST)
        if not form.is_valid():
            return self._show(request, deal, form, status=400)
        shares = [Share(rep, percent) for rep, percent in form.shares()]
        given = {"seen": form.cleaned_data["seen"], "reason": form.cleaned_data["reason"]}
        try:
            set_splits(actor=person_of(request), deal=deal, shares=shares, **given)
        except Conflict as conflict:
            form.add_error(None, str(conflict))
            return self._show(request, deal, form, status=409, conflict=conflict)
        except Refused as refusal:
            put_reasons(form, refusal)
            return self._show(request, deal, form, status=refusal.status)
        said = f"{deal} is shared by {len(shares)}." if shares else f"{deal} goes by the rules again."
        messages.success(request, f"{said} It counts when credits are made the next time.")
        return redirect(split_path(deal.pk))

    def _deal(self, request: HttpRequest, pk: int) -> Deal:
        return get_object_or_404(shared_deals(person_of(request)), pk=pk)

    def _form(self, request: HttpRequest, deal: Deal, data: Any = None) -> SplitForm:
        rows = list(splits_of(deal))
        return SplitForm(data, person=person_of(request), rows=rows, seen=mark_of(rows), first=deal.rep)

    def _show(
        self,
        request: HttpRequest,
        deal: Deal,
        form: SplitForm,
        *,
        status: int = 200,
        conflict: Conflict | None = None,
    ) -> HttpResponse:
        fresh = list(splits_of(deal))
        names = list(conflict.yours) if conflict else []
        context = {
            "title": f"Who shares {deal}",
            "pretitle": PRETITLE,
            "deal": deal,
            "deal_url": deal_path(deal.pk),
            "form": form,
            "left": form.left,
            "closed_run": closed_run_of(deal),
            "fresh_mark": mark_of(fresh),
            "conflict_rows": [(name, conflict.yours[name], conflict.theirs[name]) for name in names]
            if conflict
            else [],
            "sections": allowed_sections(request.user, [self._credits(request, deal)]),
        }
        return render(request, "compensation/credit_split.html", context, status=status)

    def _credits(self, request: HttpRequest, deal: Deal) -> Section:
        rows = credits_visible_to(person_of(request)).filter(deal=deal).order_by("day", "kind", "rep__name")
        columns = [column for column in credit_columns() if column.key not in {"label", "account"}]
        empty = Empty("No credits yet", "They come when credits are made and the deal is won.")
        found: list[Credit] = list(rows[:100])
        return table_section("Credits of this deal", found, columns, empty=empty, row_url=credit_url)
