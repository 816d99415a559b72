"""What became of the pipeline between the ends of two days, deal by deal and as a bridge.

A deal's state at a moment is today's, rolled back: the earliest step after the moment says what stood
before it (`DealChange.before`), so that only the steps since then are read. Amounts are told at the
rate the deal has today: a currency that moved is no change of the pipeline. A deal belongs to whom
and what it belongs to today.
"""

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone

from catalog.selectors import base_currency
from core.models import Person
from crm.engine.pipeline import Bridge, Flow, Pair, Place, Step, bridge, pairs_of
from crm.models import Deal
from crm.selectors.deals import deals_visible_to, end_of, live
from crm.selectors.pipeline_deals import IS_OPEN, bare

# What each deal's first step after a moment says it was before: nothing for a field that did not change.
ROLLED_BACK = """
    SELECT deal_id,
           max(before) FILTER (WHERE field = 'stage') AS stage,
           max(before) FILTER (WHERE field = 'amount') AS amount,
           max(before) FILTER (WHERE field = 'expected_close') AS close,
           max(before) FILTER (WHERE field = 'owner') AS owner
    FROM (SELECT DISTINCT ON (deal_id, field) deal_id, field, before FROM crm_dealchange
          WHERE field IN ('stage', 'amount', 'expected_close', 'owner') AND occurred >= %({moment})s
          ORDER BY deal_id, field, occurred, version, key COLLATE "C") AS first
    GROUP BY deal_id
"""
DEATH = """CASE WHEN deal.is_deleted OR deal.merged_into_id IS NOT NULL
                THEN coalesce(least((deal.written->'(deleted)'->>1)::timestamptz,
                                    (deal.written->'(merged into)'->>1)::timestamptz), '-infinity') END"""
RATE = """CASE WHEN deal.amount <> 0 THEN deal.base_amount / deal.amount
               WHEN coalesce(deal.currency_id, %(base)s) = %(base)s THEN 1
               ELSE (SELECT rate FROM catalog_monthrate WHERE currency_id = deal.currency_id
                     AND month <= %(today)s ORDER BY month DESC LIMIT 1) END"""
# The deals that something happened to since the first moment, each with its place at either moment: the
# pair, such as “open won”. `counted` says that it is in the pipeline as it is now. What was dead before
# the first moment is left out: it is in the pipeline at neither end.
STATES = f"""
    WITH early AS MATERIALIZED ({ROLLED_BACK.format(moment="start")}),
    late AS MATERIALIZED ({ROLLED_BACK.format(moment="end")}),
    touched AS MATERIALIZED (
        SELECT deal_id AS id FROM early
        UNION SELECT id FROM crm_deal WHERE created > %(since)s
        UNION SELECT id FROM crm_deal AS deal
              WHERE (is_deleted OR merged_into_id IS NOT NULL) AND {DEATH} >= %(start)s
    ),
    known AS (
        SELECT deal.id, deal.created, deal.closed, deal.base_amount, deal.amount AS now_amount,
               {DEATH} AS died, {RATE} AS rate,
               stage.kind = 'open' AND {{inside}} AS open_now,
               coalesce(early.stage, stage.code, '') AS stage_before,
               coalesce(late.stage, stage.code, '') AS stage_after,
               coalesce(early.amount, '=') AS early_amount, coalesce(late.amount, '=') AS late_amount,
               CASE WHEN early.close IS NULL THEN deal.expected_close
                    ELSE nullif(early.close, '')::date END AS close_before,
               CASE WHEN late.close IS NULL THEN deal.expected_close
                    ELSE nullif(late.close, '')::date END AS close_after,
               coalesce(early.owner, rep.code, '') AS owner_before,
               coalesce(late.owner, rep.code, '') AS owner_after
        FROM crm_deal AS deal
        LEFT JOIN crm_dealstage AS stage ON stage.id = deal.stage_id
        LEFT JOIN crm_rep AS rep ON rep.id = deal.rep_id
        LEFT JOIN early ON early.deal_id = deal.id
        LEFT JOIN late ON late.deal_id = deal.id
        WHERE deal.id IN (SELECT id FROM touched) AND {{narrowed}}
    ),
    began AS (
        SELECT known.*, first.position AS position_before, last.position AS position_after,
               last.kind AS ends,
               coalesce(CASE WHEN early_amount IN ('=', trim_scale(now_amount)::text) THEN base_amount
                    ELSE round(nullif(early_amount, '')::numeric * rate, 4) END, 0) AS amount_before,
               coalesce(CASE WHEN late_amount IN ('=', trim_scale(now_amount)::text) THEN base_amount
                    ELSE round(nullif(late_amount, '')::numeric * rate, 4) END, 0) AS amount_after,
               CASE WHEN died < %(start)s THEN 'removed'
                    WHEN created > %(since)s THEN 'absent'
                    WHEN first.kind IS NULL THEN 'unknown'
                    WHEN first.kind <> 'open' THEN first.kind
                    WHEN {{inside_before}} THEN 'open' ELSE 'outside' END AS place_before
        FROM known
        LEFT JOIN crm_dealstage AS first ON first.code = known.stage_before
        LEFT JOIN crm_dealstage AS last ON last.code = known.stage_after
    ),
    moved AS MATERIALIZED (
        SELECT id, base_amount, open_now AND died IS NULL AS counted, stage_before, stage_after,
               position_before, position_after, amount_before, amount_after, close_before, close_after,
               owner_before, owner_after,
               place_before || ' ' ||
               CASE WHEN died < %(end)s THEN 'removed'
                    WHEN created > %(until)s THEN 'absent'
                    WHEN ends IS NULL THEN 'unknown'
                    WHEN ends <> 'open' THEN
                        CASE WHEN place_before = 'open' OR {{closed_inside}} THEN ends ELSE 'outside' END
                    WHEN {{inside_after}} THEN 'open' ELSE 'outside' END AS pair
        FROM began
    )
"""  # noqa: S608 - put together from our own pieces
# Sums by pair of places; deals that nothing happened to, which are the most, as those in the pipeline now
# without the ones that are among `moved`; and the deals of the list. One statement, so that what happened
# is put together once.
ANSWER = """
    SELECT 'flow' AS what, pair,
           ARRAY[count(*), sum(amount_before), sum(amount_after),
                 coalesce(sum(amount_after - amount_before) FILTER (WHERE amount_after > amount_before), 0),
                 coalesce(sum(amount_before - amount_after) FILTER (WHERE amount_after < amount_before), 0),
                 count(*) FILTER (WHERE amount_after > amount_before),
                 count(*) FILTER (WHERE amount_after < amount_before), {counts}]::numeric[] AS numbers,
           NULL::text[] AS words, NULL::date[] AS days, NULL::boolean[] AS shown
    FROM moved GROUP BY pair
    UNION ALL
    SELECT 'flow', 'open open',
           ARRAY[now.deals - here.deals, now.money - here.money, now.money - here.money,
                 0, 0, 0, 0, {nothing}]::numeric[], NULL, NULL, NULL
    FROM (SELECT count(*) AS deals, coalesce(sum(base_amount), 0) AS money FROM ({now}) AS one) AS now,
         (SELECT count(*) AS deals, coalesce(sum(base_amount), 0) AS money
          FROM moved WHERE counted) AS here
    UNION ALL
    (SELECT 'deal', pair, ARRAY[id, amount_before, amount_after]::numeric[],
            ARRAY[stage_before, stage_after, owner_before, owner_after]::text[],
            ARRAY[close_before, close_after]::date[], ARRAY[{shown}]::boolean[]
     FROM moved WHERE {chosen}
     ORDER BY greatest(amount_before, amount_after) DESC, id LIMIT %(limit)s OFFSET %(offset)s)
"""
STAYING = {(Place.OPEN, Place.OPEN), (Place.OPEN, Place.OUTSIDE), (Place.OUTSIDE, Place.OPEN)}
ANY = "any"
FLOW_NUMBERS = 7  # in front of the counts of details
PLACEHOLDER = re.compile("%%|%s")  # a doubled per cent sign is one that is meant


@dataclass(frozen=True)
class Change:
    """A kind of change: what it is called, the pairs of places whose deals may go through it, and which
    of them do, as a condition on a row of `moved`."""

    key: str
    label: str
    pairs: frozenset[Pair]
    condition: str = "TRUE"

    @property
    def whole_condition(self) -> str:
        """The condition with the pairs that it holds for."""
        listed = ", ".join(f"'{before} {after}'" for before, after in sorted(self.pairs))
        return f"pair IN ({listed}) AND {self.condition}"


@dataclass(frozen=True)
class Window:
    """Two days, whose ends are compared, and the days on which the deals looked at close; None: any."""

    since: dt.date
    until: dt.date
    closes_from: dt.date | None = None
    closes_to: dt.date | None = None

    @property
    def is_whole(self) -> bool:
        """Whether deals count whenever they are expected to close."""
        return self.closes_from is None and self.closes_to is None


@dataclass(frozen=True)
class Moved:
    """A deal at either end: places, stage codes, amounts (base currency), close days, rep codes; and
    the kinds of change it went through."""

    deal: Deal
    before: Place
    after: Place
    stage_before: str
    stage_after: str
    amount_before: Decimal
    amount_after: Decimal
    close_before: dt.date | None
    close_after: dt.date | None
    owner_before: str
    owner_after: str
    changes: tuple[str, ...]


@dataclass(frozen=True)
class Moves:
    """The bridge, how many deals went through each kind of change, and the deals of the list."""

    bridge: Bridge
    counts: dict[str, int]
    deals: list[Moved]


LABELS = {
    Step.CREATED: "Created",
    Step.FOUND: "First heard of",
    Step.MOVED_IN: "Moved in",
    Step.REOPENED: "Reopened",
    Step.RAISED: "Raised",
    Step.LOWERED: "Lowered",
    Step.WON: "Won",
    Step.LOST: "Lost",
    Step.MOVED_OUT: "Moved out",
    Step.REMOVED: "Removed",
}
SIZES = {
    Step.RAISED: "amount_after > amount_before",
    Step.LOWERED: "amount_after < amount_before",
}
DETAILS = tuple(  # what happens to deals that stay open
    Change(key, label, frozenset(STAYING), condition)
    for key, label, condition in (
        ("forward", "Stage forward", "position_after > position_before"),
        ("backward", "Stage back", "position_after < position_before"),
        ("pushed", "Close date pushed out", "close_after > close_before"),
        ("pulled", "Close date pulled in", "close_after < close_before"),
        ("owner", "New owner", "owner_before <> owner_after"),
    )
)
CHANGES = (
    *(Change(step.value, LABELS[step], pairs_of(step), SIZES.get(step, "TRUE")) for step in Step),
    *DETAILS,
)
KEYS = tuple(change.key for change in CHANGES)


def moves(
    user: Person | None,
    deals: QuerySet[Deal],
    window: Window,
    kind: str = ANY,
    *,
    limit: int = 0,
    offset: int = 0,
) -> Moves:
    """The bridge of some deals between the ends of two days, the count of every kind of change, and the
    deals that went through one kind (`any` for all), the most money first.

    Two queries. `deals` are those of `movable` that are looked at. Raises KeyError for a kind that there
    is not.
    """
    rows = _run(deals, window, _pieces(kind), {"limit": limit, "offset": offset})
    flows = [(_flow(row), row[2][FLOW_NUMBERS:]) for row in rows if row[0] == "flow"]
    listed = [row for row in rows if row[0] == "deal"]
    listed.sort(key=lambda row: (-max(row[2][1:]), row[2][0]))
    known = deals_visible_to(user).defer("written").in_bulk([int(row[2][0]) for row in listed])
    found = bridge(flow for flow, _ in flows)
    return Moves(
        bridge=found,
        counts={step.value: part.deals for step, part in found.steps.items()} | _details(flows),
        deals=[_moved(known[int(row[2][0])], row) for row in listed],
    )


def _details(flows: list[tuple[Flow, Any]]) -> dict[str, int]:
    """How many of the deals that stayed open went through each detail."""
    stayed = [counts for flow, counts in flows if (flow.before, flow.after) in STAYING]
    return {change.key: sum(int(counts[place]) for counts in stayed) for place, change in enumerate(DETAILS)}


def movable(user: Person | None) -> QuerySet[Deal]:
    """The deals whose moves a person may see: the dead ones as well, they left the pipeline."""
    return deals_visible_to(user)


def _pieces(kind: str) -> dict[str, str]:
    """The parts of the answer that follow from the table of changes."""
    chosen = [f"({change.whole_condition})" for change in CHANGES if kind in (ANY, change.key)]
    if not chosen:
        raise KeyError(f"There is no kind of change {kind!r}.")
    return {
        "counts": ", ".join(f"count(*) FILTER (WHERE {change.condition})" for change in DETAILS),
        "nothing": ", ".join("0" for _ in DETAILS),
        "shown": ", ".join(f"coalesce({change.whole_condition}, false)" for change in CHANGES),
        "chosen": " OR ".join(chosen),
    }


def _places(pair: str) -> Pair:
    before, after = pair.split()
    return Place(before), Place(after)


def _flow(row: Any) -> Flow:
    deals, was, became, raised, lowered, rising, falling = row[2][:FLOW_NUMBERS]
    return Flow(*_places(row[1]), int(deals), was, became, raised, lowered, int(rising), int(falling))


def _moved(deal: Deal, row: Any) -> Moved:
    _, pair, numbers, words, days, shown = row
    before, after = _places(pair)
    stage_before, stage_after, owner_before, owner_after = words
    return Moved(
        deal=deal,
        before=before,
        after=after,
        stage_before=stage_before,
        stage_after=stage_after,
        amount_before=numbers[1],
        amount_after=numbers[2],
        close_before=days[0],
        close_after=days[1],
        owner_before=owner_before,
        owner_after=owner_after,
        changes=tuple(key for key, on in zip(KEYS, shown, strict=True) if on),
    )


def _run(deals: QuerySet[Deal], window: Window, pieces: dict[str, str], more: dict[str, Any]) -> list[Any]:
    deals = bare(deals)
    chosen, given = _named(deals.values("pk"), "chosen")
    now, given_now = _named(_now(deals, window).values("base_amount"), "now")
    all_pieces = {
        "narrowed": f"deal.id IN ({chosen})" if deals.query.where else "TRUE",
        "now": now,
        "inside": _inside("deal.expected_close", window),
        "inside_before": _inside("close_before", window),
        "inside_after": _inside("close_after", window),
        "closed_inside": _inside("closed", window),
        **pieces,
    }
    values = {**_values(window), **given, **given_now, **more}
    with connection.cursor() as cursor:
        cursor.execute((STATES + ANSWER).format(**all_pieces), values)
        return cursor.fetchall()


def _now(deals: QuerySet[Deal], window: Window) -> QuerySet[Deal]:
    """The deals that are in the pipeline as it is now."""
    inside = Q() if window.is_whole else Q(expected_close__isnull=False)
    if window.closes_from:
        inside &= Q(expected_close__gte=window.closes_from)
    if window.closes_to:
        inside &= Q(expected_close__lte=window.closes_to)
    return live(deals).filter(IS_OPEN, inside)


def _values(window: Window) -> dict[str, Any]:
    return {
        "since": window.since,
        "until": window.until,
        "start": end_of(window.since),
        "end": end_of(window.until),
        "closes_from": window.closes_from,
        "closes_to": window.closes_to,
        "base": base_currency(),
        "today": timezone.localdate(),
    }


def _inside(column: str, window: Window) -> str:
    """Whether a day lies in the window; a deal without one only where every day does."""
    if window.is_whole:
        return "TRUE"
    return (
        f"coalesce({column} >= coalesce(%(closes_from)s, '-infinity'::date) "
        f"AND {column} <= coalesce(%(closes_to)s, 'infinity'::date), FALSE)"
    )


def _named(deals: QuerySet[Any, Any], name: str) -> tuple[str, dict[str, Any]]:
    """A selector's own query as a piece of ours, its values named."""
    text, values = deals.query.sql_with_params()
    names = {f"{name}_{place}": value for place, value in enumerate(values)}
    waiting = iter(names)
    text = PLACEHOLDER.sub(lambda found: f"%({next(waiting)})s" if found[0] == "%s" else found[0], text)
    return text, names
