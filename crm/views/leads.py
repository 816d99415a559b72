"""Pages of leads: the list, one lead with its moves, the forms that add and correct one."""

import datetime as dt
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from catalog.engine.moves import Move
from core.access import person_of
from core.formats import grouped
from core.listing import Column, Empty, ListPage
from core.models import Person
from core.pages import AddPage, DetailPage, EditPage, Link, Section, table_section
from core.roles import can
from crm.engine.lead_matching import WORDS
from crm.engine.lead_moves import OPEN
from crm.filters.leads import LeadListFilter
from crm.forms.leads import LeadChangeForm, LeadForm
from crm.models import Lead, LeadState, LeadStep, LeadStepKind
from crm.selectors.lead_reports import waiting_counts
from crm.selectors.leads import lead_path, leads_like, leads_visible_to, rep_of, steps_of_lead
from crm.services.leads import add_lead, change_lead
from crm.views.base import account_url, rep_link
from crm.workflow.leads import is_own, offered_moves

VIEW, ADD, WORK, MANAGE = "leads.view", "leads.add", "leads.work", "leads.manage"
TONES = {
    LeadState.NEW: "info",
    LeadState.WORKING: "info",
    LeadState.QUALIFIED: "good",
    LeadState.CONVERTED: "good",
    LeadState.DISQUALIFIED: "quiet",
}
STEP_TONES = {
    LeadStepKind.BREACHED: "bad",
    LeadStepKind.CHASED: "warn",
    LeadStepKind.ANSWERED: "good",
    LeadStepKind.QUALIFIED: "good",
    LeadStepKind.CONVERTED: "good",
}
SOON = dt.timedelta(hours=2)
WITH_FORM = {"disqualify", "reopen", "convert"}


def in_words(span: dt.timedelta) -> str:
    """A stretch of time as people say it: 40 min, 3 h, 2 days."""
    minutes = max(round(span.total_seconds() / 60), 0)
    if minutes < 60:
        return f"{minutes} min"
    hours = round(minutes / 60)
    return f"{hours} h" if hours < 48 else f"{round(hours / 24)} days"


def answer_of(lead: Lead) -> str:
    """How the answer stands."""
    if lead.duplicate_of_id is not None:
        return "merged"
    if lead.answered is not None:
        hours = lead.response_hours
        return "answered" if hours is None else f"answered in {grouped(hours, 1)} h"
    if lead.state not in OPEN or lead.due is None:
        return "–"
    left = lead.due - timezone.now()
    return f"due in {in_words(left)}" if left > dt.timedelta() else f"late by {in_words(-left)}"


def answer_tone(lead: Lead) -> str:
    if lead.duplicate_of_id is not None or lead.due is None:
        return "quiet"
    if lead.answered is not None:
        return "good" if lead.breaches == 0 and lead.answered <= lead.due else "warn"
    left = lead.due - timezone.now()
    return "bad" if left < dt.timedelta() else "warn" if left < SOON else "quiet"


def state_word(lead: Lead) -> str:
    return "Merged" if lead.duplicate_of_id is not None else lead.get_state_display()


STATE = Column(
    "state", "State", state_word, "badge", order="state", tone=lambda row: TONES[LeadState(row.state)]
)
ANSWER = Column(
    "answer",
    "Answer",
    answer_of,
    "badge",
    order="due",
    tone=answer_tone,
    help="Working hours until the first answer, or how far off it is.",
)
SOURCE = Column("source", "Source", "source.name", order="source__name")
OWNER = Column("owner", "Owner", "owner.name", order="owner__name", link=rep_link("owner"))
MARKET = Column("market", "Market", "market.name", order="market__name")
ARRIVED = Column("arrived", "Arrived", kind="time", order="arrived")


class LeadList(ListPage):
    action = VIEW
    title = "Leads"
    filterset_class = LeadListFilter
    default_order = "-arrived"
    empty = Empty(
        "No leads here",
        "People who may buy stand here: from forms, fairs, files and your CRM. "
        "Change the filters, or add one.",
    )
    columns = [
        Column("lead", "Lead", lambda row: str(row), order="company"),
        Column("name", "Who", "name", order="name"),
        STATE,
        ANSWER,
        OWNER,
        SOURCE,
        MARKET,
        ARRIVED,
    ]

    def rows(self, request: HttpRequest) -> QuerySet[Lead]:
        return leads_visible_to(person_of(request))

    def row_url(self, row: Lead) -> str:
        return lead_path(row)

    def more(self, request: HttpRequest) -> dict[str, Any]:
        context: dict[str, Any] = {"figures": figures_of(person_of(request))}
        if can(request.user, ADD):
            context["primary"] = Link("Add a lead", reverse("crm:lead-add"))
        return context


def figures_of(person: Person) -> list[dict[str, Any]]:
    """What waits: four numbers, each a way into the list."""
    counts, url, mine = waiting_counts(person), reverse("crm:lead-list"), rep_of(person)
    whose = (
        {"label": "Mine, open", "value": counts.mine, "url": f"{url}?open=true&owner={mine.code}"}
        if mine
        else {"label": "Open", "value": counts.open, "url": f"{url}?open=true"}
    )
    return [
        {"label": "Wait for an answer", "value": counts.waiting, "url": f"{url}?state=new"},
        {
            "label": "Late",
            "value": counts.late,
            "url": f"{url}?answer=late",
            **({"tone": "bad"} if counts.late else {}),
        },
        {"label": "Up for claim", "value": counts.up_for_claim, "url": f"{url}?claim=true"},
        whose,
    ]


STEP_COLUMNS = [
    Column("at", "When", kind="time"),
    Column(
        "kind",
        "What",
        lambda row: row.get_kind_display(),
        "badge",
        tone=lambda row: STEP_TONES.get(LeadStepKind(row.kind), "quiet"),
    ),
    Column("rep", "Rep", "rep.name"),
    Column("person", "By", lambda row: row.person.name if row.person is not None else ""),
    Column("text", "More"),
]


class LeadPage(DetailPage):
    action = VIEW
    template_name = "crm/leads/lead.html"
    facts = [
        STATE,
        ANSWER,
        Column("due", "Answer by", kind="time"),
        OWNER,
        SOURCE,
        Column("name", "Who to call"),
        Column("email", "E-mail"),
        Column("phone", "Phone"),
        Column("company", "Company"),
        Column("country", "Country"),
        MARKET,
        Column("employees", "Employees", kind="quantity"),
        Column(
            "account",
            "Account",
            "account.name",
            link=lambda row: account_url(row.account) if row.account_id else "",
        ),
        Column("rule", "Given by", lambda row: row.rule.name if row.rule is not None else ""),
        Column("breaches", "Not answered in time", kind="number"),
        Column("disqualified_because", "Disqualified because"),
        ARRIVED,
    ]

    def rows(self, request: HttpRequest) -> QuerySet[Lead]:
        return leads_visible_to(person_of(request))

    def parents(self, request: HttpRequest, row: Lead) -> list[Link]:
        return [Link("Leads", reverse("crm:lead-list"))]

    def more(self, request: HttpRequest, row: Lead) -> dict[str, Any]:
        person = person_of(request)
        moves = offered_moves(row, person)
        first = next((move for move in moves if move.name != "disqualify"), None)
        return {
            "first": _button(row, first) if first else None,
            "others": [_button(row, move) for move in moves if move is not first],
            "links": _links(row, person),
            "text": row.text,
            "merged_into": row.duplicate_of,
            "may_separate": row.duplicate_of is not None and can(person, MANAGE),
        }

    def sections(self, request: HttpRequest, row: Lead) -> list[Section]:
        person = person_of(request)
        sections = [steps_section(row)]
        if row.duplicate_of_id is None and (found := leads_like(person, row)):
            sections.insert(0, alike_section(row, found, may_merge=bool(can(person, WORK))))
        if parts := leads_visible_to(person).filter(duplicate_of=row):
            sections.append(merged_section(parts))
        return sections


def _button(lead: Lead, move: Move) -> dict[str, Any]:
    route = f"crm:lead-{move.name}"
    return {
        "label": move.label,
        "url": reverse(route, args=[lead.pk]),
        "has_form": move.name in WITH_FORM,
    }


def _links(lead: Lead, person: Person) -> list[Link]:
    links = []
    if lead.duplicate_of_id is None and can(person, WORK) and not is_own(lead, person):
        links.append(Link("Edit", reverse("crm:lead-edit", args=[lead.pk])))
        links.append(Link("Merge into another", reverse("crm:lead-merge", args=[lead.pk])))
    if lead.state in OPEN and lead.duplicate_of_id is None and can(person, MANAGE):
        links.insert(0, Link("Give to a rep", reverse("crm:lead-give", args=[lead.pk])))
    return links


def steps_section(lead: Lead) -> Section:
    """What happened, in order."""
    steps: QuerySet[LeadStep] = steps_of_lead(lead)
    nothing = Empty("Nothing yet", "What happens to the lead stands here.")
    return table_section("Timeline", steps, STEP_COLUMNS, empty=nothing)


def alike_section(lead: Lead, found: list[Any], *, may_merge: bool) -> Section:
    """Leads that look like this one, each with what they share and the way to merge."""
    rows = [
        {"lead": row, "url": lead_path(row), "why": WORDS[like], "state": state_word(row)}
        for row, like in found
    ]
    return Section(
        "Looks like",
        "crm/leads/alike.html",
        {"rows": rows, "lead": lead, "may_merge": may_merge},
        note="Merge this lead into the one that is the same person: it keeps what both know.",
    )


def merged_section(parts: QuerySet[Lead]) -> Section:
    columns = [
        Column("lead", "Lead", lambda row: str(row)),
        SOURCE,
        ARRIVED,
        Column("text", "What they want"),
    ]
    nothing = Empty("None", "Leads that were merged into this one stand here.")
    return table_section("Merged into this one", parts, columns, empty=nothing, row_url=lead_path)


class LeadAdd(AddPage):
    action = ADD
    form_class = LeadForm
    heading = "Add a lead"
    submit_label = "Add the lead"
    note = "It goes to the account's owner, or to whom the rules say, unless you choose an owner."

    def save(self, request: HttpRequest, row: Any, data: dict[str, Any]) -> Lead:
        return add_lead(actor=person_of(request), values=data)[0]

    def done_url(self, request: HttpRequest, saved: Any) -> str:
        return lead_path(saved)

    def cancel_url(self, request: HttpRequest, row: Any) -> str:
        return reverse("crm:lead-list")


class LeadEdit(EditPage):
    action = WORK
    form_class = LeadChangeForm
    submit_label = "Save the lead"

    def rows(self, request: HttpRequest) -> QuerySet[Lead]:
        return leads_visible_to(person_of(request))

    def change(self, request: HttpRequest, row: Lead, revision: int, data: dict[str, Any]) -> Lead:
        return change_lead(actor=person_of(request), lead=row, revision=revision, changes=data)

    def done_url(self, request: HttpRequest, saved: Any) -> str:
        return lead_path(saved)
