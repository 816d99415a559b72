"""manage.py run_cycle: a whole cycle from a folder of files to a released plan, without a browser."""

import datetime as dt
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.errors import Invalid, Refused
from planning.headless.cycle import run_cycle
from planning.headless.run import Run, Wishes


class Command(BaseCommand):
    help = "Run a whole cycle: files in, a released plan out. Ends with 1 and the reasons when refused."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--data", type=Path, required=True, help="The folder of files.")
        parser.add_argument("--month", required=True, help="The first month planned, YYYY-MM.")
        parser.add_argument("--out", type=Path, required=True, help="The folder for what comes out.")
        parser.add_argument("--horizon", type=int, help="Months planned, 12 to 36 (default: the setting).")
        parser.add_argument(
            "--profile",
            nargs="+",
            default=[],
            metavar="P",
            help="Import profiles: a saved code, a YAML file or a folder of them; P=FILE says what it reads.",
        )
        parser.add_argument("--source", default="files", help="Which system the rows come from.")
        parser.add_argument(
            "--approve-as",
            nargs="+",
            default=[],
            metavar="EMAIL",
            help="Who signs (default: nobody).",
        )
        parser.add_argument(
            "--waive-findings", default="", metavar="REASON", help="Accept blocking findings."
        )
        parser.add_argument("--allow-rejects", action="store_true", help="Import the good rows anyway.")
        parser.add_argument(
            "--strict", action="store_true", help="Accept nothing automatically: the guards refuse instead."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        quiet = options["verbosity"] == 0
        say = (lambda line: None) if quiet else self.stdout.write
        try:
            run = run_cycle(_wishes(options), say)
        except Invalid as fault:
            raise CommandError("\n".join(reason.text for reason in fault.reasons), returncode=2) from fault
        except Refused as refusal:
            for reason in refusal.reasons:
                self.stderr.write(reason.text)
            sys.exit(1)
        if not quiet:
            self._tell(run)

    def _tell(self, run: Run) -> None:
        release = run.figures["release"]
        self.stdout.write(f"Released: {run.cycle}, sha256 {release['sha256']}.")
        if run.accepted:
            self.stdout.write(f"{len(run.accepted)} acceptances were made automatically: see summary.json.")
        for line in run.figures.get("comparison", {}).get("in_words", []):
            self.stdout.write(line)


def _wishes(options: dict[str, Any]) -> Wishes:
    return Wishes(
        data=options["data"],
        out=options["out"],
        month=_month(options["month"]),
        horizon=options["horizon"],
        profiles=options["profile"],
        source=options["source"],
        approve_as=options["approve_as"],
        allow_rejects=options["allow_rejects"],
        waive_findings=options["waive_findings"],
        strict=options["strict"],
    )


def _month(text: str) -> dt.date:
    try:
        return dt.datetime.strptime(text, "%Y-%m").replace(tzinfo=dt.UTC).date()
    except ValueError as error:
        message = f"--month {text}: write the month as YYYY-MM, such as 2026-10."
        raise CommandError(message, returncode=2) from error
