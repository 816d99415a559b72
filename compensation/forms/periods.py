"""A span of months, as pages of figures ask for it."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils import timezone

from catalog.engine.months import add_months, months_apart
from core.forms import MonthChoice

MOST_MONTHS = 60


class MonthsForm(forms.Form):
    """From a month to a month; the last twelve unless told otherwise."""

    first = MonthChoice(label="From", required=False)
    last = MonthChoice(label="To", required=False)

    def __init__(self, data: Any, **options: Any) -> None:
        known = {name: data.get(name) for name in self.base_fields if data.get(name)}
        this = timezone.localdate().replace(day=1)
        self.usual = {"first": add_months(this, -11), "last": this}
        shown = {name: f"{month:%Y-%m}" for name, month in self.usual.items()}
        super().__init__({**shown, **known}, **options)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, last = cleaned.get("first"), cleaned.get("last")
        if first and last:
            self._check(first, last)
        return cleaned

    def _check(self, first: dt.date, last: dt.date) -> None:
        if first > last:
            self.add_error("last", "Choose a month that is not before the first.")
        elif months_apart(first, last) >= MOST_MONTHS:
            self.add_error("last", f"Choose {MOST_MONTHS} months at most.")

    @property
    def months(self) -> tuple[dt.date, dt.date]:
        """The months asked for; the usual ones where they cannot be."""
        if not self.is_valid():
            return self.usual["first"], self.usual["last"]
        said = {name: month for name, month in self.cleaned_data.items() if month}
        return (self.usual | said)["first"], (self.usual | said)["last"]


@dataclass(frozen=True)
class Narrowed:
    """What parts/filters.html asks of a filter."""

    form: forms.Form
