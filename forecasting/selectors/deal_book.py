"""The company's deals with their histories, as the engine wants them. For machines: not narrowed."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from core import company
from crm.models import DealChange, StageKind
from crm.selectors.deals import live_deals_visible_to
from forecasting.engine.deals import Deal

COLUMNS = (
    *("pk", "created", "closed", "amount", "base_amount", "expected_close", "stage__kind", "stage__name"),
    *("product__code", "rep__code", "account__code", "account__industry"),
)
STEPS = ("stage", "amount", "expected_close")
Step = tuple[dt.date, Any]


def engine_deals() -> list[Deal]:
    """Every live deal: money in base currency at the deal's own rate, days in the company's time. Two
    queries, however many deals there are."""
    steps = _steps()
    rows = live_deals_visible_to(None).order_by("pk").values(*COLUMNS)
    return [_deal(row, steps.get(row["pk"], {})) for row in rows.iterator(5000)]


def _steps() -> dict[int, dict[str, list[Step]]]:
    """Per deal and field the steps in the order of time."""
    zone = ZoneInfo(str(company.value("time_zone")))
    rows = DealChange.objects.filter(field__in=STEPS, deal__is_deleted=False, deal__merged_into=None)
    ordered = rows.order_by("deal_id", "occurred", "version", "key", "id")
    found: dict[int, dict[str, list[Step]]] = defaultdict(lambda: defaultdict(list))
    for row in ordered.values_list(
        "deal_id", "field", "after", "occurred", "stage__name", "stage__kind"
    ).iterator(5000):
        deal, field, after, occurred, name, kind = row
        found[deal][field].append(
            (occurred.astimezone(zone).date(), (name, kind) if field == "stage" else after)
        )
    return found


def _deal(row: dict[str, Any], steps: dict[str, list[Step]]) -> Deal:
    stages = steps.get("stage", [])
    closed = _closed(row, stages)
    rate = row["base_amount"] / row["amount"] if row["amount"] and row["base_amount"] is not None else None
    is_won = row["stage__kind"] == StageKind.WON
    begun = min([day for days in steps.values() for day, _ in days], default=None)
    created = min((day for day in (row["created"], begun) if day), default=None)
    return Deal(
        id=str(row["pk"]),
        created=min(created, closed) if created and closed else created,
        closed=closed,
        is_won=is_won and closed is not None,
        stages=tuple(_open_stages(row, stages)),
        amounts=tuple(_amounts(row, steps.get("amount", []), rate, closed)),
        expected=tuple(_expected(row, steps.get("expected_close", []), closed)),
        won_value=float(row["base_amount"]) if is_won and row["base_amount"] is not None else None,
        product=row["product__code"] or "",
        owner=row["rep__code"] or "",
        account=row["account__code"] or "",
        segment=row["account__industry"] or "",
    )


def _closed(row: dict[str, Any], stages: list[Step]) -> dt.date | None:
    """The day it was won or lost: as the CRM says, else the newest step into such a stage."""
    if row["stage__kind"] not in {StageKind.WON, StageKind.LOST}:
        return None
    ends = [day for day, (_, kind) in stages if kind in {StageKind.WON, StageKind.LOST}]
    return row["closed"] or (ends[-1] if ends else None) or row["expected_close"]


def _open_stages(row: dict[str, Any], stages: list[Step]) -> Iterable[tuple[dt.date | None, str]]:
    """The stages at work; what nobody wrote down is as old as the deal."""
    known = [(day, name) for day, (name, kind) in stages if kind == StageKind.OPEN]
    if known or row["stage__kind"] != StageKind.OPEN:
        return known
    return [(None, row["stage__name"])]


def _amounts(
    row: dict[str, Any], steps: list[Step], rate: Decimal | None, closed: dt.date | None
) -> Iterable[tuple[dt.date | None, float]]:
    if not steps:  # no history: the amount of today, if the deal is still open
        return [] if closed or row["base_amount"] is None else [(None, float(row["base_amount"]))]
    worth = ((day, _number(text)) for day, text in steps)
    return [(day, float(value * (rate or 1))) for day, value in worth if value is not None]


def _expected(
    row: dict[str, Any], steps: list[Step], closed: dt.date | None
) -> Iterable[tuple[dt.date | None, dt.date]]:
    if not steps:
        return [] if closed or row["expected_close"] is None else [(None, row["expected_close"])]
    return [(day, date) for day, text in steps if (date := _date(text)) is not None]


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None  # the step took the amount away


def _date(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text[:10])
    except ValueError:
        return None  # the step took the date away
