"""Rules on one demand unit's months: gaps, outliers, changed units, sales outside the life cycle."""

from gathering.models import Severity
from gathering.pipeline.quality.rule import Behind, Row, Rule, count, money, month, month_runs

UNIT_NAME = "p.name || ' · ' || m.name AS subject, p.id AS product_id, d.id AS demand_unit_id"
UNIT_JOIN = """
    JOIN catalog_product p ON p.id = d.product_id
    JOIN catalog_market m ON m.id = d.market_id"""

# A gap is only a gap where the unit usually sells: at least three of four months, over half a year.
GAPS = """
    WITH span AS (
        SELECT s.demand_unit_id AS id, min(s.month) AS first_month, max(s.month) AS last_month,
            count(*) AS sold, avg(s.revenue) AS revenue
        FROM gathering_sales s
        WHERE s.quantity > 0 AND s.month <= %(last_month)s {only}
        GROUP BY s.demand_unit_id
    ), regular AS (
        SELECT span.*, CASE
            WHEN d.is_active AND p.discontinued_on IS NULL AND p.life_cycle IN ('launch', 'active')
            THEN %(last_month)s::date ELSE span.last_month END AS until
        FROM span JOIN catalog_demandunit d ON d.id = span.id JOIN catalog_product p ON p.id = d.product_id
    ), wanted AS (
        SELECT regular.*, (date_part('year', age(until, first_month)) * 12
            + date_part('month', age(until, first_month)) + 1)::int AS possible
        FROM regular
    ), missing AS (
        SELECT w.id, w.revenue, w.possible, g.month::date AS month
        FROM wanted w
        CROSS JOIN LATERAL generate_series(w.first_month, w.until, interval '1 month') AS g(month)
        WHERE w.possible >= 6 AND w.sold < w.possible AND w.sold >= 0.75 * w.possible
            AND NOT EXISTS (
                SELECT 1 FROM gathering_sales s
                WHERE s.demand_unit_id = w.id AND s.month = g.month::date AND s.quantity > 0
            )
    )"""

GAP_MONTHS = Rule(
    code="gap_months",
    label="Months without sales",
    severity=Severity.WARNING,
    dataset="sales",
    advice="If a file is missing, import it. If there was nothing to sell, waive with the reason, so that "
    "the forecast can treat the months as lost sales.",
    mend="demand_unit",
    find=GAPS.format(only="")
    + f"""
    SELECT x.id::text AS key, {UNIT_NAME}, count(*) AS rows, count(*) * x.revenue AS money,
        array_agg(x.month ORDER BY x.month) AS months, x.possible
    FROM missing x JOIN catalog_demandunit d ON d.id = x.id {UNIT_JOIN}
    GROUP BY x.id, d.id, p.id, p.name, m.name, x.revenue, x.possible""",
    tell=lambda row: (
        f"Sells in {row['possible'] - row['rows']} of {row['possible']} months, but not in "
        f"{month_runs(row['months'])}. A usual month brings {money(row['money'] / row['rows'])}."
    ),
    behind=Behind(
        (("month", "Month", "month"), ("revenue", "Usual revenue of a month", "money")),
        GAPS.format(only="AND s.demand_unit_id = %(demand_unit)s")
        + " SELECT month, revenue FROM missing ORDER BY month DESC",
        marks_months=True,
    ),
)

# Robust z of the change on the same month a year before (median and MAD; mean deviation where the MAD is
# 0), in quantities and in logarithms; a month is suspect only where both say so: season and steady growth
# are no outliers, whether they add or multiply. Of the two months of a change the one farther from the
# other years' same month is the culprit: otherwise each peak would be found again a year later. Series of
# less than two years are measured against their own level, and where there are no two other years, the
# months around say what was to be expected.
# Iglewicz & Hoaglin (1993), How to Detect and Handle Outliers.
OUTLIERS = """
    WITH sold AS (
        SELECT s.demand_unit_id AS id, s.month, s.quantity,
            sum(s.revenue) OVER unit / NULLIF(sum(s.quantity) OVER unit, 0) AS price,
            count(*) OVER unit AS months
        FROM gathering_sales s WHERE s.month <= %(last_month)s AND s.quantity >= 0 {only}
        WINDOW unit AS (PARTITION BY s.demand_unit_id)
    ), changes AS (
        SELECT a.id, a.month, a.price, b.month AS other, (a.quantity - b.quantity)::float AS level,
            (ln(1 + a.quantity) - ln(1 + b.quantity))::float AS share
        FROM sold a JOIN sold b ON b.id = a.id AND b.month = (a.month - interval '12 months')::date
        WHERE a.months >= 24
        UNION ALL
        SELECT id, month, price, NULL, quantity::float, ln(1 + quantity)::float FROM sold
        WHERE months BETWEEN 8 AND 23
    ), measured AS (
        SELECT c.id, c.month, c.price, c.other, m.way, m.x
        FROM changes c CROSS JOIN LATERAL (VALUES ('level', c.level), ('share', c.share)) AS m(way, x)
    ), centre AS (
        SELECT id, way, percentile_cont(0.5) WITHIN GROUP (ORDER BY x) AS median
        FROM measured GROUP BY id, way HAVING count(*) >= 8
    ), spread AS (
        SELECT e.id, e.way, c.median, percentile_cont(0.5) WITHIN GROUP (ORDER BY abs(e.x - c.median)) AS mad,
            avg(abs(e.x - c.median)) AS deviation
        FROM measured e JOIN centre c ON c.id = e.id AND c.way = e.way GROUP BY e.id, e.way, c.median
    ), suspects AS (
        SELECT e.id, e.month, e.other, e.price, min(abs(e.x - s.median) / s.scale) AS z
        FROM measured e
        JOIN (SELECT *, CASE WHEN mad > 0 THEN 1.4826 * mad ELSE 1.2533 * deviation END AS scale
              FROM spread) s ON s.id = e.id AND s.way = e.way
        WHERE s.scale > 0 AND abs(e.x - s.median) > %(z)s * s.scale
        GROUP BY e.id, e.month, e.other, e.price HAVING count(*) = 2
    ), candidates AS (
        SELECT id, month, price, z, month AS found FROM suspects
        UNION ALL
        SELECT id, other, price, z, month FROM suspects WHERE other IS NOT NULL
    ), judged AS (
        SELECT c.*, o.quantity, n.expected, row_number() OVER (
            PARTITION BY c.id, c.found
            ORDER BY abs(o.quantity - n.expected) DESC, c.month DESC) AS place
        FROM candidates c
        JOIN gathering_sales o ON o.demand_unit_id = c.id AND o.month = c.month
        CROSS JOIN LATERAL (
            SELECT CASE WHEN count(*) FILTER (WHERE same) >= 2
                THEN percentile_cont(0.5) WITHIN GROUP (ORDER BY s.quantity) FILTER (WHERE same)
                ELSE percentile_cont(0.5) WITHIN GROUP (ORDER BY s.quantity) FILTER (WHERE near)
                END AS expected
            FROM gathering_sales s
            CROSS JOIN LATERAL (SELECT
                date_part('month', s.month) = date_part('month', c.month) AS same,
                s.month BETWEEN c.month - interval '3 months' AND c.month + interval '3 months' AS near) w
            WHERE s.demand_unit_id = c.id AND s.month <> c.month
                AND s.month <= %(last_month)s AND s.quantity >= 0
        ) n
    ), outliers AS (
        SELECT DISTINCT ON (id, month) * FROM judged
        WHERE place = 1 AND abs(quantity - expected) > 0.5 * expected
        ORDER BY id, month, z DESC
    )"""


def _tell_outliers(row: Row) -> str:
    return (
        f"{count(row['rows'], 'unusual month')}: {month_runs(row['months'])}. The most unusual is "
        f"{month(row['worst_month'])} with {money(row['worst_quantity'])} where about "
        f"{money(row['worst_expected'])} was to be expected (robust z {row['worst_z']:.1f})."
    )


OUTLIER = Rule(
    code="outlier",
    label="Unusual months",
    severity=Severity.WARNING,
    dataset="sales",
    advice="Compare with campaigns, one-off deals and the lines of the month. A mistake: correct the file. "
    "A one-off: waive with the reason; the forecast then cleans the month.",
    mend="demand_unit",
    find=OUTLIERS.format(only="")
    + f"""
    SELECT x.id::text AS key, {UNIT_NAME}, count(*) AS rows,
        COALESCE(sum(abs(x.quantity - x.expected::numeric) * x.price), 0) AS money,
        CASE WHEN COALESCE(sum(abs(x.quantity - x.expected::numeric) * x.price), 0) < %(exception)s
            THEN 'note' ELSE 'warning' END AS severity,
        array_agg(x.month ORDER BY x.month) AS months,
        (array_agg(x.month ORDER BY x.z DESC))[1] AS worst_month,
        (array_agg(x.quantity ORDER BY x.z DESC))[1] AS worst_quantity,
        (array_agg(x.expected ORDER BY x.z DESC))[1] AS worst_expected, max(x.z) AS worst_z
    FROM outliers x JOIN catalog_demandunit d ON d.id = x.id {UNIT_JOIN}
    GROUP BY x.id, d.id, p.id, p.name, m.name""",
    tell=_tell_outliers,
    behind=Behind(
        (
            ("month", "Month", "month"),
            ("quantity", "Sold", "quantity"),
            ("expected", "Expected", "quantity"),
            ("z", "Robust z", "number"),
            ("money", "Difference in money", "money"),
        ),
        OUTLIERS.format(only="AND s.demand_unit_id = %(demand_unit)s")
        + """
        SELECT month, quantity, expected, round(z::numeric, 1) AS z,
            abs(quantity - expected::numeric) * price AS money
        FROM outliers ORDER BY month DESC""",
        marks_months=True,
    ),
)

# A changed unit shows in all months after it, a single peak does not: the smallest of three months
# must be ten times the largest of the three before, or the other way round.
UNIT_CHANGES = """
    WITH windows AS (
        SELECT s.demand_unit_id AS id, s.month, s.quantity, s.revenue, count(*) OVER before AS n_before,
            count(*) OVER after AS n_after, min(s.quantity) OVER before AS low_before,
            max(s.quantity) OVER before AS high_before, min(s.quantity) OVER after AS low_after,
            max(s.quantity) OVER after AS high_after
        FROM gathering_sales s WHERE s.quantity > 0 {only}
        WINDOW before AS (PARTITION BY s.demand_unit_id ORDER BY s.month
                          ROWS BETWEEN 3 PRECEDING AND 1 PRECEDING),
            after AS (PARTITION BY s.demand_unit_id ORDER BY s.month
                      ROWS BETWEEN CURRENT ROW AND 2 FOLLOWING)
    ), changes AS (
        SELECT *, CASE WHEN low_after >= 10 * high_before THEN high_after / high_before
            ELSE high_before / high_after END AS factor
        FROM windows
        WHERE n_before = 3 AND n_after = 3
            AND (low_after >= 10 * high_before OR high_after <= low_before / 10)
    )"""

UNIT_CHANGE = Rule(
    code="unit_change",
    label="Quantities changed tenfold",
    severity=Severity.WARNING,
    dataset="sales",
    advice="Three months at ten times the three before is mostly a changed unit (pieces and cases). Set the "
    "factor in the import profile and import the file again.",
    mend="demand_unit",
    find=UNIT_CHANGES.format(only="")
    + f"""
    SELECT x.id::text AS key, {UNIT_NAME}, count(*) AS rows, sum(x.revenue) AS money,
        min(x.month) AS month, max(x.factor) AS factor, min(x.high_before) AS was, max(x.high_after) AS now
    FROM changes x JOIN catalog_demandunit d ON d.id = x.id {UNIT_JOIN}
    GROUP BY x.id, d.id, p.id, p.name, m.name""",
    tell=lambda row: (
        f"From {month(row['month'])} on the quantities are at another level: about "
        f"{money(row['was'])} a month before, {money(row['now'])} after (factor {money(row['factor'])})."
    ),
    behind=Behind(
        (("month", "Month", "month"), ("quantity", "Sold", "quantity"), ("revenue", "Revenue", "money")),
        """
        SELECT month, quantity, revenue FROM gathering_sales
        WHERE demand_unit_id = %(demand_unit)s ORDER BY month DESC LIMIT 120""",
    ),
)

OUTSIDE = """
    FROM gathering_sales s
    JOIN catalog_demandunit d ON d.id = s.demand_unit_id
    JOIN catalog_product p ON p.id = d.product_id
    WHERE s.quantity <> 0 AND (
        s.month < date_trunc('month', p.launched_on)::date
        OR s.month > p.discontinued_on
        OR (p.life_cycle = 'planned' AND p.launched_on IS NULL))"""


def _tell_life(row: Row) -> str:
    begin = f"Launched {row['launched_on']:%-d %b %Y}" if row["launched_on"] else "Not launched"
    end = f", discontinued {row['discontinued_on']:%-d %b %Y}" if row["discontinued_on"] else ""
    return (
        f"{begin}{end}, but sold in {count(row['rows'], 'month')} outside of it: {month_runs(row['months'])}."
    )


OUTSIDE_LIFE = Rule(
    code="outside_life_cycle",
    label="Sold outside the life cycle",
    severity=Severity.WARNING,
    dataset="sales",
    advice="Correct the product's launch or discontinuation date, or map the sales to its predecessor or "
    "successor.",
    mend="product",
    find=f"""
    SELECT p.id::text AS key, p.name || ' (' || p.code || ')' AS subject, p.id AS product_id,
        count(DISTINCT s.month) AS rows, sum(abs(s.revenue)) AS money, p.launched_on, p.discontinued_on,
        array_agg(DISTINCT s.month) AS months
    {OUTSIDE} GROUP BY p.id, p.name, p.code, p.launched_on, p.discontinued_on""",
    tell=_tell_life,
    behind=Behind(
        (
            ("month", "Month", "month"),
            ("market", "Market", "text"),
            ("quantity", "Sold", "quantity"),
            ("revenue", "Revenue", "money"),
        ),
        f"""
        SELECT x.month, m.name AS market, x.quantity, x.revenue
        FROM (SELECT s.month, d.market_id, s.quantity, s.revenue {OUTSIDE} AND p.id = %(product)s) x
        JOIN catalog_market m ON m.id = x.market_id ORDER BY x.month DESC LIMIT 500""",
    ),
)

RULES = (GAP_MONTHS, OUTLIER, UNIT_CHANGE, OUTSIDE_LIFE)
