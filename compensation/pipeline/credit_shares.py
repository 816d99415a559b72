"""Who gets which share of what may be credited: `credit_share`, filled by one statement for each rule.

Direct credits of an event add up to it exactly: splits by hand share it by the largest remainder to 0.0001
(what is left after rounding down goes to the largest remainders); without a split the first direct rule, by
position, that fits and finds somebody gives the whole. For events of a basis and day for which no direct
rule is in force, the rep whom the deal or order names is credited. Overlay, roll-up and team credit come on
top of it.

Managers are those of the day, as the history of reps tells; the days before a rep's first known manager
take that one, since a company that begins with the product enters its managers once, for the past too.
"""

from typing import Any

from compensation.models import CreditKind, CreditRule, Getter

TABLE = """
    CREATE TEMP TABLE credit_share (
        place bigint, rep_id bigint, kind text, role text, rule_id bigint, percent numeric,
        territory_id bigint, amount numeric, quantity numeric, margin numeric, own_amount numeric
    )"""
INTO = """
    INSERT INTO credit_share (place, rep_id, kind, role, rule_id, percent, territory_id, amount, quantity,
        margin, own_amount)"""
WHOLE = "100, {territory}, s.amount, s.quantity, s.margin, s.own_amount"
# A part of each column. One multiplication with an exact share, then one rounding.
PART = """{percent}, {territory}, round(s.amount * {percent} / 100, 4),
    round(s.quantity * {percent} / 100, 4), round(s.margin * {percent} / 100, 4),
    round(s.own_amount * {percent} / 100, 4)"""

# Largest remainder in ticks of 0.0001, negative amounts included (floor goes down, remainders are ≥ 0).
SHARED = """
    (floor(s.{column} * 100 * split.percent) + CASE WHEN row_number() OVER (
        PARTITION BY s.place
        ORDER BY s.{column} * 100 * split.percent - floor(s.{column} * 100 * split.percent) DESC,
            split.percent DESC, split.rep_id
    ) <= s.{column} * 10000 - sum(floor(s.{column} * 100 * split.percent)) OVER (PARTITION BY s.place)
    THEN 1 ELSE 0 END) / 10000"""
SPLITS = """{into}
    SELECT s.place, split.rep_id, 'split', 'owner', NULL, split.percent, s.territory_id,
        {amount}, {quantity}, {margin}, {own_amount}
    FROM credit_source s JOIN compensation_dealsplit split ON split.deal_id = s.deal_id"""

# Rules in force on the day of the event whose conditions fit it. A market or family fits all below it.
FITS = """
    r.days @> s.day AND (cardinality(r.bases) = 0 OR s.basis = ANY(r.bases))
    AND (cardinality(r.pipelines) = 0 OR s.pipeline = ANY(r.pipelines))
    AND (r.market_id IS NULL OR s.market_id IN (SELECT id FROM markets))
    AND (r.family_id IS NULL OR s.family_id IN (SELECT id FROM families))"""
TREES = """
    WITH RECURSIVE markets (id) AS (
        SELECT market_id FROM compensation_creditrule WHERE id = %(rule)s
        UNION SELECT m.id FROM catalog_market m JOIN markets ON m.parent_id = markets.id
    ), families (id) AS (
        SELECT family_id FROM compensation_creditrule WHERE id = %(rule)s
        UNION SELECT f.id FROM catalog_family f JOIN families ON f.parent_id = families.id
    )"""
HAS_ROLE = """
    (r.pay_role_id IS NULL OR EXISTS (
        SELECT 1 FROM compensation_position p
        WHERE p.rep_id = {rep} AND p.role_id = r.pay_role_id AND p.days @> s.day))"""
FOUND = {
    Getter.DEAL_REP: ("JOIN crm_rep got ON got.id = s.rep_id", "got.id", "{word}", "s.territory_id", "1"),
    Getter.REP: ("JOIN crm_rep got ON got.id = r.rep_id", "got.id", "{word}", "s.territory_id", "1"),
    Getter.COVERAGE: (
        "JOIN territories_assignment a ON a.account_id = s.account_id AND a.role_id = r.coverage_role_id "
        "AND a.days @> s.day JOIN territories_coveragerole role ON role.id = a.role_id",
        "a.rep_id",
        "role.code",
        "a.territory_id",
        "a.share",
    ),
}
# Events that nobody has direct credit for yet.
NOBODY_YET = (
    "NOT EXISTS (SELECT 1 FROM credit_share c WHERE c.place = s.place AND c.kind IN ('direct', 'split'))"
)
BY_RULE = """{trees} {into}
    SELECT s.place, {rep}, r.kind, {role}, r.id, {columns}
    FROM compensation_creditrule r JOIN credit_source s ON {fits} {found}
    WHERE r.id = %(rule)s AND {has_role} AND {more}"""
BY_NAME = """{into}
    SELECT s.place, s.rep_id, 'direct', 'owner', NULL, {columns}
    FROM credit_source s
    WHERE s.rep_id IS NOT NULL AND {nobody_yet} AND NOT EXISTS (
        SELECT 1 FROM compensation_creditrule r
        WHERE r.is_active AND r.kind = 'direct' AND r.days @> s.day
            AND (cardinality(r.bases) = 0 OR s.basis = ANY(r.bases)))"""

# rep → manager by day: a stretch from each told change to the next; one that starts with nobody begins
# with its first manager.
MANAGED = """
    CREATE TEMP TABLE credit_managed AS
    WITH told AS (
        SELECT pgh_obj_id AS rep_id, pgh_id, manager_id,
            (pgh_created_at AT TIME ZONE %(zone)s)::date AS day
        FROM crm_repevent
    ), last_of_day AS (
        SELECT DISTINCT ON (rep_id, day) rep_id, day, manager_id FROM told ORDER BY rep_id, day, pgh_id DESC
    ), known AS (
        SELECT *, count(manager_id) OVER (PARTITION BY rep_id ORDER BY day) AS so_far FROM last_of_day
    ), stretches AS (
        SELECT rep_id, manager_id, row_number() OVER (PARTITION BY rep_id ORDER BY day) AS place, day,
            lead(day) OVER (PARTITION BY rep_id ORDER BY day) AS until
        FROM known WHERE so_far > 0
    )
    SELECT rep_id, manager_id, daterange(CASE WHEN place > 1 THEN day END, until) AS days
    FROM stretches WHERE manager_id IS NOT NULL
    UNION ALL
    SELECT id, manager_id, daterange(NULL, NULL) FROM crm_rep
    WHERE manager_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM stretches WHERE rep_id = crm_rep.id)"""
ABOVE = """
    CREATE TEMP TABLE credit_above AS
    WITH RECURSIVE above (rep_id, manager_id, depth, days, way) AS (
        SELECT rep_id, manager_id, 1, days, ARRAY[rep_id, manager_id] FROM credit_managed
        UNION ALL
        SELECT above.rep_id, m.manager_id, depth + 1, above.days * m.days, way || m.manager_id
        FROM above JOIN credit_managed m ON m.rep_id = above.manager_id AND m.days && above.days
        WHERE depth < 9 AND m.manager_id <> ALL(way)
    )
    SELECT rep_id, manager_id, depth, days FROM above"""
# A manager gets the shares of all own people of an event together, once.
ROLLED_UP = """{trees} {into}
    SELECT s.place, got.rep_id, 'roll_up', 'manager', got.rule_id, {columns}
    FROM (
        SELECT s.place, above.manager_id AS rep_id, r.id AS rule_id,
            sum(c.percent) * r.percent / 100 AS percent
        FROM compensation_creditrule r JOIN credit_source s ON {fits}
        JOIN credit_share c ON c.place = s.place AND c.kind IN ('direct', 'split')
        JOIN credit_above above
            ON above.rep_id = c.rep_id AND above.days @> s.day AND above.depth <= r.levels
        WHERE r.id = %(rule)s AND {has_role}
        GROUP BY s.place, above.manager_id, r.id
    ) got JOIN credit_source s ON s.place = got.place"""
IN_TEAM = """{trees} {into}
    SELECT s.place, got.rep_id, 'team', 'team', got.rule_id, {columns}
    FROM (
        SELECT s.place, other.rep_id, r.id AS rule_id, sum(c.percent) * r.percent / 100 AS percent
        FROM compensation_creditrule r JOIN credit_source s ON {fits}
        JOIN credit_share c ON c.place = s.place AND c.kind IN ('direct', 'split')
        JOIN crm_teammembership own ON own.rep_id = c.rep_id AND own.days @> s.day
        JOIN crm_teammembership other ON other.team_id = own.team_id AND other.days @> s.day
        WHERE r.id = %(rule)s AND {has_role} AND NOT EXISTS (
            SELECT 1 FROM credit_share d
            WHERE d.place = s.place AND d.kind IN ('direct', 'split') AND d.rep_id = other.rep_id)
        GROUP BY s.place, other.rep_id, r.id
    ) got JOIN credit_source s ON s.place = got.place"""


def share_out(cursor: Any, zone: str) -> None:
    """Make `credit_share` anew from `credit_source`, the splits and the active rules."""
    cursor.execute("DROP TABLE IF EXISTS credit_share, credit_managed, credit_above")
    cursor.execute(TABLE)
    _splits(cursor)
    cursor.execute("CREATE INDEX ON credit_share (place)")
    rules = list(CreditRule.objects.filter(is_active=True).order_by("position", "id"))
    for rule in rules:
        if rule.kind == CreditKind.DIRECT:
            _by_rule(cursor, rule)
    whole = WHOLE.format(territory="s.territory_id")
    cursor.execute(BY_NAME.format(into=INTO, columns=whole, nobody_yet=NOBODY_YET))
    cursor.execute("ANALYZE credit_share")
    if any(rule.kind == CreditKind.ROLL_UP for rule in rules):
        cursor.execute(MANAGED, {"zone": zone})
        cursor.execute(ABOVE)
    for rule in rules:
        if rule.kind == CreditKind.OVERLAY:
            _by_rule(cursor, rule)
        elif rule.kind != CreditKind.DIRECT:
            _by_others(cursor, rule)
    cursor.execute("ANALYZE credit_share")


def _splits(cursor: Any) -> None:
    names = ("amount", "quantity", "margin", "own_amount")
    cursor.execute(SPLITS.format(into=INTO, **{name: SHARED.format(column=name) for name in names}))


def _by_rule(cursor: Any, rule: CreditRule) -> None:
    """Credit by one direct or overlay rule. A share of coverage below 1 counts for overlays alone: direct
    credit is always the whole."""
    found, rep, role, territory, share = FOUND[Getter(rule.getter)]
    direct = rule.kind == CreditKind.DIRECT
    percent = f"(r.percent * {share})"
    columns = (WHOLE if direct else PART).format(territory=territory, percent=percent)
    sql = BY_RULE.format(
        trees=TREES,
        into=INTO,
        rep=rep,
        role=role.format(word="'owner'" if direct else "'overlay'"),
        columns=columns,
        fits=FITS,
        found=found,
        has_role=HAS_ROLE.format(rep=rep),
        more=NOBODY_YET if direct else "TRUE",
    )
    cursor.execute(sql, {"rule": rule.pk})


def _by_others(cursor: Any, rule: CreditRule) -> None:
    """Credit of managers or of teams, from what was credited directly."""
    sql, rep = (
        (ROLLED_UP, "above.manager_id") if rule.kind == CreditKind.ROLL_UP else (IN_TEAM, "other.rep_id")
    )
    columns = PART.format(percent="got.percent", territory="s.territory_id")
    filled = sql.format(trees=TREES, into=INTO, columns=columns, fits=FITS, has_role=HAS_ROLE.format(rep=rep))
    cursor.execute(filled, {"rule": rule.pk})
