"""A CSV file of deals → the engine's deals, with a sentence for every row that cannot be read."""

import csv
import datetime as dt
import io
import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from forecasting.engine.deals import Deal

# What columns of a role are called in the exports of CRMs, without case, spaces and marks.
NAMES: dict[str, tuple[str, ...]] = {
    "id": ("opportunityid", "dealid", "opportunity", "recordid", "hsobjectid", "id"),
    "stage": ("dealstage", "stagename", "stage", "status"),
    "created": ("engagedate", "createddate", "createdate", "createdon", "created", "opendate", "opened"),
    "closed": ("closedate", "closeddate", "closedon", "closed", "actualclosedate"),
    "expected": ("expectedclosedate", "expectedclose", "estimatedclosedate", "estclosedate"),
    "amount": ("amount", "dealamount", "dealvalue", "estimatedvalue", "estrevenue"),
    "won_value": ("closevalue", "wonvalue", "actualvalue", "actualrevenue"),
    "list_price": ("listprice", "salesprice", "unitprice"),
    "product": ("product", "productname"),
    "owner": ("salesagent", "owner", "ownername", "dealowner", "salesrep", "rep"),
    "account": ("account", "accountname", "customer", "company"),
    "segment": ("segment", "region", "regionaloffice", "market", "sector", "industry"),
}
NEEDED = ("id", "stage", "created")
TEXTS = ("product", "owner", "account", "segment")
WON, LOST = ("won", "closedwon"), ("lost", "closedlost")
ENGAGED = "engagedate"  # a column of this name is the day on which the stage Engaging began
MOST_FAULTS = 20


class DealFault(Exception):
    """What is wrong with a file of deals, a sentence for each row."""


@dataclass(frozen=True)
class DealProfile:
    """What a file calls its columns and stages. `columns`: role → header; `won`, `lost`: stages that end a
    deal; `stage_dates`: stage → the column with the day it began; `prices`: product → list price."""

    columns: dict[str, str] = field(default_factory=dict)
    won: tuple[str, ...] = WON
    lost: tuple[str, ...] = LOST
    stage_dates: dict[str, str] = field(default_factory=dict)
    prices: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Raw:
    """One row as it was read: texts by role, days, numbers."""

    line: int
    text: dict[str, str]
    days: dict[str, dt.date | None]
    numbers: dict[str, float | None]
    stages: tuple[tuple[dt.date, str], ...]


def read_profile(path: Path) -> DealProfile:
    """The profile in a JSON file. Raises DealFault."""
    try:
        told = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise DealFault(f"{path}: The file cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise DealFault(f"{path}: This is not JSON: {error}.") from error
    known = ("columns", "won", "lost", "stage_dates", "prices")
    if not isinstance(told, dict) or (strange := sorted(set(told) - set(known))):
        what = f"“{strange[0]}” is not known" if isinstance(told, dict) else "It is not an object"
        raise DealFault(f"{path}: {what}. A profile holds {', '.join(known)}.")
    return _profile(path, told)


def read_deals(path: Path, profile: DealProfile) -> tuple[list[Deal], list[str]]:
    """Every deal of the file, and notes on how its columns were understood. Raises DealFault."""
    head, lines = _table(path)
    places = _places(head, profile)
    dated = {stage: head.index(column) for stage, column in _stage_dates(head, profile).items()}
    faults: list[str] = []
    rows: list[Raw] = []
    seen: dict[str, int] = {}
    for line, cells in lines:
        try:
            row = _raw(line, cells, places, dated)
            _refuse_row(row, profile, seen)
            rows.append(row)
        except DealFault as fault:
            faults.append(str(fault))
    if faults:
        more = [f"… and {len(faults) - MOST_FAULTS} more rows."] if len(faults) > MOST_FAULTS else []
        raise DealFault("\n".join([*faults[:MOST_FAULTS], *more]))
    if not rows:
        raise DealFault("The file has no rows. It needs one line per deal.")
    return _deals(rows, profile)


def _profile(path: Path, told: dict[str, Any]) -> DealProfile:
    columns = told.get("columns", {})
    if strange := sorted(set(columns) - set(NAMES)):
        raise DealFault(f"{path}: columns: “{strange[0]}” is not known. Use {', '.join(NAMES)}.")
    try:
        prices = {_plain(name): float(price) for name, price in told.get("prices", {}).items()}
    except (TypeError, ValueError) as error:
        raise DealFault(f"{path}: prices: write a number for each product.") from error
    return DealProfile(
        {role: str(name) for role, name in columns.items()},
        tuple(_plain(name) for name in told.get("won", WON)),
        tuple(_plain(name) for name in told.get("lost", LOST)),
        {str(stage): str(column) for stage, column in told.get("stage_dates", {}).items()},
        prices,
    )


def _table(path: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise DealFault(f"The file cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise DealFault("The file is not UTF-8 text. Save it as CSV in UTF-8.") from error
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    try:
        head = [name.strip() for name in next(reader, [])]
        return head, [(reader.line_num, cells) for cells in reader if cells]
    except csv.Error as error:
        raise DealFault(f"line {reader.line_num}: {error}.") from error


def _delimiter(text: str) -> str:
    first = text.partition("\n")[0]
    return max(",;\t", key=first.count)


def _places(head: list[str], profile: DealProfile) -> dict[str, int]:
    """Which column plays which role: by the profile, else by its name."""
    plain = {_plain(name): place for place, name in reversed(list(enumerate(head)))}
    places: dict[str, int] = {}
    for role, names in NAMES.items():
        wanted = (_plain(profile.columns[role]),) if role in profile.columns else names
        found = next((plain[name] for name in wanted if name in plain), None)
        if found is not None:
            places[role] = found
        elif role in profile.columns:
            raise DealFault(f"line 1: the profile's column “{profile.columns[role]}” is not in the file.")
    if missing := [role for role in NEEDED if role not in places]:
        has = ", ".join(head) or "nothing"
        hint = f'Name it in a profile: {{"columns": {{"{missing[0]}": "…"}}}}.'
        raise DealFault(f"line 1: no column says {_role(missing[0])}. The columns are {has}. {hint}")
    return places


def _role(role: str) -> str:
    return {"id": "which deal it is", "stage": "its stage", "created": "when it began"}[role]


def _stage_dates(head: list[str], profile: DealProfile) -> dict[str, str]:
    for column in profile.stage_dates.values():
        if column not in head:
            raise DealFault(f"line 1: the profile's column “{column}” is not in the file.")
    engaged = next((name for name in head if _plain(name) == ENGAGED), None)
    return profile.stage_dates or ({"Engaging": engaged} if engaged else {})


def _raw(line: int, cells: list[str], places: dict[str, int], dated: dict[str, int]) -> Raw:
    if len(cells) <= max([*places.values(), *dated.values()]):
        raise DealFault(f"line {line}: there are {len(cells)} cells, fewer than the columns of the head.")
    text = {role: cells[place].strip() for role, place in places.items()}
    began = ((_day(line, stage, cells[place].strip()), stage) for stage, place in dated.items())
    return Raw(
        line,
        text,
        {role: _day(line, role, text.get(role, "")) for role in ("created", "closed", "expected")},
        {role: _number(line, role, text.get(role, "")) for role in ("amount", "won_value", "list_price")},
        tuple((day, stage) for day, stage in began if day is not None),
    )


def _refuse_row(row: Raw, profile: DealProfile, seen: dict[str, int]) -> None:
    name, stage = row.text["id"], row.text["stage"]
    if not name:
        raise DealFault(f"line {row.line}: the deal has no id.")
    if first := seen.setdefault(name, row.line) if name in seen else None:
        raise DealFault(f"line {row.line}: deal {name} stands in line {first} already. Keep one of them.")
    seen[name] = row.line
    if not stage:
        raise DealFault(f"line {row.line}: deal {name} has no stage.")
    created, closed = row.days["created"], row.days["closed"]
    if _is_over(stage, profile) and closed is None:
        raise DealFault(f"line {row.line}: deal {name} is {stage}, and no close date says since when.")
    if _is_over(stage, profile) and created and closed and closed < created:
        raise DealFault(f"line {row.line}: deal {name} closed on {closed}, before it began on {created}.")


def _is_over(stage: str, profile: DealProfile) -> bool:
    return _plain(stage) in (*profile.won, *profile.lost)


def _deals(rows: list[Raw], profile: DealProfile) -> tuple[list[Deal], list[str]]:
    """Stage and date of an open deal are those of the file's newest day: earlier days do not know them."""
    days = [day for row in rows for day in _past_days(row, profile)]
    newest = max(days, default=None)
    is_late = not any(
        row.numbers["amount"] is not None and not _is_over(row.text["stage"], profile) for row in rows
    )
    notes = []
    if is_late and any(row.numbers["amount"] is not None for row in rows):
        notes.append("No open deal has an amount: amounts are taken as known from the close date on.")
    return [_deal(row, profile, newest, is_late) for row in rows], notes


def _past_days(row: Raw, profile: DealProfile) -> Iterator[dt.date]:
    if row.days["created"]:
        yield row.days["created"]
    if row.days["closed"] and _is_over(row.text["stage"], profile):
        yield row.days["closed"]


def _deal(row: Raw, profile: DealProfile, newest: dt.date | None, is_late: bool) -> Deal:
    stage, over = row.text["stage"], _is_over(row.text["stage"], profile)
    amount, brought = row.numbers["amount"], row.numbers["won_value"]
    expected = row.days["expected"] or (None if over else row.days["closed"])
    stages = (
        row.stages if over or any(stage == name for _, name in row.stages) else (*row.stages, (newest, stage))
    )
    price = row.numbers["list_price"]
    return Deal(
        id=row.text["id"],
        created=row.days["created"],
        closed=row.days["closed"] if over else None,
        is_won=_plain(stage) in profile.won,
        stages=stages,
        amounts=((None, amount),) if amount is not None and not is_late else (),
        expected=((newest, expected),) if expected else (),
        won_value=brought if brought is not None else amount,
        list_price=price if price is not None else profile.prices.get(_plain(row.text.get("product", ""))),
        **{role: row.text.get(role, "") for role in TEXTS},
    )


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", str(name)).lower()


def _day(line: int, role: str, text: str) -> dt.date | None:
    if not text:
        return None
    try:
        return dt.date.fromisoformat(text[:10])
    except ValueError as error:
        raise DealFault(f"line {line}: {role} is “{text}”; write a day as 2026-03-31.") from error


def _number(line: int, role: str, text: str) -> float | None:
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or value < 0:
        raise DealFault(f"line {line}: {role} is “{text}”; write an amount as 1234.5, or leave it empty.")
    return value
