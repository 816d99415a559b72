"""Balance in words, figures, a chart and a table."""

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from catalog.selectors import base_currency
from core import company
from core.formats import grouped, show
from core.listing import Column, Empty
from territories.filters.balance import CRM, LABELS
from territories.selectors.balance_lines import Asked, Left, Line, Spread

MOST_BARS = 25
NO_LINES = Empty(
    "Nobody has any account here",
    "Here stands what each territory or rep has of potential, revenue and work, and how even that is. Place "
    "accounts in territories and give these a rep, or choose another model or day.",
)


def tolerance() -> float:
    """How far a weighted index may be from 100, 0.1 for 10 %."""
    return float(company.value("balance_tolerance")) / 100


def columns_of(found: Spread, compared: bool) -> list[Column]:
    """The table's columns, the same in the export."""
    money, limit = base_currency(), tolerance()
    by_rep = found.asked.by == "rep" or found.asked.model is None
    names = [Column("name", "Rep" if by_rep else "Territory", _name)]
    names += [] if by_rep else [Column("rep", "Rep", lambda line: line.rep or "Nobody")]
    index = Column("index", "Index", lambda line: round(line.index, 1), "quantity", help=INDEX_HELP)
    before = [
        Column("before", "Index before", lambda line: _rounded(line.before), "quantity"),
        Column("change", "Change", lambda line: _rounded(line.change), "quantity"),
    ]
    known = any(line.hours for line in found.lines)
    used = [Column("use", "Hours used", _use, "percent", help=USE_HELP)] if known else []
    return [
        *names,
        index,
        Column("state", "Balance", lambda line: state_of(line, limit), "badge", tone=_tone_within(limit)),
        *(before if compared else []),
        Column("accounts", "Accounts", kind="quantity", link=_on_map(found.asked, by_rep)),
        Column("potential", "Potential", kind="quantity", unit=f"{money} a year"),
        Column("revenue", "Revenue", kind="quantity", unit=f"{money}, 12 months"),
        Column("workload", "Workload", kind="quantity", unit="hours a year"),
        *used,
        Column("share", "Share", lambda line: round(line.share, 4), "percent"),
        Column("mean_km", "To base, mean", kind="quantity", unit="km"),
        Column("total_km", "To base, all", kind="quantity", unit="km"),
    ]


INDEX_HELP = "100 is just the part that the share of a full territory gives, by your weights."


def _on_map(asked: Asked, by_rep: bool) -> Any:
    """Where the accounts of a line are."""
    model = asked.model.code if asked.model else CRM
    kept = {"model": model, "day": asked.day.isoformat(), "by": "rep" if by_rep else "territory"}
    return lambda line: f"{reverse('territories:map')}?{urlencode({**kept, 'group': line.code})}"


USE_HELP = (
    "Workload over the rep's hours a year for calls and travel: 70 to 90 % leaves room for the unforeseen."
)


def _use(line: Line) -> float | None:
    return None if line.use is None else round(line.use, 4)


def _name(line: Line) -> str:
    return line.name


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def state_of(line: Line, limit: float) -> str:
    if abs(line.deviation) <= limit:
        return "Within"
    return "Too much" if line.deviation > 0 else "Too little"


def _tone_within(limit: float) -> Any:
    return lambda line: "good" if abs(line.deviation) <= limit else "warn"


def off(spread: Spread) -> list[Line]:
    """The lines over the tolerance."""
    limit = tolerance()
    return [line for line in spread.lines if abs(line.deviation) > limit]


def figures_of(found: Spread, before: Spread | None) -> list[dict[str, Any]]:
    """Furthest off, spread, concentration, distance: with what they were before."""
    now = found.evenness.together
    then = before.evenness.together if before else None
    limit = tolerance()
    furthest = found.lines[0].name if found.lines else ""
    return [
        {
            "label": "Furthest from 100",
            "value": _percent(now.max_deviation),
            "change": _was(then.max_deviation if then else None, _percent) or furthest,
            "tone": "" if not found.lines else "good" if now.max_deviation <= limit else "warn",
            "help": "The largest difference of a weighted index from 100, either way.",
        },
        {
            "label": "Spread (CV)",
            "value": _percent(now.cv),
            "change": _was(then.cv if then else None, _percent) or _cv_words(now.cv),
            "help": "Standard deviation of the indexes over their mean: 0 is even, above 20 % is uneven.",
        },
        {
            "label": "Concentration (Gini)",
            "value": grouped(round(now.gini, 3), 3),
            "change": _was(then.gini if then else None, lambda value: grouped(round(value, 3), 3))
            or "0 is even, 1 is all with one",
            "help": "Half the mean difference between any two territories, over their mean.",
        },
        {
            "label": "Way to the base",
            "value": show(found.mean_km, "quantity")[0],
            "unit": "km" if found.mean_km is not None else "",
            "change": _was(before.mean_km if before else None, lambda value: f"{grouped(value, 0)} km")
            or f"{grouped(found.total_km, 0)} km in all",
            "help": "Straight line from account to base, the mean over accounts where both are known.",
        },
    ]


def _was(value: float | None, words: Any) -> str:
    return "" if value is None else f"was {words(value)}"


def _percent(value: float) -> str:
    return show(round(value, 4), "percent")[0]


def _cv_words(cv: float) -> str:
    return "even" if cv <= 0.1 else "fairly even" if cv <= 0.2 else "uneven"


def chart_of(found: Spread) -> dict[str, Any]:
    """How far each is from its part, furthest first."""
    lines = found.lines[:MOST_BARS]
    values = [round(100 * line.deviation, 1) for line in lines]
    return {
        "id": "balance-chart",
        "kind": "bars",
        "title": headline(found),
        "subtitle": "Difference of the weighted index from 100, furthest first",
        "text": "; ".join(f"{line.name} {value:+.1f} %" for line, value in zip(lines, values, strict=True)),
        "tall": len(lines) > 12,
        "data": {
            "x": [line.name for line in lines],
            "unit": "%",
            "sideways": True,
            "series": [{"name": "From its part", "role": "statistical", "values": values}],
        },
    }


def headline(found: Spread) -> str:
    """The finding in one sentence."""
    beyond, limit = off(found), _percent(tolerance())
    if not beyond:
        return f"All of {len(found.lines)} are within {limit} of their part"
    return f"{len(beyond)} of {len(found.lines)} are more than {limit} from their part"


def weights_in_words(found: Spread) -> str:
    """What the index is made of."""
    used = found.evenness.weights
    if not used:
        return "Nothing of what you weigh is known of these accounts."
    return ", ".join(f"{LABELS[name].lower()} {_percent(weight)}" for name, weight in used.items())


def warnings_of(left: Left) -> list[str]:
    """What the numbers leave out, a sentence each."""
    money = base_currency()
    said = []
    if left.accounts:
        what = (
            f"{grouped(left.potential, 0)} {money} potential and {grouped(left.revenue, 0)} {money} revenue"
        )
        said.append(f"{_count(left.accounts)} with {what} belong to nobody here and count nowhere.")
    if left.without_place:
        said.append(f"{_count(left.without_place)} have no place: their travel counts nothing.")
    if left.without_work:
        said.append(f"{_count(left.without_work)} have no calls: their work counts nothing.")
    return said


def _count(accounts: int) -> str:
    return f"{grouped(accounts, 0)} account{'' if accounts == 1 else 's'}"
