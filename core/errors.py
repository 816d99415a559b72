"""How a service says no. Pages, API and commands show the same sentences."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied


@dataclass(frozen=True)
class Reason:
    """One sentence: what is wrong, where, and what to do; `url` is where it is mended."""

    text: str
    code: str = "refused"
    field: str = ""
    url: str = ""


class Refused(Exception):
    """A rule forbids the request. Nothing was changed. Carries every reason at once."""

    status = 409

    def __init__(self, *reasons: Reason | str) -> None:
        self.reasons = [r if isinstance(r, Reason) else Reason(r) for r in reasons]
        super().__init__(" ".join(r.text for r in self.reasons))


class Invalid(Refused):
    """What was sent cannot be right, field by field. Nothing was changed."""

    status = 400


class Denied(Refused, PermissionDenied):
    """The person's roles or scope do not allow it."""

    status = 403


class Conflict(Refused):
    """Somebody saved first. Holds both versions, so that the page can show them.

    `yours` and `theirs` map each differing field to its value; `revision` is the one to send
    when the person decides again.
    """

    def __init__(
        self, *, label: str, yours: dict[str, Any], theirs: dict[str, Any], revision: int, who: str = ""
    ) -> None:
        self.yours, self.theirs, self.revision, self.who = yours, theirs, revision, who
        by = f" by {who}" if who else ""
        text = f"{label} was changed{by} while you were editing. Compare both versions and save again."
        super().__init__(Reason(text, code="stale"))
