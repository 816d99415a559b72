"""Where pay comes from: a statement, a component of it, and a line, down to the deal and its CRM."""

from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from catalog.engine.months import add_months
from catalog.selectors import base_currency
from compensation.models import HeldPay, LineKind, PayLine, PlanQuota, StatementPart
from compensation.selectors.credit_reasons import reasons_of_credit, sees_deal
from compensation.selectors.credits import all_credits_visible_to, credit_url
from compensation.selectors.disputes import own_lines
from compensation.selectors.holds import held_visible_to, pay_of_held_deal, waited_before
from compensation.selectors.scope import statements_visible_to
from compensation.selectors.statement_words import (
    line_credits_url,
    line_name,
    rate_text,
    rung_text,
    said,
    statement_title,
    steps_of,
    unit_of,
)
from compensation.selectors.statements import (
    closings,
    lines_visible_to,
    parts_of,
    seen_deals,
    statement_url,
    why_late,
)
from core.explain import Explanation, Fact, address, found, kinds, number, register
from core.models import Person
from core.roles import can
from crm.models import Deal
from territories.models import QuotaState
from territories.selectors.quotas import quotas_visible_to

OWN, DISPUTE = "pay.own", "pay.dispute"
ROUNDED = "It is worked out exactly, then rounded as the plan says; what is shown adds up to the cent."


@register("statement", "statement", action=OWN)
def explain_statement(person: Person, statement: str) -> Explanation:
    """A payout: what each component earned, and what was added or taken."""
    row = found(statements_visible_to(person).filter(pk=number(statement)).first(), "statement")
    unit, parts = row.currency_id, parts_of(row)
    asked = {one.part.name: address("pay_part", one.part.pk) for one in parts}
    steps = [
        Explanation(label, money, unit, "money", asked=asked.get(label, ""))
        for label, money in steps_of(row, parts)
    ]
    return Explanation(
        label=statement_title(row),
        value=row.pay,
        unit=unit,
        kind="money",
        formula="Earned, with closed months, adjustments, draw, and holds.",
        parts=tuple(steps),
        source=Fact("Kept in", f"Statement of run {row.run.version}", statement_url(row)),
    )


@register("pay_part", "part", action=OWN)
def explain_part(person: Person, part: str) -> Explanation:
    """What a component earned: amount × rate by tier, what changed it, and where its quota comes from."""
    visible = statements_visible_to(person).order_by().values("pk")
    rows: QuerySet[StatementPart] = StatementPart.objects.filter(statement__in=visible, pk=number(part))
    row = found(rows.select_related("statement__run", "statement__rep", "version__plan").first(), "component")
    statement = row.statement
    one = next(one for one in parts_of(statement) if one.part.pk == row.pk)
    unit, currency = unit_of(row, statement.currency_id), statement.currency_id
    lines = reverse("compensation:statement-lines", args=[statement.pk])
    rungs = [
        Explanation(_rung_label(rung, unit, currency), rung.pay, currency, "money", asked=lines)
        for rung in (*one.tiers, *one.changes)
    ]
    facts = [Fact(step["label"], step["text"]) for step in (said(each) for each in row.derivation)]
    facts += [Fact(step["label"], step["text"]) for step in (said(each) for each in row.factors)]
    return Explanation(
        label=f"{row.name}, {statement_title(statement)}",
        value=row.earned,
        unit=currency,
        kind="money",
        formula=f"Amount × rate by tier, and what changes the pay of the period. {ROUNDED}",
        parts=tuple(rungs),
        source=Fact("Kept in", statement_title(statement), statement_url(statement)),
        facts=(*facts, *_behind(person, row)),
    )


def _rung_label(rung: Any, unit: str, currency: str) -> str:
    if not rung.rate:
        return rung_text(rung)
    return f"{rung_text(rung)}: {rung.amount:,.2f} {unit} × {rate_text(rung.rate, unit, currency)}"


def _behind(person: Person, row: StatementPart) -> list[Fact]:
    """The plan and the quotas behind a component, as links for those who may open them."""
    makes, rep = bool(can(person, "pay.plans")), row.statement.rep
    plan = reverse("compensation:plan-version", args=[row.version_id]) if makes else ""
    facts = [Fact("Plan", str(row.version), plan)]
    month = row.statement.run.month
    pay_quotas = PlanQuota.objects.filter(
        plan=row.version.plan_id, rep=rep, component__in=["", row.component], first_month__lte=month
    )
    facts += [
        Fact("Quota for pay", f"{one.amount:,.2f} for {one.months} months from {one.first_month:%B %Y}")
        for one in pay_quotas
    ]
    if pay_quotas or not row.quota:
        return facts
    quotas = quotas_visible_to(person).filter(rep=rep, plan__state=QuotaState.APPROVED, months__month=month)
    return facts + [Fact("Quota plan", str(one.plan), address("quota", one.pk)) for one in quotas.distinct()]


@register("pay_line", "line", action=OWN)
def explain_line(person: Person, line: str) -> Explanation:
    """A line: the amount that counted, its rate, the credit behind it, and the deal in its CRM."""
    row = found(lines_visible_to(person).select_related("counted").filter(pk=number(line)).first(), "line")
    currency = row.statement.currency_id
    unit = unit_of(row.part, currency)
    facts = [
        Fact("Component", row.part.name, address("pay_part", row.part_id)),
        Fact("Plan", str(row.part.version)),
        Fact("Month", f"{row.month:%B %Y}"),
        *_of_credit(row),
        *_by_deal(row),
        *_unclaimed(row),
        *_of_deal(person, row.deal),
    ]
    if row.is_delta:
        facts.append(Fact("Why now", why_late(row, closings({row.month}).get(row.month))))
    facts += _to_dispute(person, row)
    return Explanation(
        label=f"{line_name(row)}: {_what(row)}",
        value=row.pay,
        unit=currency,
        kind="money",
        formula=_formula(row, unit, currency),
        parts=_counted(person, row, unit),
        source=Fact("Kept in", statement_title(row.statement), statement_url(row.statement_id)),
        facts=tuple(facts),
    )


def _to_dispute(person: Person, row: PayLine) -> list[Fact]:
    """Where the person disputes the line: of the own statement, once the month is approved."""
    if not can(person, DISPUTE) or not own_lines(person).filter(pk=row.pk).exists():
        return []
    return [Fact("Is it wrong?", "Dispute this line", f"{reverse('compensation:dispute-add')}?line={row.pk}")]


def _what(row: PayLine) -> str:
    kind = LineKind(row.kind).label
    return f"{kind.lower()}, tier {row.tier}" if row.tier else str(kind).lower()


def _formula(row: PayLine, unit: str, currency: str) -> str:
    if not row.rate:
        return ROUNDED
    return f"{row.amount:,.2f} {unit} × {rate_text(row.rate, unit, currency)}. {ROUNDED}"


def _counted(person: Person, row: PayLine, unit: str) -> tuple[Explanation, ...]:
    """The amount that the tier took, and the whole credit."""
    if row.credit is None:
        return (Explanation("Counted", row.amount, unit, "money"),) if row.amount else ()
    asked = address("credit", row.credit_id) if _explained(person) else ""
    whole = Explanation("Of the credit", row.credit.amount, base_currency(), "money", asked=asked)
    return (Explanation("Counted in this tier", row.amount, unit, "money"), whole)


def _explained(person: Person) -> bool:
    """Whether the person may ask where a credit comes from."""
    return "credit" in kinds() and bool(can(person, kinds()["credit"].action))


def _of_credit(row: PayLine) -> list[Fact]:
    credit = row.credit
    if credit is None:
        return []
    share = Decimal(credit.percent).normalize()
    facts = [
        Fact("Credit", f"{credit.get_kind_display()}, {share:f} % of {credit.deal_amount:,.2f}"),
        Fact("Day", f"{credit.day:%Y-%m-%d}"),
        Fact("Counts as", credit.get_basis_display()),
    ]
    if credit.rule_id:
        facts.append(Fact("Rule of credit", str(credit.rule)))
    return facts


def _unclaimed(row: PayLine) -> list[Fact]:
    """Why a version that is not in force takes a deal back."""
    if row.kind != LineKind.TAKEN_BACK or row.is_delta or row.month in (row.part.version.days or ()):
        return []
    text = (
        "No version of the plan pays in this month in this currency: what the deal was paid is taken back by "
        "the version that paid it."
    )
    return [Fact("Why this version", text)]


def _by_deal(row: PayLine) -> list[Fact]:
    """Of a line about a whole period: where the credits that made it stand."""
    if row.counted is None:
        return []
    text = f"{len(row.counted.credits)} credits, each with its proportional share"
    return [Fact("Pay by deal", text, line_credits_url(row))]


def _of_deal(person: Person, deal: Deal | None) -> list[Fact]:
    """The deal, and under which name its CRM knows it."""
    if deal is None:
        return []
    url = reverse("crm:deal", args=[deal.pk]) if deal.pk in seen_deals(person, [deal.pk]) else ""
    return [Fact("Deal", str(deal), url), Fact("Known from", f"{deal.source}: {deal.external_id}")]


@register("held_pay", "held", action=OWN)
def explain_held(person: Person, held: str) -> Explanation:
    """Pay that waits: what the deal's lines and shares pay; let go: what waited, by month."""
    row = found(held_visible_to(person).filter(pk=number(held)).first(), "held pay")
    hold, unit = row.hold, row.statement.currency_id
    reasons = [Fact("Held because", hold.reason)]
    reasons += [Fact("Released because", hold.release_reason)] if hold.release_reason else []
    return Explanation(
        label=f"{'Held' if row.amount > 0 else 'Released'}: {row.deal or 'all pay'}",
        value=row.amount,
        unit=unit,
        kind="money",
        formula=_hold_formula(row),
        parts=_let_go(row) if _is_over(row) else _waits(row),
        source=Fact("Kept in", statement_title(row.statement), statement_url(row.statement_id)),
        facts=(*reasons, *_of_deal(person, row.deal)),
    )


def _is_over(row: HeldPay) -> bool:
    """Whether the hold was released by the end of the statement's month."""
    released = row.hold.released
    return released is not None and released < add_months(row.statement.run.month, 1)


def _hold_formula(row: HeldPay) -> str:
    if _is_over(row):
        return "What waited of closed months, all of it."
    percent = f"{Decimal(row.hold.percent).normalize():f} %"
    limit = "Earlier holds come first, and no more is held than would be paid."
    if row.hold.deal_id is None:
        return f"{percent} of the pay. {limit}"
    if row.amount < 0:
        return f"{percent} of what the deal loses is taken from what of it waits, and from no more than that."
    return f"{percent} of what the deal's own lines pay, and of its shares of pay for whole periods. {limit}"


def _waits(row: HeldPay) -> tuple[Explanation, ...]:
    unit = row.statement.currency_id
    return tuple(
        Explanation(
            f"{line.part.name}, {_what(line)}, {line.month:%B %Y}"
            + ("" if line.credit_id else ": its share"),
            pay,
            unit,
            "money",
            asked=address("pay_line", line.pk),
        )
        for line, pay in pay_of_held_deal(row)
    )


def _let_go(row: HeldPay) -> tuple[Explanation, ...]:
    unit = row.statement.currency_id
    return tuple(
        Explanation(
            f"{one.statement.run.month:%B %Y}", one.amount, unit, "money", asked=address("held_pay", one.pk)
        )
        for one in waited_before(row)
    )


@register("credit", "credit", action=OWN)
def explain_credit(person: Person, credit: str) -> Explanation:
    """A credit: the deal's worth, the share, and what led to it."""
    row = found(all_credits_visible_to(person).filter(pk=number(credit)).first(), "credit")
    unit = base_currency()
    whole = Explanation(row.label, row.deal_amount, unit, "money")
    facts = [Fact(one.label, one.text, one.url) for one in reasons_of_credit(person, row)]
    if row.currency != unit:
        facts.append(Fact("In its own money", f"{row.own_amount:,.2f} {row.currency} at {row.rate:f}"))
    if row.deal is not None and sees_deal(person, row):
        facts.append(Fact("Deal", str(row.deal), reverse("crm:deal", args=[row.deal_id])))
    return Explanation(
        label=f"{row.get_kind_display()} credit of {row.rep.name}, {row.day:%d %b %Y}",
        value=row.amount,
        unit=unit,
        kind="money",
        formula=f"{row.percent.normalize():f} % of it, shared so that direct credits add up to it exactly.",
        parts=(whole,),
        source=Fact("Kept in", "Credits", credit_url(row)),
        facts=tuple(facts),
    )
