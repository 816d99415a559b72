"""What the database needs before people come: tables and, in demo mode, the demo company.

One process for all of it, since starting Django is what takes the time:
`python -m sopcycle.prepare [--signins FILE]`.
"""

import argparse
import os
import sys
from pathlib import Path

import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sopcycle.settings")


def main() -> None:
    """Raises ImproperlyConfigured when demo sign-ins are left in a production database."""
    parser = argparse.ArgumentParser(prog="python -m sopcycle.prepare")
    parser.add_argument("--signins", type=Path, help="write the demo's sign-ins to this file")
    options = parser.parse_args()
    django.setup()
    _make_tables()
    if settings.MODE == "production":
        _prepare_production()
    if settings.DEMO:
        call_command("demo", "--if-empty")
        _write_signins(options.signins)


def _make_tables() -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        sys.stdout.write("Making the tables; in an empty database this takes a while.\n")
        sys.stdout.flush()
        call_command("migrate", verbosity=0, interactive=False)


def _prepare_production() -> None:
    people = django.apps.apps.get_model("core", "Person").objects
    if people.filter(is_demo=True, is_active=True).exists():
        raise ImproperlyConfigured(
            "This database holds demo sign-ins, whose passwords are public. Use an empty database "
            "for production, or deactivate every demo person first."
        )
    call_command("collectstatic", verbosity=0, interactive=False)


def _write_signins(file: Path | None) -> None:
    if file is None:
        return
    with file.open("w", encoding="utf-8") as target:
        call_command("demo_signins", stdout=target)


if __name__ == "__main__":
    main()
