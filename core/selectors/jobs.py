"""Background jobs and how far they are."""

import datetime as dt
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from core.models import Job, JobState
from core.roles import Role, can
from core.slots import secret_jobs

TONES = {
    JobState.QUEUED: "quiet",
    JobState.RUNNING: "info",
    JobState.DONE: "good",
    JobState.FAILED: "bad",
    JobState.CANCELLED: "quiet",
}


def jobs_visible_to(person: Any) -> QuerySet[Job]:
    """All jobs for those who may see jobs, without those that are secret to them (pay); a service account and
    everybody else only their own."""
    jobs = Job.objects.select_related("requested_by").defer("params", "result", "log")
    if not can(person, "jobs.view") or set(person.roles) == {Role.SERVICE}:
        return jobs.filter(requested_by=person)
    hidden = Q()
    for kind, action in secret_jobs.items():
        if not can(person, action):
            hidden |= Q(kind__startswith=kind) & ~Q(requested_by=person)
    return jobs.exclude(hidden) if hidden else jobs


def job_progress(job: Job, person: Any) -> dict[str, Any]:
    """The context `job` of templates/parts/job_progress.html."""
    may_act = bool(can(person, "jobs.cancel", job))
    over = job.is_over
    return {
        "id": job.pk,
        "label": job.label,
        "state": job.state,
        "done": job.done,
        "total": job.total,
        "percent": percent_of(job),
        "step": job.step,
        "eta_text": "" if over else time_left(job),
        "error": job.error,
        "cancel_asked": job.cancel_asked,
        "poll_url": reverse("core:job-progress", args=[job.pk]),
        "cancel_url": reverse("core:job-cancel", args=[job.pk]) if may_act and not over else "",
        "retry_url": reverse("core:job-retry", args=[job.pk]) if may_act else "",
        "result_url": job.subject_url if over else "",
    }


def percent_of(job: Job) -> int | None:
    """Whole percents done; None while nobody knows how much there is."""
    if not job.total:
        return 100 if job.state == JobState.DONE else None
    return min(100, int(100 * job.done / job.total))


def time_left(job: Job, *, now: dt.datetime | None = None) -> str:
    """An estimate from the pace so far; empty before the first twentieth is done."""
    if job.state != JobState.RUNNING or job.started is None or not job.total:
        return ""
    if job.done * 20 < job.total or job.done >= job.total:
        return ""
    taken = ((now or timezone.now()) - job.started).total_seconds()
    return _in_words(taken * (job.total - job.done) / job.done)


def _in_words(seconds: float) -> str:
    if seconds < 10:
        return "a few seconds left"
    if seconds < 90:
        return f"about {round(seconds / 10) * 10} s left"
    if seconds < 90 * 60:
        return f"about {round(seconds / 60)} min left"
    return f"about {round(seconds / 3600)} h left"
