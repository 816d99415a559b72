"""Deciding where data and sockets go, and recording it where the addresses look for it."""

import hashlib
import json
import os
import shutil
import stat
import tempfile
from pathlib import Path

from sopcycle.embedded import addresses
from sopcycle.embedded.account import Account
from sopcycle.embedded.binaries import SHARED_HOME
from sopcycle.embedded.errors import Refusal

# A unix socket's address holds 108 bytes; PostgreSQL adds a name and a lock beside it.
LONGEST_SOCKET_FOLDER = 80


def prepare(state: Path, account: Account) -> None:
    """Make the folders, owned by the account, and record those that are outside the state folder.

    Raises Refusal when the state folder belongs to someone else.
    """
    if not (state / addresses.PLACES_FILE).exists():
        _record(state, _decide(state, account))
    (state / "logs").mkdir(exist_ok=True)
    for folder in (addresses.cluster_folder(state), addresses.socket_folder(state)):
        _make_owned(folder, account)


def remove(state: Path) -> None:
    """Delete a state folder with what it keeps elsewhere."""
    cluster = addresses.cluster_folder(state)
    elsewhere = [cluster.parent] if cluster.is_relative_to(SHARED_HOME) else []
    for folder in (addresses.socket_folder(state), *elsewhere, state):
        shutil.rmtree(folder, ignore_errors=True)


def make_state(state: Path) -> None:
    """Make the state folder. Raises Refusal when it cannot be ours."""
    try:
        state.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, PermissionError) as error:
        raise Refusal(f"{state} cannot be made a state folder: {error.strerror}.") from None
    if not os.access(state, os.W_OK | os.X_OK):
        raise Refusal(
            f"{state} belongs to another user. "
            "Run as that user, or set SOPCYCLE_STATE to a folder of your own."
        )


def _decide(state: Path, account: Account) -> dict[str, str]:
    """Nothing to record when both may live in the state folder, the usual case."""
    name = hashlib.sha256(str(state).encode()).hexdigest()[:12]
    if not account.may(state, os.X_OK):
        return {
            "cluster": str(SHARED_HOME / name / "postgres"),
            "sockets": str(SHARED_HOME / name / "run"),
        }
    if len(os.fsencode(state / "run")) > LONGEST_SOCKET_FOLDER:
        return {"sockets": str(Path(tempfile.gettempdir()) / f"sopcycle-{os.geteuid()}-{name}")}
    return {}


def _record(state: Path, places: dict[str, str]) -> None:
    draft = state / f"{addresses.PLACES_FILE}.new"
    draft.write_text(json.dumps(places, indent=1) + "\n", encoding="utf-8")
    draft.replace(state / addresses.PLACES_FILE)


def _make_owned(folder: Path, account: Account) -> None:
    folder.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    if not folder.exists():
        folder.mkdir(mode=0o700)
        account.own(folder)
    # A folder in a shared temporary place may have been put there by anyone.
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != account.uid:
        raise Refusal(
            f"{folder} does not belong to the user {account.name}. "
            "Run as the user who made it, or set SOPCYCLE_STATE to another folder."
        )
