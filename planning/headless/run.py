"""What a headless cycle is asked for, and what it has come to so far."""

import datetime as dt
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.errors import Reason, Refused
from core.models import Person
from core.roles import Role
from planning.models import Cycle

Say = Callable[[str], None]
People = dict[Role, Person]


@dataclass(frozen=True)
class Wishes:
    """The options of `manage.py run_cycle`.

    `strict` leaves whatever a person should look at to people: then the guards refuse instead.
    `waive_findings` is the reason why blocking quality findings are accepted; empty: they are not.
    """

    data: Path
    out: Path
    month: dt.date
    horizon: int | None = None
    profiles: list[str] = field(default_factory=list)
    source: str = "files"
    approve_as: list[str] = field(default_factory=list)
    allow_rejects: bool = False
    waive_findings: str = ""
    strict: bool = False


@dataclass
class Run:
    """One headless cycle under way.

    `accepted` lists every acceptance that no person made, as (stage, what, why); `figures` is what
    summary.json says of each step, `seconds` how long each took.
    """

    wishes: Wishes
    say: Say
    people: People = field(default_factory=dict)
    signers: list[Person] = field(default_factory=list)
    is_own_company: bool = False
    accepted: list[tuple[str, str, str]] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    opened: Cycle | None = None

    @property
    def cycle(self) -> Cycle:
        """The cycle, as opened or found. Raises Refused before that."""
        if self.opened is None:
            raise Refused("There is no cycle yet.")
        return self.opened

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time a step, and say that it is done."""
        began = time.monotonic()
        yield
        self.seconds[name] = round(time.monotonic() - began, 2)
        self.say(f"{name} ({self.seconds[name]:.1f} s)")

    def accept(self, stage: str, what: str, why: str) -> None:
        """Note an acceptance that no person made. Raises Refused in a strict run."""
        if self.wishes.strict:
            raise Refused(Reason(f"{what} A person must settle this: {why}", "needs_a_person"))
        self.accepted.append((stage, what, why))
