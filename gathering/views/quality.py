"""Pages of findings: ranked by severity and money, one in detail, waiving and giving away."""

from operator import itemgetter
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from core import company
from core.access import Page, person_of, requires
from core.errors import Denied, Refused
from core.formats import show
from core.listing import Column, Empty, ListPage
from core.models import Job
from core.pages import DetailPage, Link, Section, chart_section, put_reasons, table_section
from core.roles import can
from core.selectors.jobs import job_progress
from gathering.filters import IssueFilter
from gathering.forms.quality import AssignForm, ReasonForm
from gathering.models import IssueState, QualityIssue
from gathering.pipeline.quality import rows_behind, rule_of
from gathering.pipeline.quality.arrivals import KIND
from gathering.selectors.quality import RANK, issues_visible_to, totals_of_issues
from gathering.services.quality import assign_issues, reopen_issue, run_quality_checks, waive_issues
from gathering.views.quality_words import SEVERITY_TONES, STATE_TONES, issue_url, mend_link

MOST_AT_ONCE = 200
CHART_MONTHS = 36
MEASURES = ("lost", "money", "price", "quantity", "lines")


class IssueList(ListPage):
    """Every finding, the blocking and the dear ones first; open ones unless asked otherwise."""

    action = "quality.view"
    title = "Data quality"
    filterset_class = IssueFilter
    default_order = "rank,-money"
    template_name = "gathering/quality/list.html"
    empty = Empty(
        "Nothing found",
        "The quality rules found nothing that fits these filters. They run after each import, or on demand.",
    )
    columns = [
        Column("subject", "About", order="subject"),
        Column(
            "severity",
            "Severity",
            lambda i: i.get_severity_display(),
            "badge",
            order="rank",
            tone=lambda i: SEVERITY_TONES[i.severity],
        ),
        Column("rule", "Rule", lambda i: rule_of(i).label, order="rule"),
        Column("message", "What was found"),
        Column("money", "At stake", kind="money", order="money"),
        Column("rows", "Rows", kind="quantity", order="rows"),
        Column("owner", "Owner", "owner.name", order="owner__name"),
        Column(
            "state",
            "State",
            lambda i: i.get_state_display(),
            "badge",
            order="state",
            tone=lambda i: STATE_TONES[i.state],
        ),
        Column("first_seen", "First seen", kind="time", order="first_seen"),
    ]

    def rows(self, request: HttpRequest) -> QuerySet[QualityIssue]:
        return issues_visible_to(person_of(request))

    def row_url(self, row: QualityIssue) -> str:
        return issue_url(row)

    def about_rows(self, request: HttpRequest, rows: list[Any]) -> dict[str, Any]:
        return {"issues": rows, "next": request.get_full_path()}

    def more(self, request: HttpRequest) -> dict[str, Any]:
        person = person_of(request)
        last = Job.objects.filter(kind=KIND).order_by("-pk").first()
        running = last is not None and not last.is_over
        return {
            "figures": figures_of(self.rows(request)),
            "last_check": last,
            "job": job_progress(last, person) if last and running else None,
        }

    def _filters(self, request: HttpRequest) -> IssueFilter:
        data = request.GET.copy()
        if "state" not in data:
            data["state"] = IssueState.OPEN
        return IssueFilter(data, queryset=self.rows(request), request=request)


def figures_of(rows: QuerySet[QualityIssue]) -> list[dict[str, Any]]:
    """The line of key figures: each opens what it counts."""
    totals = totals_of_issues(rows)
    url = reverse("gathering:issue-list")
    return [
        {
            "label": "Blocking",
            "value": totals["blocking"],
            "tone": "bad" if totals["blocking"] else "",
            "url": f"{url}?state=open&severity=blocking",
        },
        {"label": "Warnings", "value": totals["warnings"], "url": f"{url}?state=open&severity=warning"},
        {
            "label": "Money at stake",
            "value": show(totals["money"], "quantity")[0],
            "unit": company.value("base_currency"),
            "help": "Sum over open findings. One amount can be part of several findings.",
        },
        {"label": "Waived", "value": totals["waived"], "url": f"{url}?state=waived"},
    ]


class IssuePage(DetailPage):
    """One finding: what, why it matters, the rows behind it, and what can be done."""

    action = "quality.view"
    pretitle = "Data quality"
    facts_title = "Finding"
    template_name = "gathering/quality/detail.html"
    facts = [
        Column("rule", "Rule", lambda i: rule_of(i).label),
        Column(
            "severity",
            "Severity",
            lambda i: i.get_severity_display(),
            "badge",
            tone=lambda i: SEVERITY_TONES[i.severity],
        ),
        Column(
            "state",
            "State",
            lambda i: i.get_state_display(),
            "badge",
            tone=lambda i: STATE_TONES[i.state],
        ),
        Column("money", "Money at stake", kind="money"),
        Column("rows", "Rows", kind="quantity"),
        Column("owner", "Owner", "owner.name"),
        Column("first_seen", "First seen", kind="time"),
        Column("last_seen", "Last seen", kind="time"),
        Column("reason", "Waived because"),
        Column("waived_by", "Waived by", "waived_by.name"),
    ]

    def rows(self, request: HttpRequest) -> QuerySet[QualityIssue]:
        return issues_visible_to(person_of(request))

    def parents(self, request: HttpRequest, row: QualityIssue) -> list[Link]:
        return [Link("Data quality", reverse("gathering:issue-list"))]

    def sections(self, request: HttpRequest, row: QualityIssue) -> list[Section]:
        behind, rows = rows_behind(row)
        hidden = set() if can(request.user, "catalog.costs") else {"cost", "lost", "value"}
        columns = [
            Column(name, label, itemgetter(name), kind)
            for name, label, kind in behind.columns
            if name not in hidden
        ]
        gone = Empty(
            "Nothing behind it any more", "The data changed since; the next check resolves the finding."
        )
        table = table_section("Rows behind it", rows, columns, empty=gone)
        chart = _chart(columns, rows)
        return [chart_section("By month", chart), table] if chart else [table]

    def more(self, request: HttpRequest, row: QualityIssue) -> dict[str, Any]:
        label, url = mend_link(row)
        return {
            "mend_label": label,
            "mend_url": url,
            "waive_form": ReasonForm(auto_id="waive_%s"),
            "reopen_form": ReasonForm(auto_id="reopen_%s"),
            "assign_form": AssignForm(auto_id="assign_%s", initial={"owner": row.owner_id}),
        }


def _chart(columns: list[Column], rows: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Bars by month where a finding has months and one measure that says how bad it is."""
    by_name = {column.key: column for column in columns}
    measure = next((by_name[name] for name in MEASURES if name in by_name), None)
    if "month" not in by_name or measure is None or len(rows) < 3:
        return None
    shown = list(reversed(rows[:CHART_MONTHS]))
    values = [None if measure.of(r) is None else float(measure.of(r)) for r in shown]
    return {
        "id": "behind-chart",
        "kind": "bars",
        "title": f"{measure.label} by month",
        "text": f"{measure.label} in {len(shown)} months, {shown[0]['month']:%b %Y} to "
        f"{shown[-1]['month']:%b %Y}.",
        "data": {
            "x": [f"{row['month']:%b %y}" for row in shown],
            "unit": "",
            "series": [{"name": measure.label, "role": "history", "values": values}],
        },
    }


@require_POST
@requires("quality.check")
def quality_check(request: HttpRequest) -> HttpResponse:
    run_quality_checks(actor=person_of(request))
    messages.info(request, "The quality rules are looking at all data now.")
    return redirect("gathering:issue-list")


class BatchPage(Page):
    """Something done to many findings: what is chosen is shown first, then all or none is done."""

    template_name = "gathering/quality/batch.html"
    heading: str
    submit_label: str

    def make_form(self, data: QueryDict | None = None) -> forms.Form:
        raise TypeError(f"{type(self).__name__} has no form: define make_form()")

    def do(self, request: HttpRequest, chosen: list[int], data: dict[str, Any]) -> str:
        """Call the service and say what was done."""
        raise TypeError(f"{type(self).__name__} calls no service: define do()")

    def get(self, request: HttpRequest) -> HttpResponse:
        chosen = self._chosen(request, request.GET)
        if not chosen:
            messages.warning(request, "Choose at least one finding first.")
            return redirect("gathering:issue-list")
        return self._show(request, chosen, self.make_form())

    def post(self, request: HttpRequest) -> HttpResponse:
        chosen = self._chosen(request, request.POST)
        form = self.make_form(request.POST)
        if not form.is_valid():
            return self._show(request, chosen, form, 400)
        try:
            done = self.do(request, [issue.pk for issue in chosen], form.cleaned_data)
        except Denied:
            raise
        except Refused as refusal:
            put_reasons(form, refusal)
            return self._show(request, chosen, form, refusal.status)
        messages.success(request, done)
        return redirect(issue_url(chosen[0]) if len(chosen) == 1 else "gathering:issue-list")

    def _chosen(self, request: HttpRequest, query: QueryDict) -> list[QualityIssue]:
        keys = [key for key in query.getlist("issue") if key.isdigit()][:MOST_AT_ONCE]
        ranked = issues_visible_to(person_of(request)).order_by(RANK, "-money")
        return list(ranked.filter(pk__in=keys))

    def _show(
        self, request: HttpRequest, chosen: list[QualityIssue], form: forms.Form, status: int = 200
    ) -> HttpResponse:
        context = {
            "issues": chosen,
            "form": form,
            "title": self.heading,
            "submit_label": self.submit_label,
            "money": sum(issue.money for issue in chosen),
        }
        return render(request, self.template_name, context, status=status)


class IssueWaive(BatchPage):
    action = "quality.waive"
    heading = "Waive findings"
    submit_label = "Waive these findings"

    def make_form(self, data: QueryDict | None = None) -> forms.Form:
        return ReasonForm(data)

    def do(self, request: HttpRequest, chosen: list[int], data: dict[str, Any]) -> str:
        found = waive_issues(actor=person_of(request), issues=chosen, reason=data["reason"])
        return f"{len(found)} finding{'s are' if len(found) > 1 else ' is'} waived."


class IssueAssign(BatchPage):
    action = "quality.assign"
    heading = "Give findings to somebody"
    submit_label = "Give these findings away"

    def make_form(self, data: QueryDict | None = None) -> forms.Form:
        return AssignForm(data)

    def do(self, request: HttpRequest, chosen: list[int], data: dict[str, Any]) -> str:
        assign_issues(actor=person_of(request), issues=chosen, owner=data["owner"])
        return f"{data['owner'].name} looks after {len(chosen)} finding{'s' if len(chosen) > 1 else ''} now."


@require_POST
@requires("quality.waive")
def issue_reopen(request: HttpRequest, pk: int) -> HttpResponse:
    issue = get_object_or_404(issues_visible_to(person_of(request)), pk=pk)
    try:
        reopen_issue(actor=person_of(request), issue=issue.pk, reason=request.POST.get("reason", ""))
    except Refused as refusal:
        for reason in refusal.reasons:
            messages.error(request, reason.text)
    else:
        messages.success(request, "The waiver is taken back; the finding is open again.")
    return redirect("gathering:issue-detail", pk)
