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
USUAL_DAYS = 1


def load_cycles(*, scale: int, seed: int, until: dt.date, say: Say, told: Sequence[Words] = CYCLES) -> None:
    """A released cycle for each of the words, and the open one of the month after `until`, in order."""
    for number in range(len(told) + 1):
        cycle = load_cycle(scale=scale, seed=seed, until=until, number=number, told=told)
        say(f"{cycle}: {cycle.get_stage_display().lower()}")


def load_cycle(
    *,
    scale: int,
    seed: int,
    until: dt.date,
    number: int,
    report: Report = lambda done, total, step: None,
    told: Sequence[Words] = CYCLES,
) -> Cycle:
    """One of them, by its number from 0 on; the last is the open one. What is there already stays."""
    past, is_open = make_past(scale=scale, seed=seed, until=until), number == len(told)
    month = month_of(until, number, len(told))
    if not is_open:
        _pack_days(0, WHY)
    cycle = _load(month, (*told, OPEN)[number], past, report, is_open=is_open)
    if is_open:
        _pack_days(USUAL_DAYS, "The demo's past cycles are there.")
        if not are_complete():
            record(actor=None, verb=COMPLETE, subject=cycle)
    return cycle


def month_of(until: dt.date, number: int, released: int = len(CYCLES)) -> dt.date:
    """The first month planned of a cycle, by its number."""
    return first_day(month_number(until) + 1 - released + number)


def are_complete() -> bool:
    """Whether nothing is left to load."""
    return Event.objects.filter(verb=COMPLETE).exists()


def _load(month: dt.date, words: Words, past: Past, report: Report, *, is_open: bool) -> Cycle:
    there = Cycle.objects.filter(month=month).exclude(stage=StageName.ABANDONED).first()
    cycle = there or open_cycle(actor=who(VP), month=month)
    chapter = Chapter(cycle, words, past.sayings.of_cycle(month_number(month)))
    last = StageName.DEMAND if is_open else StageName.RELEASED
    while chapter.cycle.stage in STAGES and chapter.cycle.stage != last:
        stage = chapter.cycle.get_stage_display()
        report(STAGES.index(chapter.cycle.stage), len(STAGES), f"{chapter.cycle}: {stage.lower()}")
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
