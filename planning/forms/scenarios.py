"""The form of a scenario: its name, and its changes as rows of a small table."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.template.loader import render_to_string

from catalog.selectors import families_visible_to, markets_visible_to, resources_visible_to
from core.forms import RowForm
from planning.models import Scenario

# What a row of the table can be: its name, label, and how its amount is stored.
ROW_KINDS: dict[str, tuple[str, dict[str, Any], str]] = {
    "demand": ("Demand, by %", {"kind": "demand"}, "percent"),
    "capacity": ("Capacity, by %", {"kind": "capacity"}, "percent"),
    "capacity_add": ("Capacity, units added a month", {"kind": "capacity"}, "add"),
    "cost": ("Cost of making and buying, by %", {"kind": "cost"}, "percent"),
    "service_level": ("Service level of stock targets, %", {"kind": "service_level"}, "percent"),
    "no_overtime": ("No overtime", {"kind": "overtime", "allowed": False}, ""),
    "no_outsourcing": ("No outsourcing", {"kind": "outsourcing", "allowed": False}, ""),
}
WHERE = ("family", "market", "resource", "first", "last")
BLANK_ROWS = 3


class ChangesWidget(forms.Widget):
    """Rows of kind, amount, family, market, resource, first and last month."""

    template = "planning/parts/changes.html"

    def __init__(self) -> None:
        super().__init__()
        self.choices: dict[str, list[tuple[str, str]]] = {}

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> Any:
        rows = [*(value or []), *([{}] * BLANK_ROWS)]
        lines = [(f"{name}_{place}", row) for place, row in enumerate(rows)]
        kinds = [(kind, label) for kind, (label, _, _) in ROW_KINDS.items()]
        context = {"name": name, "lines": lines, "kinds": kinds, "attrs": attrs or {}, **self.choices}
        return render_to_string(self.template, context)

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> list[dict[str, str]]:
        """The typed rows, empty ones left out; what is typed stays as it is."""
        rows, place = [], 0
        while f"{name}_{place}_kind" in data:
            row = {
                key: str(data.get(f"{name}_{place}_{key}", "")).strip() for key in ("kind", "amount", *WHERE)
            }
            if any(row.values()):
                rows.append(row)
            place += 1
        return rows

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return f"{name}_0_kind" not in data


class ChangesField(forms.Field):
    """Rows of the table ↔ changes as they are stored (planning.engine.scenario)."""

    widget = ChangesWidget

    def prepare_value(self, value: Any) -> Any:
        return [row if "amount" in row else _as_row(row) for row in value or []]

    def clean(self, value: Any) -> list[dict[str, Any]]:
        changes, wrong = [], []
        for number, row in enumerate(value or [], start=1):
            try:
                changes.append(_as_change(row))
            except ValueError as error:
                wrong.append(f"Row {number}: {error}")
        if wrong:
            raise forms.ValidationError(wrong)
        return changes


def _as_row(change: Mapping[str, Any]) -> dict[str, str]:
    kind = str(change["kind"])
    if kind in {"overtime", "outsourcing"}:
        kind = f"no_{kind}"
    elif "add" in change:
        kind = "capacity_add"
    amount = change.get("add", change.get("percent", ""))
    shown = f"{amount:g}" if isinstance(amount, int | float) else ""
    return {"kind": kind, "amount": shown} | {key: str(change.get(key, "")) for key in WHERE}


def _as_change(row: Mapping[str, str]) -> dict[str, Any]:
    if row["kind"] not in ROW_KINDS:
        raise ValueError("choose what changes.")
    _, base, amount = ROW_KINDS[row["kind"]]
    change = base | {key: row[key] for key in WHERE if row[key]}
    if amount:
        change[amount] = _amount(row["amount"])
    elif row["amount"]:
        raise ValueError("this change takes no amount.")
    return change


def _amount(typed: str) -> float:
    try:
        return float(typed.replace(",", ".").replace("\u2212", "-").removesuffix("%"))
    except ValueError as error:
        raise ValueError(f"“{typed}” is not a number." if typed else "say by how much.") from error


class ScenarioForm(RowForm):
    changes = ChangesField(
        label="Changes",
        required=False,
        help_text="Family, market, resource and months narrow a change; left open it holds for all of them.",
    )

    class Meta:
        model = Scenario
        fields = ["name", "text", "changes"]
        labels: ClassVar[dict[str, str]] = {"text": "What it is about"}
        widgets: ClassVar[dict[str, Any]] = {"text": forms.Textarea({"rows": 2})}

    def __init__(self, *args: Any, person: Any, **kwargs: Any) -> None:
        super().__init__(*args, person=person, **kwargs)
        widget: Any = self.fields["changes"].widget
        widget.choices = {
            "families": _codes(families_visible_to(person)),
            "markets": _codes(markets_visible_to(person)),
            "resources": _codes(resources_visible_to(person)),
        }


def _codes(rows: Any) -> list[tuple[str, str]]:
    return [(code, name) for code, name in rows.order_by("name").values_list("code", "name")]


class ChooseForm(forms.Form):
    reason = forms.CharField(
        label="Why this one",
        widget=forms.Textarea({"rows": 3}),
        help_text="One sentence that stays with the plan.",
    )
