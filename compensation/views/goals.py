"""Goals documents: what you earn for what, accepted by typing the own name; who has not is reminded."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from compensation.models import PlanVersion
from compensation.pipeline.goals import goals_of_version, hash_of
from compensation.selectors.addresses import goals_rep_path
from compensation.selectors.goals import acceptances_visible_to, rep_of
from compensation.selectors.plans import versions_visible_to
from compensation.selectors.scope import reps_paid_visible_to
from compensation.services.acceptances import Standing, accept_plan, remind, standing_of, standings
from compensation.services.goals_files import acceptance_on_paper, goals_pdf
from compensation.views.goals_parts import parts_of
from core.access import Page, person_of
from core.errors import Denied, Reason, Refused
from core.listing import Column, Empty
from core.pages import plain_table
from core.roles import can

OWN, VIEW, PLANS, ACCEPT = "pay.own", "pay.view", "pay.plans", "pay.accept"
TONES = {"accepted": "good", "changed": "warn", "open": "info"}
WORDS = {"accepted": "Accepted", "changed": "Changed since it was accepted", "open": "Not accepted yet"}
NOBODY = Empty(
    "Nobody is on an approved plan",
    "Who is on a plan reads what it pays and accepts it. Approve a plan and put people on it.",
)


class OwnGoals(Page):
    """The own goals document; a list where there are several."""

    action = OWN

    def get(self, request: HttpRequest) -> HttpResponse:
        person = person_of(request)
        rep = rep_of(person)
        if rep is None and can(person, VIEW):
            return redirect(reverse("compensation:goals-acceptances"))
        rows = standing_of(rep) if rep else []
        if rep and len(rows) == 1:
            return redirect(goals_rep_path(rows[0].version.pk, rep.pk))
        links = [(row, goals_rep_path(row.version.pk, row.rep.pk), WORDS[row.state]) for row in rows]
        return render(request, "compensation/goals_own.html", {"rep": rep, "rows": links})


class GoalsPage(Page):
    """The document of a version for anybody on it, with usual quotas."""

    action = PLANS

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        version = get_object_or_404(versions_visible_to(person_of(request)), pk=pk)
        document = goals_of_version(version)
        context = parts_of(document) | {"version": version, "title": f"Goals: {version.plan.name}"}
        context |= {
            "pdf": reverse("compensation:goals-version-pdf", args=[pk]),
            "contact": version.plan.owner,
        }
        return render(request, "compensation/goals.html", context)


class GoalsPagePdf(Page):
    """The same on paper."""

    action = PLANS

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        version = get_object_or_404(versions_visible_to(person_of(request)), pk=pk)
        return _pdf(goals_pdf(goals_of_version(version)), version.plan.code)


def found(request: HttpRequest, pk: int, rep: int) -> Standing:
    """The document of a rep whose pay one may see, or 404."""
    row = get_object_or_404(reps_paid_visible_to(person_of(request)), pk=rep)
    version = get_object_or_404(PlanVersion.objects.select_related("plan__owner"), pk=pk)
    rows = standing_of(row, version)
    if not rows:
        raise Http404("This rep is not on this version of a plan.")
    return rows[0]


class GoalsRep(Page):
    """A rep's document, with the own terms and quotas; the rep accepts it here."""

    action = OWN
    refused: Refused | None = None

    def get(self, request: HttpRequest, pk: int, rep: int) -> HttpResponse:
        row, person = found(request, pk, rep), person_of(request)
        mine = row.rep.person_id == person.pk
        context = parts_of(row.document) | {
            "standing": row,
            "version": row.version,
            "mine": mine,
            "title": "What you earn for what" if mine else f"Goals of {row.rep.name}",
            "state": WORDS[row.state],
            "tone": TONES[row.state],
            "may_accept": mine and row.accepted is None and bool(can(person, ACCEPT)),
            "hash": row.hash,
            "typed": request.POST.get("typed_name", ""),
            "refused": self.refused.reasons if self.refused else None,
            "wrong": next((one.text for one in self._reasons() if one.field == "typed_name"), ""),
            "pdf": reverse("compensation:goals-rep-pdf", args=[pk, rep]),
            "contact": row.version.plan.owner,
        }
        return render(request, "compensation/goals.html", context)

    def _reasons(self) -> list[Reason]:
        return self.refused.reasons if self.refused else []


class GoalsRepPdf(Page):
    """The same on paper."""

    action = OWN

    def get(self, request: HttpRequest, pk: int, rep: int) -> HttpResponse:
        row = found(request, pk, rep)
        document = row.accepted.document if row.accepted else row.document
        return _pdf(goals_pdf(document, acceptance_on_paper(row)), f"{row.version.plan.code}-{row.rep.code}")


class GoalsAccept(Page):
    """Accept the own document as it was read."""

    action = ACCEPT

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        person = person_of(request)
        version = get_object_or_404(PlanVersion, pk=pk)
        rep = rep_of(person)
        try:
            accept_plan(
                actor=person,
                version=version,
                document_hash=request.POST.get("hash", ""),
                typed_name=request.POST.get("typed_name", ""),
            )
        except Denied:
            raise
        except Refused as refusal:
            page = GoalsRep()
            page.setup(request)
            page.refused = refusal
            response = page.get(request, pk, rep.pk if rep else 0)
            response.status_code = refusal.status
            return response
        messages.success(request, "You accepted your plan. The document is kept as you read it.")
        return redirect(goals_rep_path(pk, rep.pk if rep else 0))


class AcceptanceList(Page):
    """Who has accepted and who has not."""

    action = VIEW

    def get(self, request: HttpRequest) -> HttpResponse:
        person = person_of(request)
        rows = standings(person)
        rows.sort(key=lambda row: (row.state == "accepted", row.rep.name))
        waiting = [row.rep.person_id for row in rows if row.accepted is None]
        told = [one for one in waiting if one not in {None, person.pk}]
        columns = [
            Column("rep", "Rep", lambda row: row.rep.name),
            Column("plan", "Plan", lambda row: str(row.version)),
            Column("state", "State", lambda row: WORDS[row.state], "badge", tone=_tone),
            Column("when", "Accepted", lambda row: row.accepted.accepted if row.accepted else None, "time"),
            Column("name", "Typed name", lambda row: row.accepted.typed_name if row.accepted else ""),
        ]
        table = plain_table(
            rows,
            columns,
            caption="Acceptance of plans",
            empty=NOBODY,
            row_url=lambda row: goals_rep_path(row.version.pk, row.rep.pk),
        )
        context = {"table": table, "missing": len(waiting), "told": len(told)}
        return render(request, "compensation/goals_acceptances.html", context)


def _tone(row: Standing) -> str:
    return TONES[row.state]


class GoalsRemind(Page):
    """Remind all who have not accepted."""

    action = VIEW

    def post(self, request: HttpRequest) -> HttpResponse:
        told = remind(actor=person_of(request))
        text = f"{len(told)} reminded." if told else "Nobody to remind: all accepted, or were reminded today."
        messages.success(request, text)
        return redirect(reverse("compensation:goals-acceptances"))


class AcceptedGoals(Page):
    """A document as it was accepted, as it was shown."""

    action = OWN

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = get_object_or_404(acceptances_visible_to(person_of(request)), pk=pk)
        context = parts_of(row.document) | {
            "kept": row,
            "title": f"Accepted by {row.rep.name}",
            "intact": hash_of(row.document) == row.document_hash,
            "version": row.version,
        }
        return render(request, "compensation/goals.html", context)


def _pdf(content: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="goals-{name}.pdf"'
    return answer
