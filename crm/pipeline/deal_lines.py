"""Lines of deals as CRMs tell of them one by one. A line stands here once its deal and amount are known:
lines may be told before their deal."""

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation

from django.db.models import Exists, Max, OuterRef
from django.db.models.fields.json import KT

from crm.engine.webhooks.events import Event
from crm.engine.webhooks.records import RecordState
from crm.models import Deal, DealLine, OutsideRecord
from crm.pipeline.names import Names
from crm.pipeline.outside import PRODUCT, Shape, fold_events, is_gone, names_of, told
from crm.pipeline.settling import Settled

MOST = Decimal(10) ** 14
EXACT = Decimal("0.0001")
TEXT_LENGTH = 250
ENTITY = "line"
WAITING = 1_000  # lines that are tied to their deals at once


def _number(name: str, text: str) -> str:
    if not text:
        return ""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return f"{name} is {text[:40]!r}, which is not a number."
    fits = number.is_finite() and abs(number) < MOST
    return "" if fits else f"{name} is {text[:40]!r}, which is out of any sensible range."


SHAPE = Shape(
    ENTITY,
    {
        **dict.fromkeys(("deal", "dealid", "opportunity", "opportunityid"), "deal"),
        **dict.fromkeys(("product", "productid", "hsproductid", "productcode", "hssku"), "product"),
        **dict.fromkeys(("name", "text", "description"), "text"),
        **dict.fromkeys(("quantity",), "quantity"),
        **dict.fromkeys(("price", "unitprice"), "price"),
        **dict.fromkeys(("amount", "totalprice", "sum"), "amount"),
    },
    references={"product": PRODUCT},
    checks={name: lambda text, name=name: _number(name, text) for name in ("quantity", "price", "amount")},  # type: ignore[misc]
)


def apply_line_events(source: str, events: Sequence[Event]) -> list[Settled]:
    """Apply events of one CRM to the lines of its deals, and say of each what became of it, in their order.

    Runs inside the caller's transaction.
    """
    folded = fold_events(source, SHAPE, events)
    products = names_of(source, SHAPE, [told(state) for state in folded.states.values()])
    _write(source, folded.records, folded.states, products)
    folded.store()
    return folded.settled


def link_lines() -> int:
    """Make the lines whose deals were told of after them. Says how many stand now."""
    deals = Deal.objects.filter(source=OuterRef("source"), external_id=OuterRef("deal_id_there"))
    told_enough = OutsideRecord.objects.filter(written__has_any_keys=["amount", "price"])
    named = told_enough.annotate(deal_id_there=KT("written__deal__0"))
    waiting = named.filter(Exists(deals), entity=ENTITY, line=None)
    made = 0
    for source in set(waiting.values_list("source", flat=True)):
        rows = waiting.filter(source=source).order_by("external_id").select_for_update(of=("self",))
        records = {row.external_id: row for row in rows[:WAITING]}
        states = {key: RecordState.of_json(row.written) for key, row in records.items()}
        products = names_of(source, SHAPE, [told(state) for state in states.values()])
        _write(source, records, states, products)
        OutsideRecord.objects.bulk_update(records.values(), ["line"])
        made += sum(row.line is not None for row in records.values())
    return made


def _write(
    source: str, records: Mapping[str, OutsideRecord], states: Mapping[str, RecordState], products: Names
) -> None:
    wanted = {state.value("deal") for state in states.values()} - {""}
    found = Deal.objects.filter(source=source, external_id__in=wanted).annotate(last=Max("lines__position"))
    deals = {deal.external_id: deal for deal in found}
    for key, state in sorted(states.items()):
        record, deal = records[key], deals.get(state.value("deal"))
        if is_gone(state) or deal is None or (amount := _amount(told(state))) is None:
            _remove(record)
            continue
        line = record.line
        if line is None or line.deal_id != deal.pk:
            _remove(record)
            deal.last = (deal.last or 0) + 1
            line = DealLine(deal=deal, position=deal.last)
        _fill(line, told(state), amount, products)
        line.save()
        record.line = line


def _remove(record: OutsideRecord) -> None:
    if (line := record.line) is not None:
        record.line = None
        line.delete()


def _amount(values: dict[str, str]) -> Decimal | None:
    """The amount of the whole line; else price times quantity; None where neither is told."""
    if values.get("amount"):
        return Decimal(values["amount"]).quantize(EXACT)
    if not values.get("price"):
        return None
    return (Decimal(values["price"]) * _quantity(values)).quantize(EXACT)


def _quantity(values: dict[str, str]) -> Decimal:
    return Decimal(values.get("quantity") or 1)


def _fill(line: DealLine, values: dict[str, str], amount: Decimal, products: Names) -> None:
    line.product = products.find(PRODUCT, values.get("product", ""))
    line.text = values.get("text", "")[:TEXT_LENGTH]
    line.quantity, line.amount = _quantity(values).quantize(EXACT), amount
    line.revision = line.revision + 1 if line.pk else 1
