"""A method chosen by a person for one series, and the methods that can be chosen."""

from dataclasses import dataclass
from enum import StrEnum

LONGEST_NOTE = 120  # of a person's reason, as it stands in the reason of a forecast


class Method(StrEnum):
    """The methods that are compared for one series and that a person may pin."""

    COMBINATION = "combination"
    ETS = "ets"
    THETA = "theta"
    SARIMAX = "sarimax"
    STL = "stl"
    LINE = "line"
    SEASONAL_NAIVE = "seasonal-naive"
    YEAR_MEAN = "year-mean"


LABELS = {
    Method.COMBINATION: "mean of Theta and ETS",
    Method.ETS: "ETS",
    Method.THETA: "Theta",
    Method.SARIMAX: "SARIMAX",
    Method.STL: "STL with ETS",
    Method.LINE: "line and season",
    Method.SEASONAL_NAIVE: "last year's value",
    Method.YEAR_MEAN: "mean of a year",
}
PINNED = "pinned: "  # how the method of a pinned forecast begins


@dataclass(frozen=True)
class Pin:
    """A method for one series. `by`: who chose it, empty for a mere question. `note`: why."""

    method: Method
    by: str = ""
    note: str = ""

    @property
    def name(self) -> str:
        """The method as results carry it."""
        return f"{PINNED}{LABELS[self.method]}"

    @property
    def reason(self) -> str:
        """Why this method, in a sentence."""
        if not self.by:
            return f"Chosen: {LABELS[self.method]}."
        note = self.note if len(self.note) <= LONGEST_NOTE else f"{self.note[: LONGEST_NOTE - 1].rstrip()}…"
        return f"Pinned by {self.by}: {note.rstrip('.')}."

    def failed(self, why: str) -> str:
        """That the method could not be used, and why."""
        by = f" by {self.by}" if self.by else ""
        return f"Pinned to {LABELS[self.method]}{by}, but {why}."
