"""manage.py profiles load DIR: import profiles from YAML files with code, name, dataset, definition."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import yaml
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from core.errors import Refused
from gathering.models import ImportProfile
from gathering.services.profiles import change_profile, create_profile

KEYS = ("code", "name", "dataset", "definition")


class Command(BaseCommand):
    help = "Load import profiles from a folder of YAML files, or list them. Loading twice changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser("list", help="List the saved profiles.")
        actions.add_parser("load", help="Load every .yaml file of a folder.").add_argument(
            "folder", type=Path
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["action"] == "list":
            for profile in ImportProfile.objects.all():
                self.stdout.write(f"{profile.code}\t{profile.dataset}\t{profile.name}")
            return
        paths = sorted(options["folder"].glob("*.y*ml"))
        if not paths:
            raise CommandError(f"{options['folder']} has no YAML files.")
        with transaction.atomic():
            for path in paths:
                self.stdout.write(f"{path.name}: {_load(path)}")


def _load(path: Path) -> str:
    raw = _read(path)
    known = ImportProfile.objects.filter(code=raw["code"]).first()
    try:
        if known is None:
            create_profile(actor=None, **raw)
            return f"created “{raw['code']}”"
        changes = {name: raw[name] for name in ("name", "definition")}
        fresh = change_profile(actor=None, profile=known, revision=known.revision, changes=changes)
    except Refused as refusal:
        raise CommandError(f"{path.name}: {refusal}") from refusal
    return "unchanged" if fresh.revision == known.revision else f"changed “{raw['code']}”"


def _read(path: Path) -> dict[str, str]:
    """The four texts of a file; `definition` may be YAML itself, written out as keys."""
    try:
        raw = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - texts only
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise CommandError(f"{path.name} is not YAML: {error}") from error
    missing = [key for key in KEYS if not isinstance(raw, dict) or key not in raw]
    if missing:
        raise CommandError(f"{path.name} lacks: {', '.join(missing)}.")
    definition = raw["definition"]
    if not isinstance(definition, str):
        definition = yaml.safe_dump(definition, sort_keys=False, allow_unicode=True)
    return {key: raw[key] for key in KEYS[:3]} | {"definition": definition}
