"""Forms that clean what was typed. Rules stay in the services, so that page and API say the same."""

import datetime as dt
from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet

from core.errors import Reason
from core.years import SPAN, YEARS


class DayInput(forms.DateInput):
    """The browser's own date picker; without one, a text field for 2027-03-12."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class MonthInput(forms.DateInput):
    """The browser's month picker; without one, a text field for 2027-03."""

    input_type = "month"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m")


class MonthChoice(forms.DateField):
    """A month, as its first day."""

    widget = MonthInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(input_formats=["%Y-%m", "%Y-%m-%d"], **kwargs)

    def to_python(self, value: Any) -> dt.date | None:
        day = super().to_python(value)
        if day and day.year not in YEARS:
            raise forms.ValidationError(f"Choose a month {SPAN}.", code="invalid")
        return day.replace(day=1) if day else None


class RowForm(forms.ModelForm):
    """A form of one table's row. `visible` maps a field to the selector of what this person may
    choose; the rows are named by their code (or by `keys`). Those in `typed` are many thousands:
    they are typed, not chosen from a list."""

    visible: ClassVar[dict[str, Callable[[Any], QuerySet]]] = {}
    keys: ClassVar[dict[str, str]] = {}
    typed: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, *args: Any, person: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, selector in self.visible.items():
            self._offer(self.fields[name], name, selector(person))

    def _offer(self, field: Any, name: str, rows: QuerySet) -> None:
        key = self.keys.get(name, "code")
        field.to_field_name = key
        if name in self.typed:
            field.widget = forms.TextInput()
            field.help_text = field.help_text or f"Its {key}."
            missing = f"Nothing has the {key} “%(value)s”. Look it up in its list."
            field.error_messages["invalid_choice"] = missing
        field.queryset = rows

    def _post_clean(self) -> None:
        """The service checks the row as a whole; here only each field is read."""


class DayField(forms.DateField):
    """A day, with the browser's date picker."""

    widget = DayInput


def reasons_of(form: forms.Form) -> list[Reason]:
    """What a form says is wrong: one reason for each sentence, beside its field or of the whole form."""
    return [
        Reason(str(error), "invalid", "" if field == "__all__" else field)
        for field, errors in form.errors.items()
        for error in errors
    ]
