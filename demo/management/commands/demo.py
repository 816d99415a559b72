"""manage.py demo: fill an empty database with the demo company."""

import datetime as dt
import time
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db.models import Max
from django.utils import timezone

from core.errors import Refused
from core.models import Person
from demo.company import File, make_company
from demo.loading import load
from demo.loading.cycles import are_complete, load_cycles
from demo.loading.files import write_files
from demo.loading.firm import is_complete
from demo.loading.following import load_what_follows
from demo.loading.later import load_cycles_later
from gathering.models import Sales


class Command(BaseCommand):
    help = "Load the demo company: people, five years of sales, plans, and what is wrong with them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--scale", type=int, default=1, help="20 gives about 12,000 demand units")
        parser.add_argument("--seed", type=int, default=7)
        parser.add_argument("--until", type=_month, help="last month of sales, YYYY-MM (default: last month)")
        parser.add_argument(
            "--cycles",
            choices=["now", "later", "none"],
            default="now",
            help="six past cycles and an open one: at once, by a worker (needs one), or none",
        )
        parser.add_argument("--write", type=Path, metavar="DIR", help="only write the company's files there")
        parser.add_argument("--if-empty", action="store_true", help="do nothing when there are people")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.MODE not in {"demo", "test"}:
            raise CommandError("The demo company is only for demo mode; this is production.")
        if options["scale"] < 1 or options["scale"] > 100:
            raise CommandError(f"--scale {options['scale']} is not possible. Use a number from 1 to 100.")
        if options["write"]:
            write_files(_company(options), options["write"])
            self.stdout.write(f"The demo company's files are in {options['write']}.")
            return
        if options["if_empty"] and _is_in_use():
            self._finish_cycles(options)
            return
        if Person.objects.filter(is_demo=False).exists():
            raise CommandError("There are real people in this database. Use an empty one.")
        self._load(options)

    def _load(self, options: dict[str, Any]) -> None:
        began = time.monotonic()
        say = self._say(options)
        until = options["until"] or last_closed_month()
        try:
            load(scale=options["scale"], seed=options["seed"], until=until, say=say)
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        say(f"The demo company is loaded ({time.monotonic() - began:.0f} s).")
        self._load_cycles(options, until)

    def _finish_cycles(self, options: dict[str, Any]) -> None:
        """A start that finds the company without its cycles: an earlier load was interrupted."""
        newest = Sales.objects.aggregate(month=Max("month"))["month"]
        is_demo = is_complete() and not Person.objects.filter(is_demo=False).exists()
        if is_demo and newest is not None and not are_complete():
            self._load_cycles(options, newest)

    def _load_cycles(self, options: dict[str, Any], until: dt.date) -> None:
        began, say = time.monotonic(), self._say(options)
        company = {"scale": options["scale"], "seed": options["seed"], "until": until}
        if options["cycles"] == "later":
            load_cycles_later(**company)
            say("Its past cycles are being loaded: see Settings, Jobs.")
        elif options["cycles"] == "now":
            try:
                load_cycles(**company, say=say)
                load_what_follows(timezone.localdate(), say=say)
            except Refused as refusal:
                raise CommandError(str(refusal)) from refusal
            say(f"Its cycles, quotas and pay are loaded ({time.monotonic() - began:.0f} s).")

    def _say(self, options: dict[str, Any]) -> Callable[[str], None]:
        return (lambda line: None) if options["verbosity"] == 0 else self.stdout.write


def _company(options: dict[str, Any]) -> list[File]:
    until = options["until"] or last_closed_month()
    return make_company(scale=options["scale"], seed=options["seed"], until=until, with_late=True)


def last_closed_month() -> dt.date:
    """The month before this one."""
    return (timezone.localdate().replace(day=1) - dt.timedelta(days=1)).replace(day=1)


def _is_in_use() -> bool:
    """Somebody is there, and no demo load was interrupted half-way."""
    people = Person.objects.all()
    return people.exists() and (people.filter(is_demo=False).exists() or is_complete())


def _month(text: str) -> dt.date:
    try:
        return dt.datetime.strptime(text, "%Y-%m").replace(tzinfo=dt.UTC).date()
    except ValueError as error:
        raise CommandError(f"--until {text}: write the month as YYYY-MM, such as 2026-10.") from error
