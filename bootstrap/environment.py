"""The virtual environment and its packages, every one of them pinned by hash."""

import os
import subprocess
import sys
from pathlib import Path

from bootstrap.commands import SetupRefusal, run
from bootstrap.stamps import Stamps


def make_environment(project: Path, stamps: Stamps) -> None:
    """`.venv` with everything in requirements.lock. Raises SetupRefusal."""
    sources = [project / "requirements.lock", project / "requirements-uv.lock"]
    python = project / ".venv" / "bin" / "python"
    if stamps.is_current("packages", sources, [python]):
        return
    _make_venv(project, python)
    print("setup: installing the packages", flush=True)
    _install_uv(project, python)
    install_locked(project, python, project / "requirements.lock")
    stamps.set("packages", sources)


def _make_venv(project: Path, python: Path) -> None:
    if _works(python, project):
        return
    print("setup: making .venv", flush=True)
    run(
        [sys.executable, "-m", "venv", "--clear", project / ".venv"],
        project=project,
        otherwise=(
            "The virtual environment could not be made. On Debian and Ubuntu the package "
            "python3-venv is needed for it."
        ),
    )


def _works(python: Path, project: Path) -> bool:
    """Whether the environment runs, has pip and was made at this very place."""
    settings = project / ".venv" / "pyvenv.cfg"
    if not settings.is_file() or str(project / ".venv") not in settings.read_text():
        return False
    asked = subprocess.run([python, "-c", "import pip"], capture_output=True, check=False, cwd="/")
    return asked.returncode == 0


def _install_uv(project: Path, python: Path) -> None:
    run(
        [
            *(python, "-m", "pip", "install", "--quiet", "--require-hashes"),
            *("--only-binary", ":all:", "-r", project / "requirements-uv.lock"),
        ],
        project=project,
        otherwise="The installer uv could not be fetched. Is there a way to the package index?",
    )


def install_locked(project: Path, python: Path, lock: Path, into: Path | None = None) -> None:
    """The packages of a lock file, by the uv of `python`; where only pip knows the way to the packages, by
    pip, which is slower. `into`: the Python of another environment. Raises SetupRefusal."""
    wanted = ["--require-hashes", "--only-binary", ":all:", "-r", str(lock)]
    otherwise = (
        "The packages could not be installed. Is there a way to the package index, and a wheel "
        "of each package for this system?"
    )
    try:
        run(
            [python, "-m", "uv", "pip", "install", "--quiet", "--python", into or python, *wanted],
            project=project,
            otherwise=otherwise,
            env=_index_of_pip(python),
        )
    except SetupRefusal:
        run(
            [into or python, "-m", "pip", "install", "--quiet", *wanted], project=project, otherwise=otherwise
        )


def _index_of_pip(python: Path) -> dict[str, str]:
    """uv does not read pip's settings, where a company names its own package index."""
    if os.environ.get("UV_DEFAULT_INDEX") or os.environ.get("UV_INDEX_URL"):
        return {}
    asked = subprocess.run(
        [python, "-m", "pip", "config", "get", "global.index-url"],
        capture_output=True,
        text=True,
        check=False,
    )
    index = os.environ.get("PIP_INDEX_URL") or asked.stdout.strip()
    return {"UV_DEFAULT_INDEX": index} if index else {}
