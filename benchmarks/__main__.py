"""Run the benchmarks, each in a database of its own: JSON to benchmarks/results/, a table to the screen.

    python -m benchmarks [name …] [--large]

A benchmark is a module with `run(*, large) -> dict` (or `run() -> dict`). A result may hold `passes`.
"""

import argparse
import importlib
import inspect
import json
import os
import platform
import sys
import time
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import django
from django.db import connection

HERE = Path(__file__).parent
RESULTS = HERE / "results"


def main() -> int:
    """Run what was asked for (everything by default); 1 when a bar is missed."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sopcycle.settings")
    wanted = _arguments()
    django.setup()
    found = {module: _run(module, wanted.large) for module in wanted.names or benchmark_names()}
    _keep(found)
    print(as_table(found))
    return 0 if all(result.get("passes", True) for result in found.values()) else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("names", nargs="*", choices=[*benchmark_names(), []])
    parser.add_argument("--large", action="store_true", help="Ten million lines as well.")
    return parser.parse_args()


def benchmark_names() -> list[str]:
    """Every module here that has a `run`."""
    files = (HERE / f"{module.name}.py" for module in iter_modules([str(HERE)]))
    return sorted(file.stem for file in files if "\ndef run(" in file.read_text(encoding="utf-8"))


def _run(name: str, large: bool) -> dict[str, Any]:
    run = importlib.import_module(f"benchmarks.{name}").run
    options = {"large": large} if "large" in inspect.signature(run).parameters else {}
    print(f"{name} …", file=sys.stderr, flush=True)
    database = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        return run(**options)
    finally:
        connection.creation.destroy_test_db(database, verbosity=0)


def _keep(found: dict[str, Any]) -> None:
    RESULTS.mkdir(exist_ok=True)
    machine = {"python": platform.python_version(), "cores": os.cpu_count(), "system": platform.platform()}
    text = json.dumps(
        {"at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), **machine, "results": found}, indent=2
    )
    (RESULTS / "latest.json").write_text(text + "\n", encoding="utf-8")


def as_table(found: dict[str, Any]) -> str:
    """The figures line by line, nested ones by their path."""
    lines = [(f"{name}: {path}", value) for name, result in found.items() for path, value in _flat(result)]
    width = max((len(label) for label, _ in lines), default=0)
    return "\n".join(f"{label.ljust(width)}  {value}" for label, value in lines)


def _flat(result: dict[str, Any], above: str = "") -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for name, value in result.items():
        path = f"{above}{name}"
        found += _flat(value, f"{path} › ") if isinstance(value, dict) else [(path, value)]
    return found


if __name__ == "__main__":
    sys.exit(main())
