"""Files of quotas → the months of a draft. All rows are good, or nothing is stored."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from catalog.engine.months import months_from
from territories.models import Quota, QuotaMonth, QuotaPlan
from territories.pipeline.quota_rows import store_months
from territories.pipeline.quota_words import line
from territories.pipeline.tables import Faults, Row, table_of

CENT = Decimal("0.01")
MOST = Decimal(10) ** 13
MONTH = re.compile(r"(\d{4})-(\d{1,2})(?:-01)?")
QUARTER = re.compile(r"(\d{4})-?[Qq]([1-4])")
Key = tuple[int | None, int | None]  # territory, rep
Months = dict[dt.date, Decimal]


@dataclass(frozen=True)
class Known:
    """What a file may name: code → primary key; and the quotas that the plan has now."""

    reps: Mapping[str, int]
    territories: Mapping[str, int]
    quotas: list[Quota] = field(default_factory=list)


@dataclass(frozen=True)
class StoredQuotas:
    """What came of a file: quotas that are new, others whose months changed, and the sum of the file."""

    added: int
    changed: int
    unchanged: int
    total: Decimal


def read_quotas(plan: QuotaPlan, name: str, data: bytes, known: Known) -> dict[Key, Months]:
    """territory and rep → the months that the file gives. Columns: `rep` or `territory` (codes) or both,
    `month` (2026-01) or `quarter` (2026-Q1, or its first month), `amount`. A quarter's amount goes to its
    three months in equal parts, to the cent. Raises BadTable with a sentence for every bad row."""
    faults = Faults()
    table = table_of(name, data, faults)
    table.need("amount")
    if not (table.has("rep") or table.has("territory")):
        table.need("rep")
    if not (table.has("month") or table.has("quarter")):
        table.need("month")
    found: dict[Key, Months] = {}
    for row in table.rows:
        _take(plan, row, known, found)
    faults.raise_any()
    return found


def store_quotas(plan: QuotaPlan, said: Mapping[Key, Months], quotas: list[Quota], name: str) -> StoredQuotas:
    """Set the months of the file; months of a quota that the file does not name stay as they are."""
    there = {(quota.territory_id, quota.rep_id): quota for quota in quotas}
    had: dict[int, Months] = {quota.pk: {} for quota in quotas}
    rows = QuotaMonth.objects.filter(quota__in=had)
    for quota_key, month, amount in rows.values_list("quota", "month", "amount"):
        had[quota_key][month] = amount
    new = [key for key in said if key not in there]
    changed = [key for key in said if key in there and had[there[key].pk] != had[there[key].pk] | said[key]]
    made = Quota.objects.bulk_create(
        [
            _filled(Quota(plan=plan, territory_id=key[0], rep_id=key[1], revision=0), said[key], name)
            for key in new
        ]
    )
    months = {quota: said[key] for quota, key in zip(made, new, strict=True)}
    for key in changed:
        quota = there[key]
        months[quota] = had[quota.pk] | said[key]
        _filled(quota, months[quota], name)
    QuotaMonth.objects.filter(quota__in=[there[key].pk for key in changed]).delete()
    written = ["amount", "top_down", "difference_reason", "made", "revision"]
    Quota.objects.bulk_update([there[key] for key in changed], written, batch_size=1000)
    store_months(months)
    total = sum((amount for found in said.values() for amount in found.values()), Decimal(0))
    return StoredQuotas(len(new), len(changed), len(said) - len(new) - len(changed), total)


def _take(plan: QuotaPlan, row: Row, known: Known, found: dict[Key, Months]) -> None:
    """Read one row into `found`; notes what is wrong with it."""
    key = _key(row, known)
    months = _months(plan, row)
    amount = _amount(row)
    if key is None or not months or amount is None:
        return
    mine = found.setdefault(key, {})
    for month, part in zip(months, _parts(amount, len(months)), strict=True):
        if month in mine:
            row.fault(f"{month:%Y-%m} stands there already for {_who(row)}. Keep one of them.")
            return
        mine[month] = part


def _who(row: Row) -> str:
    return " in ".join(text for text in (row.text("rep"), row.text("territory")) if text)


def _key(row: Row, known: Known) -> Key | None:
    rep, territory = row.text("rep"), row.text("territory")
    if not rep and not territory:
        row.fault("neither rep nor territory is named.")
        return None
    if rep and rep not in known.reps:
        row.fault(f"rep {rep} is not among the reps. Add the rep, or correct the code.")
        return None
    if territory and territory not in known.territories:
        row.fault(f"territory {territory} is not in the plan's territory model. Correct the code.")
        return None
    if rep and not territory:
        return _where(row, known, known.reps[rep])
    return known.territories[territory], known.reps[rep] if rep else None


def _where(row: Row, known: Known, rep: int) -> Key | None:
    """A rep who is named alone keeps the territory of the one quota that the plan has."""
    places = [quota.territory_id for quota in known.quotas if quota.rep_id == rep]
    if len(places) > 1:
        row.fault(f"rep {row.text('rep')} has quotas in {len(places)} territories. Name the territory.")
        return None
    return (places[0] if places else None), rep


def _months(plan: QuotaPlan, row: Row) -> list[dt.date]:
    """The months that a row is about, within the plan's version; none where it is wrong."""
    text, length = (row.text("month"), 1) if row.text("month") else (row.text("quarter"), 3)
    first = _first_month(text, length)
    if first is None:
        row.fault(
            f"“{text}” is no month or quarter; write 2026-01, or 2026-Q1."
            if text
            else "neither month nor quarter is named."
        )
        return []
    months, year = months_from(first, length), months_from(plan.first_month, 12)
    if outside := [month for month in months if month not in year or month < plan.from_month]:
        row.fault(
            f"{outside[0]:%Y-%m} lies outside of the plan, {plan.from_month:%Y-%m} to {year[-1]:%Y-%m}. "
            "Import it into the plan of its year."
        )
        return []
    return months


def _first_month(text: str, length: int) -> dt.date | None:
    if length > 1 and (quarter := QUARTER.fullmatch(text)):
        return dt.date(int(quarter[1]), 3 * int(quarter[2]) - 2, 1) if int(quarter[1]) else None
    month = MONTH.fullmatch(text)
    if month is None or not int(month[1]) or not 1 <= int(month[2]) <= 12:
        return None
    return dt.date(int(month[1]), int(month[2]), 1)


def _amount(row: Row) -> Decimal | None:
    text = row.text("amount")
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite():
        row.fault(f"amount is “{text}”; write a number as 1234.50.")
    elif not 0 <= amount < MOST:
        row.fault(f"amount is {text}; a quota is 0 or more, and below {MOST:,.0f}.")
    elif amount != round(amount, 2):
        row.fault(f"amount is {text}; use two decimals at most.")
    else:
        return amount
    return None


def _parts(amount: Decimal, count: int) -> list[Decimal]:
    """Equal parts to the cent that add up; the first ones are a cent larger."""
    cents = int(amount / CENT)
    least, more = divmod(cents, count)
    return [(least + (place < more)) * CENT for place in range(count)]


def _filled(quota: Quota, months: Months, name: str) -> Quota:
    quota.amount = quota.top_down = sum(months.values(), Decimal(0))
    quota.difference_reason = ""
    quota.made = [line("From a file", quota.amount, note=name)]
    quota.revision += 1
    return quota
