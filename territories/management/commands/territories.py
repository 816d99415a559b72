"""manage.py territories ACCOUNTS.csv REPS.csv --out DIR: accounts and reps → who gets which account."""

import sys
import time
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from territories.engine.assignment import Infeasible, assign, assign_relaxed
from territories.engine.plan import Plan, Settings
from territories.engine.problem import Problem
from territories.pipeline.account_files import Asked, read_problem
from territories.pipeline.cost_files import read_costs
from territories.pipeline.plan_files import plan_files, write_files
from territories.pipeline.tables import BadTable

NO_PLAN, BAD_INPUT = 1, 2
LONGEST = 3600.0


def tolerances(text: str) -> dict[str, float]:
    """potential:0.05,workload:0.1 → tolerances by measure."""
    found: dict[str, float] = {}
    for part in filter(None, (one.strip() for one in text.split(","))):
        name, _, number = (one.strip() for one in part.rpartition(":"))
        try:
            value = float(number)
        except ValueError:
            value = -1.0
        if not name or not 0 <= value < float("inf") or name.lower() in found:
            raise ArgumentTypeError(f"“{part}” is not a measure; write each once, as potential:0.05.")
        found[name.lower()] = value
    return found


class Command(BaseCommand):
    help = "Assign accounts to reps, balanced and cheap (docs/territories.md). Ends with 2 for bad files."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add("accounts", type=Path, nargs="?", help="account, lat and lon or x and y, measures, owner …")
        add("reps", type=Path, nargs="?", help="rep, lat and lon or x and y, capacity, max_accounts …")
        add("--current", type=Path, help="account,rep: today's owners.")
        add("--measures", type=tolerances, default={}, help="Tolerances, potential:0.05,workload:0.05.")
        add("--move-penalty", type=float, default=0.0, help="Cost of a move per unit of the account's value.")
        add("--time-limit", type=float, default=60.0, help="Seconds, 1 to 3600; 60 without it.")
        add("--seed", type=int, default=0, help="Orders the local search; 0 without it.")
        add("--gap", type=float, default=0.0, help="Stop when so close to the bound, 0.01 for 1 %%.")
        add(
            "--relax",
            action="store_true",
            help="Move the limits as little as it takes when no plan keeps them.",
        )
        add(
            "--costs",
            type=Path,
            help="account × rep: what each assignment costs, instead of ACCOUNTS and REPS.",
        )
        add("--loads", type=Path, help="account × rep: what each assignment takes of the rep's capacity.")
        add("--capacities", type=Path, help="rep,capacity.")
        add("--out", type=Path, required=True, help="The folder for the four files.")

    def handle(self, *args: Any, **options: Any) -> None:
        self._check(options)
        settings = Settings(options["time_limit"], options["seed"], options["gap"])
        try:
            problem = _problem(options)
        except BadTable as error:
            self._end(BAD_INPUT, error.sentences)
        try:
            plan = (assign_relaxed if options["relax"] else assign)(problem, settings, time.perf_counter)
        except Infeasible as error:
            self._end(NO_PLAN, error.relaxation.sentences)
        try:
            write_files(options["out"], plan_files(plan))
        except OSError as error:
            self._end(BAD_INPUT, [f"The plan cannot be written to {options['out']}: {error.strerror}."])
        self._say(plan, options["out"])

    def _check(self, options: dict[str, Any]) -> None:
        plain = options["costs"] is not None
        sentences = [
            sentence
            for wrong, sentence in (
                (not plain and not options["reps"], "Give ACCOUNTS.csv and REPS.csv, or --costs."),
                (plain and options["accounts"], "Give ACCOUNTS.csv and REPS.csv, or --costs; not both."),
                (plain and options["measures"], "--measures needs ACCOUNTS.csv and REPS.csv."),
                (not plain and (options["loads"] or options["capacities"]), "--loads needs --costs."),
                (not 1 <= options["time_limit"] <= LONGEST, "--time-limit must be 1 to 3600 seconds."),
                (not 0 <= options["gap"] < 1, "--gap must be 0 or more and below 1."),
                (options["seed"] < 0, "--seed must be 0 or more."),
                (not 0 <= options["move_penalty"] < float("inf"), "--move-penalty must be 0 or more."),
            )
            if wrong
        ]
        if sentences:
            self._end(BAD_INPUT, sentences)

    def _say(self, plan: Plan, folder: Path) -> None:
        for sentence in plan.relaxations:
            self.stdout.write(sentence)
        self.stdout.write(
            f"Objective {plan.objective:,.2f}, at most {plan.gap:.2%} above the best possible "
            f"({plan.ending}); {len(plan.moved):,} accounts move. The plan is in {folder}."
        )

    def _end(self, status: int, sentences: Any) -> Any:
        """One sentence a line on the error stream; nothing has been written."""
        for sentence in sentences:
            self.stderr.write(sentence)
        sys.exit(status)


def _problem(options: dict[str, Any]) -> Problem:
    asked = Asked(options["measures"], options["move_penalty"])
    if options["costs"]:
        return read_costs(
            options["costs"], options["loads"], options["capacities"], options["current"], asked
        )  # fmt: skip
    return read_problem(options["accounts"], options["reps"], options["current"], asked)
