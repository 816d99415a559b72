"""What a rep may suppose: the own open deals, product by product, and typed amounts."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import QuerySet, TextChoices

from compensation.models import Basis, DealSplit
from core.models import Person
from crm.models import Deal, DealLine, Rep, StageKind
from crm.selectors.deals import live_deals_visible_to

ZERO, WHOLE = Decimal(0), Decimal(100)
PLACES = Decimal("0.0001")


class Reached(TextChoices):
    """How far supposed deals have come in the month."""

    WON = "won", "Won, not invoiced yet"
    INVOICED = "invoiced", "Won and invoiced"
    PAID = "paid", "Won, invoiced and paid"


COUNTS_AS = {
    Reached.WON: (Basis.BOOKINGS,),
    Reached.INVOICED: (Basis.BOOKINGS, Basis.INVOICED, Basis.SALES),
    Reached.PAID: tuple(Basis),
}


@dataclass(frozen=True)
class Supposed:
    """A deal, or a product of one, that might be closed. amount, margin: in base currency. words: columns
    that plans ask about (market, family, product, pipeline, account, industry)."""

    label: str
    amount: Decimal
    units: Decimal = Decimal(1)
    margin: Decimal = ZERO
    words: dict[str, str] = field(default_factory=dict)


def open_deals_of(user: Person, rep: Rep) -> QuerySet[Deal]:
    """The open deals of a rep that the person may see and that have an amount, the next to close first."""
    rows = live_deals_visible_to(user).filter(rep=rep, stage__kind=StageKind.OPEN, base_amount__isnull=False)
    return rows.select_related("account__market", "product__family").order_by("expected_close", "pk")


def supposed_from(rep: Rep, deals: Iterable[Deal], margin: Decimal) -> list[Supposed]:
    """Each product of each deal, with the rep's share of a split deal. margin: a share of the amount."""
    chosen = list(deals)
    lines: dict[int, list[DealLine]] = defaultdict(list)
    for line in DealLine.objects.filter(deal__in=chosen).select_related("product__family"):
        lines[line.deal_id].append(line)
    splits = {(row.deal_id, row.rep_id): row.percent for row in DealSplit.objects.filter(deal__in=chosen)}
    shared = {deal for deal, _ in splits}
    found: list[Supposed] = []
    for deal in chosen:
        percent = splits.get((deal.pk, rep.pk), ZERO) if deal.pk in shared else WHOLE
        found += _products(deal, lines[deal.pk], percent / 100, margin)
    return [one for one in found if one.amount]


def _products(deal: Deal, lines: list[DealLine], share: Decimal, margin: Decimal) -> list[Supposed]:
    whole = (deal.base_amount or ZERO) * share
    total = sum((line.amount for line in lines), ZERO)
    words = _words(deal)
    if not total:
        return [_one(str(deal), whole, Decimal(1), margin, {**words, **_of_product(deal.product)})]
    return [
        _one(
            f"{deal}: {line}",
            whole * line.amount / total,
            line.quantity * share,
            margin,
            {**words, **_of_product(line.product)},
        )
        for line in lines
    ]


def _one(label: str, amount: Decimal, units: Decimal, margin: Decimal, words: dict[str, str]) -> Supposed:
    money = amount.quantize(PLACES)
    return Supposed(label, money, units, (money * margin).quantize(PLACES), words)


def _words(deal: Deal) -> dict[str, str]:
    account = deal.account
    market = account.market if account else None
    return {
        "pipeline": deal.pipeline,
        "account": account.code if account else "",
        "industry": account.industry if account else "",
        "market": market.code if market else "",
    }


def _of_product(product: object) -> dict[str, str]:
    """The words of a product; empty ones without."""
    family = getattr(product, "family", None)
    return {"product": getattr(product, "code", ""), "family": getattr(family, "code", "")}
