"""manage.py import_file FILE --dataset D: a file in, without a browser."""

import json
import sys
from argparse import ArgumentParser
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import yaml
from django.core.management.base import BaseCommand, CommandError

from core.errors import Refused
from gathering.datasets import DATASETS
from gathering.models import ImportProfile, ImportRun, ImportState
from gathering.services.imports import import_now

MOST_SHOWN = 20


class Command(BaseCommand):
    help = "Import a CSV, PSV, TSV or XLSX file. Ends with 1 when rows were rejected (see --allow-rejects)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dataset", required=True, choices=sorted(DATASETS))
        parser.add_argument("--profile", help="The code of a saved profile, or a YAML file.")
        parser.add_argument("--source", default="", help="Which system the rows come from.")
        parser.add_argument("--with", dest="seconds", nargs="+", type=Path, default=[], help="Second files.")
        parser.add_argument("--allow-rejects", action="store_true", help="Commit the good rows anyway.")
        parser.add_argument("--dry-run", action="store_true", help="Read and check, but commit nothing.")
        parser.add_argument("--json", action="store_true", help="Print the result as JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            run = self._import(options)
        except Refused as refusal:
            raise CommandError("\n".join(reason.text for reason in refusal.reasons)) from refusal
        self.stdout.write(json.dumps(_result(run)) if options["json"] else _sentences(run))
        if run.rows_rejected and not options["allow_rejects"]:
            for line in _problems(run):
                self.stderr.write(line)
            sys.exit(1)

    def _import(self, options: dict[str, Any]) -> ImportRun:
        with ExitStack() as stack:
            return import_now(
                actor=None,
                file=stack.enter_context(_opened(options["file"])),
                file_name=options["file"].name,
                dataset=options["dataset"],
                source=options["source"],
                allow_rejects=options["allow_rejects"],
                dry_run=options["dry_run"],
                extra_files={path.name: stack.enter_context(_opened(path)) for path in options["seconds"]},
                **_profile(options["profile"]),
            )


def _opened(path: Path) -> Any:
    try:
        return path.open("rb")
    except OSError as error:
        raise CommandError(f"{path} cannot be opened: {error.strerror}.") from error


def _profile(given: str | None) -> dict[str, Any]:
    if not given:
        return {}
    if given.endswith((".yaml", ".yml")):
        with _opened(Path(given)) as file:
            return {"definition": _definition(file.read().decode())}
    profile = ImportProfile.objects.filter(code=given).first()
    if profile is None:
        raise CommandError(f"No profile has the code “{given}”. Load it with: manage.py profiles load DIR")
    return {"profile": profile}


def _definition(text: str) -> str:
    """The profile in a YAML file: alone, or under `definition` as `manage.py profiles load` takes it."""
    try:
        raw = yaml.safe_load(text)
    except yaml.YAMLError:
        return text  # the profile's own reader says what is wrong, and where
    return str(raw["definition"]) if isinstance(raw, dict) and "definition" in raw else text


def _result(run: ImportRun) -> dict[str, Any]:
    names = ("read", "good", "rejected", "held", "new", "changed", "unchanged")
    counts = {f"rows_{name}": getattr(run, f"rows_{name}") for name in names}
    return {"import": run.pk, "state": run.state, **counts, "totals": run.preview.get("totals", {})}


def _sentences(run: ImportRun) -> str:
    happened = "Committed" if run.state == ImportState.COMMITTED else "Checked, not committed"
    lines = [
        f"{happened}: {run.file_name} as import {run.pk}.",
        f"{run.rows_read:,} rows read: {run.rows_new:,} new, {run.rows_changed:,} changed, "
        f"{run.rows_unchanged:,} unchanged, {run.rows_held:,} waiting for a mapping, "
        f"{run.rows_rejected:,} rejected.",
    ]
    lines += [
        f"{name}: {total['file']} in the file, {total['accepted']} accepted."
        for name, total in run.preview.get("totals", {}).items()
    ]
    return "\n".join(lines + run.preview.get("blocking", []))


def _problems(run: ImportRun) -> list[str]:
    shown = [
        f"row {p.row_number}{f', {p.column}' if p.column else ''}{f' “{p.value}”' if p.value else ''}: "
        f"{p.problem} {p.advice}"
        for p in run.problems.order_by("row_number", "id")[:MOST_SHOWN]
    ]
    more = run.problems.count() - len(shown)
    return [*shown, f"… and {more:,} more problems (page /data/imports/{run.pk}/)."] if more else shown
