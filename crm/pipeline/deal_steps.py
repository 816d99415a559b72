"""The steps of deals' histories on their way into the table: tens of thousands of rows at once."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection

from crm.engine.webhooks.events import Event
from crm.models import DealStage

STORE = """
INSERT INTO crm_dealchange (deal_id, field, after, stage_id, occurred, version, key, before)
SELECT step.*, ''
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::bigint[], %s::timestamptz[], %s::bigint[], %s::text[])
    AS step (deal, field, after, stage, occurred, version, key)
ON CONFLICT (deal_id, field, key) DO UPDATE SET after = EXCLUDED.after, stage_id = EXCLUDED.stage_id
"""


class Step(NamedTuple):
    """A row of DealChange, its columns in the order of STORE; what was before is derived afterwards."""

    deal: int
    field: str
    after: str
    stage: int | None
    occurred: dt.datetime
    version: int
    key: str


def step_of(deal: int, field: str, value: Any, event: Event) -> Step:
    """What an event says of one field of a deal."""
    stage = value.pk if isinstance(value, DealStage) else None
    return Step(deal, field, _as_text(value), stage, event.occurred, event.version, event.dedupe_key)


def _as_text(value: Any) -> str:
    """A code, a day or an amount as a history shows it and compares it."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value.isoformat() if isinstance(value, dt.date) else value.code


def store_steps(steps: Sequence[Step]) -> None:
    """Keep the steps; one that is known by its deal, field and key says what it says now. No two in
    `steps` may share these."""
    if not steps:
        return
    with connection.cursor() as cursor:
        cursor.execute(STORE, [list(column) for column in zip(*steps, strict=True)])
