"""Where the pages of a cycle are, for links in reasons, notifications and exports."""

from planning.models import Cycle


def cycle_path(cycle: Cycle | int, place: str = "") -> str:
    """The page of a cycle: its board, or a place in it such as "demand" or "release"."""
    key = cycle if isinstance(cycle, int) else cycle.pk
    return f"/cycles/{key}/{place}/" if place else f"/cycles/{key}/"
