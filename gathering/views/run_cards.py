"""What the pages of one import show, made from its row: steps, progress, figures."""

from typing import Any

from django.urls import reverse
from django.utils import timezone

from core.formats import grouped
from core.models import Job, JobState
from gathering.models import ImportRun, ImportState

TONES = {
    ImportState.UPLOADED: "quiet",
    ImportState.READING: "info",
    ImportState.CHECKED: "warn",
    ImportState.COMMITTING: "info",
    ImportState.COMMITTED: "good",
    ImportState.FAILED: "bad",
    ImportState.CANCELLED: "quiet",
}
STEPS = ("Rows", "File", "Columns", "Check", "Commit")
AT_WORK = {ImportState.UPLOADED, ImportState.READING, ImportState.COMMITTING}
CAN_BE_CANCELLED = {ImportState.UPLOADED, ImportState.READING, ImportState.CHECKED, ImportState.FAILED}


def steps_at(current: int, urls: dict[int, str] | None = None) -> list[dict[str, Any]]:
    """The wizard's bar with `current` (0 to 5) under way; 5 means everything is done."""
    links = urls or {}
    return [
        {
            "label": label,
            "state": "done" if place < current else "current" if place == current else "todo",
            "url": links.get(place, ""),
        }
        for place, label in enumerate(STEPS)
    ]


def steps_of(run: ImportRun) -> list[dict[str, Any]]:
    """The bar for a run: reading and checking are step 4, committing step 5."""
    if run.state == ImportState.COMMITTED:
        return steps_at(5)
    return steps_at(4 if run.state == ImportState.COMMITTING else 3)


def progress_of(run: ImportRun) -> dict[str, Any] | None:
    """The context of parts/job_progress.html, for a run that a worker has or had."""
    job = run.job
    if job is None:
        return None
    return {
        "id": job.pk,
        "label": job.label,
        "state": job.state,
        "done": job.done,
        "total": job.total,
        "percent": min(100, 100 * job.done // job.total) if job.total else None,
        "step": job.step,
        "eta_text": time_left(job),
        "error": job.error,
        "cancel_asked": job.cancel_asked,
        "cancel_url": "" if job.is_over else reverse("gathering:import-stop", args=[run.pk]),
        "poll_url": reverse("gathering:import-progress", args=[run.pk]),
        "retry_url": reverse("gathering:import-retry", args=[run.pk]),
    }


def time_left(job: Job) -> str:
    """About how long it still takes, from the pace so far; empty until there is a pace."""
    if job.state != JobState.RUNNING or job.started is None or not 0 < job.done < job.total:
        return ""
    spent = (timezone.now() - job.started).total_seconds()
    seconds = round(spent / job.done * (job.total - job.done))
    return f"about {seconds} s left" if seconds < 90 else f"about {round(seconds / 60)} min left"


def figures_of(run: ImportRun) -> list[dict[str, Any]]:
    """The four figures over a read file. A figure opens what it sums up."""
    return [
        {
            "label": "Rows read",
            "value": grouped(run.rows_read, 0),
            "help": "Rows of the file under its header.",
        },
        {
            "label": "Good",
            "value": grouped(run.rows_good, 0),
            "change": f"{grouped(run.rows_new, 0)} new, {grouped(run.rows_changed, 0)} changed, "
            f"{grouped(run.rows_unchanged, 0)} unchanged",
            "help": "Rows without a problem. Unchanged rows are in the facts already, word for word.",
        },
        {
            "label": "Rejected",
            "value": grouped(run.rows_rejected, 0),
            "tone": "bad" if run.rows_rejected else "",
            "url": reverse("gathering:import-problems", args=[run.pk]) if run.rows_rejected else "",
            "help": "Rows with at least one problem. They stay out until they are mended.",
        },
        {
            "label": "Waiting for a name",
            "value": grouped(run.rows_held, 0),
            "tone": "warn" if run.rows_held else "",
            "url": "#unknown-names" if run.rows_held else "",
            "help": "Good rows that name something unknown. They follow when the name is mapped.",
        },
    ]


FACT_PAGES = {
    "sales": "gathering:line-list",
    "returns": "gathering:return-list",
    "stock": "gathering:stock-list",
    "open_orders": "gathering:open-order-list",
    "capacity": "gathering:capacity-list",
    "budget": "gathering:budget-list",
    "targets": "gathering:target-list",
    "external_forecasts": "gathering:external-forecast-list",
    "campaigns": "gathering:campaign-list",
    "market_notes": "gathering:market-note-list",
    "families": "catalog:family-list",
    "products": "catalog:product-list",
    "markets": "catalog:market-list",
    "sites": "catalog:site-list",
    "resources": "catalog:resource-list",
    "prices": "catalog:price-list",
    "costs": "catalog:cost-list",
    "reps": "crm:rep-list",
    "accounts": "crm:account-list",
}


def facts_url(run: ImportRun) -> str:
    """Where the rows of a committed import are seen; empty for rows without a list of their own."""
    route = FACT_PAGES.get(run.dataset)
    return reverse(route) if route else ""
