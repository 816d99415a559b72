"""How pay is written: units, rates, tiers, what a line is about, and the steps to a payout."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.urls import reverse

from compensation.models import LineKind, PayLine, Statement, StatementPart
from compensation.selectors.statements import PartOf, Rung
from core.formats import EMPTY, grouped, show

RATIO = "ratio"
WHOLE_PERIOD = "The whole period"
OF_MEASURE = {"units": "units", "count": "credits"}


def unit_of(part: StatementPart, currency: str) -> str:
    """What a component counts, by the terms of its version: a currency, units or credits."""
    listed = part.version.terms.get("components")
    rows = listed if isinstance(listed, list) else [listed]
    said = next((one for one in rows if isinstance(one, dict) and one.get("code") == part.component), {})
    measure = said.get("measure") or {}
    of = measure.get("of", "") if isinstance(measure, dict) else ""
    return OF_MEASURE.get(str(of), currency)


def rate_text(rate: Decimal, unit: str, currency: str) -> str:
    """A rate: percent of money, or money by unit; empty where pay is not a rate on an amount."""
    if not rate:
        return EMPTY
    if unit == currency:
        return f"{grouped((rate * 100).normalize(), _places(rate * 100))}\u202f%"
    return f"{grouped(rate, max(2, _places(rate)))} {currency}"


def _places(value: Decimal) -> int:
    return max(0, -int(value.normalize().as_tuple().exponent))


def rung_text(rung: Rung) -> str:
    """“Tier 2”, or what kind of change it is."""
    tier = f"Tier {rung.tier}" if rung.tier else ""
    if rung.kind == LineKind.EARNED:
        return tier or rung.label
    return f"{rung.label}, {tier.lower()}" if tier else rung.label


def line_name(line: PayLine) -> str:
    """What a line is about: the deal, the objective, or the whole period."""
    if line.credit is not None:
        return line.credit.label
    return line.objective or (str(line.deal) if line.deal else WHOLE_PERIOD)


def line_credits_url(line: Any) -> str:
    """The credits behind a line about a whole period, given as the row or its key."""
    return reverse("compensation:line-credits", args=[getattr(line, "pk", line)])


def steps_of(statement: Statement, parts: list[PartOf]) -> list[tuple[str, Any]]:
    """(what, money) from what each component earned to the payout, without what is nothing. They add up."""
    earned = [(one.part.name, one.part.earned) for one in parts if one.part.earned]
    rest = [
        ("Closed months", statement.deltas),
        ("Adjustments", statement.adjustments),
        ("Draw advanced", statement.advanced),
        ("Draw kept back", -statement.kept_back),
        ("Released", statement.released),
        ("Held", -statement.held),
    ]
    return [*earned, *((name, money) for name, money in rest if money)]


def said(step: dict[str, Any]) -> dict[str, str]:
    """A step that the run kept, {label, value, kind}, as text."""
    value, kind = step.get("value"), str(step.get("kind", "text"))
    shown = Decimal(str(value)) if kind in {"money", "percent"} and value not in (None, "") else value
    return {"label": str(step.get("label", "")), "text": show(shown, kind)[0]}


def ratio_of(steps: Sequence[dict[str, Any]]) -> str:
    """What a component that measures a ratio has reached, from the steps that the run kept; else empty."""
    return next((str(one["value"]) for one in steps if one.get("kind") == RATIO), "")


def draw_words(statement: Statement) -> str:
    """The terms of the draw in a sentence; empty without them."""
    terms = statement.draw_step.get("terms") or {}
    if not terms:
        return ""
    kind = "Pay is topped up to" if terms.get("kind") == "guarantee" else "On top of pay there are"
    money = f"{kind} {grouped(Decimal(terms['money']), 2)} {statement.currency_id} a month"
    back = (
        "what was advanced is kept back from later pay"
        if terms.get("recoverable")
        else "what was advanced is never kept back"
    )
    return f"{money}; {back}."


def draw_steps(statement: Statement) -> list[tuple[str, Decimal]]:
    """The ledger of the month; empty without a draw and without debt."""
    row = statement
    if not (row.draw_step or row.advanced or row.kept_back or row.forgiven or row.owed):
        return []
    before = row.draw_step.get("owed_before")
    first = [("Owed before", Decimal(before))] if before is not None else []
    return [
        *first,
        ("Advanced in this month", row.advanced),
        ("Kept back for earlier advances", -row.kept_back),
        ("Forgiven", -row.forgiven),
        ("Owed at the end of the month", row.owed),
    ]


def statement_title(row: Statement) -> str:
    """Whose pay of which month."""
    return f"{row.rep.name}, {row.run.month:%B %Y}"
