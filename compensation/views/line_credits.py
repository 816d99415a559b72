"""What made a line about a whole period: the credits that counted, each with its share of the pay."""

from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse

from compensation.filters.statements import LineCreditFilter
from compensation.models import Credit, LineKind, PayLine
from compensation.selectors.credits import credit_url
from compensation.selectors.disputes import own_lines
from compensation.selectors.line_shares import credits_of_line, sums_of
from compensation.selectors.statement_words import line_name, statement_title, unit_of
from compensation.selectors.statements import lines_visible_to
from compensation.views.credit_words import DAY
from compensation.views.statement_words import line_url
from core.access import person_of
from core.formats import show
from core.listing import Column, Empty, ListPage
from core.roles import can

OWN, DISPUTE = "pay.own", "pay.dispute"
ZERO = Decimal(0)
NOT_KEPT = (
    "Nothing counted for it that could be shared: an objective is scored, a fixed pot is paid whatever is "
    "sold, and runs from before shares were kept have none. Calculate the month again if it is still open."
)


class LineCredits(ListPage):
    """The credits behind one line, with filter and export."""

    action = OWN
    title = "Pay by deal"
    rows_name = "Credits"
    filterset_class = LineCreditFilter
    default_order = "-share,pk"
    template_name = "compensation/line_credits.html"
    empty = Empty("No credit made this line", NOT_KEPT)

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        lines = lines_visible_to(person_of(request)).select_related("counted", "statement__rep")
        self.line: PayLine = get_object_or_404(lines, pk=kwargs["pk"])
        return super().get(request, **kwargs)

    def rows(self, request: HttpRequest) -> QuerySet[Credit]:
        return credits_of_line(person_of(request), self.line)

    def row_url(self, row: Any) -> str:
        return credit_url(row)

    def visible_columns(self, request: HttpRequest) -> list[Column]:
        currency = self.line.statement.currency_id
        unit = unit_of(self.line.part, currency)
        columns = [
            Column("label", "Deal or invoice", "label", order="label"),
            DAY,
            Column("account", "Account", "account.name", order="account__name"),
            Column("rep", "Rep", "rep.name", order="rep__name"),
            Column("counted", "Counted", kind="money", unit=unit, order="counted"),
            Column("share", "Share of the pay", kind="money", unit=currency, order="share"),
        ]
        return [*columns, self._to_dispute()] if self._may_dispute(request) else columns

    def _may_dispute(self, request: HttpRequest) -> bool:
        person = person_of(request)
        return bool(can(person, DISPUTE)) and own_lines(person).filter(pk=self.line.pk).exists()

    def _to_dispute(self) -> Column:
        address = f"{reverse('compensation:dispute-add')}?line={self.line.pk}"

        def link(row: Credit) -> str:
            return f"{address}&deal={row.deal_id}" if row.deal_id else address

        return Column("dispute", "Is it wrong?", lambda _: "Dispute", link=link)

    def more(self, request: HttpRequest) -> dict[str, Any]:
        line = self.line
        return {
            "of": line.statement,
            "of_title": statement_title(line.statement),
            "of_url": line_url(line),
            "line": line,
            "line_words": f"{line.part.name}, {LineKind(line.kind).label.lower()}, {line.month:%B %Y}",
            "figures": self._figures(),
            "is_late": line.is_delta,
        }

    def _figures(self) -> list[dict[str, Any]]:
        currency = self.line.statement.currency_id
        unit = unit_of(self.line.part, currency)
        counted = self.line.counted
        found = [{"label": line_name(self.line), "value": _money(self.line.pay), "unit": currency}]
        if counted is None:
            return found
        seen = sums_of(self.rows(self.request))
        amount = sum(counted.amounts, ZERO)
        found.append({"label": "Counted", "value": _money(amount), "unit": unit})
        found.append({"label": "Credits", "value": show(len(counted.credits), "quantity")[0]})
        hidden = len(counted.credits) - seen["credits"]
        if hidden:
            others = self.line.pay - (seen["pay"] or ZERO)
            label = f"Of {hidden} credits of colleagues"
            found.append({"label": label, "value": _money(others), "unit": currency})
        return found


def _money(value: Any) -> str:
    return show(value, "money")[0]
