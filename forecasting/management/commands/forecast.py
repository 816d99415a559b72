"""manage.py forecast IN.csv --horizon N --out OUT.csv: many series forecast without a database."""

import os
from argparse import ArgumentParser
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from forecasting.engine import Settings
from forecasting.engine.evaluation import evaluate
from forecasting.engine.forecast import forecast
from forecasting.engine.periods import Frequency
from forecasting.pipeline.backtest_file import series_text, summary_text
from forecasting.pipeline.series_file import SeriesFault, SeriesFile, read_series

BAD_INPUT = 2
MOST_AHEAD, MOST_ORIGINS = 60, 24


class Command(BaseCommand):
    help = "Forecast the series of a CSV file (unique_id,ds,y) and write means, intervals and models."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="unique_id,ds,y: one line per series and period.")
        parser.add_argument("--horizon", type=int, required=True, help="Periods ahead, 1 to 60.")
        parser.add_argument("--out", type=Path, required=True, help="The file to write.")
        parser.add_argument(
            "--frequency", choices=list(Frequency), default="M", help="Months, quarters or weeks."
        )
        parser.add_argument(
            "--backtest",
            type=int,
            metavar="K",
            help="Forecast from K earlier ends as well, and write OUT.backtest.json and OUT.backtest.csv.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self._check(options)
        frequency = Frequency(options["frequency"])
        try:
            file = read_series(options["file"], frequency)
        except SeriesFault as fault:
            raise _refusal("\n".join(f"{options['file']}: {one}" for one in fault.sentences)) from fault
        settings = replace(Settings(), horizon=options["horizon"], cut_step=frequency.cut_step)
        result = forecast(file.panel(), settings)
        written = {options["out"]: "".join(file.lines(result))}
        if options["backtest"]:
            written |= self._backtest(file, settings, options, result.methods)
        write_all(written)
        count, ahead = len(file.series), options["horizon"]
        self.stdout.write(f"{count:,} series, {ahead} {frequency.words} ahead: {options['out']}")

    def _check(self, options: dict[str, Any]) -> None:
        if not 1 <= options["horizon"] <= MOST_AHEAD:
            raise _refusal(f"The horizon is {options['horizon']} periods; use 1 to {MOST_AHEAD}.")
        if options["backtest"] is not None and not 1 <= options["backtest"] <= MOST_ORIGINS:
            raise _refusal(f"--backtest is {options['backtest']}; use 1 to {MOST_ORIGINS} ends.")

    def _backtest(
        self, file: SeriesFile, settings: Settings, options: dict[str, Any], models: tuple[str, ...]
    ) -> dict[Path, str]:
        found = evaluate(file.panel(), settings, options["backtest"])
        ours, naive = found.overall(found.predicted), found.overall(found.naive)
        self.stdout.write(f"{'':10}{'MASE':>8}{'RMSSE':>8}{'WAPE':>8}{'sMAPE':>8}{'bias':>8}")
        for name, one in (("forecast", ours), ("Naive2", naive)):
            numbers = (one.mase, one.rmsse, one.wape, one.smape, one.bias)
            self.stdout.write(f"{name:10}" + "".join(f"{number:8.3f}" for number in numbers))
        inside = f"{found.coverage(80):.1%} and {found.coverage(95):.1%}"
        self.stdout.write(f"OWA {found.owa():.3f}; the 80 and 95 % intervals held {inside} of the values.")
        out: Path = options["out"]
        summary = summary_text(found, file.frequency, settings.cut_step, models)
        return {
            out.with_suffix(".backtest.json"): summary,
            out.with_suffix(".backtest.csv"): series_text(found),
        }


def write_all(files: dict[Path, str]) -> None:
    """Whole or not at all: all beside their places first, then into them. Raises CommandError."""
    beside = {target: target.with_name(f".{target.name}.{os.getpid()}") for target in files}
    try:
        for target, text in files.items():
            beside[target].write_text(text, encoding="utf-8")
        for target, made in beside.items():
            made.replace(target)
    except OSError as error:
        for made in beside.values():
            made.unlink(missing_ok=True)
        raise _refusal(f"{target} cannot be written: {error.strerror}.") from error


def _refusal(sentence: str) -> CommandError:
    return CommandError(sentence, returncode=BAD_INPUT)
