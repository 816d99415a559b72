"""The blend: discrete-time logistic regressions on what is known of a deal and on the other methods.

One binomial GLM (statsmodels) for being won in the month that follows and one for being lost, over the
open deals of all past months (Allison 1982, Sociological Methodology 13, 61–98). Each begins with the
counted hazard as it stood before that month (walk-forward, so that the regression learns by how much
counting ahead misses: stacking, Wolpert 1992, Neural Networks 5, 241–259) and adds the logits of stage
weight and age rule, stage, month of the quarter, age, worth, and the records of product, owner and
account. A ridge penalty that the newest known month chooses among a few keeps what is added small; with M
months to learn from, M / (M + 1) of it is believed.
"""

from dataclasses import dataclass, replace

import numpy as np
import statsmodels.api as sm

from forecasting.engine.deals import hazard
from forecasting.engine.deals.book import Book, Floats, Ints
from forecasting.engine.deals.plain import by_stage
from forecasting.engine.deals.rates import logit
from forecasting.engine.deals.settings import DealSettings
from forecasting.engine.deals.snapshots import LOST, WON, Rows
from forecasting.engine.deals.worth import worth

RECORDS = ("product", "owner", "account")
DOUBT = 10.0  # decided deals that a record is mixed with
LONGEST = 4.0  # usual cycles: an age beyond tells no more


@dataclass(frozen=True)
class Facts:
    """What stays of each row while it ages: (r, facts), and what the ageing parts need."""

    fixed: Floats
    stage: Ints
    segment: Ints


@dataclass(frozen=True)
class Past:
    """The past months' rows with the hazards that were counted before each."""

    rows: Rows
    won: Floats
    lost: Floats


@dataclass(frozen=True)
class Line:
    """One fitted regression on standardised columns: `mean`, `spread` (k,), `beta` (k + 1,)."""

    mean: Floats
    spread: Floats
    beta: Floats
    trust: float = 1.0

    def __call__(self, offset: Floats, columns: Floats) -> Floats:
        """Chances (n,) from the offsets (n,), in log odds, and the columns (n, k)."""
        score = offset + self.trust * (self.beta[0] + ((columns - self.mean) / self.spread) @ self.beta[1:])
        return 1 / (1 + np.exp(-np.clip(score, -30, 30)))


@dataclass(frozen=True)
class Blend:
    """The two regressions with the tables they lean on."""

    past: Past
    tables: hazard.Tables
    won: Line
    lost: Line
    cycle: float
    cap: float
    penalty: float

    def won_in(self, book: Book, rows: Rows, seasons: Ints, settings: DealSettings) -> Floats:
        """The chance to be won in each month ahead, (r, months)."""
        facts = facts_of(book, rows, self.past, settings)

        def hazards(age: Floats, season: Ints) -> hazard.Hazards:
            """(won, lost): the chance of each row to end so in a month, given that it is still open."""
            won, lost = self.tables.at(age, season, facts.stage, facts.segment)
            ageing = _ageing(age, season, self.cycle, self.cap)
            return (
                self.won(logit(won), _columns(won, ageing, facts.fixed)),
                self.lost(logit(lost), _columns(lost, ageing, facts.fixed)),
            )

        return hazard.ahead(rows, seasons, hazards)


def learn(book: Book, rows: Rows, settings: DealSettings) -> Blend | None:
    """Fit both regressions; None where the past months show no won or no lost deal."""
    tables = hazard.learn(book, rows, settings.shrink)
    hazards = walked(book, rows, settings.shrink)
    known = np.isfinite(hazards[0])
    if not ((rows.result[known] == WON).any() and (rows.result[known] == LOST).any()):
        return None
    past = Past(rows.where(known), hazards[0][known], hazards[1][known])
    facts = facts_of(book, past.rows, past, settings)
    ageing = _ageing(past.rows.age, past.rows.season, book.usual_cycle, settings.cap)
    pairs = [
        (past.won, _columns(past.won, ageing, facts.fixed), past.rows.result == WON),
        (past.lost, _columns(past.lost, ageing, facts.fixed), past.rows.result == LOST),
    ]
    penalty = _chosen(pairs, past.rows, settings.penalties)
    lines = [_fit(logit(counted), columns, hit, penalty) for counted, columns, hit in pairs]
    months = len(np.unique(past.rows.day))
    lines = [replace(line, trust=months / (months + 1)) for line in lines]
    return Blend(past, tables, lines[0], lines[1], book.usual_cycle, settings.cap, penalty)


def walked(book: Book, rows: Rows, weight: float) -> hazard.Hazards:
    """The two counted hazards of each row by the months that had ended on its day: what a forecast made
    then would have said. NaN in the first month, which has none before it."""
    won, lost = np.full(len(rows), np.nan), np.full(len(rows), np.nan)
    for day in np.unique(rows.day)[1:]:
        at, before = rows.day == day, rows.where(rows.day < day)
        if not np.isin(rows.season[at], before.season).all():
            continue
        tables, now = hazard.learn(book, before, weight), rows.where(at)
        segment = book.codes["segment"][now.deal]
        won[at], lost[at] = tables.at(now.age, now.season, now.stage, segment)
    return won, lost


def facts_of(book: Book, rows: Rows, past: Past, settings: DealSettings) -> Facts:
    """What is known of each row on its day: stage, stage weight, worth, records."""
    stages = (rows.stage[:, None] == np.arange(len(book.stage_names) - 1)).astype(float)
    columns = [logit(by_stage(book, rows)), *stages.T]
    value = np.zeros(len(rows))
    for day in np.unique(rows.day):
        at = rows.day == day
        value[at] = worth(book.at(int(day)), rows.deal[at], int(day))[0]
    columns.append(np.log1p(np.maximum(value, 0)))
    columns += records(book, rows, past)
    return Facts(np.stack(columns, axis=1), rows.stage, book.codes["segment"][rows.deal])


def records(book: Book, rows: Rows, past: Past) -> list[Floats]:
    """Per product, owner and account: how many more deals were won, and lost, than their ages let expect,
    as ln((seen + DOUBT) / (expected + DOUBT)), by the months that had ended on the row's day. 0: as usual."""
    sides = ((past.rows.result == WON, past.won), (past.rows.result == LOST, past.lost))
    found = []
    for factor in RECORDS:
        codes, size = book.codes[factor], len(book.names[factor])
        for seen, expected in sides:
            column = np.zeros(len(rows))
            for day in np.unique(rows.day):
                at, before = rows.day == day, past.rows.day < day
                group = codes[past.rows.deal[before]]
                hits = np.bincount(group, weights=seen[before], minlength=size)
                awaited = np.bincount(group, weights=expected[before], minlength=size)
                record = np.log((hits + DOUBT) / (awaited + DOUBT))
                record[0] = 0.0  # no product, owner or account says nothing
                column[at] = record[codes[rows.deal[at]]]
            found.append(column)
    return found


def _ageing(age: Floats, season: Ints, cycle: float, cap: float) -> Floats:
    """What changes from month to month: age in usual cycles, the age rule, the month of the quarter."""
    cycles = np.minimum(age / cycle, LONGEST)
    return np.stack(
        [cycles, np.log1p(cycles), logit(np.minimum(age / cycle, cap)), season == 1, season == 2], axis=1
    ).astype(float)


def _columns(counted: Floats, ageing: Floats, fixed: Floats) -> Floats:
    return np.concatenate([logit(counted)[:, None], ageing, fixed], axis=1)


def _chosen(
    pairs: list[tuple[Floats, Floats, np.ndarray]], rows: Rows, penalties: tuple[float, ...]
) -> float:
    """The penalty with the least log loss in the newest month when fitted on the months before it."""
    newest = rows.day == rows.day.max()
    if newest.all():
        return max(penalties)
    losses = []
    for penalty in penalties:
        loss = 0.0
        for counted, columns, hit in pairs:
            offset = logit(counted)
            line = _fit(offset[~newest], columns[~newest], hit[~newest], penalty)
            told = line(offset[newest], columns[newest])
            kept = np.clip(np.where(hit[newest], told, 1 - told), 1e-6, 1.0)
            loss -= float(np.log(kept).mean())
        losses.append(loss)
    return penalties[int(np.argmin(losses))]


def _fit(offset: Floats, columns: Floats, hit: np.ndarray, penalty: float) -> Line:
    mean, spread = columns.mean(axis=0), columns.std(axis=0)
    spread = np.where(spread > 1e-9, spread, 1.0)
    design = np.column_stack([np.ones(len(columns)), (columns - mean) / spread])
    model = sm.GLM(hit.astype(float), design, family=sm.families.Binomial(), offset=offset)
    weights = np.r_[0.0, np.full(columns.shape[1], penalty)]
    fitted = model.fit_regularized(method="elastic_net", alpha=weights, L1_wt=0.0)
    return Line(mean, spread, np.asarray(fitted.params, dtype=float))
