"""The demo company's cycles: six that are released, and one that is open in demand planning.

They go through the same services as everybody's, each stage by the people it belongs to. Every step
looks first what is there, so that a load that was interrupted is finished by the next one.
"""

import datetime as dt
from collections.abc import Callable, Sequence

from core import company
from core.events import record
from core.models import Event, Person
from core.services.company import change_setting
from demo.company import Past, make_past
from demo.company.span import first_day, month_number
from demo.company.words import CYCLES, OPEN, VP, Words
from demo.loading.cycles.demand import speak
from demo.loading.cycles.stages import Chapter, work_through
from demo.loading.cycles.told import who
from planning.engine.moves import STAGES
from planning.models import Cycle, StageName
from planning.services.cycles import open_cycle

Say = Callable[[str], None]
Report = Callable[[int, int, str], None]
COMPLETE = "demo cycles loaded"
WHY = "The demo's past cycles are loaded on one day: nobody waits for their packs."


def load_cycles(
    *,
    scale: int,
    seed: int,
    until: dt.date,
    say: Say,
    report: Report = lambda done, total, step: None,
    told: Sequence[Words] = CYCLES,
) -> None:
    """A released cycle for each of the words, and the open one of the month after `until`, in order."""
    past = make_past(scale=scale, seed=seed, until=until)
    newest = month_number(until) + 1
    days = company.value("pack_days")
    _pack_days(0, WHY)
    for done, words in enumerate((*told, OPEN)):
        month = first_day(newest - len(told) + done)
        report(done, len(told) + 1, f"Cycle of {month:%B %Y}")
        cycle = _load(month, words, past, is_open=words is OPEN)
        say(f"{cycle}: {cycle.get_stage_display().lower()}")
    _pack_days(days or 1, "The demo's past cycles are there.")
    record(actor=None, verb=COMPLETE, subject=cycle)


def are_complete() -> bool:
    """Whether nothing is left to load."""
    return Event.objects.filter(verb=COMPLETE).exists()


def _load(month: dt.date, words: Words, past: Past, *, is_open: bool) -> Cycle:
    there = Cycle.objects.filter(month=month).exclude(stage=StageName.ABANDONED).first()
    cycle = there or open_cycle(actor=who(VP), month=month)
    chapter = Chapter(cycle, words, past.sayings.of_cycle(month_number(month)))
    last = StageName.DEMAND if is_open else StageName.RELEASED
    while chapter.cycle.stage in STAGES and chapter.cycle.stage != last:
        work_through(chapter)
    if is_open and chapter.cycle.stage == StageName.DEMAND:
        speak(chapter, is_over=False)
    return chapter.cycle


def _pack_days(days: int, why: str) -> None:
    if company.value("pack_days") != days:
        row = company.row_on("pack_days", dt.date.max)
        actor: Person = who(VP)
        change_setting(
            actor=actor, key="pack_days", value=days, revision=row.revision if row else 0, reason=why
        )
