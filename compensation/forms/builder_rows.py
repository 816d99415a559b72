"""A small table in a form: rows of cells to type in, or columns pasted from a spreadsheet."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

SPARE, LEAST, MOST = 2, 3, 60
Choices = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Cell:
    """A column of the table: its heading, and what may be chosen where it is not typed."""

    label: str
    choices: Choices = ()
    hint: str = ""


class RowsInput(forms.Widget):
    """Inputs by row and column, with a field to paste columns into; what is pasted wins."""

    use_fieldset = True

    def __init__(self, columns: Sequence[Cell] = ()) -> None:
        super().__init__()
        self.columns = list(columns)

    def id_for_label(self, id_: str) -> str:
        return f"{id_}-0-0" if id_ else id_

    def value_from_datadict(
        self, data: Mapping[str, Any], files: MultiValueDict, name: str
    ) -> list[list[str]]:
        pasted = str(data.get(f"{name}-paste", "")).strip()
        if pasted:
            return [cells(line) for line in pasted.splitlines() if line.strip()][:MOST]
        width = len(self.columns)
        rows = [
            [str(data.get(f"{name}-{row}-{place}", "")).strip() for place in range(width)]
            for row in range(MOST)
        ]
        return [row for row in rows if any(row)]

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return False

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        rows = [list(row) for row in value or []]
        count = max(len(rows) + SPARE, LEAST)
        lines = [self._line(name, place, rows[place] if place < len(rows) else []) for place in range(count)]
        heads = format_html_join("", '<th scope="col">{}</th>', ((one.label,) for one in self.columns))
        return format_html(
            '<div class="table-box row-editor" role="group" tabindex="0" aria-label="Rows of {}">'
            '<table class="data-table"><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>'
            '<details class="disclose"><summary class="btn btn-sm">Paste from a spreadsheet</summary>'
            '<div class="disclose-body"><textarea class="form-control" name="{}-paste" rows="4" '
            'aria-label="Pasted rows"></textarea><p class="field-help">Copy the columns and paste them here; '
            "they take the place of the rows above.</p></div></details>",
            name.replace("_", " "),
            heads,
            SafeString("".join(lines)),
            name,
        )

    def _line(self, name: str, row: int, values: Sequence[Any]) -> SafeString:
        made = [
            (
                self._cell(
                    f"{name}-{row}-{place}", one, str(values[place]) if place < len(values) else "", row
                ),
            )
            for place, one in enumerate(self.columns)
        ]
        return format_html("<tr>{}</tr>", format_html_join("", "<td>{}</td>", made))

    def _cell(self, name: str, column: Cell, value: str, row: int) -> SafeString:
        label = f"{column.label}, row {row + 1}"
        if not column.choices:
            return format_html(
                '<input class="form-control" id="id_{}" name="{}" value="{}" placeholder="{}"'
                ' aria-label="{}">',
                name,
                name,
                value,
                column.hint if row == 0 else "",
                label,
            )
        known = [("", "–"), *column.choices]
        offered = known if value in {key for key, _ in known} else [*known, (value, value)]
        options = format_html_join(
            "",
            '<option value="{}"{}>{}</option>',
            ((key, SafeString(" selected") if key == value else "", words) for key, words in offered),
        )
        return format_html(
            '<select class="form-select" id="id_{}" name="{}" aria-label="{}">{}</select>',
            name,
            name,
            label,
            options,
        )


class Rows(forms.Field):
    """Rows of texts, each as wide as the columns."""

    widget = RowsInput

    def __init__(self, columns: Sequence[Cell], **options: Any) -> None:
        self.columns = list(columns)
        super().__init__(widget=RowsInput(columns), **({"required": False} | options))

    def offer(self, place: int, choices: Choices) -> None:
        """Let a column be chosen of these."""
        self.columns = [*self.columns]
        self.columns[place] = Cell(self.columns[place].label, choices)
        self.widget.columns = self.columns

    def to_python(self, value: Any) -> list[list[str]]:
        width = len(self.columns)
        rows = [[str(cell).strip() for cell in row] for row in value or []]
        for place, row in enumerate(rows, 1):
            if len(row) > width and any(row[width:]):
                text = f"Row {place} has {len(row)} columns. Paste {width}: {self._heads()}."
                raise forms.ValidationError(text)
        return [[*row[:width], *[""] * (width - len(row))] for row in rows if any(row)]

    def _heads(self) -> str:
        return ", ".join(column.label.lower() for column in self.columns)


def cells(line: str) -> list[str]:
    """A pasted line: by tabs, else by semicolons, else by wide or single spaces between numbers."""
    for mark in ("\t", ";", "|"):
        if mark in line:
            return [part.strip() for part in line.strip("\r\n").split(mark)]
    return [part for part in re.split(r"\s{2,}|(?<=[\d%])\s+(?=[\d-])", line.strip()) if part]
