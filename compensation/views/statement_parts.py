"""The blocks of a statement's components: tiers, factors, and how the quota came about."""

from collections import Counter
from decimal import Decimal
from typing import Any

from django.urls import reverse

from compensation.models import Statement
from compensation.selectors.statement_words import (
    line_credits_url,
    rate_text,
    ratio_of,
    rung_text,
    said,
    unit_of,
)
from compensation.selectors.statements import PartOf, Rung
from core.explain import address
from core.formats import show
from core.listing import Column, Empty
from core.pages import Section, plain_table

NOTHING = Empty("Nothing counted", "No credit counted for this component in this month.")
TEMPLATE = "compensation/statement_part.html"


def part_sections(statement: Statement, parts: list[PartOf]) -> list[Section]:
    """A block for each component; components of the same name are told apart by their plan."""
    names = Counter(one.part.name for one in parts)
    return [
        Section(
            one.part.name if names[one.part.name] == 1 else f"{one.part.name} ({one.part.version.plan.name})",
            TEMPLATE,
            part_context(statement, one),
        )
        for one in parts
    ]


def part_context(statement: Statement, one: PartOf) -> dict[str, Any]:
    """What stands in a component's block."""
    currency = statement.currency_id
    unit = unit_of(one.part, currency)
    return {
        "of": one.part,
        "unit": unit,
        "currency": currency,
        "ratio": ratio_of(one.part.derivation),
        "attained": attained(one.part.attainment),
        "tiers": _tiers(statement, one.tiers, one.part.pk, unit),
        "changes": _changes(statement, one.changes, one.part.pk) if one.changes else None,
        "factors": [said(step) for step in one.part.factors],
        "derivation": [said(step) for step in one.part.derivation],
        "why": address("pay_part", one.part.pk),
        "lines_url": lines_url(statement, part=one.part.pk),
    }


def attained(share: Decimal | None) -> dict[str, Any] | None:
    """The gauge: its text and its value among 0 to 150 %."""
    if share is None:
        return None
    percent = float(share) * 100
    return {
        "text": show(share, "percent")[0],
        "value": round(min(max(percent, 0), 150), 1),
        "reached": share >= 1,
    }


def lines_url(statement: Statement, **query: Any) -> str:
    """The lines of a statement, narrowed."""
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    return f"{reverse('compensation:statement-lines', args=[statement.pk])}?{asked}"


def _tiers(statement: Statement, rungs: list[Rung], part: int, unit: str) -> dict[str, Any]:
    currency = statement.currency_id

    def of(rung: Rung) -> str:
        more = {"tier": rung.tier} if rung.tier else {}
        return lines_url(statement, part=part, kind=rung.kind, delta="no", **more)

    columns = [
        Column("what", "Tier", rung_text, link=of),
        Column("amount", "Counted", kind="money", unit=unit),
        Column("rate", "Rate", lambda one: rate_text(one.rate, unit, currency)),
        Column("pay", "Pay", kind="money", unit=currency, link=of),
        Column("count", "Lines", kind="quantity"),
        *_by_deal(rungs),
    ]
    return plain_table(rungs, columns, caption="Amount × rate = pay, by tier", empty=NOTHING)


def _by_deal(rungs: list[Rung]) -> list[Column]:
    """From pay for a whole period to the credits that made it, where there is such pay."""
    if not any(one.kept for one in rungs):
        return []

    def link(rung: Rung) -> str:
        return line_credits_url(rung.kept) if rung.kept else ""

    return [Column("deals", "Made of", lambda one: "Pay by deal" if one.kept else "", link=link)]


def _changes(statement: Statement, rungs: list[Rung], part: int) -> dict[str, Any]:
    def of(rung: Rung) -> str:
        return lines_url(statement, part=part, kind=rung.kind, delta="no")

    columns = [
        Column("what", "What changed the pay", rung_text, link=of),
        Column("pay", "Pay", kind="money", unit=statement.currency_id, link=of),
        Column("count", "Lines", kind="quantity"),
        *_by_deal(rungs),
    ]
    return plain_table(rungs, columns, caption="Gates, multipliers, caps and other lines", empty=NOTHING)
