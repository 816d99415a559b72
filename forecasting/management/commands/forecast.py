"""manage.py forecast IN.csv --horizon N --out OUT.csv: many series forecast without a database."""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from forecasting.engine import Settings
from forecasting.engine.forecast import forecast
from forecasting.pipeline.series_file import SeriesFault, forecast_lines, panel_of, read_series

BAD_INPUT = 2


class Command(BaseCommand):
    help = "Forecast the monthly series of a CSV file (unique_id,ds,y) and write means, intervals and models."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="unique_id,ds,y: one line per series and month.")
        parser.add_argument("--horizon", type=int, required=True, help="Months ahead, 1 to 60.")
        parser.add_argument("--out", type=Path, required=True, help="The file to write.")

    def handle(self, *args: Any, **options: Any) -> None:
        if not 1 <= options["horizon"] <= 60:
            raise _refusal(f"The horizon is {options['horizon']} months; use 1 to 60.")
        try:
            series = read_series(options["file"])
        except SeriesFault as fault:
            raise _refusal(f"{options['file']}: {fault}") from fault
        result = forecast(panel_of(series), Settings(horizon=options["horizon"]))
        self._write(options["out"], forecast_lines(series, result))
        self.stdout.write(f"{len(series):,} series, {options['horizon']} months ahead: {options['out']}")

    def _write(self, target: Path, lines: list[str]) -> None:
        """Whole or not at all: beside the target first, then in its place."""
        beside = target.with_name(f".{target.name}.{os.getpid()}")
        try:
            beside.write_text("".join(lines), encoding="utf-8")
            beside.replace(target)
        except OSError as error:
            beside.unlink(missing_ok=True)
            raise _refusal(f"{target} cannot be written: {error.strerror}.") from error


def _refusal(sentence: str) -> CommandError:
    return CommandError(sentence, returncode=BAD_INPUT)
