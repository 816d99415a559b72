"""Background jobs: what runs, how far it is, and what went wrong."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST
from django_filters import CharFilter, ChoiceFilter, FilterSet

from core.access import Page, person_of, requires
from core.jobs import ask_to_cancel, retry
from core.listing import Column, Empty, ListPage
from core.models import Job, JobState
from core.selectors.jobs import TONES, job_progress, jobs_visible_to, percent_of


class JobFilter(FilterSet):
    q = CharFilter(label="Name", field_name="label", lookup_expr="icontains")
    state = ChoiceFilter(label="State", choices=JobState.choices, empty_label="Any")

    class Meta:
        model = Job
        fields: list[str] = []


class JobsPage(ListPage):
    action = "jobs.view"
    title = "Jobs"
    filterset_class = JobFilter
    default_order = "-id"
    empty = Empty("No jobs", "Imports and other long work appear here while they run and afterwards.")
    columns = [
        Column("label", "Job", order="label"),
        Column(
            "state",
            "State",
            value=lambda job: job.get_state_display(),
            kind="badge",
            order="state",
            tone=lambda job: TONES[job.state],
        ),
        Column("percent", "Done", value=percent_of, kind="number", unit="%"),
        Column("requested_by", "Started by", value="requested_by.name", order="requested_by__name"),
        Column("created", "Asked for", kind="time", order="created"),
        Column("finished", "Ended", kind="time", order="finished"),
    ]

    def rows(self, request: HttpRequest) -> QuerySet:
        return jobs_visible_to(request.user)

    def row_url(self, row: Job) -> str:
        return reverse("core:job", args=[row.pk])


class JobPage(Page):
    action = "jobs.view"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        job = _job(request, pk)
        return render(request, "core/job.html", {"row": job, "job": job_progress(job, request.user)})


@requires("jobs.view")
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The progress part alone: pages ask for it every second while the job runs."""
    return render(request, "parts/job_progress.html", {"job": job_progress(_job(request, pk), request.user)})


@require_POST
@requires("jobs.cancel")
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    job = ask_to_cancel(actor=person_of(request), job=_job(request, pk))
    text = "is cancelled" if job.state == JobState.CANCELLED else "stops at its next step"
    messages.info(request, f"“{job.label}” {text}.")
    return _back(request, job)


@require_POST
@requires("jobs.cancel")
def start_again(request: HttpRequest, pk: int) -> HttpResponse:
    job = retry(actor=person_of(request), job=_job(request, pk))
    messages.success(request, f"“{job.label}” is started again.")
    return _back(request, job)


def _job(request: HttpRequest, pk: int) -> Job:
    return get_object_or_404(jobs_visible_to(request.user).defer(None), pk=pk)


def _back(request: HttpRequest, job: Job) -> Any:
    return redirect("core:job", pk=job.pk)
