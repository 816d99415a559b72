"""The front end's files, built from npm packages by the Node.js in the virtual environment."""

import os
from pathlib import Path

from bootstrap.commands import run
from bootstrap.stamps import Stamps


def build_front_end(project: Path, stamps: Stamps) -> None:
    """`static/vendor/`. Raises SetupRefusal."""
    sources = _sources(project)
    if stamps.is_current("front-end", sources, [project / "static" / "vendor"]):
        return
    print("setup: building the front end", flush=True)
    programs = project / ".venv" / "bin"
    env = {"PATH": f"{programs}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}
    run(
        [programs / "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        project=project,
        env=env,
        otherwise="The front end's packages could not be fetched. Is there a way to the npm registry?",
    )
    run(
        [programs / "npm", "run", "build"],
        project=project,
        env=env,
        otherwise="The front end could not be built.",
    )
    stamps.set("front-end", sources)


def _sources(project: Path) -> list[Path]:
    named = [project / name for name in ("package.json", "package-lock.json", ".npmrc")]
    written = (path for path in (project / "frontend").rglob("*") if path.is_file())
    return [path for path in (*named, *written) if path.is_file()]
