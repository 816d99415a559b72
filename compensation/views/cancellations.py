"""Pages of won deals that came to nothing."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse

from catalog.selectors import base_currency
from compensation.filters.credits import CancellationFilter
from compensation.forms.cancellations import (
    CancellationFileForm,
    CancellationForm,
    ChangeCancellationForm,
    TakeAwayForm,
)
from compensation.models import Cancellation
from compensation.pipeline.cancellation_files import Stored
from compensation.selectors.cancellations import cancellations_visible_to
from compensation.selectors.credits import credit_url, credits_visible_to
from compensation.selectors.splits import closed_run_of
from compensation.services.cancellations import (
    add_cancellation,
    change_cancellation,
    import_cancellations,
    remove_cancellation,
)
from compensation.views.credit_words import (
    CREDIT,
    DAY,
    PRETITLE,
    VIEW,
    credit_columns,
    percent_words,
)
from core.access import person_of
from core.listing import Column, Empty, ListPage
from core.pages import AddPage, DetailPage, EditPage, FormPage, Link, Section, table_section
from core.roles import can
from territories.views.covers import with_revision

WHAT = Column("kind", "What", "get_kind_display", order="kind")
SHARE = Column("percent", "Of the deal", lambda row: percent_words(row.percent), order="percent")
REASON = Column("reason", "Why")
BY = Column("by", "Entered by", "entered_by.name")


def cancellation_path(row: Cancellation) -> str:
    return reverse("compensation:cancellation", args=[row.pk])


def list_path() -> str:
    return reverse("compensation:cancellation-list")


def _taken(label: str) -> Column:
    return Column("taken", label, "taken", "money", unit=base_currency(), order="taken")


class CancellationRows:
    pretitle = PRETITLE

    def rows(self, request: HttpRequest) -> QuerySet[Cancellation]:
        return cancellations_visible_to(person_of(request))


class CancellationList(CancellationRows, ListPage):
    action = VIEW
    title = "Cancellations"
    filterset_class = CancellationFilter
    default_order = "-day"
    template_name = "compensation/credit_cancellations.html"
    empty = Empty(
        "No cancellations",
        "A won deal that was cancelled, returned or never paid is entered here: its credit is taken back on "
        "that day. Deals that are reopened or deleted in the CRM lose their credit by themselves.",
    )

    def visible_columns(self, request: HttpRequest) -> list[Column]:
        deal = Column("deal", "Deal", lambda row: str(row.deal), order="deal__name")
        account = Column("account", "Account", "deal.account.name", order="deal__account__name")
        return [DAY, deal, account, WHAT, SHARE, _taken("Credit taken back"), REASON, BY]

    def row_url(self, row: Any) -> str:
        return cancellation_path(row)

    def more(self, request: HttpRequest) -> dict[str, Any]:
        if not can(request.user, CREDIT):
            return {}
        add = Link("Enter a cancellation", reverse("compensation:cancellation-add"))
        return {"primary": add, "import_url": reverse("compensation:cancellation-import")}


class CancellationPage(CancellationRows, DetailPage):
    action = VIEW
    facts = [DAY, WHAT, SHARE, REASON, BY]
    edit = (CREDIT, "compensation:cancellation-edit")

    def title(self, row: Cancellation) -> str:
        return f"{row.get_kind_display()}: {row.deal}"

    def parents(self, request: HttpRequest, row: Cancellation) -> list[Link]:
        return [Link("Cancellations", list_path())]

    def sections(self, request: HttpRequest, row: Cancellation) -> list[Section]:
        remove = reverse("compensation:cancellation-remove", args=[row.pk])
        rows = credits_visible_to(person_of(request)).filter(cancellation=row).order_by("basis", "rep__name")
        return [
            table_section(
                "What it takes back",
                rows[:200],
                credit_columns(),
                empty=Empty("Nothing yet", "It takes credit back when credits are made the next time."),
                links=(Link("Take it away", remove, CREDIT),),
                row_url=credit_url,
            )
        ]


class CancellationAdd(AddPage):
    """`?deal=` names the deal."""

    action = CREDIT
    pretitle = PRETITLE
    form_class = CancellationForm
    heading = "Enter a cancellation"
    submit_label = "Enter it"
    done = "{row.deal}: entered. The credit is taken back when credits are made the next time."
    note = "A closed month stays as it is: what is taken back comes as a difference in the open month."

    def make_form(self, request: HttpRequest, row: Any, data: Any = None) -> CancellationForm:
        return CancellationForm(data, initial=self.initial(request, row), person=person_of(request))

    def save(self, request: HttpRequest, row: Any, data: dict[str, Any]) -> Cancellation:
        return add_cancellation(actor=person_of(request), **data)

    def done_url(self, request: HttpRequest, saved: Cancellation) -> str:
        return cancellation_path(saved)

    def cancel_url(self, request: HttpRequest, row: Any) -> str:
        return list_path()


class CancellationEdit(CancellationRows, EditPage):
    action = CREDIT
    form_class = ChangeCancellationForm
    submit_label = "Save"
    done = "{row.deal}: saved."

    def title(self, row: Cancellation) -> str:
        return f"Change: {row.get_kind_display().lower()}, {row.deal}"

    def change(self, request: HttpRequest, row: Any, revision: int, data: dict[str, Any]) -> Cancellation:
        return change_cancellation(actor=person_of(request), row=row, revision=revision, changes=data)

    def done_url(self, request: HttpRequest, saved: Cancellation) -> str:
        return cancellation_path(saved)

    def more(self, request: HttpRequest, row: Cancellation) -> dict[str, Any]:
        run = closed_run_of(row.deal)
        if run is None:
            return {}
        return {"note": f"{run.month:%B %Y} is closed: the change comes as a difference in the open month."}


class CancellationRemove(CancellationRows, EditPage):
    """The deal counts again."""

    action = CREDIT
    form_class = TakeAwayForm
    submit_label = "Take it away"
    danger = True
    done = "{row.deal} counts again when credits are made the next time."

    def title(self, row: Cancellation) -> str:
        return f"Take away: {row.get_kind_display().lower()}, {row.deal}"

    def initial(self, request: HttpRequest, row: Cancellation) -> dict[str, Any]:
        return {}

    def make_form(self, request: HttpRequest, row: Cancellation, data: Any = None) -> Any:
        return with_revision(TakeAwayForm(data), row)

    def change(self, request: HttpRequest, row: Any, revision: int, data: dict[str, Any]) -> Cancellation:
        remove_cancellation(actor=person_of(request), row=row, revision=revision, reason=data["reason"])
        return row

    def done_url(self, request: HttpRequest, saved: Cancellation) -> str:
        return list_path()


class CancellationImport(FormPage):
    """Cancellations from a CSV file."""

    action = CREDIT
    pretitle = PRETITLE
    form_class = CancellationFileForm
    heading = "Import cancellations"
    submit_label = "Import the file"
    done = "{row}."
    note = (
        "Columns: deal (its id in the CRM), day, reason; percent (100 without it), kind (cancelled, returned "
        "or unpaid), crm (where two systems have that deal). All rows are stored, or none; rows that are "
        "known already are left alone."
    )

    def make_form(self, request: HttpRequest, row: Any, data: Any = None) -> CancellationFileForm:
        return CancellationFileForm(data, request.FILES if data is not None else None)

    def save(self, request: HttpRequest, row: Any, data: dict[str, Any]) -> str:
        file = data["file"]
        stored = import_cancellations(actor=person_of(request), name=file.name, data=file.read())
        return in_words(stored)

    def done_url(self, request: HttpRequest, saved: Any) -> str:
        return list_path()

    def cancel_url(self, request: HttpRequest, row: Any) -> str:
        return list_path()


def in_words(stored: Stored) -> str:
    return f"{stored.added:,} cancellations entered, {stored.unchanged:,} were known"
