"""Credits of the database → the engine's columns, by binary COPY."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np
from django.db import connection, models

from catalog.models import Family, Market, MonthRate, Product
from catalog.selectors.rates import base_currency
from compensation.engine.book import NOBODY, Credits, Words
from compensation.engine.exact import TICKS, Ints
from compensation.engine.plan import Plan, RatesOf
from compensation.engine.plan_vocabulary import NUMBERS
from compensation.models import Basis, Credit
from compensation.pipeline.deal_files import columns_of
from compensation.pipeline.plan_measures import bases_of
from core.binary_copy import read_arrays
from crm.models import Account
from territories.models import Territory

TABLE = Credit._meta.db_table
OF_DEAL = "COALESCE(c.deal_id * 4, c.paper_id * 4 + 1, c.line * 4 + 2, c.id * 4 + 3)"
BY_ROW: dict[str, tuple[str, type[models.Model]]] = {
    "market": ("c.market_id", Market),
    "product": ("c.product_id", Product),
    "family": ("(SELECT p.family_id FROM catalog_product p WHERE p.id = c.product_id)", Family),
    "account": ("c.account_id", Account),
    "territory": ("c.territory_id", Territory),
}
BY_TEXT = {
    "basis": "c.basis",
    "kind": "c.kind",
    "role": "c.role",
    "pipeline": "c.pipeline",
    "industry": "COALESCE((SELECT a.industry FROM crm_account a WHERE a.id = c.account_id), '')",
}


class NoRate(ValueError):
    """A month without a rate of the plan's currency."""


@dataclass(frozen=True)
class ExtraCredit:
    """A credit that is not there: for “what if”. amounts: by column, in the plan's currency. words: by
    column; basis bookings, kind direct and role owner without them."""

    rep: int
    label: str
    day: dt.date
    amounts: Mapping[str, Decimal]
    words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """Which credits: of these reps, `first` to `last`, both included. currency: of the plan, its code."""

    plan: Plan
    reps: Sequence[int]
    first: dt.date
    last: dt.date
    currency: str
    extra: Sequence[ExtraCredit] = ()
    without: Collection[int] = ()


@dataclass(frozen=True)
class Found:
    """The columns; the primary key of each row (0 for extra ones); and the credits that take back one that is
    not among them."""

    credits: Credits
    keys: Ints
    orphans: tuple[int, ...]


def read_credits(asked: Asked) -> Found:
    """Sorted by rep and primary key, extra ones last. Raises NoRate."""
    columns = columns_of(asked.plan)
    texts = {word: _names(asked, word) for word in columns.words if word in BY_TEXT}
    rows = _rows(asked, columns.words, texts)
    keys = rows["id"]
    reverses = _places(keys, rows["reverses"])
    orphan = (rows["reverses"] > 0) & (reverses == NOBODY)
    kept = np.flatnonzero(~orphan)
    rows = {name: column[kept] for name, column in rows.items()}
    reverses = _places(rows["id"], rows["reverses"])
    place = {rep: number for number, rep in enumerate(asked.reps)}
    words = {word: _words(word, rows[word], texts) for word in columns.words}
    deal, deals = _numbered(rows["deal"])
    credits = Credits(
        person=np.array([place[rep] for rep in rows["rep"].tolist()], np.int64),
        deal=deal,
        day=rows["day"],
        month=_months(rows["month"], asked.first),
        amounts={name: rows[name] for name in columns.numbers},
        words=words,
        reverses=reverses,
        deals=deals,
    )
    extra = _with_extra(credits, asked, place)
    zeros = np.zeros(len(asked.extra), np.int64)
    return Found(extra, np.concatenate([rows["id"], zeros]), tuple(keys[orphan].tolist()))


def _months(month: Ints, first: dt.date) -> Ints:
    return month - (first.year * 12 + first.month)


def _rows(asked: Asked, words: Sequence[str], texts: Mapping[str, tuple[str, ...]]) -> dict[str, Ints]:
    """One read of everything, as 64-bit integers."""
    numbers = [name for name in columns_of(asked.plan).numbers if name in NUMBERS]
    money, params = _money(asked)
    given = {
        "id": "c.id",
        "rep": "c.rep_id",
        "day": "(c.day - DATE '0001-01-01') + 1",
        "month": "EXTRACT(YEAR FROM c.day) * 12 + EXTRACT(MONTH FROM c.day)",
        "deal": OF_DEAL,
        "reverses": "COALESCE(c.reverses_id, 0)",
        **{name: money[name] for name in numbers},
        **{word: f"COALESCE({BY_ROW[word][0]}, 0)" for word in words if word in BY_ROW},
        **{word: f"array_position(%s::text[], {BY_TEXT[word]}::text) - 1" for word in texts},
    }
    selected = ", ".join(f"({expression})::bigint AS {name}" for name, expression in given.items())
    where, bounds = _where(asked)
    join, joined = _join(asked)
    values: list[Any] = [p for name in numbers for p in params[name]]
    sql = f"SELECT {selected} FROM {TABLE} c {join} WHERE {where} ORDER BY c.rep_id, c.id"  # noqa: S608
    found = read_arrays(
        sql,
        [*values, *(list(names) for names in texts.values()), *joined, *bounds],
        dict.fromkeys(given, ">i8"),
    )
    if len(numbers) and any((found[name] == MISSING).any() for name in numbers):
        raise NoRate(
            f"There is no rate of {asked.currency} for every month of these credits. Enter the rates."
        )
    return found


MISSING = -(2**62)


def _money(asked: Asked) -> tuple[dict[str, str], dict[str, list[Any]]]:
    """SQL of each number in ticks of the plan's currency, and its parameters."""
    params: dict[str, list[Any]] = {name: [] for name in NUMBERS}
    amounts = {"amount": "c.amount", "margin": "COALESCE(c.margin, 0)"}
    if asked.currency == base_currency():
        found = {name: f"ROUND({column} * {TICKS})" for name, column in amounts.items()}
    elif asked.plan.rates is RatesOf.START:
        rate = rate_in(asked.currency, asked.first)
        found = {name: f"ROUND({column} * {TICKS} / {rate})" for name, column in amounts.items()}
    else:
        found = {
            name: f"COALESCE(ROUND({column} * {TICKS} / r.rate), {MISSING})"
            for name, column in amounts.items()
        }
        found["amount"] = (
            f"CASE WHEN c.currency = %s THEN ROUND(c.own_amount * {TICKS}) ELSE {found['amount']} END"
        )
        params["amount"] = [asked.currency]
    return found | {"units": f"ROUND(c.quantity * {TICKS})"}, params


def _join(asked: Asked) -> tuple[str, list[Any]]:
    if asked.currency == base_currency() or asked.plan.rates is RatesOf.START:
        return "", []
    return (
        f"LEFT JOIN {MonthRate._meta.db_table} r ON r.currency_id = %s"
        " AND r.month = date_trunc('month', c.day)::date"
    ), [asked.currency]


def rate_in(currency: str, month: dt.date) -> Decimal:
    """The month's rate of a currency. Raises NoRate."""
    rate = MonthRate.objects.filter(currency=currency, month=month).values_list("rate", flat=True).first()
    if rate is None:
        raise NoRate(f"There is no rate of {currency} for {month:%B %Y}. Enter it among the month's rates.")
    return rate


def _where(asked: Asked) -> tuple[str, list[Any]]:
    condition = (
        "NOT c.is_gone AND c.rep_id = ANY(%s) AND c.day BETWEEN %s AND %s AND c.basis = ANY(%s)"
        " AND NOT c.id = ANY(%s)"
    )
    return condition, [
        list(asked.reps), asked.first, asked.last, list(bases_of(asked.plan)), list(asked.without),
    ]  # fmt: skip


def _names(asked: Asked, word: str) -> tuple[str, ...]:
    """The values of a column of texts among the credits, and among the extra ones."""
    if word == "basis":
        return tuple(Basis.values)
    where, params = _where(asked)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT ({BY_TEXT[word]})::text FROM {TABLE} c WHERE {where}", params)  # noqa: S608
        return tuple(sorted(row[0] for row in cursor.fetchall()))


def _words(word: str, column: Ints, texts: Mapping[str, tuple[str, ...]]) -> Words:
    if word in texts:
        return Words(column, texts[word])
    unique, code = np.unique(column, return_inverse=True)
    model = BY_ROW[word][1]
    called = "name" if model is Territory else "code"
    names = dict(model._default_manager.filter(pk__in=unique.tolist()).values_list("pk", called))
    return Words(code.astype(np.int64), tuple(str(names.get(pk, "")) for pk in unique.tolist()))


def _places(keys: Ints, wanted: Ints) -> Ints:
    """The place of each wanted key among the keys, NOBODY where it is 0 or missing."""
    if not len(keys):
        return np.zeros(0, np.int64)
    order = np.argsort(keys, kind="stable")
    spot = np.minimum(np.searchsorted(keys[order], wanted), len(keys) - 1)
    place = order[spot]
    return np.where((wanted > 0) & (keys[place] == wanted), place, NOBODY).astype(np.int64)


def _numbered(deal: Ints) -> tuple[Ints, tuple[str, ...]]:
    unique, code = np.unique(deal, return_inverse=True)
    return code.astype(np.int64), tuple(f"{number:020d}" for number in unique.tolist())


def _with_extra(credits: Credits, asked: Asked, place: Mapping[int, int]) -> Credits:
    """The credits with those that are only supposed."""
    rows = [one for one in asked.extra if one.rep in place]
    if not rows:
        return credits
    deals = (*credits.deals, *(f"~{number:019d}" for number in range(len(rows))))
    said = [{"basis": Basis.BOOKINGS.value, "kind": "direct", "role": "owner", **one.words} for one in rows]
    return Credits(
        person=np.append(credits.person, [place[one.rep] for one in rows]),
        deal=np.append(credits.deal, len(credits.deals) + np.arange(len(rows))),
        day=np.append(credits.day, [one.day.toordinal() for one in rows]),
        month=np.append(credits.month, [_month(one.day) - _month(asked.first) for one in rows]),
        amounts={
            name: np.append(column, [int(one.amounts.get(name, Decimal(0)) * TICKS) for one in rows])
            for name, column in credits.amounts.items()
        },
        words={
            word: _appended(column, [one.get(word, "") for one in said])
            for word, column in credits.words.items()
        },
        reverses=np.append(credits.reverses, np.full(len(rows), NOBODY)),
        deals=deals,
    )


def _month(day: dt.date) -> int:
    return day.year * 12 + day.month


def _appended(words: Words, values: list[str]) -> Words:
    names = tuple(dict.fromkeys((*words.names, *values)))
    return Words(np.append(words.code, [names.index(value) for value in values]), names)
