"""Rules on doubles and on what is not known: duplicate lines and names, unmapped values, missing rates."""

from gathering.models import Severity
from gathering.pipeline.quality.rule import (
    RATE,
    RATE_JOIN,
    Behind,
    Row,
    Rule,
    count,
    money,
    month,
    month_runs,
)

OF_PRODUCT = "AND l.demand_unit_id IN (SELECT id FROM catalog_demandunit WHERE product_id = %(product)s)"

TWINS = f"""
    WITH twins AS (
        SELECT l.source, l.order_number, l.demand_unit_id, l.account_id, l.day, l.quantity, l.revenue,
            max({RATE}) AS rate, count(*) AS times
        FROM gathering_salesline l {RATE_JOIN}
        WHERE l.kind = 'sale' {{only}}
        GROUP BY 1, 2, 3, 4, 5, 6, 7 HAVING count(*) > 1
    )"""

DUPLICATE_LINES = Rule(
    code="duplicate_lines",
    label="Duplicate lines",
    severity=Severity.WARNING,
    dataset="sales",
    advice="The same order holds the same product, day, quantity and revenue more than once. Remove the "
    "doubles in the source and import again, or waive with the reason.",
    mend="imports",
    find=TWINS.format(only="")
    + """
    SELECT p.id::text AS key, p.name || ' (' || p.code || ')' AS subject, p.id AS product_id,
        sum(t.times - 1) AS rows, sum((t.times - 1) * t.revenue * t.rate) AS money, count(*) AS groups,
        min(t.day) AS first_day, max(t.day) AS last_day
    FROM twins t JOIN catalog_demandunit d ON d.id = t.demand_unit_id
    JOIN catalog_product p ON p.id = d.product_id
    GROUP BY p.id, p.name, p.code""",
    tell=lambda row: (
        f"{count(int(row['rows']), 'line')} too many in {count(row['groups'], 'order')} between "
        f"{month(row['first_day'])} and {month(row['last_day'])}, worth {money(row['money'])}."
    ),
    behind=Behind(
        (
            ("order", "Order", "text"),
            ("day", "Day", "date"),
            ("quantity", "Quantity", "quantity"),
            ("revenue", "Revenue", "money"),
            ("times", "Times", "quantity"),
        ),
        TWINS.format(only=OF_PRODUCT)
        + """
        SELECT order_number AS order, day, quantity, revenue, times
        FROM twins ORDER BY day DESC LIMIT 500""",
    ),
)

DUPLICATE_NAMES = Rule(
    code="duplicate_names",
    label="Products with the same name",
    severity=Severity.WARNING,
    dataset="products",
    advice="If they are one product, map the codes to one of them. If they are versions, name the "
    "predecessor, so that the history is joined.",
    mend="product",
    find="""
    WITH doubles AS (
        SELECT lower(btrim(name)) AS key, min(id) AS product_id, min(btrim(name)) AS subject,
            count(*) AS rows,
            array_agg(id) AS ids, string_agg(code, ', ' ORDER BY code) AS codes
        FROM catalog_product GROUP BY lower(btrim(name)) HAVING count(*) > 1
    )
    SELECT x.*, COALESCE((
        SELECT sum(s.revenue) FROM gathering_sales s JOIN catalog_demandunit d ON d.id = s.demand_unit_id
        WHERE d.product_id = ANY(x.ids)), 0) AS money
    FROM doubles x""",
    tell=lambda row: f"{row['rows']} products are called “{row['subject']}”: {row['codes']}.",
    behind=Behind(
        (
            ("code", "Code", "text"),
            ("name", "Name", "text"),
            ("life_cycle", "Life cycle", "text"),
            ("first_month", "First sale", "month"),
            ("last_month", "Last sale", "month"),
            ("revenue", "Revenue", "money"),
        ),
        """
        SELECT p.code, p.name, p.life_cycle, min(s.month) AS first_month, max(s.month) AS last_month,
            sum(s.revenue) AS revenue
        FROM catalog_product p LEFT JOIN catalog_demandunit d ON d.product_id = p.id
        LEFT JOIN gathering_sales s ON s.demand_unit_id = d.id
        WHERE lower(btrim(p.name)) = %(key)s GROUP BY p.id ORDER BY p.code""",
    ),
)


def _tell_unmapped(row: Row) -> str:
    return (
        f"The {row['kind']} “{row['value']}” in {row['source'] or 'the files'} is not known: "
        f"{count(row['rows'], 'row')} worth {money(row['money'])} wait for it and are missing in the facts."
    )


UNMAPPED = Rule(
    code="unmapped",
    label="Unknown names",
    severity=Severity.BLOCKING,
    dataset="",
    advice="Say what the name means here, or ignore it with the reason. The rows that wait are then added.",
    mend="mappings",
    find="""
    SELECT u.kind || ':' || u.source || ':' || u.value AS key, u.kind || ' “' || u.value || '”' AS subject,
        u.kind, u.source, u.value, u.rows, u.money, u.first_run_id AS run_id, i.dataset
    FROM gathering_unmappedvalue u JOIN gathering_importrun i ON i.id = u.first_run_id
    WHERE u.is_open""",
    tell=_tell_unmapped,
    behind=Behind(
        (
            ("file", "File", "text"),
            ("row_number", "Row in the file", "quantity"),
            ("waits_for", "Waits for", "text"),
        ),
        """
        SELECT i.file_name AS file, h.row_number, array_to_string(h.waits_for, ', ') AS waits_for
        FROM gathering_heldrow h JOIN gathering_importrun i ON i.id = h.run_id
        WHERE h.replayed IS NULL AND h.run_id = %(run)s ORDER BY h.row_number LIMIT 500""",
    ),
)

FOREIGN = """
    SELECT u.currency, u.month, sum(u.rows)::bigint AS rows, sum(u.amount) AS amount
    FROM (
        SELECT currency, date_trunc('month', day)::date AS month, count(*) AS rows, sum(revenue) AS amount
        FROM gathering_salesline WHERE currency <> %(base)s GROUP BY 1, 2
        UNION ALL
        SELECT currency_id, date_trunc('month', due)::date, count(*), sum(COALESCE(revenue, 0))
        FROM gathering_openorder WHERE currency_id <> %(base)s AND due <= %(today)s GROUP BY 1, 2
    ) u
    WHERE NOT EXISTS (
        SELECT 1 FROM catalog_monthrate r WHERE r.currency_id = u.currency AND r.month = u.month)
    GROUP BY 1, 2"""

MISSING_RATE = Rule(
    code="missing_rate",
    label="Currency without a month rate",
    severity=Severity.BLOCKING,
    dataset="month_rates",
    advice="Enter the rates of these months; amounts in this currency cannot be added up without them.",
    mend="rates",
    find=f"""
    SELECT x.currency AS key, x.currency AS subject, sum(x.rows)::bigint AS rows, sum(x.amount) AS money,
        array_agg(x.month ORDER BY x.month) AS months
    FROM ({FOREIGN}) x GROUP BY x.currency""",
    tell=lambda row: (
        f"{row['subject']} has no rate for {month_runs(row['months'])}, but {count(row['rows'], 'row')} over "
        f"{money(row['money'])} {row['subject']} use it."
    ),
    behind=Behind(
        (
            ("month", "Month", "month"),
            ("rows", "Rows", "quantity"),
            ("amount", "Amount in the currency", "money"),
        ),
        f"""
        SELECT x.month, x.rows, x.amount FROM ({FOREIGN}) x
        WHERE x.currency = %(key)s ORDER BY x.month DESC""",
    ),
)

RULES = (DUPLICATE_LINES, DUPLICATE_NAMES, UNMAPPED, MISSING_RATE)
