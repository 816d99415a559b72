"""How a data source moves through its month: the guards of the move table, and the one way to move."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from catalog.engine.moves import Move
from core.access import require
from core.errors import Reason, Refused
from core.events import record
from core.formats import show
from core.models import Person
from core.roles import Role, can
from gathering.engine.source_moves import find_move, moves_from
from gathering.models import DataSource, SourceMonth, SourceState
from gathering.selectors.sources import DueDays, blank, blocking_issues
from gathering.selectors.totals import differences

DEPUTIES = {Role.MANAGER, Role.COORDINATOR}
SHOWN_BLOCKERS = 5

Guard = Callable[[SourceMonth, Person | None], list[Reason]]


def totals_typed(row: SourceMonth, actor: Person | None) -> list[Reason]:
    """Somebody typed at least one control total."""
    if any(v is not None for v in (row.control_rows, row.control_quantity, row.control_money)):
        return []
    text = "Type at least one control total (rows, quantity or money) from the source system first."
    return [Reason(text, "totals_missing", "control_rows", month_url(row) + "#totals")]


def totals_agree(row: SourceMonth, actor: Person | None) -> list[Reason]:
    """What came in is what the source system says."""
    return [
        Reason(
            f"The {d.what} do not agree: {show(d.wanted, d.kind)[0]} in the source system, "
            f"{show(d.actual, d.kind)[0]} came in. Mend the file or the control total.",
            "totals_differ",
            d.field,
            month_url(row) + "#totals",
        )
        for d in differences(row)
    ]


def owner_or_deputy(row: SourceMonth, actor: Person | None) -> list[Reason]:
    """The owner signs, or a manager or coordinator in place of the owner."""
    if actor is None or actor == row.source.owner or DEPUTIES.intersection(actor.roles):
        return []
    owner = row.source.owner.name
    return [Reason(f"Only {owner}, a manager or a coordinator signs {row.source.name}.", "not_the_owner")]


def nothing_blocks(row: SourceMonth, actor: Person | None) -> list[Reason]:
    """No blocking finding is open in the source's facts."""
    issues = list(blocking_issues(row)[: SHOWN_BLOCKERS + 1])
    reasons = [
        Reason(
            f"{issue.subject}: {issue.message}",
            "blocking_issue",
            url=reverse("gathering:issue-detail", args=[issue.pk]),
        )
        for issue in issues[:SHOWN_BLOCKERS]
    ]
    if len(issues) > SHOWN_BLOCKERS:
        more = blocking_issues(row).count() - SHOWN_BLOCKERS
        address = f"{reverse('gathering:issue-list')}?severity=blocking&dataset={row.source.dataset}"
        reasons.append(
            Reason(f"{more} more blocking findings in the same data.", "blocking_issue", url=address)
        )
    return reasons


def has_a_file(row: SourceMonth, actor: Person | None) -> list[Reason]:
    """There is something to check."""
    return [] if row.run_id else [Reason("No file came in yet.", "no_file")]


def has_no_file(row: SourceMonth, actor: Person | None) -> list[Reason]:
    """Only what did not come is waived."""
    return [Reason("A file came in already.", "has_file")] if row.run_id else []


GUARDS: dict[str, Guard] = {
    "totals_typed": totals_typed,
    "totals_agree": totals_agree,
    "owner_or_deputy": owner_or_deputy,
    "nothing_blocks": nothing_blocks,
    "has_a_file": has_a_file,
    "has_no_file": has_no_file,
}
# These guards choose between two moves of the same label; a button whose guard fails is not shown.
CHOOSING = {"has_a_file", "has_no_file"}


def offered_moves(row: SourceMonth, person: Person) -> list[Move]:
    """The moves out of this state that the person's role allows, in the table's order."""
    return [
        move
        for move in moves_from(row.state)
        if move.action
        and can(person, move.action)
        and not any(GUARDS[name](row, person) for name in move.guards if name in CHOOSING)
    ]


def refusals(row: SourceMonth, move: Move, person: Person | None) -> list[Reason]:
    """Every reason at once why the move is not possible now."""
    return [reason for name in move.guards for reason in GUARDS[name](row, person)]


@transaction.atomic
def open_month(source: DataSource, month: dt.date) -> SourceMonth:
    """The source's row of the month, locked; made now if nothing happened in it yet."""
    new = blank(source, month, DueDays(month))
    SourceMonth.objects.bulk_create([new], ignore_conflicts=True)
    rows = SourceMonth.objects.select_for_update(of=("self",)).select_related("source__owner", "run")
    return rows.get(source=source, month=month)


@transaction.atomic
def perform(
    *,
    source: DataSource,
    month: dt.date,
    name: str,
    actor: Person | None,
    reason: str = "",
    changes: dict[str, Any] | None = None,
) -> SourceMonth:
    """Make one move, or refuse it with every reason at once and change nothing.

    `changes` are stored along with the new state (the file that came in).
    """
    row = open_month(source, month)
    move = _allowed(row, name, actor, reason)
    before = {"state": row.state}
    for field, value in {**_settling(move, actor, reason), **(changes or {})}.items():
        setattr(row, field, value)
    row.state = move.target
    row.revision += 1
    row.save()
    record(
        actor=actor,
        verb=move.label.lower(),
        subject=row,
        before=before,
        after={"state": row.state, **(changes or {})},
        reason=reason,
    )
    return row


def _allowed(row: SourceMonth, name: str, actor: Person | None, reason: str) -> Move:
    move = find_move(name, row.state)
    if move is None:
        state = row.get_state_display().lower()
        raise Refused(Reason(f"{row} is {state}; that is not possible now. Reload the page.", "wrong_state"))
    if actor is not None:
        if not move.action:
            raise Refused(Reason("Only a file that comes in makes this move.", "system_only"))
        require(actor, move.action, row)
    reasons = refusals(row, move, actor)
    if move.asks_reason and not reason.strip():
        reasons.insert(0, Reason("Say why, in one sentence.", "reason_missing", "reason"))
    if reasons:
        raise Refused(*reasons)
    return move


def _settling(move: Move, actor: Person | None, reason: str) -> dict[str, Any]:
    settled = move.target in {SourceState.SIGNED, SourceState.WAIVED}
    return {
        "settled_by": actor if settled else None,
        "settled_at": timezone.now() if settled else None,
        "reason": reason.strip() if move.asks_reason else "",
    }


def month_url(row: SourceMonth) -> str:
    """The page of a source in a month."""
    return reverse("gathering:source-month", args=[row.source_id, f"{row.month:%Y-%m}"])
