"""What the database needs before people come: tables and, in demo mode, the demo company.

One process for all of it, since starting Django is what takes the time:
`python -m sopcycle.prepare [--signins FILE] [--cycles-later]`.
"""

import argparse
import os
import sys
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sopcycle.settings")
django.setup()

from core.system_checks import refuse_demo_people  # noqa: E402 - the applications must be loaded


def main() -> None:
    """Raises ImproperlyConfigured when demo sign-ins are left in a production database."""
    parser = argparse.ArgumentParser(prog="python -m sopcycle.prepare")
    parser.add_argument("--signins", type=Path, help="write the demo's sign-ins to this file")
    parser.add_argument("--cycles-later", action="store_true", help="a worker loads the demo's past cycles")
    options = parser.parse_args()
    _make_tables()
    if settings.MODE == "production":
        refuse_demo_people()
        call_command("collectstatic", verbosity=0, interactive=False)
    if settings.DEMO:
        call_command("demo", "--if-empty", cycles="later" if options.cycles_later else "now")
        _write_signins(options.signins)


def _make_tables() -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        sys.stdout.write("Making the tables; in an empty database this takes a while.\n")
        sys.stdout.flush()
        call_command("migrate", verbosity=0, interactive=False)


def _write_signins(file: Path | None) -> None:
    if file is None:
        return
    with file.open("w", encoding="utf-8") as target:
        call_command("demo_signins", stdout=target)


if __name__ == "__main__":
    main()
