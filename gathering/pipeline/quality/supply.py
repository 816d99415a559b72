"""Rules on what supply planning needs: stock, capacity, prices and costs."""

from gathering.models import Severity
from gathering.pipeline.quality.rule import Behind, Row, Rule, count, money, month_runs

LATEST_STOCK = """
    SELECT DISTINCT ON (k.product_id, k.site_id) k.* FROM gathering_stocklevel k
    ORDER BY k.product_id, k.site_id, k.day DESC"""

NEGATIVE_STOCK = Rule(
    code="stock_negative",
    label="Negative stock",
    severity=Severity.BLOCKING,
    dataset="stock",
    advice="Book the missing receipts in the stock system and import the stock again: a supply plan cannot "
    "start below zero.",
    mend="stock",
    find=f"""
    WITH latest AS ({LATEST_STOCK})
    SELECT x.product_id || ':' || x.site_id AS key, p.name || ' at ' || t.name AS subject, x.product_id,
        1 AS rows, x.run_id, x.quantity, x.day, abs(COALESCE(x.value, x.quantity * COALESCE((
            SELECT c.amount FROM catalog_cost c
            WHERE c.product_id = x.product_id AND c.valid @> %(today)s::date LIMIT 1), 0))) AS money
    FROM latest x JOIN catalog_product p ON p.id = x.product_id JOIN catalog_site t ON t.id = x.site_id
    WHERE x.quantity < 0""",
    tell=lambda row: f"{money(row['quantity'])} on hand on {row['day']:%-d %b %Y}.",
    behind=Behind(
        (
            ("day", "Day", "date"),
            ("site", "Site", "text"),
            ("quantity", "On hand", "quantity"),
            ("value", "Value", "money"),
        ),
        """
        SELECT k.day, t.name AS site, k.quantity, k.value FROM gathering_stocklevel k
        JOIN catalog_site t ON t.id = k.site_id
        WHERE k.product_id = %(product)s AND k.site_id = split_part(%(key)s, ':', 2)::bigint
        ORDER BY k.day DESC LIMIT 60""",
    ),
)

STALE_STOCK = Rule(
    code="stock_stale",
    label="Stock is out of date",
    severity=Severity.WARNING,
    dataset="stock",
    advice="Import the stock of the last month's end for this site.",
    mend="imports",
    find="""
    SELECT t.id::text AS key, t.name || ' (' || t.code || ')' AS subject, max(k.day) AS day,
        COALESCE((SELECT sum(v.value) FROM gathering_stocklevel v
                  WHERE v.site_id = t.id AND v.day = max(k.day)), 0) AS money,
        count(*) FILTER (WHERE k.day > %(today)s::date - 400) AS rows,
        (%(today)s::date - max(k.day)) AS days
    FROM gathering_stocklevel k JOIN catalog_site t ON t.id = k.site_id
    GROUP BY t.id, t.name, t.code HAVING max(k.day) < %(today)s::date - 35""",
    tell=lambda row: f"The last stock is of {row['day']:%-d %b %Y}, {count(row['days'], 'day')} ago.",
    behind=Behind(
        (
            ("day", "Day", "date"),
            ("products", "Products", "quantity"),
            ("quantity", "On hand", "quantity"),
            ("value", "Value", "money"),
        ),
        """
        SELECT day, count(*) AS products, sum(quantity) AS quantity, sum(value) AS value
        FROM gathering_stocklevel WHERE site_id = %(key)s::bigint GROUP BY day ORDER BY day DESC LIMIT 24""",
    ),
)

NO_CAPACITY = """
    SELECT u.id, g.month::date AS month
    FROM (SELECT DISTINCT resource_id AS id FROM catalog_capacityuse
          WHERE valid && daterange(%(this_month)s::date, %(horizon_end)s::date)) u
    CROSS JOIN generate_series(
        %(this_month)s::date, %(horizon_end)s::date - interval '1 month', interval '1 month') AS g(month)
    WHERE NOT EXISTS (
        SELECT 1 FROM gathering_capacity c WHERE c.resource_id = u.id AND c.month = g.month::date)"""


def _tell_capacity(row: Row) -> str:
    missing = count(row["rows"], "month")
    return f"{missing} of the planning horizon without capacity: {month_runs(row['months'])}."


CAPACITY_MISSING = Rule(
    code="capacity_missing",
    label="Planned resource without capacity",
    severity=Severity.WARNING,
    dataset="capacity",
    advice="Import the capacity of these months; without it the resource counts as closed.",
    mend="capacity",
    find=f"""
    SELECT r.id::text AS key, r.name || ' (' || r.code || ')' AS subject, count(*) AS rows, 0 AS money,
        array_agg(x.month ORDER BY x.month) AS months
    FROM ({NO_CAPACITY}) x JOIN catalog_resource r ON r.id = x.id GROUP BY r.id, r.name, r.code""",
    tell=_tell_capacity,
    behind=Behind(
        (("month", "Month", "month"), ("site", "Site", "text")),
        f"""
        SELECT x.month, t.name AS site FROM ({NO_CAPACITY}) x
        JOIN catalog_resource r ON r.id = x.id JOIN catalog_site t ON t.id = r.site_id
        WHERE x.id = %(key)s::bigint ORDER BY x.month""",
    ),
)


def _unvalued(table: str) -> str:
    """Living products that are sold or planned somewhere and have no valid row in a dated table."""
    return f"""
    SELECT p.id, p.code, p.name, p.family_id, COALESCE((
        SELECT sum(s.revenue) FROM gathering_sales s JOIN catalog_demandunit d ON d.id = s.demand_unit_id
        WHERE d.product_id = p.id AND s.month > %(last_month)s::date - interval '12 months'), 0) AS revenue
    FROM catalog_product p
    WHERE p.life_cycle <> 'discontinued'
        AND EXISTS (SELECT 1 FROM catalog_demandunit d WHERE d.product_id = p.id AND d.is_active)
        AND NOT EXISTS (SELECT 1 FROM {table} v WHERE v.product_id = p.id AND v.valid @> %(today)s::date)"""


def _value_rule(code: str, label: str, table: str, noun: str, advice: str) -> Rule:
    return Rule(
        code=code,
        label=label,
        severity=Severity.WARNING,
        dataset=f"{noun}s",
        advice=advice,
        mend="family",
        find=f"""
        SELECT f.id::text AS key, f.name || ' (' || f.code || ')' AS subject, count(*) AS rows,
            sum(x.revenue) AS money, min(x.name) AS example,
            (SELECT count(*) FROM catalog_product a WHERE a.family_id = f.id) AS all_products
        FROM ({_unvalued(table)}) x JOIN catalog_family f ON f.id = x.family_id
        GROUP BY f.id, f.name, f.code""",
        tell=lambda row: (
            f"{row['rows']} of {count(row['all_products'], 'product')} have no {noun} today, "
            f"for example {row['example']}. They sold {money(row['money'])} in twelve months."
        ),
        behind=Behind(
            (
                ("code", "Code", "text"),
                ("name", "Product", "text"),
                ("revenue", "Revenue of twelve months", "money"),
            ),
            f"""
            SELECT x.code, x.name, x.revenue FROM ({_unvalued(table)}) x
            WHERE x.family_id = %(key)s::bigint ORDER BY x.revenue DESC, x.code LIMIT 500""",
        ),
    )


MISSING_PRICE = _value_rule(
    "missing_price",
    "Products without a price",
    "catalog_price",
    "price",
    "Add the prices, or import a price list: plan values in money need them.",
)
MISSING_COST = _value_rule(
    "missing_cost",
    "Products without a cost",
    "catalog_cost",
    "cost",
    "Add the costs, or import a cost list: margins and the value of stock need them.",
)

RULES = (NEGATIVE_STOCK, STALE_STOCK, CAPACITY_MISSING, MISSING_PRICE, MISSING_COST)
