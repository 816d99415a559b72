"""What files and the calendar do to data sources: received, due tomorrow, late."""

import datetime as dt

from django.db import transaction
from django.utils import timezone

from core.models import Person
from core.services.notifications import notify
from gathering.engine.source_moves import find_move
from gathering.models import DataSource, ImportRun, SourceMonth, SourceState
from gathering.selectors.sources import Board, Line, sources_of_run, this_month
from gathering.workflow import month_url, open_month, perform


@transaction.atomic
def source_received(*, run: ImportRun) -> list[SourceMonth]:
    """Mark the sources that a committed import answers as received in the month of the commit.

    A signature or waiver that was given before does not hold for the new file: it falls, and its
    giver is told.
    """
    month = timezone.localdate(run.committed).replace(day=1) if run.committed else this_month()
    return [_receive(source, run, month) for source in sources_of_run(run)]


def _receive(source: DataSource, run: ImportRun, month: dt.date) -> SourceMonth:
    earlier = open_month(source, month)
    signer = earlier.settled_by if earlier.state in {SourceState.SIGNED, SourceState.WAIVED} else None
    why = f"{run.file_name} came in after it was {earlier.get_state_display().lower()}." if signer else ""
    if find_move("receive", earlier.state) is None:
        return earlier
    row = perform(
        source=source, month=earlier.month, name="receive", actor=None, reason=why, changes={"run": run}
    )
    if signer:
        notify(
            people=[signer, source.owner], title=f"{row} must be signed again", text=why, url=month_url(row)
        )
    return row


def remind_owners() -> int:
    """Tell owners what is due on the next day or today, and what is late.

    Runs once a day. Each owner gets one message about all of it.
    """
    board = Board(None, this_month())
    waiting: dict[Person, list[Line]] = {}
    for line in board.lines:
        if line.is_due or line.is_late:
            waiting.setdefault(line.source.owner, []).append(line)
    for owner, lines in waiting.items():
        _remind(owner, lines)
    return len(waiting)


def _remind(owner: Person, lines: list[Line]) -> None:
    late = [line for line in lines if line.is_late]
    what = f"{len(late)} late" if late else f"{len(lines)} due"
    notify(
        people=[owner],
        title=f"Data sources: {what}",
        text="\n".join(f"{line.source.name}: {when(line)}." for line in lines),
        url=f"/data/sources/?month={lines[0].row.month:%Y-%m}",
    )


def when(line: Line) -> str:
    """How a source stands to its due day, in words."""
    days = line.days
    if days < 0:
        return f"late by {-days} day{'' if days == -1 else 's'}"
    return "due today" if days == 0 else "due tomorrow" if days == 1 else f"due in {days} days"
