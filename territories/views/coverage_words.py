"""Columns and words of who covers what, the same on every page of coverage."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.urls import reverse

from core.listing import Column, Empty
from core.slots import Arrival
from crm.views.base import account_url, rep_url
from territories.selectors.addresses import rep_coverage_path, territory_coverage_path
from territories.selectors.coverage import COMING, OVER, TODAY, last_day, when

PRETITLE = "Territories"
VIEW, PLAN = "territories.view", "territories.plan"
TONES = {TODAY: "good", COMING: "info", OVER: "quiet"}
AWAY = Empty(
    "Everybody who is away is covered",
    "When a rep is away in the next 60 days and nobody stands in, their territories stand here.",
)
NO_VACANCY = Empty(
    "Every role has a rep",
    "Territories of the model in force in which nobody has the role, today or from a coming day on.",
)


def share_of(row: Any) -> Decimal:
    """A share in percent."""
    return Decimal(row.share) * 100


def tone_of(row: Any) -> str:
    return TONES[when(row)]


def territory_link(row: Any) -> str:
    return territory_coverage_path(row.territory_id)


def rep_link(row: Any) -> str:
    return rep_coverage_path(row.rep_id)


FIRST = Column("first", "From", "days.lower", "date", order="days")
LAST = Column("last", "Up to and with", last_day, "date")
STATE = Column("when", "Now", when, "badge", tone=tone_of)
TERRITORY = Column("territory", "Territory", "territory.name", order="territory__name", link=territory_link)
ROLE = Column("role", "Role", "role.name", order="role__name")
REP = Column("rep", "Rep", "rep.name", order="rep__name", link=rep_link)
SHARE = Column("share", "Share", "share", "percent")
ACCOUNT = Column(
    "account", "Account", "account.name", order="account__name", link=lambda row: account_url(row.account)
)


def _name(field: str) -> Any:
    return lambda row: getattr(getattr(row, field), "name", None)


CHANGES = [
    Column("day", "From day", "day", "date", order="day"),
    ACCOUNT,
    ROLE,
    Column("old", "Until then", _name("old_rep"), order="old_rep__name"),
    Column("new", "From then", _name("new_rep"), order="new_rep__name"),
    Column("territory", "Territory", _name("territory"), order="territory__name"),
]
VACANCIES = [
    Column(
        "territory",
        "Territory",
        "territory.name",
        link=lambda row: territory_coverage_path(row.territory.pk),
    ),
    Column("role", "Role", "role.name"),
    Column("first", "Nobody from", "first", "date"),
    Column("last", "Up to and with", "last", "date"),
    Column("open", "Days open", "days_open", "number"),
    Column("accounts", "Accounts", "accounts", "number"),
]
UNCOVERED = [
    Column("rep", "Away", "rep.name", link=lambda row: rep_url(row.rep)),
    Column("territory", "Territory", "territory.name"),
    Column("role", "Role", "role.name"),
    Column("first", "From", "first", "date"),
    Column("last", "Up to and with", "last", "date"),
    Column("accounts", "Accounts", "accounts", "number"),
]


def give_url(territory: int, role: str = "", first: dt.date | None = None) -> str:
    """The form that gives a territory a rep, filled as far as is known."""
    day = f"&first={first:%Y-%m-%d}" if first else ""
    return f"{reverse('territories:territory-rep-add', args=[territory])}?role={role}{day}"


def cover_url(territory: int, role: str = "", first: Any = None, last: Any = None) -> str:
    """The form that lets somebody stand in, filled as far as is known."""
    days = "".join(f"&{name}={day:%Y-%m-%d}" for name, day in (("first", first), ("last", last)) if day)
    return f"{reverse('territories:cover-add', args=[territory])}?role={role}{days}"


def fares(arrival: Arrival | None) -> tuple[str, str]:
    """Tone and word of how a message fares."""
    if arrival is None:
        return "quiet", "Nobody is told"
    if arrival.given_up:
        return "bad", "Did not arrive"
    return ("info", "On its way") if arrival.waiting else ("good", "Arrived")
