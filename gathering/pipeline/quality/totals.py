"""Rules on whether everything came: control totals, months without data, months with too little."""

from gathering.models import Severity
from gathering.pipeline.quality.rule import Behind, Row, Rule, count, money, month

# What a file brought, by its import's own totals: a row that was rejected or waits is not in them.
CONTROLS = """
    WITH brought AS (
        SELECT sm.id, sm.source_id, sm.month, sm.run_id, s.name, s.dataset,
            sm.control_rows, i.rows_good AS actual_rows,
            sm.control_quantity,
            (i.preview->'totals'->'quantity'->>'accepted')::numeric AS actual_quantity,
            sm.control_money,
            (COALESCE(i.preview->'totals'->'revenue', i.preview->'totals'->'cost')->>'accepted')::numeric
                AS actual_money
        FROM gathering_sourcemonth sm
        JOIN gathering_datasource s ON s.id = sm.source_id
        JOIN gathering_importrun i ON i.id = sm.run_id
        WHERE sm.state IN ('received', 'checked', 'signed')
    ), compared AS (
        SELECT b.*, t.what, t.kind, t.wanted, COALESCE(t.actual, 0) AS actual
        FROM brought b CROSS JOIN LATERAL (VALUES
            ('rows', 'quantity', control_rows::numeric, actual_rows::numeric),
            ('quantity', 'quantity', control_quantity, actual_quantity),
            ('money', 'money', control_money, actual_money)
        ) AS t(what, kind, wanted, actual)
        WHERE t.wanted IS NOT NULL
    ), differing AS (
        SELECT *, abs(actual - wanted) AS difference FROM compared
        WHERE abs(actual - wanted) > CASE WHEN what = 'rows' THEN 0
            ELSE abs(wanted) * %(control_percent)s / 100 END
    )"""


def _tell_controls(row: Row) -> str:
    parts = [
        f"{what} {money(wanted)} expected, {money(actual)} came"
        for what, wanted, actual in zip(row["whats"], row["wanted"], row["actual"], strict=True)
    ]
    return f"The file of {month(row['month'])} does not agree with its control totals: {'; '.join(parts)}."


CONTROL_TOTALS = Rule(
    code="control_totals",
    label="Totals differ from the control totals",
    severity=Severity.BLOCKING,
    dataset="",
    advice="Look for rejected rows and unknown names of the import first. Then import the missing rows, or "
    "correct the control totals.",
    mend="sources",
    find=CONTROLS
    + """
    SELECT source_id || ':' || month AS key, name || ', ' || to_char(month, 'Mon YYYY') AS subject, dataset,
        run_id, month, count(*) AS rows, array_agg(what ORDER BY what) AS whats,
        array_agg(wanted ORDER BY what) AS wanted, array_agg(actual ORDER BY what) AS actual,
        COALESCE(max(difference) FILTER (WHERE what = 'money'), 0) AS money
    FROM differing GROUP BY source_id, month, name, dataset, run_id""",
    tell=_tell_controls,
    behind=Behind(
        (
            ("what", "Total of", "text"),
            ("wanted", "Control total", "money"),
            ("actual", "Came in", "money"),
            ("difference", "Difference", "money"),
        ),
        CONTROLS
        + """
        SELECT what, wanted, actual, actual - wanted AS difference FROM differing
        WHERE source_id || ':' || month = %(key)s ORDER BY what""",
    ),
)

EMPTY_MONTH = Rule(
    code="empty_month",
    label="Month without any sales",
    severity=Severity.BLOCKING,
    dataset="sales",
    advice="A whole month is missing between others: import its file.",
    mend="imports",
    find="""
    WITH span AS (
        SELECT min(month) AS a, max(month) AS z,
            sum(revenue) / NULLIF(count(DISTINCT month), 0) AS usual
        FROM gathering_sales)
    SELECT to_char(g.month, 'YYYY-MM') AS key, to_char(g.month, 'Mon YYYY') AS subject,
        g.month::date AS month, 0 AS rows, COALESCE(span.usual, 0) AS money
    FROM span CROSS JOIN generate_series(span.a, span.z, interval '1 month') AS g(month)
    WHERE NOT EXISTS (SELECT 1 FROM gathering_sales s WHERE s.month = g.month::date)""",
    tell=lambda row: f"No line of sales in the whole month; a usual month brings {money(row['money'])}.",
    behind=Behind(
        (
            ("month", "Month", "month"),
            ("lines", "Lines", "quantity"),
            ("revenue", "Revenue", "money"),
        ),
        """
        SELECT s.month, sum(s.lines) AS lines, sum(s.revenue) AS revenue FROM gathering_sales s
        WHERE s.month BETWEEN %(month)s::date - interval '6 months' AND %(month)s::date + interval '6 months'
        GROUP BY s.month ORDER BY s.month DESC""",
    ),
)

THIN_MONTH = Rule(
    code="thin_month",
    label="Month with few lines",
    severity=Severity.WARNING,
    dataset="sales",
    advice="Less than half of the usual lines: look whether a file or a part of it is missing.",
    mend="imports",
    find="""
    WITH months AS (
        SELECT month, sum(lines) AS lines, sum(revenue) AS revenue FROM gathering_sales
        WHERE month <= %(last_month)s GROUP BY month
    ), compared AS (
        SELECT m.*, u.usual, u.usual_revenue FROM months m CROSS JOIN LATERAL (
            SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY b.lines) AS usual,
                avg(b.revenue) AS usual_revenue, count(*) AS n
            FROM months b WHERE b.month >= m.month - interval '12 months' AND b.month < m.month) u
        WHERE u.n >= 6
    )
    SELECT to_char(month, 'YYYY-MM') AS key, to_char(month, 'Mon YYYY') AS subject, month,
        lines::bigint AS rows, usual::bigint AS usual, greatest(usual_revenue - revenue, 0) AS money
    FROM compared WHERE lines > 0 AND lines < usual / 2""",
    tell=lambda row: (
        f"{count(row['rows'], 'line')}, where the twelve months before had {money(row['usual'])} each."
    ),
    behind=EMPTY_MONTH.behind,
)

RULES = (CONTROL_TOTALS, EMPTY_MONTH, THIN_MONTH)
