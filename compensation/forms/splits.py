"""The editor of a deal's shares: a row for each rep, with a few empty ones below."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms

from compensation.models import DealSplit
from crm.models import Rep
from crm.selectors.accounts import reps_visible_to
from territories.forms.coverage import CodeChoice

EMPTY_ROWS, MOST_ROWS = 3, 20


class SplitForm(forms.Form):
    """Reps and shares as rep_0, percent_0, rep_1 …; `seen` is the mark of the list that was read."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    reason = forms.CharField(label="Why it is shared", max_length=500, required=False)

    def __init__(
        self, data: Any = None, *, person: Any, rows: Sequence[DealSplit], seen: str, first: Rep | None
    ) -> None:
        super().__init__(data, initial={"seen": seen, "reason": rows[0].reason if rows else ""})
        self.shown = self._count(data, len(rows))
        queryset = reps_visible_to(person).order_by("name")
        for place in range(self.shown):
            row = rows[place] if place < len(rows) else None
            rep = row.rep if row else first if place == 0 and not rows else None
            self.fields[f"rep_{place}"] = CodeChoice(
                queryset, label=f"Rep {place + 1}", required=False, initial=rep.code if rep else None
            )
            self.fields[f"percent_{place}"] = forms.DecimalField(
                label=f"Share {place + 1}, %",
                required=False,
                max_digits=9,
                decimal_places=6,
                initial=f"{row.percent.normalize():f}" if row else None,
            )

    def rows(self) -> list[tuple[Any, Any]]:
        """The bound fields of each row, for the page."""
        return [(self[f"rep_{place}"], self[f"percent_{place}"]) for place in range(self.shown)]

    def clean(self) -> dict[str, Any]:
        """A row has both a rep and a share, or is empty."""
        cleaned = super().clean() or {}
        for place in range(self.shown):
            rep, percent = cleaned.get(f"rep_{place}"), cleaned.get(f"percent_{place}")
            if rep is not None and percent is None and not self.has_error(f"percent_{place}"):
                self.add_error(f"percent_{place}", "Write the share, or choose no rep.")
            if rep is None and percent is not None and not self.has_error(f"rep_{place}"):
                self.add_error(f"rep_{place}", "Choose the rep, or clear the share.")
        return cleaned

    def shares(self) -> list[tuple[Rep, Decimal]]:
        """The rows that are filled in."""
        found = self.cleaned_data
        pairs = [(found.get(f"rep_{place}"), found.get(f"percent_{place}")) for place in range(self.shown)]
        return [(rep, percent) for rep, percent in pairs if rep is not None and percent is not None]

    @property
    def left(self) -> Decimal:
        """What of 100 % the rows leave, below 0 where they are too much."""
        total = Decimal(0)
        for _, percent in self.rows():
            try:
                total += Decimal(str(percent.value() or 0))
            except ArithmeticError:
                continue
        return 100 - total

    def _count(self, data: Any, stored: int) -> int:
        sent = sum(1 for name in data or () if name.startswith("rep_") and name[4:].isdecimal())
        return min(max(stored + EMPTY_ROWS, sent), MOST_ROWS)
