"""A pay plan as data. Every point on which products disagree is a setting here, with a safe default.

Money is Decimal in the plan's currency, shares and rates are fractions (0.05 for 5 %).
"""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

ZERO, ONE = Decimal(0), Decimal(1)


class Period(StrEnum):
    """How much time: what is paid by, and what tiers add up over."""

    DEAL = "deal"
    MONTH = "month"
    QUARTER = "quarter"
    HALF = "half"
    YEAR = "year"


MONTHS = {Period.MONTH: 1, Period.QUARTER: 3, Period.HALF: 6, Period.YEAR: 12}


class Form(StrEnum):
    """How a measure becomes pay.

    FLAT one rate. MARGINAL each tier's rate on the part inside it. WHOLE the tier reached pays for all
    since the window began ("dollar one"). WHOLE_UNTIL so until a point, marginal above it. CURVE straight
    lines between points. STEPS a bonus for a level reached. MATRIX by two measures. SCORECARD weighted
    objectives. POOL a pot shared by a team. CONTEST prizes by rank. RESULT marginal tiers on what was
    paid out.
    """

    FLAT = "flat"
    MARGINAL = "marginal"
    WHOLE = "whole"
    WHOLE_UNTIL = "whole_until"
    CURVE = "curve"
    STEPS = "steps"
    MATRIX = "matrix"
    SCORECARD = "scorecard"
    POOL = "pool"
    CONTEST = "contest"
    RESULT = "result"


class Against(StrEnum):
    """What the bounds of tiers, points and steps are given in."""

    AMOUNT = "amount"
    QUOTA = "quota"


class Gives(StrEnum):
    """What a curve, steps, a matrix or a scorecard gives: money, a share of the target incentive, or a
    rate on the measure."""

    MONEY = "money"
    TARGET = "target"
    RATE = "rate"


class Border(StrEnum):
    """The tier in which an amount of exactly a bound lies."""

    UPPER = "upper"
    LOWER = "lower"


class QuotaOf(StrEnum):
    """The quota that tiers are compared with: that of the whole time they add up over, or up to now."""

    WHOLE = "whole"
    TO_DATE = "to date"


class Whose(StrEnum):
    """Whose credits count: the person's own, those of direct reports, of everybody below, of the team
    (with the own ones), or of everybody."""

    OWN = "own"
    REPORTS = "reports"
    BELOW = "below"
    TEAM = "team"
    COMPANY = "company"


@dataclass(frozen=True)
class Condition:
    """A column of the deals and the values that count."""

    column: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Measure:
    """What is counted: a column of the deals ("amount", "quantity", "margin" …, or "count" for the
    number of credits), of whom, under which conditions (all must hold), for which roles of credit. per: of a
    ratio, the column by whose sum that of `of` is divided."""

    of: str = "amount"
    whose: Whose = Whose.OWN
    where: tuple[Condition, ...] = ()
    roles: tuple[str, ...] = ()
    per: str = ""

    @property
    def columns(self) -> frozenset[str]:
        """The columns of the deals that are summed."""
        return frozenset({self.of, self.per} - {"", "count"})


@dataclass(frozen=True)
class Tier:
    """From `start` on (of the amount, or of the quota as a share). `rate`: a fraction of the measure, or
    money by unit. `rates`: by value of the component's column `by`, in the place of `rate`."""

    start: Decimal
    rate: Decimal = ZERO
    rates: tuple[tuple[str, Decimal], ...] = ()


@dataclass(frozen=True)
class Table:
    """Steps or points over a number: `at` ascending, `value` the same length. straight: linear between
    points. below_is_nothing: 0 before the first point, instead of its value. goes_on: after the last point
    the last slope, instead of the last value. adds_up: the values of all steps reached."""

    at: tuple[Decimal, ...]
    value: tuple[Decimal, ...]
    straight: bool = False
    below_is_nothing: bool = True
    goes_on: bool = False
    adds_up: bool = False
    border: Border = Border.UPPER


@dataclass(frozen=True)
class Attainment:
    """What a component of the same plan has reached: the share of its quota or its ratio, or its amount."""

    component: str
    against: Against = Against.QUOTA


@dataclass(frozen=True)
class Gate:
    """Pay × otherwise (0 by default) unless the component's attainment is at least `least`."""

    by: Attainment
    least: Decimal
    otherwise: Decimal = ZERO


@dataclass(frozen=True)
class Multiplier:
    """Pay × table(attainment), or × `fixed`."""

    by: Attainment | None = None
    table: Table | None = None
    fixed: Decimal = ONE


class CapPlace(StrEnum):
    """Whether a cap looks at pay before or after its multipliers."""

    BEFORE = "before multipliers"
    AFTER = "after multipliers"


@dataclass(frozen=True)
class Cap:
    """The most pay per deal, period or year, in money or as a share of the target incentive of that time."""

    per: Period
    money: Decimal | None = None
    of_target: Decimal | None = None
    place: CapPlace = CapPlace.AFTER


@dataclass(frozen=True)
class Objective:
    """A line of a scorecard: its weight, and how achievement becomes a score (straight up to a most)."""

    code: str
    weight: Decimal
    most: Decimal | None = None
    table: Table | None = None


class PoolShare(StrEnum):
    """By what a pot is shared among a team."""

    EQUAL = "equal"
    ROLE = "role"
    CREDIT = "credit"


class Ties(StrEnum):
    """Who wins when two are equal: they share the prizes of their places, each gets the better one, or
    whoever was there first."""

    SHARE = "share"
    BOTH = "both"
    FIRST = "first"


@dataclass(frozen=True)
class Matrix:
    """value[row][column] by the attainment of two components, at least rows[i] and columns[j]."""

    rows_by: Attainment
    rows: tuple[Decimal, ...]
    columns_by: Attainment
    columns: tuple[Decimal, ...]
    value: tuple[tuple[Decimal, ...], ...]
    straight: bool = False


@dataclass(frozen=True)
class Component:
    """A part of a plan.

    period: how often it pays. over: what tiers add up over (DEAL: every deal by itself), at least a
    period. weight: its part of the target incentive. threshold: share of the quota below which it pays
    nothing. until: of WHOLE_UNTIL, in the unit of `against`. starts, ends: days (ISO) between which
    credits count, for SPIFs and contests. budget: the most for everybody together, first come first served.
    """

    code: str
    name: str
    form: Form
    measure: Measure = Measure()
    period: Period = Period.MONTH
    over: Period = Period.MONTH
    against: Against = Against.AMOUNT
    quota_of: QuotaOf = QuotaOf.WHOLE
    gives: Gives = Gives.RATE
    tiers: tuple[Tier, ...] = ()
    by: str = ""
    table: Table | None = None
    matrix: Matrix | None = None
    objectives: tuple[Objective, ...] = ()
    until: Decimal | None = None
    border: Border = Border.UPPER
    weight: Decimal = ONE
    threshold: Decimal | None = None
    gates: tuple[Gate, ...] = ()
    multipliers: tuple[Multiplier, ...] = ()
    caps: tuple[Cap, ...] = ()
    pool_share: PoolShare = PoolShare.EQUAL
    shares: tuple[tuple[str, Decimal], ...] = ()
    pot: Decimal | None = None
    prizes: tuple[Decimal, ...] = ()
    ties: Ties = Ties.SHARE
    starts: str = ""
    ends: str = ""
    budget: Decimal | None = None
    never_negative: bool = False


class DrawKind(StrEnum):
    """GUARANTEE tops pay up to the draw; ADDITIVE is paid on top of it."""

    GUARANTEE = "guarantee"
    ADDITIVE = "additive"


@dataclass(frozen=True)
class Draw:
    """money a month for `months` months (None: always). recoverable: what was advanced is kept back from
    later pay above the draw. forgiven: what is owed at the end of the year is. most_back: the share of
    the pay that may be kept back at once."""

    money: Decimal
    kind: DrawKind = DrawKind.GUARANTEE
    recoverable: bool = True
    months: int | None = None
    forgiven: bool = False
    most_back: Decimal = ONE


class Attained(StrEnum):
    """Whether what is taken back leaves the measure."""

    RESTATED = "restated"
    KEPT = "kept"


class TakenBackAt(StrEnum):
    """HISTORIC: what the deal itself was paid. TODAY: a negative credit that the rates of today price."""

    HISTORIC = "historic"
    TODAY = "today"


class WindowIn(StrEnum):
    """What the window of a clawback counts: calendar months begun since the deal's, or days since its day."""

    MONTHS = "months"
    DAYS = "days"


@dataclass(frozen=True)
class Clawback:
    """What a deal that is taken back costs: a share of what it paid at its own rates, if it comes
    within `window` months or days (None: ever; of days the last one counts). by_months_left: in proportion
    to what of the window is left. WHOLE, CURVE and STEPS price what is left anew, whatever `at` says."""

    share: Decimal = ONE
    window: int | None = None
    window_in: WindowIn = WindowIn.MONTHS
    by_months_left: bool = False
    attainment: Attained = Attained.RESTATED
    at: TakenBackAt = TakenBackAt.HISTORIC


class Rounding(StrEnum):
    """What becomes of parts of a unit of the last place. UP: away from 0. DOWN: to 0."""

    HALF_UP = "half up"
    HALF_EVEN = "half even"
    UP = "up"
    DOWN = "down"


class RoundedBy(StrEnum):
    """What is rounded. COMPONENT: its pay of a month, once; its lines share the rounding. LINE: each line, so
    that every deal pays whole cents and a component their sum."""

    COMPONENT = "component"
    LINE = "line"


class Proration(StrEnum):
    """What of a month counts for somebody who comes or goes in it. NONE: all of it. DAYS: calendar days.
    WORKING_DAYS: Monday to Friday. MONTHS: months begun. FULL_MONTHS: whole months only."""

    NONE = "none"
    DAYS = "days"
    WORKING_DAYS = "working days"
    MONTHS = "months"
    FULL_MONTHS = "full months"


class RatesOf(StrEnum):
    """At which rates credits in other money count: those of the month of the deal, or those of the month with
    which the year begins."""

    DEAL = "deal"
    START = "start"


@dataclass(frozen=True)
class QuotaTerms:
    """weights: of equal parts of the year (4 for quarters, 12 for months), none for even. prorate: of
    quotas and of target pay. start_day_counts: whether the first day does. ramp: the share of a full
    quota in the first months."""

    weights: tuple[Decimal, ...] = ()
    prorate: Proration = Proration.DAYS
    start_day_counts: bool = True
    ramp: tuple[Decimal, ...] = ()


@dataclass(frozen=True)
class Plan:
    """year_begins: the month (1 to 12) with which the plan's year begins. target_incentive: a year's
    variable pay at 100 %, unless a person has an own one."""

    name: str
    currency: str
    components: tuple[Component, ...]
    year_begins: int = 1
    target_incentive: Decimal = ZERO
    draw: Draw | None = None
    clawback: Clawback = field(default_factory=Clawback)
    quota: QuotaTerms = field(default_factory=QuotaTerms)
    places: int = 2
    rounding: Rounding = Rounding.HALF_UP
    rounded_by: RoundedBy = RoundedBy.COMPONENT
    rates: RatesOf = RatesOf.DEAL
    version: str = "1"

    def component(self, code: str) -> Component:
        """Raises KeyError for an unknown one."""
        return next((one for one in self.components if one.code == code), None) or _missing(code)


def _missing(code: str) -> Component:
    raise KeyError(code)
