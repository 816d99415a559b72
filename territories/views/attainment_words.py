"""How attainment is written on pages: shares, tones, cells, and the addresses behind each number."""

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from catalog.selectors import base_currency
from core.formats import EMPTY, grouped, short, show
from territories.models import QuotaMeasure
from territories.selectors.attainment import Asked, Line
from territories.selectors.attainment_deals import OPEN, WON

NAMES = ("period", "month", "measure", "credit")
THIN = "\u202f"


def percent(value: Any) -> str:
    """A share as people say it: 83 %. Just below 100 % is 99 %, not met is not met."""
    if value is None:
        return EMPTY
    shown = 99.0 if 0.99 <= value < 1 else float(value) * 100
    return f"{grouped(shown, 0)}{THIN}%"


def times(value: float | None) -> str:
    if value is None:
        return EMPTY
    return f"{grouped(value, 1)}×" if value < 100 else "over 99×"


def money(value: Any) -> str:
    return show(None if value is None else round(value), "quantity")[0]


def interval(line: Line) -> str:
    """“82 to 104 %”."""
    if line.low is None or line.high is None:
        return EMPTY
    return f"{grouped(line.low * 100, 0)} to {percent(line.high)}"


def attained_tone(line: Line) -> str:
    """Met is good; in time is fine; far behind the pace is bad."""
    if line.attained is None:
        return "quiet"
    if line.attained >= 1:
        return "good"
    if line.outlook is None:
        return "warn" if line.attained >= 0.8 else "bad"
    if line.pace is None:
        return "quiet"
    return "good" if line.pace >= 1 else "warn" if line.pace >= 0.8 else "bad"


def attained_word(line: Line) -> str:
    return "No quota" if line.attained is None else percent(line.attained)


def cell(value: Any, url: str = "") -> dict[str, Any]:
    """A number in base currency that opens what is behind it; nothing is behind nought."""
    shown = show(value, "money")[0] if value is not None else ""
    return {"text": money(value), "title": shown, "numeric": True, "url": url if value else ""}


def text(value: str, *, numeric: bool = True, title: str = "", url: str = "") -> dict[str, Any]:
    return {"text": value, "numeric": numeric, "title": title, "url": url}


def same_question(request: HttpRequest, **more: Any) -> str:
    """The part of an address that asks for the same period and measure."""
    kept = {name: request.GET[name] for name in NAMES if request.GET.get(name)}
    return urlencode(kept | {name: str(value) for name, value in more.items() if value not in (None, "")})


def to(route: str, request: HttpRequest, *args: Any, **more: Any) -> str:
    """A page of this part with the same question."""
    asked = same_question(request, **more)
    return f"{reverse(f'territories:{route}', args=args)}{'?' if asked else ''}{asked}"


def closed_url(request: HttpRequest, asked: Asked, **whose: Any) -> str:
    """The bookings, or the order lines, behind a closed amount; deals know no territories, so that those of
    one stand on a page of their own."""
    if asked.measure == QuotaMeasure.SALES:
        return to("attainment-lines", request, **whose)
    if "territory" in whose:
        return to("attainment-deals", request, state=WON, **whose)
    days = {"since": asked.period.first, "until": asked.period.last}
    return f"{reverse('crm:booking-list')}?{urlencode(days | whose)}"


def open_url(request: HttpRequest, asked: Asked, **whose: Any) -> str:
    """The open deals that are to close in the period."""
    if "territory" in whose:
        return to("attainment-deals", request, state=OPEN, **whose)
    days = {"state": "open", "closes_from": asked.period.first, "closes_to": asked.period.last}
    return f"{reverse('crm:pipeline-table')}?{urlencode(days | whose)}"


def figures(total: Line, request: HttpRequest, asked: Asked, **whose: Any) -> list[dict[str, Any]]:
    """Quota, closed, pace, and where it will end."""
    return [
        _figure("Quota", total.quota, "no quota yet" if total.quota is None else asked.period.label),
        _figure(
            "Closed",
            total.closed,
            f"{attained_word(total)} attained" if total.quota else "",
            url=closed_url(request, asked, **whose) if total.closed else "",
        ),
        _pace(total, asked),
        _end(total),
    ]


def _figure(label: str, value: Any, change: str, url: str = "") -> dict[str, Any]:
    exact = "" if value is None else f"{show(value, 'money')[0]} {base_currency()}"
    return {
        "label": label,
        "value": short(value),
        "unit": "" if value is None else base_currency(),
        "change": change,
        "title": exact,
        "url": url,
    }


def known_until(asked: Asked) -> dt.date | None:
    """The last day of which sales are known, where days after it are over by the calendar."""
    return asked.today - dt.timedelta(days=1) if asked.today < timezone.localdate() else None


def _pace(total: Line, asked: Asked) -> dict[str, Any]:
    known = known_until(asked)
    when = f"at {show(known, 'date')[0]}" if known else "is over"
    return {
        "label": "Pace",
        "value": percent(total.pace),
        "change": f"{percent(total.gone)} of the period {when}",
        "help": "Closed over what should be closed by now: the quota of the months that are over, and of "
        "this month by its working days.",
        "tone": "" if total.pace is None else "good" if total.pace >= 1 else "warn",
    }


def _end(total: Line) -> dict[str, Any]:
    if total.outlook is None:
        missed = total.missing
        over = (
            "no quota" if missed is None else "the quota is met" if not missed else f"{money(missed)} missed"
        )
        return {"label": "Ended at", "value": attained_word(total), "change": over}
    value = percent(total.expected) if total.quota else short(total.outlook.expected)
    return {
        "label": "Forecast",
        "value": value,
        "unit": "" if total.quota else base_currency(),
        "change": f"likely {interval(total)}" if total.quota else "no quota to compare",
        "title": f"{money(total.outlook.low)} to {money(total.outlook.high)} {base_currency()}",
        "help": "Closed, open deals by their chance, and what is usually new by the end. Four of five "
        "simulated ends lie between the two bounds.",
    }
