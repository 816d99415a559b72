"""Pages of meetings: planned, held, written up."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from core.access import Page, person_of, requires
from core.errors import Conflict, Denied, Refused
from core.listing import Column, Empty, ListPage
from core.pages import DetailPage, EditPage, Link, conflict_context, put_reasons, table_section
from core.roles import can
from planning.filters import MeetingFilter
from planning.forms.around import ActionForms, MeetingForm, MinutesForm
from planning.models import Meeting
from planning.selectors.addresses import meeting_path, task_path
from planning.selectors.calendar_feed import meeting_feed
from planning.selectors.meetings import agenda_for, meetings_visible_to
from planning.services.meetings import Action, add_meeting, change_meeting, write_minutes
from planning.views.around import CYCLE, AddToCycle, add_link, parents_of
from planning.views.tasks import DUE, OWNER, STAGE, STATE

STATES = {"written": "good", "to be written up": "warn", "planned": "info"}
BEGINS = Column("begins", "Begins", kind="time", order="begins")
CHAIR = Column("owner", "Chair", "owner.name", order="owner__name")


def state_of(meeting: Meeting) -> str:
    """Planned, to be written up, or written."""
    if meeting.minutes:
        return "written"
    return "to be written up" if meeting.begins < timezone.now() else "planned"


MINUTES = Column("minutes", "Minutes", state_of, "badge", tone=lambda row: STATES[state_of(row)])


class MeetingList(ListPage):
    action = "cycle.view"
    title = "Meetings"
    filterset_class = MeetingFilter
    default_order = "-begins"
    empty = Empty(
        "No meetings yet", "The reviews of each stage stand here, with agenda, minutes and what came of them."
    )
    columns = [Column("title", "Meeting", order="title"), BEGINS, STAGE, CHAIR, MINUTES, CYCLE]

    def rows(self, request: HttpRequest) -> QuerySet[Meeting]:
        return meetings_visible_to(person_of(request))

    def row_url(self, row: Meeting) -> str:
        return meeting_path(row)

    def more(self, request: HttpRequest) -> dict[str, Any]:
        if not can(request.user, "cycle.plan"):
            return {}
        return add_link(request, "Plan a meeting", "meetings")


def may_write(request: HttpRequest, meeting: Meeting) -> bool:
    """Whether the person changes the meeting and writes its minutes."""
    return meeting.owner_id == request.user.pk or bool(can(request.user, "cycle.plan"))


class MeetingPage(DetailPage):
    action = "cycle.view"
    template_name = "planning/meeting.html"
    facts = [
        BEGINS,
        Column("minutes_long", "Takes", kind="number", unit="minutes"),
        Column("place", "Where"),
        CHAIR,
        Column("attendees", "Who comes", lambda row: ", ".join(p.name for p in row.attendees.all())),
        STAGE,
        MINUTES,
    ]

    def rows(self, request: HttpRequest) -> QuerySet[Meeting]:
        return meetings_visible_to(person_of(request))

    def parents(self, request: HttpRequest, row: Meeting) -> list[Link]:
        return parents_of(row, "Meetings", f"{reverse('planning:meeting-list')}?cycle={row.cycle_id}")

    def sections(self, request: HttpRequest, row: Meeting) -> list[Any]:
        columns = [Column("title", "Action"), OWNER, DUE, STATE]
        actions = row.actions.select_related("owner", "cycle")
        empty = Empty("No actions", "What was agreed stands here as tasks, once the minutes are written.")
        return [table_section("Actions", actions, columns, empty=empty, row_url=task_path)]

    def more(self, request: HttpRequest, row: Meeting) -> dict[str, Any]:
        return {"may_write": may_write(request, row)}


class MeetingAdd(AddToCycle):
    action = "cycle.plan"
    form_class = MeetingForm
    heading = "Plan a meeting"
    submit_label = "Plan the meeting"
    note = "The agenda begins with the stage's points and with what is open. Change it as you like."

    def initial(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        given = {"minutes_long": 60} | super().initial(request, row)
        return {"agenda": agenda_for(row, given["stage"])} | given

    def save(self, request: HttpRequest, row: Any, data: dict[str, Any]) -> Meeting:
        return add_meeting(actor=person_of(request), cycle=row, **data)

    def done_url(self, request: HttpRequest, saved: Any) -> str:
        return meeting_path(saved)


class MeetingEdit(EditPage):
    action = "cycle.view"
    form_class = MeetingForm
    submit_label = "Save the meeting"

    def rows(self, request: HttpRequest) -> QuerySet[Meeting]:
        return meetings_visible_to(person_of(request))

    def initial(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        return super().initial(request, row) | {"attendees": [person.pk for person in row.attendees.all()]}

    def make_form(self, request: HttpRequest, row: Any, data: Any = None) -> Any:
        if not may_write(request, row):
            raise Denied(f"Only {row.owner.name}, a manager or a coordinator changes this meeting.")
        return super().make_form(request, row, data)

    def change(self, request: HttpRequest, row: Meeting, revision: int, data: dict[str, Any]) -> Meeting:
        return change_meeting(actor=person_of(request), meeting=row, revision=revision, changes=data)

    def done_url(self, request: HttpRequest, saved: Meeting) -> str:
        return meeting_path(saved)


class MinutesPage(Page):
    """The minutes, and a line for each action that was agreed."""

    action = "cycle.view"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        meeting = self._meeting(request, pk)
        form = MinutesForm(initial={"minutes": meeting.minutes, "revision": meeting.revision})
        return self._show(request, meeting, form, ActionForms(prefix="actions"))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        meeting = self._meeting(request, pk)
        form, lines = MinutesForm(request.POST), ActionForms(request.POST, prefix="actions")
        if not (form.is_valid() & lines.is_valid()):
            return self._show(request, meeting, form, lines, status=400)
        try:
            saved = write_minutes(
                actor=person_of(request), meeting=meeting, actions=_actions(lines), **form.cleaned_data
            )
        except Conflict as conflict:
            return self._show_both(request, meeting, conflict)
        except Refused as refusal:
            put_reasons(form, refusal)
            return self._show(request, meeting, form, lines, status=refusal.status)
        return redirect(meeting_path(saved))

    def _meeting(self, request: HttpRequest, pk: int) -> Meeting:
        meeting = get_object_or_404(meetings_visible_to(person_of(request)), pk=pk)
        if not may_write(request, meeting):
            raise Denied(f"Only {meeting.owner.name}, a manager or a coordinator writes these minutes.")
        return meeting

    def _show(
        self, request: HttpRequest, meeting: Meeting, form: forms.Form, lines: Any, status: int = 200
    ) -> HttpResponse:
        context = {"row": meeting, "form": form, "lines": lines}
        return render(request, "planning/minutes.html", context, status=status)

    def _show_both(self, request: HttpRequest, meeting: Meeting, conflict: Conflict) -> HttpResponse:
        fresh = MinutesForm(initial={"minutes": meeting.minutes, "revision": meeting.revision})
        both = conflict_context(request, meeting, conflict, fresh, meeting_path(meeting))
        context = {"row": meeting, "title": f"Minutes: {meeting}", "conflict": both}
        return render(request, "core/conflict_page.html", context, status=409)


def _actions(lines: Any) -> list[Action]:
    """The lines that were filled in."""
    filled = (line.cleaned_data for line in lines if line.cleaned_data.get("title"))
    return [Action(title=data["title"], owner=data["owner"], due=data["due"]) for data in filled]


@requires("cycle.view")
def meeting_ics(request: HttpRequest, pk: int) -> HttpResponse:
    """The meeting as a file that calendars read."""
    meeting = get_object_or_404(meetings_visible_to(person_of(request)), pk=pk)
    response = HttpResponse(meeting_feed(meeting), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="meeting-{meeting.pk}.ics"'
    return response
