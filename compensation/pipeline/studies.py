"""A study at work: two plans on the same twelve months, at every level of attainment, and by chance.

`results` of a study:
    asked        budget (text or null), correlation, spread
    currency     of both plans
    sides        `plan` and, beside a base, `base`; each
        total, target, months (12), parts [{code, name, cost}], people, below, capped, top_ratio
        levels   [{level, cost, parts: {code: cost}}] from 50 % to 150 %
        curve    [{level, share, parts: {code: share}}], pay as a share of the target pay
        chance   {mean, p10, p50, p90, above, doubt, error, checked, bins, observed} or {missing}
    people       [{rep, before, after, target, fixed, attained, below, capped}]; before is null without a base
    sold         by basis, in the plan's currency
    notes        sentences to read beside the figures
    faults       why there are no results
Money is text with two places; shares are numbers.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from catalog.engine.months import months_from
from catalog.selectors.rates import base_currency
from compensation.engine import VERSION
from compensation.engine.exact import TICKS
from compensation.engine.simulation import Terms, YearOfPay, histogram, top_earner_ratio, year_of_pay
from compensation.engine.simulation_chance import FEW, Outlook, Spread, Wishes, drawn, outlook, pay_curve
from compensation.engine.simulation_levels import Stretcher, levels_of, out_of_reach
from compensation.models import Study, StudyState
from compensation.pipeline.books import PlanBook
from compensation.pipeline.plan_credits import rate_in
from compensation.pipeline.study_books import Ground, books_of
from compensation.selectors.studies import base_pay, sold_by
from core.errors import Refused
from core.jobs import Progress, input_hash

SHOWN = [Fraction(tenth, 10) for tenth in range(5, 16)]
TOP = Fraction(2)
Report = Callable[[str], None]


def study_job(progress: Progress) -> dict[str, Any]:
    """Work out the study that the job is about and store what came of it with the job's end. Done twice it
    stores once. Raises Refused for what cannot be worked out; the study then keeps the sentences."""
    study = Study.objects.select_related("version__plan", "base__plan").get(pk=progress.job.params["study"])
    if study.state != StudyState.RUNNING:
        return {"study": study.pk}
    try:
        ground = books_of(study)
        results = worked_out(study, ground, Counter(progress, ground))
    except (ValueError, KeyError, OverflowError) as error:
        raise _failed(study, str(error)) from error
    except Refused as refusal:
        raise _failed(study, str(refusal)) from refusal
    with progress.store() as store:
        Study.objects.filter(pk=study.pk).update(
            state=StudyState.DONE, results=results, fingerprint=fingerprint(study, ground)
        )
        store.result = {"study": study.pk}
    return {"study": study.pk}


def _failed(study: Study, sentence: str) -> Refused:
    faults = {**study.results, "faults": sentence.splitlines()}
    Study.objects.filter(pk=study.pk, state=StudyState.RUNNING).update(
        state=StudyState.FAILED, results=faults
    )
    return Refused(sentence)


class Counter:
    """Tells the job how many of the calculations are done; a cancel is noticed between two of them."""

    def __init__(self, progress: Progress, ground: Ground) -> None:
        self.progress, self.done = progress, 0
        total = sum(len(levels_of(terms_of(book), TOP)) + 5 for book in ground.books)
        progress.report(done=0, total=total, step="Reading the year's credits")

    def __call__(self, step: str) -> None:
        """Tell the job what is done now, and count the step."""
        self.progress.report(done=min(self.done, self.progress.job.total), step=step)
        self.done += 1


def worked_out(study: Study, ground: Ground, report: Report) -> dict[str, Any]:
    """The results."""
    asked = dict(study.results["asked"])
    tried = [_tried(book, study, asked, report) for book in ground.books]
    sides = {name: _side(one, asked) for name, one in zip(("plan", "base"), tried, strict=False)}
    reps = {rep for book in ground.books for rep in _paid_reps(book)}
    return {
        "asked": asked,
        "currency": ground.books[0].currency,
        "sides": sides,
        "people": _people(ground.books, tried, base_pay(reps, study.first_month)),
        "sold": _sold(reps, study, ground.books[0].currency),
        "notes": [*ground.notes, *_notes(ground.books[0], study, tried[0])],
    }


@dataclass(frozen=True)
class Tried:
    """A plan as it was tried. years: with everybody at each of `levels`."""

    book: PlanBook
    terms: Terms
    year: YearOfPay
    levels: list[Fraction]
    years: list[YearOfPay]
    outlook: Outlook | str
    observed: int

    def at(self, level: Fraction) -> YearOfPay:
        """The year at one of the levels that were worked out."""
        return self.years[self.levels.index(level)]


def terms_of(book: PlanBook) -> Terms:
    """The book's plan with everybody's own terms and who is paid."""
    return Terms(book.plan, tuple(sorted(book.members)), {one: book.plan_of(one) for one in book.own_terms})


def _tried(book: PlanBook, study: Study, asked: dict[str, Any], report: Report) -> Tried:
    terms = terms_of(book)
    report(f"Paying {len(terms.paid)} people by {book.plan.name}")
    year = year_of_pay(terms, book.book)
    levels, stretcher = levels_of(terms, TOP), Stretcher(terms, book.book)
    years = []
    for level in levels:
        report(f"{book.plan.name}: everybody at {float(level) * 100:.4g} % of the quota")
        years.append(stretcher.at_level(level))
    report(f"{book.plan.name}: {study.draws} draws")
    found = _by_chance(stretcher, year, (levels, years), _wishes(study, asked), report)
    return Tried(book, terms, year, levels, years, found, int((~np.isnan(year.attained)).sum()))


def _wishes(study: Study, asked: dict[str, Any]) -> Wishes:
    return Wishes(study.seed, study.draws, float(asked["correlation"]), Spread(asked["spread"]))


def _by_chance(
    stretcher: Stretcher,
    year: YearOfPay,
    grid: tuple[list[Fraction], list[YearOfPay]],
    wishes: Wishes,
    report: Report,
) -> Outlook | str:
    terms, book = stretcher.terms, stretcher.book
    try:
        attainments = drawn(year.attained, len(book.people.ids), wishes)
    except ValueError as error:
        return str(error)
    levels, years = grid
    top = Fraction(str(attainments.max()))
    if top > levels[-1]:
        more = [level for level in levels_of(terms, top) if level > levels[-1]]
        years = [*years, *(_above(stretcher, level, report) for level in more)]
        levels = [*levels, *more]
    report(f"{terms.plan.name}: some draws in full")
    return outlook(stretcher, pay_curve(terms, book, levels, years), attainments)


def _above(stretcher: Stretcher, level: Fraction, report: Report) -> YearOfPay:
    """A level above those that are shown, which some draw reaches."""
    report(f"{stretcher.terms.plan.name}: draws up to {float(level) * 100:.4g} % of the quota")
    return stretcher.at_level(level)


def _money(ticks: int) -> str:
    return f"{Decimal(ticks) / TICKS:.2f}"


def _side(one: Tried, asked: dict[str, Any]) -> dict[str, Any]:
    year, names = one.year, {part.code: part.name for part in one.book.plan.components}
    paid = np.array(one.terms.paid, np.int64)
    target = int(year.target[paid].sum())
    return {
        "total": _money(year.total),
        "target": _money(target),
        "months": [_money(int(ticks)) for ticks in year.by_month],
        "parts": [
            {
                "code": code,
                "name": names.get(code, "Draws" if code == "draw" else code),
                "cost": _money(int(cost)),
            }
            for code, cost in zip(year.codes, year.by_part, strict=True)
            if code != "draw" or cost
        ],
        "people": len(paid),
        "below": int(year.below[paid].sum()),
        "capped": int(year.capped[paid].sum()),
        "top_ratio": top_earner_ratio(year.by_person[paid]),
        "levels": [_level(one, level) for level in SHOWN],
        "curve": [_shares(one, level, target) for level in _even(one.levels)] if target else [],
        "chance": _chance(one, asked),
    }


def _even(levels: list[Fraction]) -> list[Fraction]:
    """Every tenth."""
    return [level for level in levels if (level * 10).denominator == 1 and level <= TOP]


def _level(one: Tried, level: Fraction) -> dict[str, Any]:
    year = one.at(level)
    parts = {code: _money(int(cost)) for code, cost in zip(year.codes, year.by_part, strict=True)}
    return {"level": float(level), "cost": _money(year.total), "parts": parts}


def _shares(one: Tried, level: Fraction, target: int) -> dict[str, Any]:
    year = one.at(level)
    parts = {code: int(cost) / target for code, cost in zip(year.codes, year.by_part, strict=True)}
    return {"level": float(level), "share": year.total / target, "parts": parts}


def _chance(one: Tried, asked: dict[str, Any]) -> dict[str, Any]:
    found = one.outlook
    if isinstance(found, str):
        return {"missing": found}
    budget = float(asked["budget"]) if asked.get("budget") else None
    return {
        "mean": f"{found.mean:.2f}",
        **{f"p{share}": f"{found.at(share / 100):.2f}" for share in (10, 50, 90)},
        "above": None if budget is None else found.above(budget),
        "doubt": None if budget is None else found.doubt(budget),
        "error": found.error,
        "checked": found.checked,
        "bins": [{"from": one.low, "to": one.high, "count": one.count} for one in histogram(found.costs)],
        "observed": one.observed,
    }


def _paid_reps(book: PlanBook) -> list[int]:
    return [book.reps[place] for place in sorted(book.members)]


def _people(books: list[PlanBook], tried: list[Tried], fixed: dict[int, Decimal]) -> list[dict[str, Any]]:
    by_rep = [{rep: book.place(rep) for rep in _paid_reps(book)} for book in books]
    return [
        _person(rep, by_rep, tried, fixed) for rep in sorted({rep for places in by_rep for rep in places})
    ]


def _person(
    rep: int, by_rep: list[dict[int, int]], tried: list[Tried], fixed: dict[int, Decimal]
) -> dict[str, Any]:
    years = [one.year for one in tried]
    paid = [
        int(year.by_person[places[rep]]) if rep in places else 0
        for year, places in zip(years, by_rep, strict=True)
    ]
    side = 0 if rep in by_rep[0] else 1
    year, place = years[side], by_rep[side][rep]
    attained = float(year.attained[place])
    return {
        "rep": rep,
        "after": _money(paid[0]),
        "before": _money(paid[1]) if len(paid) > 1 else None,
        "target": _money(int(year.target[place])),
        "fixed": f"{fixed[rep]:.2f}" if rep in fixed else None,
        "attained": None if np.isnan(attained) else attained,
        "below": bool(year.below[place]),
        "capped": bool(year.capped[place]),
    }


def _sold(reps: set[int], study: Study, currency: str) -> dict[str, str]:
    """In the plan's currency at the rate of the first month."""
    sums = sold_by(reps, study.first_month)
    rate = Decimal(1) if currency == base_currency() else rate_in(currency, study.first_month)
    return {basis: f"{amount / rate:.2f}" for basis, amount in sums.items()}


def _notes(book: PlanBook, study: Study, one: Tried) -> list[str]:
    found = []
    if study.first_month.month != book.plan.year_begins:
        found.append(
            f"The plan's year begins in month {book.plan.year_begins}. Here the twelve months count as one "
            "year, so quarters and what adds up over the year are cut differently."
        )
    if stuck := [place for place in out_of_reach(book.plan, book.book) if place in book.members]:
        found.append(
            f"{len(stuck)} of {len(book.members)} people have a quota and no credits: at every level they "
            "stay at nothing, so the cost at a level is too low by theirs."
        )
    if missing := _months_without_quotas(book, study):
        found.append(
            f"There are no quotas in {', '.join(missing)}, but credits: attainment is higher than it was."
        )
    if not one.observed:
        found.append(
            "Nobody has a quota in these months: a level of 100 % then means the credits as they were."
        )
    elif one.observed < FEW:
        found.append(
            f"Only {one.observed} people have an attainment to draw from (fewer than {FEW}): take the "
            "probabilities as a rough guess."
        )
    return found


def _months_without_quotas(book: PlanBook, study: Study) -> list[str]:
    """Months in which nobody has a quota, though others have some and there are credits in all."""
    monthly = sum(
        (quota.sum(axis=0) for quota in book.book.quotas.values()), np.zeros(book.book.months, np.int64)
    )
    credited = np.bincount(book.book.credits.month, minlength=book.book.months)
    months = months_from(study.first_month, book.book.months)
    missing = [f"{month:%b %Y}" for n, month in enumerate(months) if not monthly[n] and credited[n]]
    return missing if monthly.any() else []


def fingerprint(study: Study, ground: Ground) -> str:
    """SHA-256 of what the results follow from: terms, people, quotas, credits, wishes and the engine."""
    said = [study.terms, study.base_terms, study.first_month, study.seed, study.draws, study.results["asked"]]
    return input_hash([VERSION, said, [_digest(book) for book in ground.books]])


def _digest(one: PlanBook) -> str:
    book, credits = one.book, one.book.credits
    made = hashlib.sha256()
    columns = [
        credits.person,
        credits.deal,
        credits.day,
        credits.reverses,
        book.people.manager,
        book.people.here,
    ]
    columns += [credits.amounts[name] for name in sorted(credits.amounts)]
    columns += [credits.words[name].code for name in sorted(credits.words)]
    columns += [book.quotas[code] for code in sorted(book.quotas)]
    for column in columns:
        made.update(np.ascontiguousarray(column).tobytes())
    words = [(name, credits.words[name].names) for name in sorted(credits.words)]
    people = (book.people.ids, book.people.team, book.people.role, book.people.target.tolist())
    made.update(repr((one.plan, sorted(one.own_terms.items()), words, people, book.scores)).encode())
    return made.hexdigest()
