"""Putting accounts into territories from a day on: thousands of moves in a few statements."""

import csv
import datetime as dt
import io
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db import connection, transaction

from core.errors import Invalid, Reason
from territories.models import PlacedBy, TerritoryModel


class Move(NamedTuple):
    """Where an account goes: keys of the account, the territory (None for out of all of them), the
    overlay role (None for the territory that gives the owner), and why."""

    account: int
    territory: int | None
    role: int | None = None
    placed_by: str = PlacedBy.HAND
    rule: int | None = None
    pin: int | None = None
    reason: str = ""


STAGE = """
    CREATE TEMP TABLE moving (
        account_id bigint, territory_id bigint, role_id bigint, placed_by text, rule_id bigint,
        pin_id bigint, reason text, until date
    ) ON COMMIT DROP"""
FILL = """
    COPY moving (account_id, territory_id, role_id, placed_by, rule_id, pin_id, reason)
    FROM STDIN (FORMAT csv, FORCE_NOT_NULL (reason))"""
WRONG = """
    SELECT account.name, territory.name FROM moving m
    JOIN territories_territory territory ON territory.id = m.territory_id
    JOIN crm_account account ON account.id = m.account_id
    WHERE territory.model_id <> %(model)s OR territory.role_id IS DISTINCT FROM m.role_id LIMIT 1"""
SLOT = """p.model_id = %(model)s AND p.account_id = m.account_id
    AND COALESCE(p.role_id, 0) = COALESCE(m.role_id, 0)"""
SAME = f"""
    DELETE FROM moving m USING territories_placement p
    WHERE {SLOT} AND p.days @> %(day)s AND p.territory_id = m.territory_id
        AND p.placed_by = m.placed_by AND p.rule_id IS NOT DISTINCT FROM m.rule_id
        AND p.pin_id IS NOT DISTINCT FROM m.pin_id AND p.reason = m.reason
        AND (lower(p.days) = %(day)s OR m.placed_by IN ('rule', 'pin'))"""
STILL_OUT = f"""
    DELETE FROM moving m WHERE m.territory_id IS NULL AND (
        EXISTS (SELECT 1 FROM territories_placementend p WHERE {SLOT} AND p.day = %(day)s)
        OR m.placed_by IN ('rule', 'pin') AND NOT EXISTS (
            SELECT 1 FROM territories_placement p WHERE {SLOT} AND p.days @> %(day)s))"""
UNTIL = f"""
    UPDATE moving m SET until = LEAST(
        (SELECT upper(p.days) FROM territories_placement p WHERE {SLOT} AND p.days @> %(day)s),
        (SELECT min(lower(p.days)) FROM territories_placement p
            WHERE {SLOT} AND p.days && daterange(%(day)s, NULL, '()')
            AND lower(p.days) > %(day)s),
        (SELECT min(p.day) FROM territories_placementend p WHERE {SLOT} AND p.day > %(day)s))"""
REPLACE = f"""
    DELETE FROM territories_placement p USING moving m WHERE {SLOT} AND lower(p.days) = %(day)s"""
CLOSE = f"""
    UPDATE territories_placement p SET days = daterange(lower(p.days), %(day)s) FROM moving m
    WHERE {SLOT} AND p.days @> %(day)s"""
FORGET_ENDS = f"""
    DELETE FROM territories_placementend p USING moving m WHERE {SLOT} AND p.day = %(day)s"""
OPEN = """
    INSERT INTO territories_placement
        (model_id, account_id, role_id, territory_id, days, placed_by, rule_id, pin_id, reason)
    SELECT %(model)s, account_id, role_id, territory_id, daterange(%(day)s, until), placed_by, rule_id,
        pin_id, reason
    FROM moving WHERE territory_id IS NOT NULL ORDER BY account_id"""
END = """
    INSERT INTO territories_placementend (model_id, account_id, role_id, day, placed_by, pin_id, reason)
    SELECT %(model)s, account_id, role_id, %(day)s, placed_by, pin_id, reason
    FROM moving WHERE territory_id IS NULL"""
STEPS = (UNTIL, REPLACE, CLOSE, FORGET_ENDS, OPEN, END)


@transaction.atomic
def place(model: TerritoryModel, moves: Iterable[Move], from_day: dt.date) -> int:
    """Put accounts where the moves say from a day until the next change that is entered already; the
    days before stay. Says how many moves changed something.

    What rules and pins come to again changes nothing; what a person, a file or a realignment decided
    for a day keeps that day as a change, so that changes may be entered in any order. Raises Invalid for
    a territory of another model or role, and for an account that is moved twice.
    """
    wanted = list(moves)
    _refuse_twice(wanted)
    if not wanted:
        return 0
    TerritoryModel.objects.select_for_update(no_key=True).get(pk=model.pk)
    values: dict[str, Any] = {"model": model.pk, "day": from_day}
    with connection.cursor() as cursor:
        cursor.execute(STAGE)
        cursor.copy_expert(FILL, _lines(wanted))
        cursor.execute("ANALYZE moving")
        cursor.execute(WRONG, values)
        _refuse_wrong(cursor.fetchone())
        for sql in (SAME, STILL_OUT):
            cursor.execute(sql, values)
        cursor.execute("SELECT count(*) FROM moving")
        changed = int(cursor.fetchone()[0])
        for sql in STEPS if changed else ():
            cursor.execute(sql, values)
        cursor.execute("DROP TABLE moving")
    return changed


def _lines(moves: list[Move]) -> io.StringIO:
    text = io.StringIO()
    csv.writer(text).writerows(moves)  # the fields of a move are the columns, in order
    text.seek(0)
    return text


def _refuse_twice(moves: list[Move]) -> None:
    slots = [(move.account, move.role) for move in moves]
    if len(set(slots)) < len(slots):
        raise Invalid(Reason("An account is moved twice on one day. Name it once.", "twice"))


def _refuse_wrong(found: tuple[str, str] | None) -> None:
    if found:
        account, territory = found
        text = f"{account} cannot lie in {territory}: it is a territory of another model or role."
        raise Invalid(Reason(text, "other_model"))
