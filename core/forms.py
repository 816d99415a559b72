"""Forms that clean what was typed. Rules stay in the services, so that page and API say the same."""

import datetime as dt
from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet


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
        return day.replace(day=1) if day else None


class CodeChoice(forms.ModelChoiceField):
    """One of many rows, typed by its code: lists of thousands do not fit into a select."""

    widget = forms.TextInput

    def __init__(self, queryset: QuerySet | None = None, **kwargs: Any) -> None:
        label = kwargs.get("label", "row").lower()
        messages = {"invalid_choice": f"No {label} has the code “%(value)s”. Look the code up in its list."}
        super().__init__(queryset, to_field_name="code", error_messages=messages, **kwargs)


class RowForm(forms.ModelForm):
    """A form of one table's row. `visible` maps a field to the selector of what may be chosen."""

    visible: ClassVar[dict[str, Callable[[Any], QuerySet]]] = {}

    def __init__(self, *args: Any, person: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person
        for name, selector in self.visible.items():
            self.fields[name].queryset = selector(person)  # type: ignore[attr-defined]

    def _post_clean(self) -> None:
        """The service checks the row as a whole; here only each field is read."""
