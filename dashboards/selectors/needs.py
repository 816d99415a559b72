"""What needs a person now, by what they may do: late data, blocking findings, names, imports, work."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse

from core.formats import show
from core.models import JobState, Person
from core.roles import can
from core.selectors.jobs import jobs_visible_to
from gathering.models import ImportState, IssueState, Severity
from gathering.pipeline.sources import when
from gathering.selectors.imports import imports_visible_to
from gathering.selectors.mappings import unmapped_visible_to
from gathering.selectors.quality import issues_visible_to
from gathering.selectors.sources import Board, Line, this_month

SHOWN = 5


@dataclass(frozen=True)
class Item:
    """One line: what it is, what is the matter, where it is dealt with."""

    text: str
    url: str
    note: str = ""
    tone: str = ""


@dataclass(frozen=True)
class Need:
    """One thing to look after: a heading with how many, the first few, and where all are."""

    title: str
    count: int
    url: str
    items: list[Item] = field(default_factory=list)


def needs_of(person: Person) -> list[Need]:
    """Everything that waits for this person's roles, the most urgent kind first; empty ones left out."""
    found = [read(person) for action, read in READS if can(person, action)]
    return [need for need in found if need.count]


def analyst_needs(person: Person) -> list[Need]:
    """Names nobody knows, findings and work under way."""
    return _allowed(person, (_findings, _names, _jobs))


def coordinator_needs(person: Person) -> list[Need]:
    """Sources that are missing and with whom, imports that wait, names nobody knows."""
    return _allowed(person, (_sources, _imports, _names))


def _allowed(person: Person, wanted: tuple[Callable[[Person], Need], ...]) -> list[Need]:
    return [read(person) for action, read in READS if read in wanted and can(person, action)]


def board_of(person: Person) -> Board | None:
    """The data sources of this month, for those who may see them."""
    return Board(person, this_month()) if can(person, "sources.view") else None


def _sources(person: Person) -> Need:
    waiting = [line for line in Board(person, this_month()).lines if line.is_late or line.is_due]
    waiting.sort(key=lambda line: (line.source.owner_id != person.pk, line.row.due))
    items = [_source(person, line) for line in waiting[:SHOWN]]
    return Need("Data sources due or late", len(waiting), reverse("gathering:source-board"), items)


def _source(person: Person, line: Line) -> Item:
    mine = "yours" if line.source.owner_id == person.pk else line.source.owner.name
    url = reverse("gathering:source-month", args=[line.source.pk, f"{line.row.month:%Y-%m}"])
    state = line.row.get_state_display().lower()
    return Item(line.source.name, url, f"{when(line)} · {state} · {mine}", "bad" if line.is_late else "warn")


def _findings(person: Person) -> Need:
    rows = issues_visible_to(person).filter(state=IssueState.OPEN, severity=Severity.BLOCKING)
    url = f"{reverse('gathering:issue-list')}?state=open&severity=blocking"
    items = [
        Item(issue.subject, reverse("gathering:issue-detail", args=[issue.pk]), _money(issue.money), "bad")
        for issue in rows.order_by("-money", "pk")[:SHOWN]
    ]
    return Need("Blocking findings in the data", rows.count(), url, items)


def _names(person: Person) -> Need:
    rows = unmapped_visible_to(person).filter(is_open=True)
    url = reverse("gathering:unmapped-list")
    items = [
        Item(str(name), url, f"{show(name.rows, 'quantity')[0]} rows · {_money(name.money)}", "warn")
        for name in rows.order_by("-money", "-rows", "pk")[:SHOWN]
    ]
    return Need("Names nobody knows", rows.count(), url, items)


def _imports(person: Person) -> Need:
    rows = imports_visible_to(person).filter(state=ImportState.CHECKED)
    items = [
        Item(
            run.file_name,
            reverse("gathering:import-detail", args=[run.pk]),
            f"{show(run.rows_good, 'quantity')[0]} good rows, "
            f"{show(run.rows_rejected, 'quantity')[0]} rejected",
            "info",
        )
        for run in rows.order_by("-pk")[:SHOWN]
    ]
    return Need(
        "Imports waiting for a decision",
        rows.count(),
        f"{reverse('gathering:import-list')}?state=checked",
        items,
    )


def _jobs(person: Person) -> Need:
    rows = jobs_visible_to(person).filter(state__in=[JobState.QUEUED, JobState.RUNNING])
    items = [
        Item(job.label, reverse("core:job", args=[job.pk]), job.step or job.get_state_display(), "info")
        for job in rows.order_by("-pk")[:SHOWN]
    ]
    return Need("Work under way", rows.count(), reverse("core:jobs"), items)


def _money(value: Any) -> str:
    return f"{show(value, 'quantity')[0]} at stake"


READS: tuple[tuple[str, Callable[[Person], Need]], ...] = (
    ("sources.view", _sources),
    ("quality.view", _findings),
    ("imports.view", _names),
    ("imports.view", _imports),
    ("jobs.view", _jobs),
)
