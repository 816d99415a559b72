"""Pages of contract costs: the roll-forward, what is left by deal, one deal, the term of a contract."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from catalog.engine.months import months_apart
from compensation.engine.contract_costs import Rolled, roll_forward
from compensation.forms.contract_costs import AtMonthForm, ContractTermForm
from compensation.forms.periods import MonthsForm, Narrowed
from compensation.models import ContractTerm
from compensation.selectors.contract_costs import (
    CurrencyCosts,
    DealCosts,
    costs_by_deal,
    costs_of_deal,
    deal_costs,
    deals_with_costs,
    newest_closed_month,
    roll_forwards,
)
from compensation.selectors.contract_terms import Term, is_expedient, usual_term
from compensation.services.contract_costs import set_contract_term
from core.access import Page, person_of
from core.formats import show
from core.listing import Column, Empty, counted, export_rows
from core.pages import EditPage, Section, allowed_sections, plain_table, table_section
from core.roles import can
from crm.models import Deal

VIEW, SAY = "pay.cost", "pay.plan"
A_PAGE = 50
NOTHING = Empty(
    "No contract costs yet",
    "As soon as a month's pay is locked, what it paid because of deals is spread over their contracts here.",
)


@dataclass(frozen=True)
class Line:
    """A month of a currency, with the pay that never was an asset."""

    currency: str
    row: Rolled
    other: Decimal

    @property
    def expense(self) -> Decimal:
        return self.row.movement.expense + self.other


MOVES = [
    Column("opening", "Opening", "row.opening", "money"),
    Column("added", "Added", "row.movement.added", "money"),
    Column("taken_back", "Taken back", "row.movement.taken_back", "money"),
    Column("amortised", "Amortised", "row.movement.amortised", "money"),
    Column("written_off", "Written off", "row.movement.written_off", "money"),
    Column("closing", "Closing", "row.closing", "money"),
    Column("expensed", "Expensed at once", "row.movement.expensed", "money", help="Of deals: a year or less"),
]
MONTH = Column("month", "Month", "row.month", "month")
COLUMNS = [
    MONTH,
    *MOVES,
    Column("other", "Pay without a deal", "other", "money", help="Not incremental: expensed at once"),
    Column("expense", "Expense of the month", "expense", "money"),
]
EXPORTED = [Column("currency", "Currency"), *COLUMNS]
OF_DEAL = [MONTH, *MOVES]
DEALS = [
    Column("deal", "Deal", lambda row: str(row.deal)),
    Column("account", "Account", lambda row: row.deal.account.name if row.deal.account else ""),
    Column("closed", "Won", "deal.closed", "date"),
    Column("term", "Benefit", lambda row: term_words(row.term)),
    Column("ended", "Ended", "term.ended", "month"),
    Column("currency", "In", "currency", "code"),
    Column("paid", "Paid for it", "paid", "money"),
    Column("left", "Left", "left", "money"),
]


def term_words(term: Term) -> str:
    """36 months: 12 and 24 of renewals."""
    if term.commensurate or not term.renewals:
        return f"{term.months} months"
    return f"{term.months + term.renewals} months: {term.months} and {term.renewals} of renewals"


def lines_of(costs: CurrencyCosts) -> list[Line]:
    """The months of a currency as pages and files show them."""
    return [Line(costs.currency, row, costs.other.get(row.month, Decimal(0))) for row in costs.rows]


class ContractCosts(Page):
    """The roll-forward by month and currency."""

    action = VIEW

    def get(self, request: HttpRequest) -> HttpResponseBase:
        form = MonthsForm(request.GET)
        first, last = form.months
        found = roll_forwards(person_of(request), first, months_apart(first, last) + 1)
        if export := request.GET.get("export"):
            rows = [line for costs in found for line in lines_of(costs)]
            return export_rows(rows, EXPORTED, title="Contract costs", form=export)
        context = {
            "filter": Narrowed(form),
            "first": first,
            "last": last,
            "sections": allowed_sections(request.user, [_section(costs) for costs in found]),
            "empty": NOTHING,
            "charts": [_chart(costs) for costs in found if any(row.closing for row in costs.rows)],
            "usual": term_words(usual_term()),
            "expedient": is_expedient(),
        }
        return render(request, "compensation/contract_costs.html", context)


def _section(costs: CurrencyCosts) -> Section:
    return table_section(f"In {costs.currency}", lines_of(costs), COLUMNS, empty=NOTHING)


def _chart(costs: CurrencyCosts) -> dict[str, Any]:
    rows, unit = costs.rows, costs.currency
    return {
        "id": f"contract-costs-{unit.lower()}",
        "kind": "bars",
        "title": f"{show(rows[-1].closing, 'money')[0]} {unit} are on the balance sheet at the end",
        "subtitle": f"What is left at the end of each month, {unit}",
        "text": "; ".join(f"{row.month:%b %Y}: {row.closing:,.2f}" for row in rows),
        "data": {
            "x": [f"{row.month:%b %y}" for row in rows],
            "unit": unit,
            "series": [{"name": "Left", "role": "history", "values": [float(row.closing) for row in rows]}],
        },
        "table": plain_table(
            rows,
            [Column("month", "Month", "month", "month"), Column("closing", "Left", "closing", "money", unit)],
            caption="What is left",
            empty=NOTHING,
        ),
    }


def usual_month() -> dt.date:
    """The newest closed month, or this one."""
    return newest_closed_month() or timezone.localdate().replace(day=1)


def asked_month(request: HttpRequest) -> tuple[AtMonthForm, dt.date]:
    """The month asked for, the usual one where it cannot be."""
    usual = usual_month()
    form = AtMonthForm({"month": request.GET.get("month") or f"{usual:%Y-%m}"})
    return form, form.cleaned_data["month"] if form.is_valid() else usual


class ContractDeals(Page):
    """What is left of each deal's cost at the end of a month."""

    action = VIEW

    def get(self, request: HttpRequest) -> HttpResponseBase:
        form, month = asked_month(request)
        rows = costs_by_deal(person_of(request), month)
        if export := request.GET.get("export"):
            title = f"Contract costs by deal {month:%Y-%m}"
            return export_rows(deal_costs(rows, month), DEALS, title=title, form=export)
        page = Paginator(rows, A_PAGE).get_page(request.GET.get("page"))
        shown = deal_costs(page.object_list, month)
        table = plain_table(shown, DEALS, caption="Deals", empty=NOTHING, row_url=_deal_url)
        count = page.paginator.count
        context = {
            "filter": Narrowed(form),
            "month": month,
            "page": page,
            "table": table | {"count": count, "counted": counted("Deals", count)},
        }
        return render(request, "compensation/contract_deals.html", context)


def _deal_url(row: DealCosts) -> str:
    return reverse("compensation:contract-deal", args=[row.deal.pk])


class ContractDeal(Page):
    """One deal: its term, and what each month did to its cost."""

    action = VIEW

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        person = person_of(request)
        deal = get_object_or_404(deals_with_costs(person), pk=pk)
        found = costs_of_deal(person, deal, usual_month())
        sections = [_months(costs) for costs in found if costs.movements]
        context = {
            "deal": deal,
            "costs": found,
            "term": found[0].term,
            "words": term_words(found[0].term),
            "month": usual_month(),
            "sections": allowed_sections(request.user, sections),
            "may_say": can(person, SAY),
            "said": ContractTerm.objects.filter(deal=deal).first(),
        }
        return render(request, "compensation/contract_deal.html", context)


def _months(costs: DealCosts) -> Section:
    first, last = min(costs.movements), max(costs.movements)
    rows = roll_forward(costs.movements, first, months_apart(first, last) + 1)
    lines = [Line(costs.currency, row, Decimal(0)) for row in rows]
    return table_section(f"Month by month, {costs.currency}", lines, OF_DEAL, empty=NOTHING)


class ContractTermEdit(EditPage):
    """How long this deal's contract brings benefit."""

    action = SAY
    form_class = ContractTermForm
    pretitle = "Contract costs"
    note = "Only where this contract differs from the company's usual one."
    done = "The term is kept. Months that are not locked yet follow it."

    def rows(self, request: HttpRequest) -> QuerySet[Deal]:
        return deals_with_costs(person_of(request))

    def row(self, request: HttpRequest, **kwargs: Any) -> ContractTerm:
        deal = get_object_or_404(self.rows(request), **kwargs)
        usual = usual_term()
        new = ContractTerm(
            deal=deal,
            months=usual.months,
            renewal_months=usual.renewals,
            commensurate=usual.commensurate,
            revision=0,
        )
        return ContractTerm.objects.filter(deal=deal).first() or new

    def title(self, row: ContractTerm) -> str:
        return f"Contract of {row.deal}"

    def initial(self, request: HttpRequest, row: ContractTerm) -> dict[str, Any]:
        return {name: getattr(row, name) for name in ContractTermForm.base_fields}

    def change(
        self, request: HttpRequest, row: ContractTerm, revision: int, data: dict[str, Any]
    ) -> ContractTerm:
        return set_contract_term(actor=person_of(request), deal=row.deal, revision=revision, **data)

    def done_url(self, request: HttpRequest, saved: ContractTerm) -> str:
        return reverse("compensation:contract-deal", args=[saved.deal_id])
