"""The columns of accounts that conditions ask about, each read with one query for all accounts."""

import datetime as dt
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from django.db import connection
from django.db.models import Model
from django.utils import timezone

from catalog.models import Family, Market, Product
from crm.models import Account, Rep, TeamMembership
from territories.engine.columns import (
    Accounts,
    Column,
    ColumnKey,
    NumberColumn,
    PostcodeColumn,
    TagColumn,
    TextColumn,
)

TEXTS = ("country", "region", "city", "industry", "name", "postcode")
NUMBERS = {"employees": "employees", "potential": "work__potential"}
LINKS = {"market": "market_id", "owner": "owner_id", "team": "owner_id"}
CHAIN = """
    WITH RECURSIVE above AS (
        SELECT id AS account, id AS higher FROM crm_account WHERE is_active
        UNION
        SELECT above.account, a.parent_id FROM above JOIN crm_account a ON a.id = above.higher
        WHERE a.parent_id IS NOT NULL
    )
    SELECT above.account, a.code FROM above JOIN crm_account a ON a.id = above.higher
"""
BOUGHT = """
    SELECT l.account_id, u.product_id FROM gathering_salesline l
    JOIN catalog_demandunit u ON u.id = l.demand_unit_id
    WHERE l.day >= %(since)s AND l.account_id IS NOT NULL AND l.kind = 'sale'
    UNION
    SELECT d.account_id, COALESCE(line.product_id, d.product_id) FROM crm_deal d
    JOIN crm_dealstage s ON s.id = d.stage_id AND s.kind = 'won'
    LEFT JOIN crm_dealline line ON line.deal_id = d.id
    WHERE d.closed >= %(since)s AND NOT d.is_deleted AND d.merged_into_id IS NULL
        AND d.account_id IS NOT NULL
"""


def load_accounts(
    keys: Collection[ColumnKey], *, only: Sequence[int] | None = None, today: dt.date | None = None
) -> Accounts:
    """Active accounts by number with these columns; `only` narrows to some. Purchases count up to today."""
    names = {name for name, _ in keys}
    rows = Account.objects.filter(is_active=True).order_by("pk")
    rows = rows if only is None else rows.filter(pk__in=only)
    wanted = {name: name for name in TEXTS if name in names}
    wanted |= {name: path for name, path in NUMBERS.items() if name in names}
    wanted |= {path: path for name, path in LINKS.items() if name in names}
    wanted |= {"code": "code"} if "account" in names else {}
    fields = ["pk", *wanted.values()]
    frame = pd.DataFrame(list(rows.values_list(*fields)), columns=["pk", *wanted], dtype=object)
    ids = frame["pk"].to_numpy(dtype=np.int64)
    reader = _Reader(frame, ids, today or timezone.localdate())
    return Accounts(ids, {key: reader.column(*key) for key in keys})


@dataclass
class _Reader:
    frame: pd.DataFrame
    ids: Any
    today: dt.date

    def column(self, name: str, months: int) -> Column:
        if name == "postcode":
            return PostcodeColumn(self.frame[name].tolist())
        if name in TEXTS:
            return TextColumn(self.frame[name].tolist())
        if name in NUMBERS:
            return NumberColumn(self.frame[name].tolist())
        if months:
            return self._bought(name, months)
        return TAGS[name](self)

    def by_account(self) -> Column:
        return TagColumn(range(len(self.ids)), self.frame["code"].tolist(), len(self.ids))

    def by_market(self) -> Column:
        return self._linked("market_id", chains(Market))

    def by_owner(self) -> Column:
        return self._linked("owner_id", list(Rep.objects.values_list("pk", "code")))

    def by_team(self) -> Column:
        members = TeamMembership.objects.filter(days__contains=self.today)
        return self._linked("owner_id", list(members.values_list("rep_id", "team__code")))

    def by_parent(self) -> Column:
        with connection.cursor() as cursor:
            cursor.execute(CHAIN)
            return self._tagged(pd.DataFrame(cursor.fetchall(), columns=["account", "code"]))

    def _bought(self, name: str, months: int) -> Column:
        since = (pd.Timestamp(self.today) - pd.DateOffset(months=months)).date()
        with connection.cursor() as cursor:
            cursor.execute(BOUGHT, {"since": since})
            pairs = pd.DataFrame(cursor.fetchall(), columns=["account", "product"])
        codes = _codes_of_products(by_family=name == "family")
        return self._tagged(pairs.merge(codes, on="product")[["account", "code"]])

    def _tagged(self, pairs: pd.DataFrame) -> Column:
        """From (account, code)."""
        where = pd.Index(self.ids).get_indexer(pairs["account"].to_numpy(dtype=np.int64))
        kept = where >= 0
        return TagColumn(where[kept], pairs["code"].to_numpy()[kept], len(self.ids))

    def _linked(self, link: str, pairs: list[tuple[int, str]]) -> Column:
        """From (what the account points to, code)."""
        codes = pd.DataFrame(pairs, columns=["key", "code"])
        mine = pd.DataFrame({"row": np.arange(len(self.ids)), "key": self.frame[link]}).dropna()
        found = mine.astype({"key": np.int64}).merge(codes.astype({"key": np.int64}), on="key")
        return TagColumn(found["row"].to_numpy(), found["code"].to_numpy(), len(self.ids))


TAGS: dict[str, Callable[[_Reader], Column]] = {
    "account": _Reader.by_account,
    "market": _Reader.by_market,
    "owner": _Reader.by_owner,
    "team": _Reader.by_team,
    "parent": _Reader.by_parent,
}


def chains(model: type[Model]) -> list[tuple[int, str]]:
    """Each row of a tree with the codes of itself and of everything above it."""
    rows: dict[int, tuple[str, int | None]] = {
        key: (code, up) for key, code, up in model._default_manager.values_list("pk", "code", "parent_id")
    }
    found: list[tuple[int, str]] = []
    for key in rows:
        higher: int | None = key
        while higher is not None:
            code, up = rows[higher]
            found.append((key, code))
            higher = up
    return found


def _codes_of_products(*, by_family: bool) -> pd.DataFrame:
    """Each product with its own code, or with the codes of its family and of those above."""
    if not by_family:
        return pd.DataFrame(list(Product.objects.values_list("pk", "code")), columns=["product", "code"])
    families = pd.DataFrame(chains(Family), columns=["family", "code"])
    products = pd.DataFrame(
        list(Product.objects.values_list("pk", "family_id")), columns=["product", "family"]
    )
    return products.merge(families, on="family")[["product", "code"]]
