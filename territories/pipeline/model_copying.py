"""Everything in a territory model copied to another, in a few statements whatever its size."""

from typing import Any

from django.db import connection

from territories.models import TerritoryModel
from territories.selectors.models import PLANNED_FROM, day_of, reps_day

# Parents are set from the top down, so that the tree's trigger sees each parent in its model.
TERRITORIES = """
    INSERT INTO territories_territory
        (model_id, parent_id, code, name, type, role_id, market_id, description, revision)
    SELECT %(new)s, NULL, code, name, type, role_id, market_id, description, 1
    FROM territories_territory WHERE model_id = %(old)s ORDER BY id"""
PAIRS = """
    CREATE TEMP TABLE twins ON COMMIT DROP AS
    SELECT o.id AS old_id, n.id AS new_id, o.parent_id AS old_parent
    FROM territories_territory o JOIN territories_territory n ON n.code = o.code AND n.model_id = %(new)s
    WHERE o.model_id = %(old)s"""
PARENTS = """
    UPDATE territories_territory t SET parent_id = above.new_id
    FROM twins JOIN twins above ON above.old_id = twins.old_parent WHERE t.id = twins.new_id"""
RULES = """
    INSERT INTO territories_rule (territory_id, name, priority, condition, inherits, is_active, revision)
    SELECT twins.new_id, r.name, r.priority, r.condition, r.inherits, r.is_active, 1
    FROM territories_rule r JOIN twins ON twins.old_id = r.territory_id ORDER BY r.id"""
PINS = """
    INSERT INTO territories_pin (territory_id, account_id, kind, reason, is_withdrawn, revision)
    SELECT twins.new_id, p.account_id, p.kind, p.reason, false, 1
    FROM territories_pin p JOIN twins ON twins.old_id = p.territory_id
    WHERE NOT p.is_withdrawn ORDER BY p.id"""
REPS = """
    INSERT INTO territories_territoryrep (territory_id, rep_id, role_id, share, days, revision)
    SELECT twins.new_id, tr.rep_id, tr.role_id, tr.share, tr.days, 1
    FROM territories_territoryrep tr JOIN twins ON twins.old_id = tr.territory_id
    WHERE upper_inf(tr.days) OR upper(tr.days) > %(reps_day)s ORDER BY tr.id"""
RULE_PAIRS = """
    CREATE TEMP TABLE rule_twins ON COMMIT DROP AS
    SELECT a.id AS old_id, b.id AS new_id FROM (
        SELECT r.id, twins.new_id AS home,
            row_number() OVER (PARTITION BY r.territory_id ORDER BY r.id) AS n
        FROM territories_rule r JOIN twins ON twins.old_id = r.territory_id
    ) a JOIN (
        SELECT r.id, r.territory_id AS home,
            row_number() OVER (PARTITION BY r.territory_id ORDER BY r.id) AS n
        FROM territories_rule r JOIN twins ON twins.new_id = r.territory_id
    ) b ON a.home = b.home AND a.n = b.n"""
PLACEMENTS = """
    INSERT INTO territories_placement
        (model_id, account_id, role_id, territory_id, days, placed_by, rule_id, pin_id, reason)
    SELECT %(new)s, p.account_id, p.role_id, twins.new_id, daterange(%(from)s, NULL), p.placed_by,
        rule_twins.new_id, pin.id, p.reason
    FROM territories_placement p JOIN twins ON twins.old_id = p.territory_id
    LEFT JOIN rule_twins ON rule_twins.old_id = p.rule_id
    LEFT JOIN territories_pin pin ON p.pin_id IS NOT NULL AND pin.territory_id = twins.new_id
        AND pin.account_id = p.account_id AND NOT pin.is_withdrawn
    WHERE p.model_id = %(old)s AND p.days @> %(day)s::date ORDER BY p.id"""
STEPS = (TERRITORIES, PAIRS, PARENTS, RULES, PINS, REPS, RULE_PAIRS, PLACEMENTS)


def copy_contents(old: TerritoryModel, new: TerritoryModel) -> None:
    """Territories, rules, pins and exclusions that stand, reps from today on, and placements of today."""
    values: dict[str, Any] = {
        "old": old.pk,
        "new": new.pk,
        "day": day_of(old),
        "reps_day": reps_day(old),
        "from": PLANNED_FROM,
    }
    with connection.cursor() as cursor:
        for sql in STEPS:
            cursor.execute(sql, values)
        cursor.execute("DROP TABLE twins, rule_twins")
