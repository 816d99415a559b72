"""Rules on what was charged: below cost, zero and negative prices, price levels."""

from gathering.models import Severity
from gathering.pipeline.quality.rule import RATE, RATE_JOIN, Behind, Row, Rule, count, money, month

PRODUCT_LINES = f"""
    FROM gathering_salesline l
    JOIN catalog_demandunit d ON d.id = l.demand_unit_id
    JOIN catalog_product p ON p.id = d.product_id
    {RATE_JOIN}"""

MONTHS_OF_LINES = (
    ("month", "Month", "month"),
    ("lines", "Lines", "quantity"),
    ("quantity", "Quantity", "quantity"),
    ("revenue", "Revenue", "money"),
    ("cost", "Cost", "money"),
    ("lost", "Lost", "money"),
)

BELOW_COST = Rule(
    code="below_cost",
    label="Sold below cost",
    severity=Severity.WARNING,
    dataset="sales",
    advice="Check the cost of the product and the discount of the lines. If the price is meant, "
    "waive the finding with the reason.",
    mend="product",
    find=f"""
    SELECT p.id::text AS key, p.name || ' (' || p.code || ')' AS subject, p.id AS product_id,
        sum((l.cost - l.revenue) * {RATE}) AS money, count(*) AS rows,
        count(DISTINCT date_trunc('month', l.day)) AS months,
        min(l.day) AS first_day, max(l.day) AS last_day, sum(l.revenue * {RATE}) AS revenue
    {PRODUCT_LINES}
    WHERE l.kind = 'sale' AND l.revenue < l.cost
    GROUP BY p.id, p.name, p.code""",
    tell=lambda row: (
        f"{count(row['rows'], 'line')} in {count(row['months'], 'month')} "
        f"({month(row['first_day'])} to {month(row['last_day'])}) brought {money(row['revenue'])} "
        f"and cost {money(row['revenue'] + row['money'])}: {money(row['money'])} lost."
    ),
    behind=Behind(
        MONTHS_OF_LINES,
        f"""
        SELECT date_trunc('month', l.day)::date AS month, count(*) AS lines, sum(l.quantity) AS quantity,
            sum(l.revenue * {RATE}) AS revenue, sum(l.cost * {RATE}) AS cost,
            sum((l.cost - l.revenue) * {RATE}) AS lost
        {PRODUCT_LINES}
        WHERE l.kind = 'sale' AND l.revenue < l.cost AND p.id = %(product)s
        GROUP BY 1 ORDER BY 1 DESC""",
    ),
)


def _tell_price(row: Row) -> str:
    what = "a negative price" if row["severity"] == Severity.BLOCKING else "no price"
    return (
        f"{count(row['rows'], 'line')} between {month(row['first_day'])} and {month(row['last_day'])} "
        f"with {money(row['quantity'])} sold at {what}. At the usual price that is {money(row['money'])}."
    )


NOT_POSITIVE = Rule(
    code="price_not_positive",
    label="Zero or negative price",
    severity=Severity.WARNING,
    dataset="sales",
    advice="Correct the lines in the source and import them again. Samples and gifts: waive with the "
    "reason. Returns belong in a file of returns.",
    mend="imports",
    find=f"""
    WITH usual AS (
        SELECT d.product_id, sum(s.revenue) / NULLIF(sum(s.quantity), 0) AS price
        FROM gathering_sales s JOIN catalog_demandunit d ON d.id = s.demand_unit_id
        WHERE s.quantity > 0 AND s.revenue > 0 GROUP BY 1
    ), bad AS (
        SELECT p.id, p.name, p.code, l.quantity, l.day, l.revenue * {RATE} AS revenue,
            l.revenue < 0 OR COALESCE(l.unit_price, 0) < 0 AS negative
        {PRODUCT_LINES}
        WHERE l.kind = 'sale' AND l.quantity > 0 AND (l.revenue <= 0 OR l.unit_price <= 0)
    )
    SELECT b.id || CASE WHEN b.negative THEN ':negative' ELSE ':zero' END AS key,
        b.name || ' (' || b.code || ')' AS subject, b.id AS product_id,
        CASE WHEN b.negative THEN 'blocking' ELSE 'warning' END AS severity,
        sum(b.quantity) AS quantity, count(*) AS rows, min(b.day) AS first_day, max(b.day) AS last_day,
        sum(b.quantity * COALESCE(u.price, 0)) + sum(CASE WHEN b.negative THEN abs(b.revenue) ELSE 0 END)
            AS money
    FROM bad b LEFT JOIN usual u ON u.product_id = b.id
    GROUP BY b.id, b.name, b.code, b.negative""",
    tell=_tell_price,
    behind=Behind(
        (
            ("order", "Order", "text"),
            ("day", "Day", "date"),
            ("market", "Market", "text"),
            ("quantity", "Quantity", "quantity"),
            ("unit_price", "Unit price", "money"),
            ("revenue", "Revenue", "money"),
            ("file", "File", "text"),
            ("row_number", "Row in the file", "quantity"),
        ),
        """
        SELECT l.order_number AS order, l.day, m.name AS market, l.quantity, l.unit_price, l.revenue,
            i.file_name AS file, l.row_number
        FROM gathering_salesline l
        JOIN catalog_demandunit d ON d.id = l.demand_unit_id
        JOIN catalog_market m ON m.id = d.market_id
        JOIN gathering_importrun i ON i.id = l.run_id
        WHERE l.kind = 'sale' AND l.quantity > 0 AND (l.revenue <= 0 OR l.unit_price <= 0)
            AND d.product_id = %(product)s
            AND (l.revenue < 0 OR COALESCE(l.unit_price, 0) < 0) = (%(key)s LIKE '%%negative')
        ORDER BY l.day DESC LIMIT 500""",
    ),
)

MONTH_PRICES = """
    SELECT s.demand_unit_id AS id, s.month, s.quantity, s.revenue, s.revenue / s.quantity AS price
    FROM gathering_sales s
    WHERE s.quantity > 0 AND s.revenue > 0"""

PRICE_LEVEL = Rule(
    code="price_level",
    label="Price level changed tenfold",
    severity=Severity.WARNING,
    dataset="sales",
    advice="Ten times the usual price, or a tenth of it, is mostly a changed unit or a moved decimal "
    "point. Correct the file and import it again.",
    mend="demand_unit",
    find=f"""
    WITH prices AS ({MONTH_PRICES}), usual AS (
        SELECT id, percentile_cont(0.5) WITHIN GROUP (ORDER BY price) AS price
        FROM prices GROUP BY id HAVING count(*) >= 6
    )
    SELECT x.id::text AS key, x.id AS demand_unit_id, p.id AS product_id,
        p.name || ' · ' || m.name AS subject, count(*) AS rows,
        array_agg(x.month ORDER BY x.month) AS months,
        sum(abs(x.revenue - x.quantity * u.price::numeric)) AS money, u.price::numeric AS usual,
        max(x.price) AS highest, min(x.price) AS lowest
    FROM prices x JOIN usual u ON u.id = x.id
    JOIN catalog_demandunit d ON d.id = x.id
    JOIN catalog_product p ON p.id = d.product_id JOIN catalog_market m ON m.id = d.market_id
    WHERE x.price >= 10 * u.price OR x.price <= u.price / 10
    GROUP BY x.id, p.id, p.name, m.name, u.price""",
    tell=lambda row: (
        f"{count(row['rows'], 'month')} with a price ten times away from the usual {row['usual']:.2f}: "
        f"from {row['lowest']:.2f} to {row['highest']:.2f}."
    ),
    behind=Behind(
        (
            ("month", "Month", "month"),
            ("quantity", "Quantity", "quantity"),
            ("revenue", "Revenue", "money"),
            ("price", "Price", "money"),
        ),
        f"""
        WITH prices AS ({MONTH_PRICES} AND s.demand_unit_id = %(demand_unit)s), usual AS (
            SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY price) AS price FROM prices
        )
        SELECT x.month, x.quantity, x.revenue, x.price FROM prices x, usual u
        WHERE x.price >= 10 * u.price OR x.price <= u.price / 10 ORDER BY x.month DESC""",
        marks_months=True,
    ),
)

RULES = (BELOW_COST, NOT_POSITIVE, PRICE_LEVEL)
