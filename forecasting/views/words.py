"""The engine's names of methods, in a planner's words."""

from forecasting.models import RunState

TONES = {
    RunState.QUEUED: "quiet",
    RunState.RUNNING: "info",
    RunState.DONE: "good",
    RunState.FAILED: "bad",
    RunState.CANCELLED: "quiet",
}
WORDS = {
    "zero": ("Nothing", "Nothing is forecast, because nothing is being sold."),
    "constant": ("Constant", "The same quantity in every month, as it has always been."),
    "recent mean": ("Mean of 3 months", "The mean of the last three months, because there is no more."),
    "mean of MA and TSB": (
        "Intermittent",
        "The average of last year's mean and of the chance of a sale times its size "
        "(Teunter, Syntetos and Babai): made for series with many months without a sale.",
    ),
    "seasonal naive": ("Last year's value", "The value of the same month a year before."),
}
TREND, SEASON = "a trend that levels off", "a season"
SHORT = {(): "Level", (TREND,): "Trend", (SEASON,): "Season", (TREND, SEASON): "Trend and season"}


def short_method(method: str) -> str:
    """The method in one to three words: what it carries on."""
    if method in WORDS:
        return WORDS[method][0]
    return SHORT[_parts(method)]


def method_sentence(method: str) -> str:
    """The method in a sentence."""
    if method in WORDS:
        return WORDS[method][1]
    parts = _parts(method)
    shape = " and ".join(parts) if parts else "neither trend nor season"
    grows = " The season grows with the level." if "(log)" in method else ""
    return f"The average of the Theta method and of exponential smoothing with {shape}.{grows}"


def _parts(method: str) -> tuple[str, ...]:
    """What the smoothing model's letters (error, trend, season) stand for: AAdA, ANN …"""
    letters = method.rpartition(" ")[2].replace("Ad", "D")
    trend = (TREND,) if letters[1:2] == "D" else ()
    return trend + ((SEASON,) if letters[2:3] in {"A", "M"} else ())
