"""The engine's names of methods, in a planner's words."""

from core.formats import show
from forecasting.engine.pin import LABELS, PINNED, Method
from forecasting.models import RunState

TONES = {
    RunState.QUEUED: "quiet",
    RunState.RUNNING: "info",
    RunState.DONE: "good",
    RunState.FAILED: "bad",
    RunState.CANCELLED: "quiet",
}
OLD = "mean of Theta and ETS"  # engines before the fourth told the model's letters after it
WORDS = {
    "like-modelled": (
        "Like items",
        "As the items it resembles began and where they settled, moved towards what it sold itself.",
    ),
    "zero": ("Nothing", "Nothing is forecast, because nothing is being sold."),
    "constant": ("Constant", "The same quantity in every month, as it has always been."),
    "recent mean": ("Mean of 3 months", "The mean of the last three months, because there is no more."),
    "mean of Theta and ETS": (
        "Theta and ETS",
        "The mean of the Theta method and of exponential smoothing (ETS): two methods that err "
        "differently err less together.",
    ),
    "mean of a year": ("Mean of a year", "The mean of the last twelve months."),
    "TSB": (
        "Intermittent, TSB",
        "The chance of a sale times its size, both smoothed (Teunter, Syntetos and Babai).",
    ),
    "SBA": (
        "Intermittent, SBA",
        "The size of a sale over the time between two, corrected (Syntetos and Boylan).",
    ),
    "mean of MA and TSB": (
        "Intermittent",
        "The average of last year's mean and of the chance of a sale times its size "
        "(Teunter, Syntetos and Babai): made for series with many months without a sale.",
    ),
    "seasonal naive": ("Last year's value", "The value of the same month a year before."),
}
METHOD_SENTENCES = {
    Method.COMBINATION: WORDS["mean of Theta and ETS"][1],
    Method.ETS: "Exponential smoothing: of 15 models the one that fits best for its size (AICc).",
    Method.THETA: "A straight line and the newest level, averaged, after the season is taken out.",
    Method.SARIMAX: "Carries on how each month depends on the last ones and on the same month a year before.",
    Method.STL: "Takes the season out by STL, smooths the rest with a damped trend, and puts both together.",
    Method.LINE: "A straight line through the series without its season, times the season.",
    Method.SEASONAL_NAIVE: WORDS["seasonal naive"][1],
    Method.YEAR_MEAN: WORDS["mean of a year"][1],
}
SHORT_LABELS = {method: label[:1].upper() + label[1:] for method, label in LABELS.items()}
TREND, SEASON = "a trend that levels off", "a season"
SHORT = {(): "Level", (TREND,): "Trend", (SEASON,): "Season", (TREND, SEASON): "Trend and season"}
TRENDS = {"N": "", "A": "a steady trend", "Ad": "a trend that levels off"}
SEASONS = {"N": "", "A": "a season of fixed size", "M": "a season that grows with the level"}


def short_method(method: str) -> str:
    """The method in one to three words: what it carries on."""
    if method.startswith(PINNED):
        label = method.removeprefix(PINNED)
        return f"{label[:1].upper()}{label[1:]}, pinned"
    if method in WORDS:
        return WORDS[method][0]
    if OLD in method:
        return SHORT[_parts(method)]
    return f"{method[:1].upper()}{method[1:]}"


def method_sentence(method: str) -> str:
    """The method in a sentence; empty where its name says it all."""
    if method in WORDS:
        return WORDS[method][1]
    label = method.removeprefix(PINNED)
    if pinned := next((one for one, name in LABELS.items() if name == label), None):
        return METHOD_SENTENCES[pinned]
    if OLD not in method:
        return ""
    parts = _parts(method)
    shape = " and ".join(parts) if parts else "neither trend nor season"
    grows = " The season grows with the level." if "(log)" in method else ""
    return f"The average of the Theta method and of exponential smoothing with {shape}.{grows}"


def member_words(name: str) -> str:
    """A model of a forecast in words: AAdM is a smoothing model by its error, trend and season."""
    if len(name) < 3 or name[0] not in "AM" or name[1:-1] not in TRENDS or name[-1] not in SEASONS:
        return "A line and the newest level, averaged" if name == "Theta" else "The whole forecast"
    parts = [part for part in (TRENDS[name[1:-1]], SEASONS[name[-1]]) if part]
    return f"Exponential smoothing with {' and '.join(parts)}" if parts else "Smoothing of the level alone"


def parameter_words(parameters: dict[str, float]) -> list[str]:
    """The best smoothing model's parameters, each as a sentence."""
    told = {
        "alpha": "The level takes over {share} of each month's surprise.",
        "beta": "The trend takes over {share} of it.",
        "gamma": "The month's season takes over {share} of it.",
        "phi": "From month to month the trend keeps {share} of its slope.",
    }
    return [
        told[name].format(share=show(value, "percent")[0])
        for name, value in parameters.items()
        if name in told
    ]


def _parts(method: str) -> tuple[str, ...]:
    """What the smoothing model's letters (error, trend, season) stand for: AAdA, ANN …"""
    letters = method.rpartition(" ")[2].replace("Ad", "D")
    trend = (TREND,) if letters[1:2] == "D" else ()
    return trend + ((SEASON,) if letters[2:3] in {"A", "M"} else ())
