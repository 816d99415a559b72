"""Pages of credits: the list, why a rep is credited, making them, deals that nobody is credited for."""

from decimal import Decimal
from typing import Any, ClassVar

from django.db.models import Count, Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from catalog.selectors import base_currency
from compensation.filters.credits import CreditFilter, MissingFilter
from compensation.models import Basis, Credit, CreditRun
from compensation.selectors.credit_reasons import reasons_of_credit, sees_deal
from compensation.selectors.credits import (
    all_credits_visible_to,
    credit_url,
    credits_beside,
    credits_visible_to,
)
from compensation.selectors.credits_current import credits_are_current, newest_credit_run
from compensation.selectors.credits_missing import mends_of, uncredited_deals, uncredited_invoices
from compensation.selectors.scope import sees_all_pay
from compensation.services.credits import start_making_credits
from compensation.views.credit_words import (
    CREDIT,
    DAY,
    PRETITLE,
    READ,
    VIEW,
    credit_columns,
    deal_path,
    own_money,
    percent_words,
    split_path,
)
from core.access import Page, person_of
from core.explain import address
from core.formats import short, show
from core.listing import Column, Empty, ListPage
from core.pages import DetailPage, Link, Section, allowed_sections, table_section
from core.roles import can

NOT_YET = (
    "What counts for whom: made from won deals, invoices, payments and sales lines by rules. Make credits, "
    "and they appear here."
)


class CreditList(ListPage):
    """What counts for whom, with its sum."""

    action = VIEW
    pretitle = PRETITLE
    title = "Credits"
    filterset_class = CreditFilter
    default_order = "-day"
    empty = Empty("No credits", NOT_YET)

    def rows(self, request: HttpRequest) -> QuerySet[Credit]:
        return credits_visible_to(person_of(request))

    def visible_columns(self, request: HttpRequest) -> list[Column]:
        return credit_columns()

    def row_url(self, row: Any) -> str:
        return credit_url(row)

    def totals(self, request: HttpRequest, rows: QuerySet) -> dict[str, Any]:
        """Each basis by itself: the same deal may be booked, invoiced and paid."""
        zero = Decimal(0)
        sums = {basis: Sum("amount", filter=Q(basis=basis), default=zero) for basis in Basis.values}
        return rows.order_by().aggregate(count=Count("pk"), **sums)

    def about_totals(self, request: HttpRequest, totals: dict[str, Any]) -> dict[str, Any]:
        unit = base_currency()
        figures = [{"label": "Credits", "value": show(totals["count"], "quantity")[0]}]
        for basis in Basis:
            if totals[basis.value]:
                title = f"{show(totals[basis.value], 'money')[0]} {unit}"
                money = {"value": short(totals[basis.value]), "unit": unit, "title": title}
                figures.append({"label": basis.label, **money})
        return {"figures": figures}

    def more(self, request: HttpRequest) -> dict[str, Any]:
        if not can(request.user, CREDIT):
            return {}
        return {"primary": Link("Make credits", reverse("compensation:credit-making"))}


class CreditPage(DetailPage):
    """One credit, and why the rep has it."""

    action = VIEW
    pretitle = PRETITLE

    def rows(self, request: HttpRequest) -> QuerySet[Credit]:
        return all_credits_visible_to(person_of(request)).select_related(
            *("reverses", "cancellation", "rule__coverage_role", "rule__rep", "rep", "deal", "account"),
            *("product", "territory", "paper", "market"),
        )

    def title(self, row: Credit) -> str:
        return f"{row.rep.name}: {row.label}"

    def parents(self, request: HttpRequest, row: Credit) -> list[Link]:
        return [Link("Credits", reverse("compensation:credit-list"))]

    def visible_facts(self, request: HttpRequest) -> list[Column]:
        unit = base_currency()
        return [
            DAY,
            Column("rep", "Rep", "rep.name"),
            Column("kind", "Kind", "get_kind_display"),
            Column("role", "Role", "role"),
            Column("basis", "Basis", "get_basis_display"),
            Column("amount", f"Credit, {unit}", "amount", "money", link=_explained),
            Column("whole", f"Of, {unit}", "deal_amount", "money"),
            Column("share", "Share", lambda row: percent_words(row.percent)),
            Column("own", "In its own money", own_money),
            Column("quantity", "Quantity", "quantity", "quantity"),
            Column("margin", f"Margin, {unit}", "margin", "money"),
            Column("product", "Product", "product.name"),
            Column("account", "Account", "account.name"),
            Column("territory", "Territory that day", "territory.name"),
            Column("gone", "Counts", lambda row: "No longer" if row.is_gone else "Yes"),
        ]

    def sections(self, request: HttpRequest, row: Credit) -> list[Section]:
        person = person_of(request)
        why = table_section(
            "Why",
            reasons_of_credit(person, row),
            [Column("label", "What led to it"), Column("text", "What it says")],
            empty=Empty("Nothing", ""),
            row_url=lambda because: because.url,
        )
        beside = table_section(
            "What else counts of it",
            credits_beside(person, row)[:50],
            credit_columns(),
            empty=Empty("Nothing else", "This is the only credit of it that you may see."),
            row_url=credit_url,
        )
        return [why, beside]

    def more(self, request: HttpRequest, row: Credit) -> dict[str, Any]:
        if row.deal_id and sees_deal(person_of(request), row):
            return {"primary": Link("Open the deal", deal_path(row.deal_id))}
        return {}


def _explained(row: Credit) -> str:
    return address("credit", row.pk)


class CreditMaking(Page):
    """Whether credits are up to date, the last makings, and the button that makes them anew."""

    action = CREDIT
    columns: ClassVar[list[Column]] = [
        Column("made", "Made", "made", "time"),
        Column("by", "By", lambda run: run.made_by.name if run.made_by else "At night"),
        Column("came", "New", "came", "number"),
        Column("changed", "Changed", "changed", "number"),
        Column("gone", "No longer", "gone", "number"),
        Column("without", "Without anybody", "without_rep", "number"),
    ]

    def get(self, request: HttpRequest) -> HttpResponse:
        runs = CreditRun.objects.select_related("made_by")[:20]
        section = table_section(
            "The last times", runs, self.columns, empty=Empty("Not yet", "No credits were made so far.")
        )
        context = {
            "title": "Make credits",
            "pretitle": PRETITLE,
            "current": credits_are_current(),
            "newest": newest_credit_run(),
            "sections": allowed_sections(request.user, [section]),
        }
        return render(request, "compensation/credit_making.html", context)

    def post(self, request: HttpRequest) -> HttpResponse:
        return redirect("core:job", pk=start_making_credits(actor=person_of(request)).pk)


class MissingCredits(ListPage):
    """Won deals that nobody is directly credited for, the largest first, and invoices below them."""

    action = READ
    pretitle = PRETITLE
    title = "Nobody is credited"
    rows_name = "Deals"
    filterset_class = MissingFilter
    default_order = "-base_amount"
    template_name = "compensation/credit_missing.html"
    empty = Empty("Every won deal is credited", "Deals appear here when no rule and no split finds anybody.")

    def rows(self, request: HttpRequest) -> QuerySet:
        return uncredited_deals(person_of(request))

    def visible_columns(self, request: HttpRequest) -> list[Column]:
        may = can(request.user, CREDIT)
        split = (lambda row: split_path(row.pk)) if may else None
        return [
            Column("day", "Won", "closed", "date", order="closed"),
            Column("deal", "Deal", lambda row: str(row), order="name"),
            Column("account", "Account", "account.name", order="account__name"),
            Column("rep", "The deal's rep", "rep.name", order="rep__name"),
            Column("amount", "Amount", "base_amount", "money", unit=base_currency(), order="base_amount"),
            Column("why", "Why nobody", lambda row: _mended(row).why),
            Column("mend", "What to do", lambda row: _mended(row).mend, link=split),
        ]

    def row_url(self, row: Any) -> str:
        return deal_path(row.pk)

    def prepared(self, request: HttpRequest, rows: Any) -> Any:
        found = list(rows)
        mends = mends_of(found)
        for row in found:
            row.mend = mends[row.pk]
        return found

    def more(self, request: HttpRequest) -> dict[str, Any]:
        return {"invoices": self._invoices(request)} if sees_all_pay(person_of(request)) else {}

    def _invoices(self, request: HttpRequest) -> dict[str, Any]:
        columns = [
            Column("paper", "Invoice", lambda row: str(row)),
            Column("account", "Account", "account.name"),
            Column("deal", "Deal", lambda row: str(row.deal) if row.deal else ""),
            Column("worth", "Amount", "worth", "money", unit=base_currency()),
            Column(
                "why", "What to do", lambda row: "Check its deal's rep." if row.deal else "Name its deal."
            ),
        ]
        rows = uncredited_invoices(person_of(request))[:50]
        section = table_section(
            "Invoices that nobody is credited for",
            rows,
            columns,
            empty=Empty("Every invoice is credited", "Invoices without a deal appear here."),
            note="The largest fifty.",
            row_url=lambda row: reverse("crm:paper", args=[row.pk]),
        )
        return allowed_sections(request.user, [section])[0]


def _mended(row: Any) -> Any:
    """What would mend it: read for the whole page at once, or for a row of an export."""
    return row.mend if hasattr(row, "mend") else mends_of([row])[row.pk]
