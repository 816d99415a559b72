"""A gate between two processes: one loads its code meanwhile, but goes on only when the other opens it."""

import os

GATE = "SOPCYCLE_GATE"


class Gate:
    """The opener's side: a pipe whose reading end the waiting process inherits."""

    def __init__(self) -> None:
        self.entrance, self._key = os.pipe()

    def open(self) -> None:
        os.write(self._key, b".")
        os.close(self._key)
        os.close(self.entrance)


def wait_at_gate() -> None:
    """Returns at once when there is no gate; ends this process when its opener went away instead."""
    entrance = os.environ.pop(GATE, None)
    if entrance is not None and os.read(int(entrance), 1) != b".":
        raise SystemExit("Whoever started this stopped before the database was prepared.")
