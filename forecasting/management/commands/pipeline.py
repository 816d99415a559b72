"""manage.py pipeline DEALS.csv --as-of DATE --out DIR: chances to win and expected revenue, no database."""

import datetime as dt
import json
import os
import shutil
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from forecasting.engine.deals import METHODS, DealSettings, Method
from forecasting.engine.deals.forecast import DealsForecast, forecast_deals
from forecasting.pipeline.deal_answers import backtest_json, deal_lines, revenue_lines, verdict
from forecasting.pipeline.deal_file import DealFault, DealProfile, read_deals, read_profile

BAD_INPUT = 2


class Command(BaseCommand):
    help = (
        "Tell of every open deal of a CSV file how likely it is to be won and when, what revenue to expect "
        "by month, and how well each method did on the past: deals.csv, revenue.csv, backtest.json."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="One line per deal: id, stage, when it began, …")
        parser.add_argument("--as-of", required=True, help="The day whose knowledge counts: 2026-03-31.")
        parser.add_argument("--out", type=Path, required=True, help="The folder to write.")
        parser.add_argument("--profile", type=Path, help="JSON: what the file calls its columns and stages.")
        parser.add_argument("--horizon", type=int, default=DealSettings().horizon, help="Months ahead.")
        methods = [method.value for method in METHODS]
        parser.add_argument("--method", choices=methods, help="Unless told, the winner of the back-test.")

    def handle(self, *args: Any, **options: Any) -> None:
        day = _day(options["as_of"])
        if not 1 <= options["horizon"] <= 36:
            raise _refusal(f"The horizon is {options['horizon']} months; use 1 to 36.")
        try:
            profile = read_profile(options["profile"]) if options["profile"] else DealProfile()
            deals, notes = read_deals(options["file"], profile)
        except DealFault as fault:
            raise _refusal(f"{options['file']}: {fault}") from fault
        settings = DealSettings(horizon=options["horizon"])
        method = Method(options["method"]) if options["method"] else None
        told = forecast_deals(deals, day, settings, method)
        if not told.deals:
            raise _refusal(f"{options['file']}: No deal was open on {day}. Choose another day.")
        _write(options["out"], _files(told, settings, notes))
        for note in notes:
            self.stdout.write(note)
        self.stdout.write(verdict(told.backtest, settings))
        money = f"{told.revenue.total:,.0f} expected within {settings.horizon} months"
        self.stdout.write(f"{len(told.deals):,} open deals, {money}: {options['out']}")


def _files(told: DealsForecast, settings: DealSettings, notes: list[str]) -> dict[str, str]:
    about = {"as_of": f"{told.as_of}", "method": told.method.value, "notes": notes}
    tested = about | backtest_json(told.backtest, settings)
    return {
        "deals.csv": deal_lines(told),
        "revenue.csv": revenue_lines(told),
        "backtest.json": json.dumps(tested, indent=1, ensure_ascii=False) + "\n",
    }


def _write(folder: Path, files: dict[str, str]) -> None:
    """Whole or not at all: beside the folder first, then in its place."""
    beside = folder.with_name(f".{folder.name}.{os.getpid()}")
    try:
        beside.mkdir(parents=True)
        for name, text in files.items():
            (beside / name).write_text(text, encoding="utf-8")
        folder.mkdir(exist_ok=True)
        for name in files:
            (beside / name).replace(folder / name)
    except OSError as error:
        raise _refusal(f"{folder} cannot be written: {error.strerror}.") from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise _refusal(f"--as-of is “{text}”; write a day as 2026-03-31.") from error


def _refusal(sentence: str) -> CommandError:
    return CommandError(sentence, returncode=BAD_INPUT)
