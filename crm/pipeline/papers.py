"""Order papers of CRMs and ERPs, as their events make them: webhooks and imports go through here.

Whatever order events arrive in and however often, the paper ends the same: per field the newest stamp
wins (crm.engine.webhooks.records). A paper is found by its id in its system, else by its number, so
that a file that knows only numbers and a webhook that knows ids meet in one paper.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from django.db import connection
from django.db.models import Q

from crm.engine.paper_fields import KINDS
from crm.engine.webhooks.events import Event
from crm.engine.webhooks.records import Outcome, RecordState, apply
from crm.models import Deal, EventState, OrderPaper, Rep
from crm.pipeline.inbox_sources import lock_source
from crm.pipeline.paper_values import Read, Reader
from crm.pipeline.settling import Settled

WRITTEN = (
    *("external_id", "number", "state", "deal", "account", "amount", "currency", "discount_percent"),
    *("delivered_percent", "due", "document", "owner", "changed_state", "is_deleted", "written", "revision"),
)
STATES = {
    Outcome.APPLIED: EventState.APPLIED,
    Outcome.PARTLY: EventState.PARTLY,
    Outcome.SUPERSEDED: EventState.SUPERSEDED,
}
OURS = OrderPaper._meta.get_field("source").default
BETTER = [Outcome.SUPERSEDED, Outcome.PARTLY, Outcome.APPLIED]
# A deal may be told of after its papers, and an account that nobody told is that of the deal. A system
# that is not the CRM writes the CRM before the deal's id: crm:4711.
LINK = """
    UPDATE crm_orderpaper AS paper SET deal_id = deal.id, revision = paper.revision + 1
    FROM crm_deal AS deal
    WHERE paper.deal_id IS NULL AND paper.source <> 'here' AND %(source)s IN ('', paper.source)
      AND (deal.source, deal.external_id) IN (
          (paper.source, paper.written->'deal'->>0),
          (split_part(paper.written->'deal'->>0, ':', 1),
           substr(paper.written->'deal'->>0, strpos(paper.written->'deal'->>0, ':') + 1)))
"""
ACCOUNT = """
    UPDATE crm_orderpaper AS paper SET account_id = deal.account_id, revision = paper.revision + 1
    FROM crm_deal AS deal
    WHERE paper.deal_id = deal.id AND paper.account_id IS NULL AND deal.account_id IS NOT NULL
      AND paper.source <> 'here' AND %(source)s IN ('', paper.source)
"""


def apply_papers_of(kind: str) -> Callable[[str, Sequence[Event]], list[Settled]]:
    """The applier of one kind of paper."""

    def applied(source: str, events: Sequence[Event]) -> list[Settled]:
        return apply_paper_events(source, kind, events)

    return applied


def apply_paper_events(source: str, kind: str, events: Sequence[Event]) -> list[Settled]:
    """Apply events of one system to its papers of a kind, and say of each what became of it, in their order.

    Runs inside the caller's transaction; the papers stay locked until it ends. An event that cannot be
    applied touches nothing.
    """
    if source == OURS:
        text = "Papers that are written here change here. Give the file or the endpoint a source of its own."
        return [Settled(EventState.DEAD, error=text)] * len(events)
    lock_source(source)  # a file and a webhook may tell of a new paper at once
    read = Reader(source, events).read()
    good = [one for one in read if isinstance(one, Read)]
    batch = _Batch(source, kind, _locked(source, kind, good), _deals(source, good))
    settled = [one if isinstance(one, Settled) else batch.apply(one) for one in read]
    batch.store()
    return settled


def link_papers(source: str = "") -> int:
    """Tie papers to deals that were told of later, and to the deals' accounts; says how many times.
    `source` narrows to one system."""
    linked = 0
    with connection.cursor() as cursor:
        for query in (LINK, ACCOUNT):
            cursor.execute(query, {"source": source})
            linked += cursor.rowcount
    return linked


def _locked(source: str, kind: str, good: list[Read]) -> list[OrderPaper]:
    """The papers that the events may mean, locked in the order of their ids."""
    ids = {name for one in good for name in one.targets}
    numbers = ids | {one.values["number"] for one in good if one.values.get("number")}
    meant = Q(external_id__in=ids) | Q(number__in=numbers)
    rows = OrderPaper.objects.filter(meant, source=source, kind=kind).order_by("pk")
    return list(rows.select_for_update(of=("self",)))


def _deals(source: str, good: list[Read]) -> dict[str, int]:
    """The deals by what the events call them: an id of the same system, or another's before the id."""
    wanted = {one.values["deal"] for one in good if one.values.get("deal")}
    if not wanted:
        return {}
    parts = [name.partition(":") for name in wanted if ":" in name]
    meant = Q(source=source, external_id__in=wanted)
    for crm in {crm for crm, _, _ in parts}:
        meant |= Q(source=crm, external_id__in={key for its, _, key in parts if its == crm})
    found: dict[str, int] = {}
    for crm, key, deal in Deal.objects.filter(meant).values_list("source", "external_id", "pk"):
        found.update({f"{crm}:{key}": deal} | ({key: deal} if crm == source else {}))
    return found


@dataclass
class _Batch:
    """Papers on their way to a new state."""

    source: str
    kind: str
    papers: list[OrderPaper]
    deals: dict[str, int]
    states: dict[int, RecordState] = field(default_factory=dict)  # by place in `papers`

    def __post_init__(self) -> None:
        self.by_id = {paper.external_id: at for at, paper in enumerate(self.papers) if paper.external_id}
        self.by_number = {paper.number: at for at, paper in enumerate(self.papers)}

    def apply(self, read: Read) -> Settled:
        number = read.values.get("number", "")
        if self._is_taken(number, read.event.external_id):
            text = f"Another {self.kind} of {self.source} has the number {number} already."
            return Settled(EventState.DEAD, error=text)
        outcomes = [self._apply_to(self._find(name, number), name, read) for name in read.targets]
        return Settled(STATES[max(outcomes, key=BETTER.index)])

    def _is_taken(self, number: str, name: str) -> bool:
        """Whether a paper that is known by another id has the number."""
        other = self.by_number.get(number)
        if not number or other is None or other == self.by_id.get(name):
            return False
        paper = self.papers[other]
        return name in self.by_id or not {name, paper.external_id} & {paper.number}

    def _find(self, name: str, number: str) -> int:
        """By the id, else by the number: of a paper whose own id nobody knew, or that the name is."""
        at = self.by_id.get(name)
        at = self.by_number.get(number, self.by_number.get(name)) if at is None else at
        if at is None:
            self.papers.append(
                OrderPaper(source=self.source, kind=self.kind, external_id=name, number=name[:80])
            )
            at = len(self.papers) - 1
            self.by_number[name[:80]] = at
        elif self.papers[at].external_id == self.papers[at].number and name != self.papers[at].number:
            self.papers[at].external_id = name
        self.by_id[name] = at
        return at

    def _apply_to(self, at: int, name: str, read: Read) -> Outcome:
        paper, event = self.papers[at], read.event
        before = self.states.get(at) or RecordState.of_json(paper.written)
        after, outcome = apply(before, event, to=name)
        self.states[at] = after
        for key in event.fields:
            if after.fields[key].stamp.key == event.dedupe_key:
                self._write(at, key, read)
        paper.is_deleted = after.is_deleted or after.merged_into is not None
        return outcome

    def _write(self, at: int, key: str, read: Read) -> None:
        paper, value = self.papers[at], read.values[key]
        if key == "state":
            paper.state, paper.changed_state = value, read.event.occurred
        elif key == "deal":
            paper.deal_id = self.deals.get(value)
        elif key == "owner":
            paper.owner = value.person if isinstance(value, Rep) else None
        elif key == "number":
            self._renumber(at, value or paper.external_id[:80])
        else:
            setattr(paper, key, value)

    def _renumber(self, at: int, number: str) -> None:
        if self.by_number.get(self.papers[at].number) == at:
            del self.by_number[self.papers[at].number]
        self.papers[at].number = number
        self.by_number[number] = at

    def store(self) -> None:
        for at, state in self.states.items():
            self.papers[at].written = state.as_json()
        touched = [self.papers[at] for at in self.states]
        known = [paper for paper in touched if paper.pk]
        for paper in known:
            paper.revision += 1
        OrderPaper.objects.bulk_create([paper for paper in touched if not paper.pk])
        OrderPaper.objects.bulk_update(known, WRITTEN, batch_size=500)
        if touched:
            link_papers(self.source)


PAPER_APPLIERS = {entity: apply_papers_of(kind) for entity, kind in KINDS.items()}
