"""Attainment: what was closed against the quota, whether it is in time, and where the period will end."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from catalog.engine.workdays import days_of_month, is_workday
from catalog.selectors.calendars import company_work_rule
from core.models import Person
from crm.models import ForecastCategory, Rep
from crm.selectors.accounts import reps_visible_to
from crm.selectors.pipeline_deals import AMOUNT, IS_LOST, IS_OPEN, IS_WON, bare, pipeline_deals
from territories.engine.attainment.forecast import Forecast, Outlook, forecast
from territories.engine.attainment.pace import (
    Part,
    coverage_had,
    coverage_needed,
    pace,
    share_gone,
    win_rate,
)
from territories.engine.attainment.periods import Period, PeriodKind
from territories.models import QuotaMeasure
from territories.selectors.attainment_quotas import quotas_in
from territories.selectors.attainment_sums import Credit, Group, Question, Sum, sums

ZERO = Decimal(0)
SEED = 2026
PAST = {PeriodKind.MONTH: 12, PeriodKind.QUARTER: 8, PeriodKind.YEAR: 3}
FEW_DEALS = 10  # decided deals, below which a win rate of one's own says nothing
RATE_DAYS = dt.timedelta(days=365)


@dataclass(frozen=True)
class Asked:
    """What attainment is asked for. `today`: the days before it are over."""

    period: Period
    measure: str = QuotaMeasure.BOOKINGS
    credit: str = Credit.OWNER
    today: dt.date = field(default_factory=timezone.localdate)

    @property
    def is_over(self) -> bool:
        """Whether the last day of the period has passed."""
        return self.period.last < self.today

    def question(self, group: Group = Group.REP) -> Question:
        """What was closed in each month of the period."""
        spans = [(month, days_of_month(month)[-1]) for month in self.period.months]
        return Question(self.measure, spans, group, self.credit)


@dataclass(frozen=True)
class Open:
    """The open deals of somebody that are to close in the period: amounts in base currency, chances 0–1."""

    amounts: tuple[float, ...] = ()
    chances: tuple[float, ...] = ()

    @property
    def money(self) -> float:
        """The amounts together, base currency."""
        return sum(self.amounts)

    def __add__(self, other: "Open") -> "Open":
        return Open(self.amounts + other.amounts, self.chances + other.chances)


@dataclass(frozen=True)
class Line:
    """One rep, team, territory or all. Money in base currency, shares 1 for 100 %. `quota` is None where
    there is none; `gone` how much of the period is over, by the quota's own season and working days."""

    key: str
    name: str
    quota: Decimal | None
    closed: Decimal
    count: int
    gone: float = 1.0
    open: Open = Open()
    rate: float | None = None
    rate_is_own: bool = True
    outlook: Forecast | None = None
    pk: int | None = None
    depth: int = 0

    @property
    def attained(self) -> Decimal | None:
        """Closed over quota; None without a quota."""
        return self.closed / self.quota if self.quota else None

    @property
    def missing(self) -> Decimal | None:
        """What of the quota is still to be closed; 0 where it is met."""
        return None if self.quota is None else max(self.quota - self.closed, ZERO)

    @property
    def pace(self) -> float | None:
        """Closed against what should be closed by now; 1 is in time, None without a quota."""
        return pace(float(self.closed), float(self.quota or 0), self.gone)

    @property
    def expected(self) -> float | None:
        """The forecast attainment."""
        return self._of_quota(self.outlook.expected if self.outlook else None)

    @property
    def low(self) -> float | None:
        """The lower end of the forecast as a share of the quota."""
        return self._of_quota(self.outlook.low if self.outlook else None)

    @property
    def high(self) -> float | None:
        """The upper end of the forecast as a share of the quota."""
        return self._of_quota(self.outlook.high if self.outlook else None)

    @property
    def needed(self) -> float | None:
        """How many times what is missing has to be open: 1 / win rate."""
        return coverage_needed(self.rate)

    @property
    def had(self) -> float | None:
        """How many times what is missing is open."""
        return coverage_had(self.open.money, float(self.missing or 0))

    @property
    def covered(self) -> bool | None:
        """Whether enough is open; None where nothing is missing or the win rate is unknown."""
        return None if self.had is None or self.needed is None else self.had >= self.needed

    def _of_quota(self, money: float | None) -> float | None:
        return None if money is None or not self.quota else money / float(self.quota)


@dataclass(frozen=True)
class Attainment:
    """A period's lines and their total."""

    asked: Asked
    total: Line
    lines: list[Line]


@dataclass
class Pieces:
    """What of the period belongs together before it is a line."""

    quota: dict[dt.date, Decimal] = field(default_factory=dict)
    closed: Decimal = ZERO
    count: int = 0
    open: Open = Open()
    news: list[float] = field(default_factory=list)
    won: int = 0
    lost: int = 0

    @property
    def is_worth_a_line(self) -> bool:
        """Something was set, closed, or can still be."""
        return bool(self.quota or self.count or self.open.amounts or self.news)

    def add_quota(self, month: dt.date, amount: Decimal) -> None:
        """Add a month's quota to what there is."""
        self.quota[month] = self.quota.get(month, ZERO) + amount

    def add_news(self, news: list[float]) -> None:
        """Those of the same past period come together; the lists end with the newest."""
        longer, shorter = sorted((self.news, news), key=len, reverse=True)
        skip = len(longer) - len(shorter)
        self.news = longer[:skip] + [a + b for a, b in zip(longer[skip:], shorter, strict=True)]


def attainment(user: Person | None, asked: Asked) -> Attainment:
    """Attainment by rep: those with a quota, with something closed, or with open deals."""
    reps = {rep.pk: rep for rep in reps_visible_to(user)}
    pieces = pieces_by_rep(user, asked, set(reps))
    make = Maker(asked, total_of(pieces.values()))
    lines = [make.of_rep(reps.get(key) if key else None, one) for key, one in worth(pieces)]
    return Attainment(asked, make.total(), ranked(lines))


def pieces_by_rep(user: Person | None, asked: Asked, reps: set[int]) -> dict[int | None, Pieces]:
    """Quota, closed, open, new and decided deals of each rep; None holds what is nobody's, or of reps whom
    the person does not see."""
    found: dict[int | None, Pieces] = defaultdict(Pieces)

    def of(rep: int | None) -> Pieces:
        return found[rep if rep in reps else None]

    for quota in quotas_in(user, asked.measure, asked.period.first, asked.period.last):
        if quota.rep in reps:
            of(quota.rep).add_quota(quota.month, quota.amount)
    for closed in sums(user, asked.question()):
        of(closed.key).closed += closed.money
        of(closed.key).count += closed.count
    if not asked.is_over:
        for rep, open_ones in _open_by_rep(user, asked).items():
            of(rep).open += open_ones
        for rep, news in _news(user, asked).items():
            of(rep).add_news(news)
        for rep, (won, lost) in _decided(user, asked).items():
            of(rep).won += won
            of(rep).lost += lost
    return dict(found)


def worth(pieces: Mapping[Any, Pieces]) -> list[tuple[Any, Pieces]]:
    """Without those who have nothing but a win rate."""
    return [(key, one) for key, one in pieces.items() if one.is_worth_a_line]


def total_of(pieces: Iterable[Pieces]) -> Pieces:
    """Everything together."""
    whole = Pieces()
    for one in pieces:
        for month, amount in one.quota.items():
            whole.add_quota(month, amount)
        whole.closed += one.closed
        whole.count += one.count
        whole.open += one.open
        whole.won += one.won
        whole.lost += one.lost
        whole.add_news(one.news)
    return whole


class Maker:
    """Makes lines of pieces; the working days are counted once."""

    def __init__(self, asked: Asked, whole: Pieces) -> None:
        self.asked, self.whole = asked, whole
        self.days = workdays(asked)
        self.rate = win_rate(whole.won, whole.lost)

    def total(self) -> Line:
        """Everybody together."""
        return self.line("", "All", self.whole)

    def of_rep(self, rep: Rep | None, one: Pieces) -> Line:
        """One rep; without a rep, what nobody is named for."""
        return self.line("", "No rep", one) if rep is None else self.line(rep.code, rep.name, one, pk=rep.pk)

    def line(self, key: str, name: str, one: Pieces, **more: Any) -> Line:
        """A line from its pieces: with few decided deals the win rate is everybody's."""
        own = one.won + one.lost >= FEW_DEALS
        over = self.asked.is_over
        return Line(
            key,
            name,
            sum(one.quota.values(), ZERO) if one.quota else None,
            one.closed,
            one.count,
            gone=1.0 if over else self._gone(one.quota),
            open=one.open,
            rate=win_rate(one.won, one.lost) if own else self.rate,
            rate_is_own=own,
            outlook=None if over else outlook_of(one),
            **more,
        )

    def _gone(self, quota: Mapping[dt.date, Decimal]) -> float:
        parts = [Part(float(quota.get(month, 0)), *counted) for month, counted in self.days.items()]
        return share_gone(parts)


def workdays(asked: Asked) -> dict[dt.date, tuple[int, int]]:
    """month → its working days, and how many of them are over."""
    rule = company_work_rule(asked.today)
    found = {}
    for month in asked.period.months:
        days = [day for day in days_of_month(month) if is_workday(rule, day)]
        found[month] = (len(days), sum(day < asked.today for day in days))
    return found


def ranked(lines: list[Line]) -> list[Line]:
    """Those with a quota by what they attained, the best first; then the others by what they closed."""
    return sorted(lines, key=lambda one: (one.attained is None, -(one.attained or one.closed), one.name))


def outlook_of(one: Pieces) -> Forecast:
    """Where these pieces will end."""
    return forecast(
        Outlook(float(one.closed), one.open.amounts, one.open.chances, tuple(one.news)), seed=SEED
    )


# --- what is open and new -----------------------------------------------------------------------


def open_deals(user: Person | None, asked: Asked) -> Any:
    """The open deals that are to close in the period and count for the forecast, most money first."""
    deals: Any = pipeline_deals(user)
    within = Q(IS_OPEN, expected_close__range=(asked.period.first, asked.period.last))
    return deals.filter(within).exclude(category_now=ForecastCategory.OMITTED).order_by("-base_amount", "pk")


def _open_by_rep(user: Person | None, asked: Asked) -> dict[int | None, Open]:
    """Bookings come from open deals; sales revenue does not say which deal it comes from."""
    if asked.measure != QuotaMeasure.BOOKINGS:
        return {}
    amounts: dict[int | None, list[tuple[float, float]]] = defaultdict(list)
    rows = bare(open_deals(user, asked)).order_by("pk").annotate(money=AMOUNT)
    for rep, money, chance in rows.values_list("rep_id", "money", "chance"):
        amounts[rep].append((float(money), float(chance)))
    return {rep: Open(*(tuple(part) for part in zip(*many, strict=True))) for rep, many in amounts.items()}


def past_spans(asked: Asked) -> list[tuple[dt.date, dt.date]]:
    """The rest of each past period from the same point on, the oldest first."""
    gone = asked.period.gone(asked.today)
    before = [asked.period.moved(-back) for back in range(PAST[asked.period.kind], 0, -1)]
    day = dt.timedelta(days=1)
    return [(one.point(gone) + day, one.last) for one in before if one.point(gone) < one.last]


def _news(user: Person | None, asked: Asked) -> dict[int | None, list[float]]:
    """What came new and closed in the rest of past periods. A rep's history begins with the first period
    that has anything of it, so that a newcomer's months before the first day do not count as 0."""
    spans = past_spans(asked)
    only_new = asked.measure == QuotaMeasure.BOOKINGS
    rows = sums(user, Question(asked.measure, spans, Group.REP, asked.credit, only_new))
    return from_the_first(rows, len(spans))


def from_the_first(rows: Iterable[Sum], count: int) -> dict[Any, list[float]]:
    """key → the money of each past period, from the first that has any up to the last of `count`."""
    found: dict[Any, dict[int, float]] = defaultdict(dict)
    for row in rows:
        found[row.key][row.place] = found[row.key].get(row.place, 0.0) + float(row.money)
    return {key: [have.get(place, 0.0) for place in range(min(have), count)] for key, have in found.items()}


def decided(user: Person | None, asked: Asked) -> tuple[int, int]:
    """All deals that a person sees, won and lost in the twelve months up to today."""
    counts = _decided(user, asked).values()
    return sum(won for won, _ in counts), sum(lost for _, lost in counts)


def _decided(user: Person | None, asked: Asked) -> dict[int | None, tuple[int, int]]:
    """rep → deals won and lost in the twelve months up to today."""
    rows = bare(pipeline_deals(user)).filter(closed__gt=asked.today - RATE_DAYS, closed__lte=asked.today)
    counts = rows.values("rep_id").annotate(won=Count("pk", filter=IS_WON), lost=Count("pk", filter=IS_LOST))
    return {row["rep_id"]: (row["won"], row["lost"]) for row in counts.filter(Q(won__gt=0) | Q(lost__gt=0))}
