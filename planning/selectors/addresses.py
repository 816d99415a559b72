"""Where the pages of a cycle are, for links in reasons, notifications and exports."""

from planning.models import Cycle, Decision, Meeting, Release, Task


def cycle_path(cycle: Cycle | int, place: str = "") -> str:
    """The page of a cycle: its board, or a place in it such as "demand" or "release"."""
    key = cycle if isinstance(cycle, int) else cycle.pk
    return f"/cycles/{key}/{place}/" if place else f"/cycles/{key}/"


def task_path(task: Task | None = None) -> str:
    """The page of a task; without one, the list of one's own."""
    return f"/tasks/{task.pk}/" if task else "/tasks/"


def meeting_path(meeting: Meeting) -> str:
    """The page of a meeting."""
    return f"/meetings/{meeting.pk}/"


def decision_path(decision: Decision) -> str:
    """The page of a decision."""
    return f"/decisions/{decision.pk}/"


def release_path(release: Release | int) -> str:
    """The page of a released plan."""
    key = release if isinstance(release, int) else release.pk
    return f"/releases/{key}/"
