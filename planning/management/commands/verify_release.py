"""`manage.py verify_release CYCLE`: is the released plan still what was signed?"""

import datetime as dt
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from planning.models import Release
from planning.selectors.releases import verify
from planning.selectors.verification import verify_file


class Command(BaseCommand):
    help = (
        "Takes the hash of a released plan again, from its rows or from an exported file. Exit 0: it agrees."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("cycle", help="The cycle's number, or its month: 2026-03.")
        parser.add_argument(
            "--file", type=Path, help="An exported file: the content (JSON) or the plan (CSV)."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        release = _release(options["cycle"])
        checks = list(verify(release).checks)
        if options["file"]:
            checks.append(verify_file(release, _read(options["file"])))
        for check in checks:
            self.stdout.write(f"{'ok   ' if check.ok else 'WRONG'} {check.problem or check.label}")
        self.stdout.write(f"{release.cycle}: SHA-256 {release.content_hash}")
        if not all(check.ok for check in checks):
            raise CommandError("The plan is not what was released.", returncode=1)


def _release(text: str) -> Release:
    rows = Release.objects.select_related("cycle", "run")
    if text.isdigit():
        found = rows.filter(cycle=int(text)).first()
    else:
        found = rows.filter(cycle__month=_month(text)).order_by("-cycle__issue").first()
    if found is None:
        raise CommandError(f"There is no released plan of {text}. Give a cycle's number or a month.")
    return found


def _month(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(f"{text[:7]}-01")
    except ValueError as error:
        raise CommandError(f"“{text}” is neither a number nor a month such as 2026-03.") from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
