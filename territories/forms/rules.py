"""The form of a rule: rows of tests, or the condition as text; pins and exclusions."""

import json
from typing import Any

from django import forms

from crm.selectors.accounts import accounts_visible_to
from territories.engine.condition_fields import FIELDS
from territories.engine.condition_rows import Row, Rows, rows_of, tree_of
from territories.engine.conditions import MONTHS, Unclear, parse
from territories.models import PinKind

ROWS, MORE, GROUP, MOST = 3, 3, 2, 40
FIELD_CHOICES = [("", "–"), *((field.name, field.label) for field in FIELDS.values())]
OPS = list(dict.fromkeys(op for field in FIELDS.values() for op in field.ops))
OP_CHOICES = [(op, f"is {op}" if op not in {"is", "is not", "starts with"} else op) for op in OPS]
JOINTS = [("all", "all of these hold"), ("any", "any of these holds")]
PARTS = ("field", "op", "value", "months")
UNSEEN = "You see no account with the code “%(value)s”. Look it up in its list."


class RuleForm(forms.Form):
    """What a rule is called, how it ranks, and which accounts it takes."""

    name = forms.CharField(label="Name", max_length=200, help_text="How people speak of it.")
    priority = forms.IntegerField(
        label="Priority",
        min_value=0,
        max_value=2_147_483_647,
        initial=100,
        help_text="The lowest number wins. At the same number the older rule wins, and both are listed "
        "as an overlap.",
    )
    inherits = forms.BooleanField(
        label="Only accounts that also meet a rule of the territory above",
        required=False,
    )
    is_active = forms.BooleanField(label="Switched on", required=False, initial=True)
    joint = forms.ChoiceField(label="Accounts belong here when", choices=JOINTS, initial="all")
    group_joint = forms.ChoiceField(label="and, taken together,", choices=JOINTS, initial="any")
    as_text = forms.BooleanField(
        label="Use the text instead of the rows",
        required=False,
        help_text="For conditions with “not” or more levels.",
    )
    text = forms.CharField(
        label="Condition as text (JSON)",
        required=False,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
        max_length=1_000_000,
    )
    rows_shown = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=MOST)

    def __init__(self, data: Any = None, *, condition: Any = None, **kwargs: Any) -> None:
        shown = rows_of(condition if condition is not None else {})
        initial = kwargs.pop("initial", None) or {}
        if condition is not None:
            initial |= {"text": json.dumps(condition, indent=2, ensure_ascii=False), "as_text": shown is None}
        if shown is not None:
            initial |= {"joint": shown.joint, "group_joint": shown.group_joint}
        super().__init__(data, initial=initial, **kwargs)
        self.condition = condition
        self.met: dict[str, Any] | None = None
        rows = shown or Rows("all", ())
        self._rows = self._add_rows("row", rows.rows, self._count(data, len(rows.rows)))
        self._group = self._add_rows("group", rows.group, max(GROUP, len(rows.group) + 1))
        self.initial["rows_shown"] = len(self._rows)

    def _count(self, data: Any, known: int) -> int:
        sent = str(data.get("rows_shown", "")) if data is not None else ""
        count = min(int(sent), MOST) if sent.isdigit() else max(ROWS, known + 1)
        return min(count + MORE, MOST) if data is not None and "more" in data else count

    def _add_rows(self, kind: str, rows: tuple[Row, ...], count: int) -> list[str]:
        names = [f"{kind}_{place}" for place in range(max(count, len(rows)))]
        for place, name in enumerate(names):
            row = rows[place] if place < len(rows) else Row("", "is")
            where = f"{place + 1}" + (" of the group" if kind == "group" else "")
            for part, field in _row_fields(where).items():
                self.fields[f"{name}_{part}"] = field
                self.initial[f"{name}_{part}"] = getattr(row, part)
        return names

    def rows(self) -> list[dict[str, Any]]:
        """The bound fields of the tests, for the template."""
        return [{part: self[f"{name}_{part}"] for part in PARTS} for name in self._rows]

    def group_rows(self) -> list[dict[str, Any]]:
        """Those of the group."""
        return [{part: self[f"{name}_{part}"] for part in PARTS} for name in self._group]

    def has_group(self) -> bool:
        """Whether the second group holds something."""
        return any(self[f"{name}_field"].value() for name in self._group)

    def shows_text(self) -> bool:
        """Whether the condition is written as text."""
        return bool(self["as_text"].value()) or bool(self["text"].errors)

    def plain_fields(self) -> list[Any]:
        """The fields above the rows."""
        return [self[name] for name in ("name", "priority", "inherits", "is_active")]

    def tree(self) -> Any:
        """The condition that was typed, not checked. Raises Unclear for text that is no JSON."""
        data = self.cleaned_data
        if data.get("as_text"):
            try:
                return json.loads(data.get("text") or "{}")
            except ValueError as error:
                raise Unclear(f"The text is no JSON: {error}.") from error
        rows = Rows(data["joint"], self._typed(self._rows), data["group_joint"], self._typed(self._group))
        return tree_of(rows)

    def _typed(self, names: list[str]) -> tuple[Row, ...]:
        data = self.cleaned_data
        return tuple(
            Row(
                data[f"{name}_field"],
                data.get(f"{name}_op") or "is",
                data.get(f"{name}_value", ""),
                data.get(f"{name}_months"),
            )
            for name in names
            if data.get(f"{name}_field")
        )

    def clean(self) -> dict[str, Any]:
        """A row with a value but no field, and what the condition cannot be, stand beside their place."""
        data = super().clean() or {}
        if not data.get("as_text"):
            for name in (*self._rows, *self._group):
                if data.get(f"{name}_value") and not data.get(f"{name}_field"):
                    self.add_error(f"{name}_field", "Choose what the value is compared with.")
        if not self.errors:
            data["condition"] = self._condition()
        return data

    def _condition(self) -> Any:
        try:
            tree = self.tree()
            parse(tree)
        except Unclear as unclear:
            text = str(unclear)
            self.add_error("text" if self.cleaned_data.get("as_text") else None, text[0].upper() + text[1:])
            return {}
        return tree


def _row_fields(where: str) -> dict[str, forms.Field]:
    """Labels are read aloud: each names its row."""
    return {
        "field": forms.ChoiceField(label=f"Field {where}", choices=FIELD_CHOICES, required=False),
        "op": forms.ChoiceField(label=f"Comparison {where}", choices=OP_CHOICES, required=False),
        "value": forms.CharField(label=f"Value {where}", required=False, max_length=200_000),
        "months": forms.IntegerField(
            label=f"Months {where}",
            required=False,
            min_value=1,
            max_value=120,
            widget=forms.NumberInput(attrs={"placeholder": str(MONTHS)}),
        ),
    }


class PinForm(forms.Form):
    """An account that is always in a territory, or never."""

    account: Any = forms.ModelChoiceField(
        label="Account",
        queryset=None,
        to_field_name="code",
        widget=forms.TextInput,
        help_text="Its code.",
        error_messages={
            "invalid_choice": "You see no account with the code “%(value)s”. Look it up in its list."
        },
    )
    kind = forms.ChoiceField(label="What", choices=PinKind.choices)
    reason = forms.CharField(
        label="Why",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="It stands beside the account for everybody.",
    )

    def __init__(self, *args: Any, person: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        accounts: Any = self.fields["account"]
        accounts.queryset = accounts_visible_to(person)
