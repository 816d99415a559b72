"""manage.py commission PLAN.yaml DEALS.csv --out DIR: a pay plan and deals → statements, line by line."""

import datetime as dt
import sys
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from catalog.engine.months import months_from
from compensation.engine.calculation import calculate
from compensation.engine.plan import Plan
from compensation.engine.plan_cells import BadPlan
from compensation.engine.plan_reading import plan_from
from compensation.engine.plan_text import terms_of_text, with_lines
from compensation.pipeline.book_files import PERIODS, Paths, read_book, read_period
from compensation.pipeline.pay_files import pay_files, write_files
from territories.pipeline.tables import BadTable

BAD_INPUT = 2


def month(text: str) -> dt.date:
    """2026-03 → its first day."""
    try:
        return dt.datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007 - a month has no time zone
    except ValueError as error:
        raise ArgumentTypeError(f"“{text}” is no month; write 2026-03.") from error


class Command(BaseCommand):
    help = "Work out pay from a plan and deals (docs/compensation.md). Ends with 2 for bad files."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add("plan", type=Path, help="The pay plan, YAML.")
        add("deals", type=Path, help="deal, day, person, amount, share, role, extra, reverses …")
        add("--people", type=Path, help="person, target_incentive, team, role, manager, from, to.")
        add("--quotas", type=Path, help="person, component, period, amount.")
        add("--scores", type=Path, help="person, component, objective, period, achieved.")
        add("--rates", type=Path, help="currency, month, rate: what a unit is worth in the plan's currency.")
        add("--money", nargs="+", default=[], help="Other columns of the deals than amount, margin in money.")
        add("--periods", nargs="+", help="Only these: 2026, 2026-H1, 2026-Q1, 2026-03.")
        add("--through", type=month, help="The last month to pay, 2026-03; that of the last deal without it.")
        add("--out", type=Path, required=True, help="Folder for lines.csv, statements.csv and summary.json.")

    def handle(self, *args: Any, **options: Any) -> None:
        paths = Paths(
            options["deals"],
            options["people"],
            options["quotas"],
            options["scores"],
            options["rates"],
            tuple(name.lower() for name in options["money"]),
        )
        try:
            plan = read_plan(options["plan"])
            only = months_asked(options["periods"], plan)
            loaded = read_book(plan, paths, options["through"] or (max(only) if only else None))
            calculation = calculate(plan, loaded.book, loaded.through)
        except (BadTable, BadPlan, ValueError, OverflowError) as error:
            self.stderr.write(str(error))
            sys.exit(BAD_INPUT)
        written = pay_files(calculation, loaded, only)
        write_files(options["out"], written.files)
        total = sum((sheet.pay for sheet in written.statements), start=0)
        counts = f"{len(written.statements)} statements, {written.lines} lines"
        self.stdout.write(f"{counts}, pay {total:,.{plan.places}f} {plan.currency}.")
        for note in loaded.notes:
            self.stdout.write(note)


def months_asked(periods: list[str] | None, plan: Plan) -> list[dt.date] | None:
    """The first days of the months of all periods, None without any. Raises ValueError for what is none."""
    found: list[dt.date] = []
    for text in periods or []:
        period = read_period(text, plan)
        if period is None:
            raise ValueError(f"--periods: “{text}” is no period; {PERIODS}.")
        found += months_from(*period)
    return found or None


def read_plan(path: Path) -> Plan:
    """Raises BadPlan with sentences about the file, and the lines where the faults are."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise BadPlan([f"{path.name} cannot be read: {error.strerror}."]) from error
    except UnicodeDecodeError as error:
        raise BadPlan([f"{path.name} is no text: {error}. Save it as UTF-8."]) from error
    try:
        return _plan_of(text)
    except BadPlan as bad:
        raise BadPlan([f"{path.name}: {one}" for one in bad.sentences]) from bad


def _plan_of(text: str) -> Plan:
    terms = terms_of_text(text)
    try:
        return plan_from(terms)
    except BadPlan as bad:
        raise BadPlan(with_lines(text, bad.sentences)) from bad
