"""What is wrong with cells, in words: what, where, and what to do."""

from dataclasses import dataclass

from gathering.datasets import Field
from gathering.datasets.shape import DATE, INTEGER, MONTH, NUMBERS
from gathering.engine.dates import is_ambiguous


@dataclass(frozen=True)
class Problem:
    """One problem of one cell; `column` is the file's own name for it."""

    row: int
    column: str
    value: str
    problem: str
    advice: str


def unreadable(field: Field, value: str, decimal: str) -> tuple[str, str]:
    """Problem and advice for a cell that could not be read as its kind."""
    if field.kind in NUMBERS:
        other = "," if decimal == "." else "."
        if field.kind == INTEGER:
            return f"{field.label} is not a whole number.", "Write digits only."
        return (
            f"{field.label} is not a number.",
            f"Write it like 1234{decimal}5, or set “decimal: '{other}'” in the profile if the file uses it.",
        )
    if field.kind in {DATE, MONTH} and is_ambiguous(value):
        return (
            f"{field.label} may be day/month or month/day.",
            "Set “date_format: DMY” or “date_format: MDY” in the profile.",
        )
    if field.kind == MONTH:
        return (
            f"{field.label} is not a month.",
            "Write it as year-month, or set “date_format” in the profile.",
        )
    return f"{field.label} is not a day.", "Write it as year-month-day, or set “date_format” in the profile."


def broken_rule(field: Field, check: str) -> tuple[str, str]:
    """Problem and advice for a cell that was read and may not be (the names of validating.CHECKS)."""
    label = field.label
    if check == "required":
        return f"{label} is missing.", "Fill it in."
    if check == "minimum":
        return f"{label} is below {field.minimum:g}.", f"Write {field.minimum:g} or more."
    if check == "maximum":
        return f"{label} is too large.", "Look for a missing decimal sign, or two numbers run together."
    if check == "choice":
        choices = ", ".join(field.choices)
        return f"{label} is none of: {choices}.", "Mend it, or map it with “values” in the profile."
    if check == "length":
        return f"{label} is longer than {field.max_length} characters.", "Shorten it; look for an open quote."
    return f"{label} holds a NUL character.", "Remove it; the export may be damaged."


def ragged(found: int, expected: int) -> tuple[str, str]:
    """Problem and advice for a row that has another number of cells than the header."""
    cells = f"The row has {found} cells, the header {expected}."
    if found > expected:
        return cells, "Put texts that hold the delimiter in quotes."
    return cells, "Add the missing cells, or join the row with the next one."


TOTALS = ("This looks like a totals row.", "Leave it out, or drop it with a filter in the profile.")
HEADER_AGAIN = ("This row repeats the header.", "Leave it out.")
