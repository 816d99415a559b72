"""manage.py supply: a supply problem in CSV files → its plan, cost and shadow prices."""

import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from planning.engine.supply import Infeasible, NotSolved, solve, why_infeasible
from planning.pipeline.supply_files import BadFiles, read_problem, write_plan


class Command(BaseCommand):
    """Solve a supply problem from a folder of CSV files. docs/files.md describes them."""

    help = "Solve a supply problem from a folder of CSV files (docs/files.md). Ends with 2 for bad files."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("problem", type=Path, help="The folder with products.csv, demand.csv, …")
        parser.add_argument("--out", type=Path, required=True, help="Where the plan's files are written.")
        whole = "Workers, hires and layoffs are whole numbers."
        parser.add_argument("--whole-numbers", action="store_true", help=whole)

    def handle(self, *args: Any, **options: Any) -> None:
        begun = time.perf_counter()
        try:
            task = read_problem(options["problem"])
        except BadFiles as error:
            self._end(2, error.mistakes)
        try:
            plan = solve(task.problem, whole_numbers=options["whole_numbers"], make=task.make)
        except Infeasible:
            reasons = why_infeasible(task.problem, task.make)
            self._end(1, ["There is no plan that keeps every limit.", *reasons])
        except NotSolved as error:
            self._end(1, [str(error)])
        seconds = time.perf_counter() - begun
        try:
            write_plan(options["out"], task, plan, whole_numbers=options["whole_numbers"], seconds=seconds)
        except OSError as error:
            self._end(2, [f"The plan cannot be written to {options['out']}: {error.strerror}."])
        self.stdout.write(f"Cost {plan.cost:,.2f}. The plan is in {options['out']}.")

    def _end(self, status: int, sentences: list[str]) -> Any:
        """One sentence a line on the error stream; nothing has been written."""
        for sentence in sentences:
            self.stderr.write(sentence)
        sys.exit(status)
