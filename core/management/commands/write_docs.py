"""manage.py write_docs: bring the made parts of docs/ up to date."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from sopcycle.documents.marks import stale
from sopcycle.documents.parts import DOCS, parts


class Command(BaseCommand):
    help = "Write the parts of docs/ that are made from the code: diagrams, rights, settings, commands."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing; fail when a part is stale")

    def handle(self, *args: Any, **options: Any) -> None:
        found = stale(DOCS, parts())
        names = ", ".join(str(file.relative_to(DOCS)) for file in found)
        if options["check"] and found:
            raise CommandError(f"Stale: {names}. Run `make docs` and commit the result.")
        for file, text in found.items():
            file.write_text(text, encoding="utf-8")
        self.stdout.write(f"Written anew: {names}." if found else "All made parts are up to date.")
