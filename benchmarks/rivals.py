"""Other forecasting software, in an environment of its own: the product never sees it."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bootstrap.commands import run
from bootstrap.environment import install_locked
from bootstrap.stamps import Stamps

PROJECT = Path(__file__).resolve().parent.parent
LOCK = PROJECT / "requirements-bench.lock"
PYTHON = PROJECT / ".venv-bench" / "bin" / "python"
PROGRAM = Path(__file__).with_name("rival_forecasts.py")
ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "NIXTLA")}


def competition(name: str) -> dict[str, Any]:
    """The monthly series of M1, M3 or Tourism: ids, history, future."""
    return _ask("data", name)


def rival(task: dict[str, Any], model: str, *levels: int) -> dict[str, Any]:
    """What a model of statsforecast says of each series, and the seconds of CPU that it took."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as given:
        json.dump(task, given)
        given.flush()
        return _ask("forecast", given.name, model, levels=levels)


def _ask(*arguments: str, levels: tuple[int, ...] = ()) -> dict[str, Any]:
    _make_environment()
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.json"
        command = [PYTHON, PROGRAM, *arguments, out, *map(str, levels)]
        subprocess.run(command, env=os.environ | ONE_THREAD, check=True)
        return json.loads(out.read_text())


def _make_environment() -> None:
    stamps = Stamps(PROJECT)
    if stamps.is_current("rivals", [LOCK], [PYTHON]):
        return
    otherwise = "The environment of the rivals could not be made."
    run([sys.executable, "-m", "venv", "--clear", PYTHON.parent.parent], project=PROJECT, otherwise=otherwise)
    install_locked(PROJECT, Path(sys.executable), LOCK, PYTHON)
    stamps.set("rivals", [LOCK])
