"""The account that the servers run as: PostgreSQL refuses to run as root."""

import os
import pwd
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sopcycle.embedded.errors import Refusal


@dataclass(frozen=True)
class Account:
    """A user of this machine; `switch` is false when it is the one that we already are."""

    name: str
    uid: int
    gid: int
    switch: bool

    def popen_arguments(self) -> dict[str, Any]:
        if not self.switch:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        if self.switch:
            os.chown(path, self.uid, self.gid)

    def may(self, path: Path, mode: int) -> bool:
        """Asked of the kernel in a child that has become the account, as only that is exact."""
        if not self.switch:
            return os.access(path, mode)
        child = os.fork()
        if child == 0:
            os._exit(self._answer(path, mode))
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0

    def _answer(self, path: Path, mode: int) -> int:
        try:
            os.setgroups([])
            os.setgid(self.gid)
            os.setuid(self.uid)
            return 0 if os.access(path, mode) else 1
        except OSError:
            return 2


def server_account() -> Account:
    """Ourselves, or when we are root an unprivileged user (SOPCYCLE_SERVER_USER, else nobody).

    Raises Refusal when that user does not exist or is root.
    """
    if os.geteuid() != 0:
        return Account(str(os.geteuid()), os.geteuid(), os.getegid(), switch=False)
    name = os.environ.get("SOPCYCLE_SERVER_USER", "nobody")
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        raise Refusal(
            f"There is no user {name!r} to run PostgreSQL as. "
            "Set SOPCYCLE_SERVER_USER to an unprivileged user of this machine."
        ) from None
    if entry.pw_uid == 0:
        raise Refusal("PostgreSQL refuses to run as root. Set SOPCYCLE_SERVER_USER to another user.")
    return Account(name, entry.pw_uid, entry.pw_gid, switch=True)
