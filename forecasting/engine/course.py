"""What planners say about a series' life, laid over what its history says: launches, ends, successors."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from forecasting.engine.conformal import USUAL
from forecasting.engine.launch import Launch, Launched, launch_forecast
from forecasting.engine.panel import Floats
from forecasting.engine.pin import PINNED
from forecasting.engine.results import Accuracy, Forecast
from forecasting.engine.stories import Member, Story

LIKE_MODELLED = "like-modelled"


@dataclass(frozen=True)
class Course:
    """The life of one series.

    shares: (horizon,) of 0 to 1, which part of the forecast of its history is this series': the history
    may be that of several items which follow each other. leads: whether it is the newest of them, which
    tells what was cleaned in it. note: the sentence that says so. launch: how it began, for a new item.
    """

    note: str = ""
    shares: Floats | None = None
    leads: bool = True
    launch: Launch | None = None


class _Draft:
    """A forecast that is being changed, series by series."""

    def __init__(self, made: Forecast) -> None:
        self.mean = made.mean.copy()
        self.lower = {level: values.copy() for level, values in made.lower.items()}
        self.upper = {level: values.copy() for level, values in made.upper.items()}
        self.methods, self.reasons = list(made.methods), list(made.reasons)
        self.stories = list(made.stories)
        self.actual, self.predicted = made.actual.copy(), made.predicted.copy()
        self.untested: list[int] = []

    def forget_tests(self, place: int) -> None:
        """Nothing of this method was tested: what was is the plain route's."""
        self.actual[:, :, place] = np.nan
        self.predicted[:, :, place] = np.nan
        self.untested.append(place)

    def done(self, made: Forecast) -> Forecast:
        """The forecast with what was collected here, line by line."""
        return replace(
            made,
            mean=self.mean,
            lower=self.lower,
            upper=self.upper,
            methods=tuple(self.methods),
            reasons=tuple(self.reasons),
            stories=tuple(self.stories),
            actual=self.actual,
            predicted=self.predicted,
            accuracy=_without(made.accuracy, self.untested),
        )


def follow_courses(
    made: Forecast, raw: Sequence[Floats], courses: Sequence[Course | None] | None, season_length: int
) -> Forecast:
    """The forecast with the courses laid over it. raw: each series from its first known period on."""
    told = [(place, course) for place, course in enumerate(courses or ()) if course is not None]
    if not told:
        return made
    draft = _Draft(made)
    for place, course in told:
        if course.launch is not None:
            _launch(draft, place, course.launch, raw[place], season_length)
        if course.shares is not None:
            _share(draft, place, course)
    return draft.done(made)


def _launch(draft: _Draft, place: int, launch: Launch, own: Floats, season_length: int) -> None:
    if draft.methods[place].startswith(PINNED):
        return  # a person chose this method knowing of the launch
    months = int(np.isfinite(own).sum())
    if months >= 2 * season_length:
        draft.reasons[place] += f" Its own {months} periods say more than its launch plan."
        return
    made = launch_forecast(launch, own, draft.mean.shape[0], season_length)
    if made is None:
        draft.reasons[place] += " Its like items sold nothing, so the launch plan says nothing."
        return
    draft.mean[:, place] = made.values
    for level in draft.lower:
        half = USUAL.get(level, 2.0) * made.spread * made.values
        draft.lower[level][:, place] = np.maximum(made.values - half, 0.0)
        draft.upper[level][:, place] = made.values + half
    draft.methods[place], draft.reasons[place] = LIKE_MODELLED, reason_of(launch, made)
    draft.stories[place] = _launch_story(draft.stories[place], launch, made)
    draft.forget_tests(place)


def reason_of(launch: Launch, made: Launched) -> str:
    """Why, in a planner's words: what it is modelled on, what was sold, and what that changed."""
    names = [like.name for like in sorted(launch.likes, key=lambda like: (-like.weight, like.name))]
    others = f" and {len(names) - 1} more" if len(names) > 1 else ""
    begin = f"Modelled on {names[0][:60]}{others}" if names else "Modelled on a planner's level"
    if not made.sold:
        return f"{begin}: not sold yet."
    months = "1 month" if made.sold == 1 else f"{made.sold} months"
    change = made.correction - 1
    if abs(change) < 0.005:
        return f"{begin}: {months} sold so far, as expected."
    word = "above" if change > 0 else "below"
    return f"{begin}: {months} sold so far put the level {abs(change):.0%} {word} the plan."


def _launch_story(plain: Story, launch: Launch, made: Launched) -> Story:
    total = sum(like.weight for like in launch.likes)
    return Story(
        cleaned=(),
        members=tuple(Member(like.name, like.weight / total) for like in launch.likes),
        best="",
        parameters={"level": made.level, "correction": made.correction},
        components=None,
        start=plain.start,
        size=float(made.spread[0]) * made.level * made.correction,
    )


def _share(draft: _Draft, place: int, course: Course) -> None:
    shares = np.clip(np.asarray(course.shares, dtype=np.float64), 0.0, 1.0)
    draft.mean[:, place] *= shares
    for level in draft.lower:
        draft.lower[level][:, place] *= shares
        draft.upper[level][:, place] *= shares
    most, story = float(shares.max(initial=0.0)), draft.stories[place]
    if most == 0:
        draft.methods[place], draft.reasons[place] = "zero", course.note
        draft.stories[place] = Story((), (), "", {}, None, story.start, 0.0)
        draft.forget_tests(place)
        return
    draft.reasons[place] = f"{course.note} {draft.reasons[place]}".strip()
    cleaned = story.cleaned if course.leads else ()
    draft.stories[place] = replace(story, cleaned=cleaned, size=story.size * most)


def _without(accuracy: Accuracy, places: list[int]) -> Accuracy:
    figures = {name: getattr(accuracy, name).copy() for name in ("mase", "rmsse", "wape", "smape", "bias")}
    for values in figures.values():
        values[places] = np.nan
    return Accuracy(**figures)
