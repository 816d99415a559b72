"""Taking leads in, one or many: matched to accounts, joined with open twins, given to somebody."""

import datetime as dt
from collections.abc import Hashable, Iterable, Sequence
from functools import reduce
from operator import or_
from typing import Any, TypeVar

from django.db.models import CharField, F, Func, Q, Value
from django.db.models.functions import Lower

from core.services.notifications import notify
from crm.engine.lead_matching import Identity, company_key, domain_of, email_key, keys_of
from crm.engine.lead_moves import OPEN
from crm.models import Account, Contact, Lead, LeadState, LeadStepKind
from crm.pipeline.lead_giving import GIVEN, Giving
from crm.selectors.leads import OPEN_LEADS, lead_path

Found = TypeVar("Found", bound=Hashable)
FEW = 20  # so many companies are looked up one by one; for more, every account's name is read once


def identity_of(lead: Lead) -> Identity:
    """By what a lead is recognised as somebody who wrote before."""
    return Identity(lead.email, lead.phone, lead.company, lead.name)


def prepare(leads: Sequence[Lead]) -> None:
    """Fill the keys, and the account of those that have none and whose account is plain to see."""
    for lead in leads:
        lead.keys = keys_of(identity_of(lead))
    link_accounts([lead for lead in leads if lead.account_id is None])


def take_in(leads: Sequence[Lead], *, at: dt.datetime) -> list[Lead]:
    """Store new leads and give those that are new to somebody. Call it inside a transaction."""
    prepare(leads)
    twins = open_twins(leads)
    joined = [lead for lead in leads if _twin_of(lead, twins) is not None]
    alone = [lead for lead in leads if _twin_of(lead, twins) is None]
    giving = Giving(at)
    for lead in leads:
        giving.note(lead, LeadStepKind.ARRIVED, f"From {lead.source.name}")
    for lead in alone:
        _settle(lead, giving)
    Lead.objects.bulk_create(alone)
    for lead in joined:
        join(lead, twins[email_key(lead.email)], giving)
    Lead.objects.bulk_create(joined)
    giving.finish()
    return list(leads)


def settle(leads: Sequence[Lead], giving: Giving) -> None:
    """Give the new ones among stored leads to somebody, and store what came of it."""
    for lead in leads:
        _settle(lead, giving)
    Lead.objects.bulk_update(leads, GIVEN, batch_size=500)
    giving.finish()


def _settle(lead: Lead, giving: Giving) -> None:
    if lead.state == LeadState.NEW and lead.duplicate_of_id is None and not lead.is_deleted:
        _give(lead, giving)
    elif lead.owner_id is None and lead.account is not None:
        lead.owner_id = lead.account.owner_id


def _give(lead: Lead, giving: Giving) -> None:
    if lead.owner is None:
        giving.route(lead)
        return
    giving.hand_over(lead, lead.owner)
    giving.note(lead, LeadStepKind.GIVEN, "Came with its owner", rep=lead.owner)
    giving.news[lead.owner.pk].append(lead)


# --- the same person asks again -------------------------------------------------------------------


def open_twins(leads: Sequence[Lead]) -> dict[str, Lead]:
    """By e-mail address, the open lead to which new ones with the same address belong: the oldest.

    Only the address is proof enough to join without asking; what else looks alike is shown.
    """
    wanted = {key for lead in leads if (key := email_key(lead.email))}
    if not wanted:
        return {}
    known = Lead.objects.filter(OPEN_LEADS, keys__overlap=[f"e:{key}" for key in wanted])
    twins: dict[str, Lead] = {}
    for lead in (*known.select_related("owner__person").order_by("arrived", "pk"), *leads):
        if lead.state in OPEN:
            twins.setdefault(email_key(lead.email), lead)
    twins.pop("", None)
    return twins


def _twin_of(lead: Lead, twins: dict[str, Lead]) -> Lead | None:
    """The open lead that a new one belongs to; None for one that stands for itself."""
    twin = twins.get(email_key(lead.email))
    return twin if lead.state == LeadState.NEW and twin is not lead else None


def join(lead: Lead, twin: Lead, giving: Giving) -> None:
    """Keep the lead as a part of an open one; who works on that one is told."""
    lead.duplicate_of = twin
    giving.note(lead, LeadStepKind.MERGED, f"Same e-mail address as lead {twin.pk}, which is open")
    giving.note(twin, LeadStepKind.CHASED, f"From {lead.source.name}")
    if twin.owner is not None and twin.owner.person is not None:
        title = f"{twin} asked again"
        notify(people=[twin.owner.person], title=title, text=lead.text, url=lead_path(twin))


# --- whose customer it is -------------------------------------------------------------------------


def link_accounts(leads: Sequence[Lead]) -> None:
    """Set the account: that of a contact with the same address, of the only account whose contacts
    share the company's domain, or the only one with the same name."""
    by_email = _accounts_by_email({email_key(lead.email) for lead in leads} - {""})
    by_domain = _accounts_by_domain({domain_of(lead.email) for lead in leads} - {""})
    by_name = _accounts_by_name({lead.company for lead in leads if lead.company})
    for lead in leads:
        lead.account = (
            by_email.get(email_key(lead.email))
            or by_domain.get(domain_of(lead.email))
            or by_name.get(company_key(lead.company))
        )


def _accounts_by_email(wanted: set[str]) -> dict[str, Account]:
    if not wanted:
        return {}
    rows = _contacts().filter(lower__in=wanted)
    return _only([(email_key(row.email), row.account) for row in rows])


def _accounts_by_domain(wanted: set[str]) -> dict[str, Account]:
    if not wanted:
        return {}
    rows = _contacts().filter(domain__in=wanted)
    return _only([(domain_of(row.email), row.account) for row in rows])


def _contacts() -> Any:
    rows = Contact.objects.filter(is_active=True, account__is_active=True).select_related("account__owner")
    domain = Func(F("email"), Value("@"), Value(2), function="split_part", output_field=CharField())
    return rows.annotate(lower=Lower("email"), domain=Lower(domain))


def _accounts_by_name(wanted: set[str]) -> dict[str, Account]:
    keys = {company_key(company) for company in wanted} - {""}
    if not keys:
        return {}
    rows = Account.objects.filter(is_active=True)
    narrowing = [_names_all_words(company) for company in wanted]
    if len(keys) <= FEW and all(narrowing):
        rows = rows.filter(reduce(or_, narrowing))
    found = [(company_key(name), pk) for pk, name in rows.values_list("pk", "name")]
    keyed = _only([(key, pk) for key, pk in found if key in keys])
    accounts = Account.objects.select_related("owner").in_bulk(list(keyed.values()))
    return {key: accounts[pk] for key, pk in keyed.items()}


def _names_all_words(company: str) -> Q:
    """Names that hold every plain word of the company's; empty where accents leave none."""
    plain = [word for word in company_key(company).split() if word in company.casefold()]
    return Q(*(Q(name__icontains=word) for word in plain))


def _only(pairs: Iterable[tuple[str, Found]]) -> dict[str, Found]:
    """What a key stands for where it stands for one thing; a name that two accounts have is nobody's."""
    found: dict[str, set[Found]] = {}
    for key, value in pairs:
        found.setdefault(key, set()).add(value)
    return {key: next(iter(values)) for key, values in found.items() if len(values) == 1}
