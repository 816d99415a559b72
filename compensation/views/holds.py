"""Pages of pay that waits: the list with what is held, one hold, releasing one or several."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from compensation.filters.credits import HoldFilter
from compensation.forms.holds import ChangeHoldForm, HoldForm, ReleaseForm
from compensation.models import CreditHold
from compensation.selectors.holds import holds_visible_to, waiting_sums
from compensation.services.holds import change_hold, put_hold, release_hold, release_holds
from compensation.views.credit_words import CREDIT, PRETITLE, VIEW, percent_words
from compensation.views.dispute_words import money_by_currency
from core.access import Page, person_of
from core.errors import Conflict, Refused
from core.formats import show
from core.listing import Column, Empty, ListPage
from core.pages import AddPage, DetailPage, EditPage, Link
from core.roles import can
from territories.views.covers import with_revision

DEAL = Column("deal", "Deal", lambda row: str(row.deal) if row.deal else "All deals", order="deal__name")
REP = Column("rep", "Rep", lambda row: row.rep.name if row.rep else "Everybody", order="rep__name")
COMPONENT = Column("component", "Component", lambda row: row.component or "All")
PERCENT = Column("percent", "Held", lambda row: percent_words(row.percent), order="percent")
SINCE = Column("since", "From", "since", "date", order="since")
REASON = Column("reason", "Why")
BY = Column("by", "By", "held_by.name")
RELEASED = Column("released", "Released", "released", "date", order="released")
WAITING = Column(
    "waiting", "Pay that waits", lambda row: money_by_currency(waiting_sums([row.waiting])), "written"
)


def hold_path(row: CreditHold) -> str:
    return reverse("compensation:hold", args=[row.pk])


def list_path() -> str:
    return reverse("compensation:hold-list")


class HoldRows:
    pretitle = PRETITLE

    def rows(self, request: HttpRequest) -> QuerySet[CreditHold]:
        return holds_visible_to(person_of(request))


class HoldList(HoldRows, ListPage):
    """What waits and how much, with ticks to release several at once."""

    action = VIEW
    title = "Held pay"
    rows_name = "Holds"
    columns = [DEAL, REP, COMPONENT, PERCENT, WAITING, SINCE, REASON, BY, RELEASED]
    filterset_class = HoldFilter
    default_order = "released,-since"
    template_name = "compensation/credit_holds.html"
    empty = Empty(
        "No pay is held",
        "Pay of a deal that is not delivered, or of a rep whose papers are missing, can wait: it is "
        "calculated and shown, and paid when it is released.",
    )

    def row_url(self, row: Any) -> str:
        return hold_path(row)

    def totals(self, request: HttpRequest, rows: QuerySet) -> dict[str, Any]:
        told = list(rows.order_by().values_list("released", "waiting"))
        in_force = sum(1 for released, _ in told if released is None)
        return {"count": len(told), "open": in_force, "waiting": waiting_sums(one for _, one in told)}

    def about_totals(self, request: HttpRequest, totals: dict[str, Any]) -> dict[str, Any]:
        in_force = {"label": "Holds in force", "value": show(totals["open"], "quantity")[0]}
        waiting = [
            {"label": "Pay that waits", "value": show(amount, "money")[0], "unit": code}
            for code, amount in totals["waiting"].items()
        ]
        return {"figures": [in_force, *waiting]}

    def about_rows(self, request: HttpRequest, rows: list[Any]) -> dict[str, Any]:
        return {"open_rows": {row.pk for row in rows if row.released is None}}

    def more(self, request: HttpRequest) -> dict[str, Any]:
        if not can(request.user, CREDIT):
            return {}
        add = Link("Hold pay back", reverse("compensation:hold-add"))
        release = reverse("compensation:hold-release-several")
        return {"primary": add, "release_url": release, "today": timezone.localdate()}


class HoldPage(HoldRows, DetailPage):
    action = VIEW
    facts = [
        *(DEAL, REP, COMPONENT, PERCENT, WAITING, SINCE, REASON, BY, RELEASED),
        Column("released_by", "Released by", "released_by.name"),
        Column("why", "Why released", "release_reason"),
    ]

    def title(self, row: CreditHold) -> str:
        named = [str(row.deal) if row.deal else "", row.rep.name if row.rep else ""]
        return f"Held: {', '.join(name for name in named if name)}"

    def parents(self, request: HttpRequest, row: CreditHold) -> list[Link]:
        return [Link("Held pay", list_path())]

    def more(self, request: HttpRequest, row: CreditHold) -> dict[str, Any]:
        if row.released is not None or not can(request.user, CREDIT):
            return {}
        edit = reverse("compensation:hold-edit", args=[row.pk])
        release = Link("Release this pay", reverse("compensation:hold-release", args=[row.pk]))
        return {"primary": release, "row_links": [{"label": "Edit hold", "url": edit}]}


class HoldAdd(AddPage):
    """`?deal=` and `?rep=` fill the form."""

    action = CREDIT
    pretitle = PRETITLE
    form_class = HoldForm
    heading = "Hold pay back"
    submit_label = "Hold this pay back"
    done = "The pay is held from the next run on."
    note = "Held pay is calculated and shown, but not paid until it is released."

    def make_form(self, request: HttpRequest, row: Any, data: Any = None) -> HoldForm:
        return HoldForm(data, initial=self.initial(request, row), person=person_of(request))

    def save(self, request: HttpRequest, row: Any, data: dict[str, Any]) -> CreditHold:
        return put_hold(actor=person_of(request), **data)

    def done_url(self, request: HttpRequest, saved: CreditHold) -> str:
        return hold_path(saved)

    def cancel_url(self, request: HttpRequest, row: Any) -> str:
        return list_path()


class HoldEdit(HoldRows, EditPage):
    action = CREDIT
    form_class = ChangeHoldForm
    heading = "Change the hold"
    submit_label = "Save the hold"
    done = "The hold is saved."

    def change(self, request: HttpRequest, row: Any, revision: int, data: dict[str, Any]) -> CreditHold:
        return change_hold(actor=person_of(request), row=row, revision=revision, changes=data)

    def done_url(self, request: HttpRequest, saved: CreditHold) -> str:
        return hold_path(saved)


class HoldRelease(HoldRows, EditPage):
    action = CREDIT
    form_class = ReleaseForm
    heading = "Release held pay"
    submit_label = "Release this pay"
    done = "Released: it is paid with the month of {row.released:%d %b %Y}."

    def initial(self, request: HttpRequest, row: CreditHold) -> dict[str, Any]:
        return {}

    def make_form(self, request: HttpRequest, row: CreditHold, data: Any = None) -> Any:
        return with_revision(ReleaseForm(data), row)

    def change(self, request: HttpRequest, row: Any, revision: int, data: dict[str, Any]) -> CreditHold:
        return release_hold(actor=person_of(request), row=row, revision=revision, **data)

    def done_url(self, request: HttpRequest, saved: CreditHold) -> str:
        return hold_path(saved)


class HoldReleaseSeveral(Page):
    """Releases the ticked holds, all of them or none."""

    action = CREDIT

    def post(self, request: HttpRequest) -> HttpResponse:
        keys = [int(key) for key in request.POST.getlist("hold") if key.isdecimal()]
        rows = list(holds_visible_to(person_of(request)).filter(pk__in=keys))
        form = ReleaseForm(request.POST)
        if not form.is_valid():
            messages.error(request, "Write the day and why. Nothing was released.")
            return redirect(list_path())
        try:
            many = release_holds(actor=person_of(request), rows=rows, **form.cleaned_data)
        except Conflict as conflict:
            messages.error(request, str(conflict))
        except Refused as refusal:
            messages.error(request, f"{refusal} Nothing was released.")
        else:
            messages.success(request, f"{many} holds are released.")
        return redirect(list_path())
