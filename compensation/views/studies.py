"""The design studio: studies, making one, reading one, copying a plan to change it."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone

from compensation.filters.studies import StudyFilter
from compensation.forms.studies import CopyForm, StudyForm
from compensation.models import PlanVersion, Study, StudyState
from compensation.selectors.addresses import plan_version_path
from compensation.selectors.plans import versions_visible_to
from compensation.selectors.studies import (
    ALL_YEAR,
    THEN,
    first_month_to_try,
    job_of,
    names_of,
    results_of,
    state_of,
    studies_visible_to,
    study_name,
    study_url,
    version_before,
    versions_to_try,
    whom_to_try,
)
from compensation.services.studies import again, copy_to_try, start_study
from compensation.views import study_charts as charts
from compensation.views import study_words as words
from core.access import Page, person_of
from core.errors import Denied, Refused
from core.listing import Column, Empty, ListPage, export_rows
from core.models import Person
from core.pages import AddPage, DetailPage, FormPage, Link, Section
from core.roles import can
from core.selectors.jobs import job_progress

VIEW, PLAN = "pay.plans", "pay.plan"
MEANT = {
    THEN: "Those then",
    ALL_YEAR: "Today's, all year",
    "observed": "These months",
    "lognormal": "Lognormal",
}
TONES = {"Done": "good", "Running": "info", "Failed": "bad", "Stopped": "quiet"}


def _state(study: Study) -> str:
    return state_of(study, study.job)


class StudyList(ListPage):
    """Every plan that was tried, the newest first."""

    action = VIEW
    title = "Design studio"
    pretitle = "Pay"
    rows_name = "Studies"
    filterset_class = StudyFilter
    default_order = "-made"
    empty = Empty(
        "No plan was tried yet",
        "A study pays a draft by the credits of a year that was: what it costs, who wins and loses, what it "
        "may cost when people sell more or less. Nobody is paid by it.",
    )
    columns = [
        Column("study", "Study", study_name),
        Column("base", "Beside", "base"),
        Column("first_month", "From", kind="month", order="first_month"),
        Column("state", "State", _state, "badge", tone=lambda row: TONES[_state(row)]),
        Column("made_by", "By", "made_by.name", order="made_by__name"),
        Column("made", "Made", kind="time", order="made"),
    ]

    def rows(self, request: HttpRequest) -> QuerySet[Study]:
        return studies_visible_to(person_of(request))

    def row_url(self, row: Study) -> str:
        return study_url(row)

    def more(self, request: HttpRequest) -> dict[str, Any]:
        if not can(request.user, PLAN):
            return {}
        return {"primary": {"label": "Try a plan", "url": reverse("compensation:study-add")}}


class StudyAdd(AddPage):
    """Try a version: `?version=` chooses it, with what it is usually compared with."""

    action = PLAN
    form_class = StudyForm
    heading = "Try a plan"
    pretitle = "Design studio"
    note = (
        "Pays everybody by the plan on the credits of twelve months that are over, at 50 to 150 % of the "
        "quotas, and on attainments drawn by chance. Nobody is paid by it, and the plan stays as it is."
    )
    submit_label = "Try it"
    done = "{row} is being worked out."

    def _form_person(self, request: HttpRequest) -> dict[str, Any]:
        return {"person": person_of(request)}

    def initial(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        usual = {"spread": "observed", "correlation": "0.2", "draws": 2000, "seed": 1}
        given = super().initial(request, row)
        version = _version(person_of(request), str(given.get("version", "")))
        if version is not None:
            base, first = version_before(version), first_month_to_try(version, timezone.localdate())
            whom = whom_to_try(version, first)
            usual |= {"base": base.pk if base else None, "first_month": first, "people": whom}
        return usual | given

    def save(self, request: HttpRequest, row: Any, data: dict[str, Any]) -> Study:
        return start_study(actor=person_of(request), **data)

    def done_url(self, request: HttpRequest, saved: Study) -> str:
        return study_url(saved)

    def cancel_url(self, request: HttpRequest, row: Any) -> str:
        return reverse("compensation:study-list")


def _version(person: Person, key: str) -> PlanVersion | None:
    return versions_to_try(person).filter(pk=int(key)).first() if key.isdecimal() and len(key) < 10 else None


class StudyPage(DetailPage):
    """What it costs, who wins and loses, what it may cost; and where to go on with the plan."""

    action = VIEW
    pretitle = "Design studio"
    template_name = "compensation/study.html"
    facts_title = "How it was made"
    facts = [
        Column("version", "Plan", "version", link=lambda row: plan_version_path(row.version_id)),
        Column("base", "Beside", "base", link=lambda row: row.base_id and plan_version_path(row.base_id)),
        Column("first_month", "Twelve months from", kind="month"),
        Column("state", "State", _state, "badge", tone=lambda row: TONES[_state(row)]),
        Column("people", "People", lambda row: MEANT[row.asked.get("people", THEN)]),
        Column("correlation", "Correlation", lambda row: row.asked["correlation"]),
        Column("spread", "Attainment drawn from", lambda row: MEANT[row.asked["spread"]]),
        Column("draws", "Draws", kind="quantity"),
        Column("seed", "Seed"),
        Column("made_by", "By", "made_by.name"),
        Column("made", "Made", kind="time"),
        Column("fingerprint", "Fingerprint", lambda row: row.fingerprint[:12], "code"),
    ]

    def rows(self, request: HttpRequest) -> QuerySet[Study]:
        return studies_visible_to(person_of(request))

    def title(self, row: Study) -> str:
        return study_name(row)

    def parents(self, request: HttpRequest, row: Study) -> list[Link]:
        return [Link("Design studio", reverse("compensation:study-list"))]

    def row(self, request: HttpRequest, **kwargs: Any) -> Study:
        study: Study = super().row(request, **kwargs)
        study.job = job_of(study)
        self.results = results_of(study)
        study.asked = self.results["asked"]  # type: ignore[attr-defined]
        reps = [one["rep"] for one in self.results.get("people", [])]
        names = names_of(person_of(request), reps) if reps else {}
        self.people = words.people_of(self.results, names) if study.state == StudyState.DONE else []
        return study

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]
        if not request.GET.get("export"):
            return super().get(request, **kwargs)
        study = self.row(request, **kwargs)
        if study.state != StudyState.DONE:
            return redirect(study_url(study))
        columns = words.people_columns(self.results["currency"], "base" in self.results["sides"])
        return export_rows(self.people, columns, title=study_name(study), form=request.GET["export"])

    def sections(self, request: HttpRequest, row: Study) -> list[Section]:
        return _sections(row, self.results, self.people) if row.state == StudyState.DONE else []

    def more(self, request: HttpRequest, row: Study) -> dict[str, Any]:
        done, job = row.state == StudyState.DONE, row.job
        waits = job is not None and row.state == StudyState.RUNNING
        return {
            "figures": words.key_figures(self.results, self.people) if done else None,
            "notes": self.results.get("notes", []),
            "faults": self.results.get("faults", []),
            "is_done": done,
            "job": job_progress(job, person_of(request)) if waits and job else None,
            "may_plan": bool(can(request.user, PLAN)),
            "same_plan": row.base is not None and row.base.plan_id == row.version.plan_id,
            "version_url": plan_version_path(row.version_id),
        }


def _sections(study: Study, results: dict[str, Any], people: list[words.Person]) -> list[Section]:
    found = [
        charts.cost_chart(study, results),
        words.parts_section(results),
        words.side_by_side(results, people),
        charts.turns_chart(results, people),
        words.people_section(results, people),
        charts.attained_chart(people),
        charts.pay_chart(results, people),
        charts.levels_chart(results),
        charts.curve_chart(results),
        charts.chance_chart(study, results),
        words.chance_section(results),
    ]
    return [section for section in found if section is not None]


class StudyAgain(Page):
    """The same study once more, on today's terms and credits."""

    action = PLAN
    http_method_names = ["post", "head", "options"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        person = person_of(request)
        study = get_object_or_404(studies_visible_to(person), pk=pk)
        try:
            study = again(actor=person, study=study)
        except Denied:
            raise
        except Refused as refusal:
            for reason in refusal.reasons:
                messages.error(request, reason.text)
        return redirect(study_url(study))


class StudioCopy(FormPage):
    """A draft with the terms of a version: a new version of the plan, or a new plan."""

    action = PLAN
    form_class = CopyForm
    pretitle = "Design studio"
    note = "The draft has the same terms. Change them, then try it beside this one."
    submit_label = "Make the draft"
    done = "{row} is a draft now."

    def rows(self, request: HttpRequest) -> QuerySet[PlanVersion]:
        return versions_visible_to(person_of(request))

    def title(self, row: PlanVersion) -> str:
        return f"Copy {row}"

    def save(self, request: HttpRequest, row: PlanVersion, data: dict[str, Any]) -> PlanVersion:
        return copy_to_try(actor=person_of(request), version=row, **data)

    def done_url(self, request: HttpRequest, saved: PlanVersion) -> str:
        return plan_version_path(saved.pk)
