"""Where demand units hang in the trees of families and markets, and a hash of it."""

import datetime as dt
from dataclasses import dataclass

from django.db import connection

from catalog.models import Family, Market
from core.binary_copy import read_arrays
from forecasting.engine.levels import Leaves, Levels, levels_of
from forecasting.engine.panel import Ints

SHARE_FITTED, FEWEST_FITTED = 5, 500  # own forecasts above the units: at most one for so many of them
PLACES = """
    SELECT d.id AS id, p.family_id AS family, d.market_id AS market, p.unit_id AS unit
    FROM catalog_demandunit d JOIN catalog_product p ON p.id = d.product_id
    WHERE d.is_active ORDER BY d.id
"""
# What the levels depend on besides the quantities sold: where each unit hangs, the trees, what was earned.
DIGEST = """
    SELECT encode(sha256(convert_to(coalesce(string_agg(line, ';' ORDER BY line), ''), 'UTF8')), 'hex')
    FROM (
        SELECT concat_ws(' ', 'unit', d.id, p.family_id, d.market_id, p.unit_id,
            (SELECT sum(s.revenue) FROM gathering_sales s
             WHERE s.demand_unit_id = d.id AND s.month <= %(last)s),
            (SELECT sum(s.revenue) FROM gathering_sales s WHERE s.demand_unit_id = d.id
             AND s.month <= %(last)s AND s.month > %(last)s::date - interval '1 year')) AS line
        FROM catalog_demandunit d JOIN catalog_product p ON p.id = d.product_id WHERE d.is_active
        UNION ALL SELECT concat_ws(' ', 'family', id, parent_id) FROM catalog_family
        UNION ALL SELECT concat_ws(' ', 'market', id, parent_id) FROM catalog_market
    ) lines
"""


@dataclass(frozen=True)
class Planned:
    """The active demand units in the order of their ids, (leaves,), and the nodes above them."""

    leaves: Ints
    levels: Levels


def levels_hash(last_month: dt.date) -> str:
    """SHA-256 over what the levels depend on besides the history of quantities."""
    with connection.cursor() as cursor:
        cursor.execute(DIGEST, {"last": last_month})
        return str(cursor.fetchone()[0])


def plan_levels() -> Planned:
    """The nodes above the active demand units, as the trees stand."""
    found = read_arrays(PLACES, [], dict.fromkeys(("id", "family", "market", "unit"), ">i8"))
    leaves = Leaves(found["family"], found["market"], found["unit"])
    families = dict(Family.objects.values_list("pk", "parent_id"))
    markets = dict(Market.objects.values_list("pk", "parent_id"))
    most = max(FEWEST_FITTED, len(leaves) // SHARE_FITTED)
    return Planned(found["id"], levels_of(leaves, families, markets, most))
