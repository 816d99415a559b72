"""Every read of leads. A sales rep sees the own leads and those up for claim, a sales manager those of
the team below; everybody else sees all, within the market scope."""

from django.db.models import F, Q, QuerySet
from django.urls import reverse

from catalog.selectors import reach_of
from core.models import Person
from crm.engine.lead_matching import Alike, alike
from crm.engine.lead_moves import OPEN
from crm.models import Lead, LeadAgreement, LeadCost, LeadSource, LeadState, LeadStep, Rep
from crm.selectors.accounts import own_reps

SHOWN_WITH = ("source", "owner", "market", "account", "rule", "duplicate_of")
UP_FOR_CLAIM = Q(state=LeadState.NEW, duplicate_of=None) & (Q(owner=None) | Q(rule__is_fallback=True))
OPEN_LEADS = Q(state__in=OPEN, duplicate_of=None, is_deleted=False)
MOST_ALIKE = 20


def lead_path(lead: Lead) -> str:
    """Where a lead's page is."""
    return reverse("crm:lead", args=[lead.pk])


def leads_path() -> str:
    """Where the list of leads is."""
    return reverse("crm:lead-list")


def leads_visible_to(user: Person | None) -> QuerySet[Lead]:
    """The leads a person may see, merged ones too; those that their CRM deleted are gone."""
    own = own_reps(user)
    allowed = Q() if own is None else Q(owner__in=own.values("pk")) | UP_FOR_CLAIM
    inside = reach_of(user).of_market("market", or_everywhere=True)
    return Lead.objects.filter(allowed, inside, is_deleted=False).select_related(*SHOWN_WITH)


def counted(leads: QuerySet[Lead]) -> QuerySet[Lead]:
    """Each person or company once: without leads that were merged into another."""
    return leads.filter(duplicate_of=None)


def is_up_for_claim(lead: Lead) -> bool:
    """Whether any rep may take the lead: nobody has it, or only the fallback."""
    held = lead.owner_id is not None and not (lead.rule is not None and lead.rule.is_fallback)
    return lead.state == LeadState.NEW and lead.duplicate_of_id is None and not held


def leads_like(user: Person | None, lead: Lead) -> list[tuple[Lead, Alike]]:
    """Other leads a person may see that look like this one, the surest first; merged ones are left out."""
    rows = counted(leads_visible_to(user)).filter(keys__overlap=lead.keys).exclude(pk=lead.pk)
    if lead.duplicate_of_id is not None:
        rows = rows.exclude(pk=lead.duplicate_of_id)
    found = [(row, like) for row in rows[:MOST_ALIKE] if (like := alike(lead.keys, row.keys))]
    order = list(Alike)
    return sorted(found, key=lambda pair: (order.index(pair[1]), -pair[0].pk))


def steps_of_lead(lead: Lead) -> QuerySet[LeadStep]:
    """What happened to the lead, in order."""
    return LeadStep.objects.filter(lead=lead).select_related("rep", "person").order_by("at", "id")


def reps_who_let_wait(leads: list[int]) -> dict[int, set[int]]:
    """By lead, the reps who did not answer it in time."""
    found: dict[int, set[int]] = {}
    rows = LeadStep.objects.filter(lead__in=leads, kind="breached").exclude(rep=None)
    for lead, rep in rows.values_list("lead_id", "rep_id"):
        found.setdefault(lead, set()).add(rep)
    return found


def rep_of(person: Person | None) -> Rep | None:
    """The rep as whom a person sells; None for everybody else."""
    return Rep.objects.filter(person=person, is_active=True).first() if person is not None else None


def lead_sources_visible_to(user: Person | None) -> QuerySet[LeadSource]:
    """Where leads come from: the same for everybody."""
    return LeadSource.objects.all()


def open_forms() -> QuerySet[LeadSource]:
    """The sources whose public form is open to everybody."""
    return LeadSource.objects.filter(is_active=True, takes_form=True)


def lead_costs_visible_to(user: Person | None) -> QuerySet[LeadCost]:
    """What sources cost, month by month: the same for everybody who may see leads."""
    return LeadCost.objects.select_related("source").order_by("-month", "source__name")


def agreements_visible_to(user: Person | None) -> QuerySet[LeadAgreement]:
    """What marketing and sales agreed for each month: the same for everybody who may see leads."""
    return LeadAgreement.objects.select_related("owner").order_by(F("month").desc())
