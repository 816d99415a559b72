"""Files of cancellations → what is entered. A bad row gets a sentence with its line."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import QuerySet

from compensation.models import CancellationKind
from crm.models import Deal
from territories.pipeline.tables import Faults, Row, table_of

COLUMNS = ("deal", "day", "reason")


@dataclass(frozen=True)
class Stored:
    """What came of a file's rows."""

    added: int
    unchanged: int


def read_cancellations(name: str, data: bytes, deals: QuerySet[Deal]) -> list[tuple[int, dict[str, Any]]]:
    """The rows with their lines. Columns: deal (its id in the CRM), crm (where two systems have that id),
    day, percent (100 without it), kind (cancelled without it), reason. Raises BadTable."""
    faults = Faults()
    table = table_of(name, data, faults)
    table.need(*COLUMNS)
    wanted = {row.text("deal") for row in table.rows}
    known: dict[str, list[Deal]] = {}
    for deal in deals.filter(external_id__in=wanted).order_by("pk"):
        known.setdefault(deal.external_id, []).append(deal)
    rows = [(row.line, _values(row, known)) for row in table.rows]
    faults.raise_any()
    return rows


def _values(row: Row, known: dict[str, list[Deal]]) -> dict[str, Any]:
    return {
        "deal": _deal(row, known),
        "kind": _kind(row),
        "day": _day(row),
        "percent": _percent(row),
        "reason": row.text("reason"),
    }


def _deal(row: Row, known: dict[str, list[Deal]]) -> Deal | None:
    crm = row.text("crm")
    found = [deal for deal in known.get(row.text("deal"), []) if not crm or deal.source == crm]
    if len(found) == 1:
        return found[0]
    if found:
        systems = ", ".join(deal.source for deal in found)
        row.fault(f"{systems} have a deal {row.text('deal')}. Name one of them in the column crm.")
    else:
        row.fault(f"there is no deal {row.text('deal') or '(empty)'}. Write its id in the CRM.")
    return None


def _kind(row: Row) -> str:
    kind = row.text("kind").lower() or CancellationKind.CANCELLED.value
    if kind not in CancellationKind.values:
        row.fault(f"kind is “{kind}”; write {', '.join(CancellationKind.values)}.")
    return kind


def _day(row: Row) -> dt.date | None:
    try:
        return dt.date.fromisoformat(row.text("day"))
    except ValueError:
        row.fault(f"day is “{row.text('day')}”; write it as 2027-03-12.")
        return None


def _percent(row: Row) -> Decimal:
    text = row.text("percent").removesuffix("%").strip() or "100"
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal(0)
    if not value.is_finite() or not 0 < value <= 100 or value != round(value, 6):
        row.fault(f"percent is “{text}”; write a number above 0, up to 100, with six decimals at the most.")
    return value
