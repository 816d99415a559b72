"""Writing a released plan: its rows, its sums and its canonical content, all in one transaction."""

import hashlib
import io
import zlib
from typing import Any

from django.db import connection

from core.models import Person
from planning.engine.canonical import canonical
from planning.models import Approval, ApprovalRequest, Cycle, Release, SupplyRun
from planning.pipeline.plan_rows import COLUMNS, PlanRow, values_of
from planning.selectors.approvals import decided

TOTALS = """
    INSERT INTO planning_releasedtotal
        (release_id, family_id, market_id, month, baseline, consensus, supplied, demand_revenue, revenue,
         cost)
    SELECT v.release_id, p.family_id, u.market_id, v.month,
           sum(v.baseline), sum(v.consensus), sum(v.supplied),
           sum(v.consensus * v.price), sum(v.supplied * v.price), sum(v.supplied * v.cost)
    FROM planning_releasedvalue v
    JOIN catalog_demandunit u ON u.id = v.demand_unit_id
    JOIN catalog_product p ON p.id = u.product_id
    WHERE v.release_id = %s
    GROUP BY v.release_id, p.family_id, u.market_id, v.month
"""
COPY = """
    COPY planning_releasedvalue
        (release_id, demand_unit_id, month, baseline, consensus, supplied, price, cost)
    FROM STDIN
"""


def content_of(request: ApprovalRequest, rows: list[PlanRow]) -> dict[str, Any]:
    """The whole released plan: what was asked, who signed it, what executives decided, every value."""
    cycle = request.cycle
    return {
        "asked": request.asked,
        "request": request.number,
        "approvals": [_signature(row) for row in request.approvals.select_related("approver")],
        "executive_decisions": decided(cycle.decisions.filter(asks_executives=True)),
        "columns": list(COLUMNS),
        "values": values_of(rows),
    }


def _signature(approval: Approval) -> dict[str, Any]:
    return {
        "approver": approval.approver.email,
        "verdict": approval.verdict,
        "text": approval.text,
        "signed": approval.signed.isoformat(),
        "asked": approval.content_hash,
    }


def store_release(
    *, cycle: Cycle, run: SupplyRun, rows: list[PlanRow], content: dict[str, Any], actor: Person | None
) -> Release:
    """Rows first, the release last: from then on the database takes no more rows for it."""
    key = _next_key()
    _copy(key, rows)
    with connection.cursor() as cursor:
        cursor.execute(TOTALS, [key])
    text = canonical(content)
    return Release.objects.create(
        pk=key,
        cycle=cycle,
        run=run,
        content_hash=hashlib.sha256(text).hexdigest(),
        content=zlib.compress(text, 6),
        released_by=actor,
    )


def _next_key() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('planning_release', 'id'))")
        return int(cursor.fetchone()[0])


def _copy(release: int, rows: list[PlanRow]) -> None:
    lines = (
        f"{release}\t{row.demand_unit}\t{row.month.isoformat()}\t{row.baseline!r}\t{row.consensus!r}\t"
        f"{row.supplied!r}\t{row.price!r}\t{row.cost!r}\n"
        for row in rows
    )
    with connection.cursor() as cursor:
        cursor.copy_expert(COPY, io.StringIO("".join(lines)))
