"""The funnel: of the deals created in some days, how many came how far, and how long they stayed.

A deal that came to a stage came through those before it, also where it skipped them. Time in a stage
is that of finished stays: from the step into it to the next step.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256
from typing import Any

from django.core.cache import cache
from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from core.models import Person
from crm.models import Deal, DealChange, DealStage, StageKind
from crm.selectors.deals import deal_stages_visible_to
from crm.selectors.pipeline_deals import AMOUNT, IS_WON, bare
from crm.selectors.pipeline_groups import Grouping, grouped

# One pass over the steps of the cohort: how far each deal came (the highest position of an open stage
# that it ever was in), the median of finished stays, and the median length of those that were won.
QUERY = """
    WITH cohort(id, key, name, kind, place, amount, days) AS MATERIALIZED ({cohort}),
    seen AS (
        SELECT deal_id, occurred, version, stage_id,
               lag(stage_id) OVER (PARTITION BY deal_id ORDER BY occurred, version) AS stage_before
        FROM crm_dealchange WHERE field = 'stage' AND deal_id IN (SELECT id FROM cohort)
    ),
    steps AS MATERIALIZED (
        SELECT deal_id, stage_id,
               lead(occurred) OVER (PARTITION BY deal_id ORDER BY occurred, version) - occurred AS stay
        FROM seen WHERE stage_id IS DISTINCT FROM stage_before
    ),
    reached AS (
        SELECT deal_id, max(stage.position) AS furthest
        FROM steps JOIN crm_dealstage AS stage ON stage.id = steps.stage_id AND stage.kind = 'open'
        GROUP BY deal_id
    )
    SELECT 'came', FALSE, key, min(name), kind,
           greatest(furthest, CASE WHEN kind = 'open' THEN place END)::bigint AS came,
           count(*), CASE WHEN kind = 'open' THEN place END::float8 AS now, sum(amount)
    FROM cohort LEFT JOIN reached ON reached.deal_id = cohort.id GROUP BY key, kind, came, now
    UNION ALL
    SELECT 'stay', grouping(key) = 1, key, NULL, NULL, stage_id, count(*),
           percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM stay)) / 86400, NULL
    FROM steps JOIN cohort ON cohort.id = steps.deal_id WHERE stay IS NOT NULL AND stage_id IS NOT NULL
    GROUP BY GROUPING SETS ((key, stage_id), (stage_id))
    UNION ALL
    SELECT 'length', grouping(key) = 1, key, NULL, NULL, NULL, count(*),
           percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM days)) / 86400, NULL
    FROM cohort WHERE kind = 'won' AND days IS NOT NULL GROUP BY GROUPING SETS ((key), ())
"""
KEPT_SECONDS = 60  # the query knows who asks: its text and values are the key
KINDS = {kind.value for kind in StageKind}


@dataclass(frozen=True)
class Passage:
    """One open stage of a funnel. `reached` deals came to it, `passed` came further or were won; `here`
    are in it now, `lost` came no further. `median_days` is that of finished stays."""

    stage: DealStage
    reached: int
    passed: int
    here: int
    lost: int
    median_days: float | None

    @property
    def conversion(self) -> float | None:
        """The share that came further."""
        return self.passed / self.reached if self.reached else None


@dataclass(frozen=True)
class Funnel:
    """The deals of one group (`key` empty: without one), from creation to signature.

    `won_amount` is in base currency, `median_days` from creation to signature.
    """

    key: str
    name: str
    created: int
    won: int
    lost: int
    won_amount: Decimal
    median_days: float | None
    passages: list[Passage]

    @property
    def open(self) -> int:
        """How many are neither won nor lost yet."""
        return self.created - self.won - self.lost

    @property
    def win_rate(self) -> float | None:
        """Won deals of those decided."""
        return self.won / (self.won + self.lost) if self.won + self.lost else None


@dataclass
class _Sums:
    """What the database counted for a group: (kind, furthest position) → deals, present position →
    open deals, and the money won."""

    name: str = ""
    deals: dict[tuple[str, int], int] = field(default_factory=dict)
    here: dict[int, int] = field(default_factory=dict)
    won_amount: Decimal = Decimal(0)

    def add(self, kind: str, furthest: int, count: int, now: float | None, amount: Decimal) -> None:
        key = (kind, furthest)
        self.deals[key] = self.deals.get(key, 0) + count
        if now is not None:
            self.here[int(now)] = self.here.get(int(now), 0) + count
        if kind == StageKind.WON:
            self.won_amount += amount

    def count(self, *kinds: str, least: int = 0, most: int | None = None) -> int:
        return sum(
            number
            for (kind, furthest), number in self.deals.items()
            if kind in kinds and furthest >= least and (most is None or furthest <= most)
        )


def funnel(
    user: Person | None, deals: QuerySet[Deal], grouping: Grouping, first: dt.date, last: dt.date
) -> tuple[Funnel, list[Funnel]]:
    """The funnel of the pipeline deals created on these days, and that of each group, the largest first.

    Two queries; the large one is remembered for a minute.
    """
    stages = list(deal_stages_visible_to(user).filter(kind=StageKind.OPEN).order_by("position"))
    rows = _fetch(deals.filter(created__range=(first, last)), grouping)
    everything, groups = _counted(row[2:] for row in rows if row[0] == "came")
    stays = {(row[1], row[2] or "", row[5]): row[7] for row in rows if row[0] == "stay"}
    lengths = {(row[1], row[2] or ""): row[7] for row in rows if row[0] == "length"}

    def made(total: bool, key: str, sums: _Sums) -> Funnel:
        days = {stage.pk: stays.get((total, key, stage.pk)) for stage in stages}
        return _funnel(key, sums, stages, days, lengths.get((total, key)))

    found = [made(False, key, sums) for key, sums in groups.items()]
    found.sort(key=lambda one: (-one.won_amount, -one.created, one.name))
    everything.name = "All"
    return made(True, "", everything), found


def came_to(deals: QuerySet[Deal], stage: DealStage) -> QuerySet[Deal]:
    """The deals that reached an open stage or came further, as the funnel counts them."""
    return deals.filter(_came(stage))


def came_no_further(deals: QuerySet[Deal], stage: DealStage) -> QuerySet[Deal]:
    """The deals that reached an open stage and no later one."""
    later = DealStage.objects.filter(kind=StageKind.OPEN, position__gt=stage.position)
    beyond = later.order_by("position").first()
    return deals.filter(_came(stage) & ~(_came(beyond) if beyond else IS_WON))


def _came(stage: DealStage) -> Q:
    steps = DealChange.objects.filter(
        deal=OuterRef("pk"),
        field="stage",
        stage__kind=StageKind.OPEN,
        stage__position__gte=stage.position,
    )
    return IS_WON | Q(stage__kind=StageKind.OPEN, stage__position__gte=stage.position) | Q(Exists(steps))


def _fetch(deals: QuerySet[Deal], grouping: Grouping) -> list[Any]:
    rows = grouped(bare(deals), grouping).annotate(days=F("closed") - F("created"), money=AMOUNT)
    columns = ("pk", "group_key", "group_name", "stage__kind", "stage__position", "money", "days")
    text, values = rows.values_list(*columns).query.sql_with_params()
    key = f"funnel:{sha256(repr((text, values)).encode()).hexdigest()}"
    known = cache.get(key)
    if known is None:
        known = _run(text, values)
        cache.set(key, known, KEPT_SECONDS)
    return known


def _run(cohort: str, values: tuple[Any, ...]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(QUERY.format(cohort=cohort), values)
        return cursor.fetchall()


def _counted(rows: Iterable[Any]) -> tuple[_Sums, dict[str, _Sums]]:
    everything, groups = _Sums(), dict[str, _Sums]()
    for key, name, kind, furthest, count, now, amount in rows:
        group = groups.setdefault(key or "", _Sums())
        group.name = name or ""
        for sums in (everything, group):
            sums.add(kind, furthest if furthest is not None else -1, count, now, amount)
    return everything, groups


def _funnel(
    key: str, sums: _Sums, stages: list[DealStage], days: dict[int, float | None], length: float | None
) -> Funnel:
    won = sums.count(StageKind.WON, least=-1)
    passages = []
    for stage, beyond in zip(stages, [*stages[1:], None], strict=False):
        further = sums.count(StageKind.OPEN, StageKind.LOST, least=beyond.position) if beyond else 0
        reached = won + sums.count(StageKind.OPEN, StageKind.LOST, least=stage.position)
        most = beyond.position - 1 if beyond else None
        passages.append(
            Passage(
                stage=stage,
                reached=reached,
                passed=won + further,
                here=sums.here.get(stage.position, 0),
                lost=sums.count(StageKind.LOST, least=stage.position, most=most),
                median_days=days.get(stage.pk),
            )
        )
    lost = sums.count(StageKind.LOST, least=-1)
    return Funnel(
        key=key,
        name=sums.name,
        created=sums.count(*KINDS, least=-1),
        won=won,
        lost=lost,
        won_amount=sums.won_amount,
        median_days=length,
        passages=passages,
    )
