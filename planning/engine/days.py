"""How days are said in planning, the same on pages, in messages and in feeds."""

import datetime as dt


def due_in(due: dt.date, today: dt.date) -> str:
    """How a due day stands to today, in words: "late by 2 days", "due tomorrow"."""
    days = (due - today).days
    if days < 0:
        return f"late by {-days} day{'' if days == -1 else 's'}"
    return "due today" if days == 0 else "due tomorrow" if days == 1 else f"due in {days} days"
