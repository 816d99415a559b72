"""What accuracy is asked for: which lag, of whom, by what, where, when. The same on pages and by API."""

from typing import Any

from django import forms

from catalog.selectors import demand_units_visible_to, families_visible_to, markets_visible_to
from core.errors import Invalid, Reason
from core.forms import MonthChoice
from core.models import Person
from planning.selectors.accuracy_cells import LAGS, MAKERS, PERIODS, Asked
from planning.selectors.accuracy_table import COMPARED, LEVELS

MEASURES = {
    "wape": "WAPE",
    "bias": "Bias",
    "mase": "MASE",
    "rmsse": "RMSSE",
    "smape": "sMAPE",
    "signal": "Tracking signal",
    "money": "Money of the errors",
}
DEFAULTS = {"lag": "1", "maker": "consensus", "level": "family", "months": "12", "measure": "wape"}
UNSEEN = {"invalid_choice": "There is no such row in your scope. Choose one of the list."}
NOT_OFFERED = {"invalid_choice": "“%(value)s” is not offered. Choose one of the list."}


def _choice(label: str, choices: list[tuple[str, str]]) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, required=False, error_messages=NOT_OFFERED)


class AskForm(forms.Form):
    """The question of an accuracy page; what is left out has its default. `fields` names those it asks."""

    lag = _choice("Lag", [(str(lag), f"{lag} month{'s' if lag > 1 else ''} ahead") for lag in LAGS])
    maker = _choice("Of", [(name, MAKERS[name]) for name in COMPARED])
    level = _choice("By", list(LEVELS.items()))
    measure = _choice("Chart", list(MEASURES.items()))
    months = _choice("Period", [(str(n), f"Last {n} months") for n in PERIODS])
    family: Any = forms.ModelChoiceField(
        None, label="Family", to_field_name="code", required=False, empty_label="All", error_messages=UNSEEN
    )
    market: Any = forms.ModelChoiceField(
        None, label="Market", to_field_name="code", required=False, empty_label="All", error_messages=UNSEEN
    )
    unit: Any = forms.ModelChoiceField(
        None, label="Demand unit", required=False, widget=forms.HiddenInput, error_messages=UNSEEN
    )
    month = MonthChoice(
        label="Month",
        required=False,
        widget=forms.HiddenInput,
        error_messages={"invalid": "A month is written 2027-03."},
    )

    def __init__(self, person: Person, query: Any, fields: tuple[str, ...]) -> None:
        given = {name: query.get(name, "") for name in fields}
        defaults = {name: value for name, value in DEFAULTS.items() if name in fields}
        super().__init__(defaults | {name: value for name, value in given.items() if value})
        for name in set(self.fields) - set(fields):
            del self.fields[name]
        for name, selector in (
            ("family", families_visible_to),
            ("market", markets_visible_to),
            ("unit", demand_units_visible_to),
        ):
            if name in self.fields:
                self.fields[name].queryset = selector(person)  # type: ignore[attr-defined]

    @property
    def asked(self) -> Asked:
        """The cells that are meant. The form must be valid."""
        unit = self.cleaned_data.get("unit")
        return Asked(
            lag=int(self.cleaned_data.get("lag") or DEFAULTS["lag"]),
            months=int(self.cleaned_data.get("months") or DEFAULTS["months"]),
            family=self.cleaned_data.get("family"),
            market=self.cleaned_data.get("market"),
            unit=unit.pk if unit else None,
            month=self.cleaned_data.get("month"),
        )

    def check(self) -> "AskForm":
        """The form itself. Raises Invalid with a reason for each field that cannot be."""
        if not self.is_valid():
            found = [(name, text) for name, texts in self.errors.items() for text in texts]
            raise Invalid(*(Reason(str(text), "invalid", name) for name, text in found))
        return self
