"""Numbers, lists and measures as people read them in sentences."""

from collections.abc import Sequence
from decimal import Decimal

from compensation.engine.plan import Component, Condition, Measure, Period, Whose

THIN = "\u202f"
PIECES = {"count": ("deal", "deals"), "units": ("unit", "units"), "quantity": ("unit", "units")}
MEASURES = {
    "amount": "bookings",
    "bookings": "bookings",
    "sales": "sales",
    "invoiced": "invoiced sales",
    "cash": "cash received",
    "margin": "margin",
    "count": "number of deals",
    "units": "units",
    "quantity": "units",
}
EACH = {
    Period.DEAL: "each deal",
    Period.MONTH: "each month",
    Period.QUARTER: "each quarter",
    Period.HALF: "each half-year",
    Period.YEAR: "each year",
}
THE = {
    Period.DEAL: "the deal",
    Period.MONTH: "the month",
    Period.QUARTER: "the quarter",
    Period.HALF: "the half-year",
    Period.YEAR: "the year",
}
SHOWN_PLACES = 8


def plain(number: Decimal) -> str:
    """12 345.5, with every digit that counts (at most eight places)."""
    text = f"{round(number, SHOWN_PLACES):,f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text.replace(",", THIN).replace("-", "\u2212")


def percent(share: Decimal) -> str:
    """0.085 → 8.5 %."""
    return f"{plain(share * 100)}{THIN}%"


def money(amount: Decimal, currency: str) -> str:
    """1 200.50 EUR; without decimals where there are none."""
    digits = f"{amount:,.2f}" if amount != amount.to_integral_value() else f"{amount:,.0f}"
    return f"{digits} {currency}".strip().replace(",", THIN).replace("-", "\u2212")


def is_share(measure: Measure) -> bool:
    """Whether a ratio is a share: of money in money, or of a column that nobody here knows. Money or units
    for each piece are none."""
    return bool(measure.per) and (measure.per not in PIECES or measure.of not in MEASURES)


def level(measure: Measure, number: Decimal, currency: str) -> str:
    """What is reached, a share of the quota or a ratio: 90 %; 25 000 EUR a deal; 2.5 units a deal."""
    if not measure.per or is_share(measure):
        return percent(number)
    what = f"{plain(number)} {PIECES[measure.of][1]}" if measure.of in PIECES else money(number, currency)
    return f"{what} a {PIECES[measure.per][0]}"


def rate(component: Component, number: Decimal, currency: str) -> str:
    """A rate on the measure: a share of money, or money by piece."""
    if component.measure.of not in PIECES:
        return percent(number)
    return f"{money(number, currency)} a {PIECES[component.measure.of][0]}"


def size(component: Component, number: Decimal, currency: str) -> str:
    """An amount of the measure: money, or pieces, or the ratio."""
    if component.measure.per:
        return level(component.measure, number, currency)
    if component.measure.of not in PIECES:
        return money(number, currency)
    one, many = PIECES[component.measure.of]
    return f"{plain(number)} {one if number == 1 else many}"


def listed(words: Sequence[str], last: str = "and") -> str:
    """a, b and c."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def measured(measure: Measure) -> str:
    """your bookings, counting only type new or renewal."""
    what = _what(measure)
    by = {
        Whose.OWN: f"your {what}",
        Whose.REPORTS: f"the {what} of those who report to you",
        Whose.BELOW: f"the {what} of everybody below you",
        Whose.TEAM: f"the {what} of your team, yours included",
        Whose.COMPANY: f"the {what} of the whole company",
    }
    only = [conditions(one) for one in measure.where]
    only += [f"credit as {listed(measure.roles, 'or')}"] if measure.roles else []
    return f"{by[measure.whose]}, counting only {listed(only)}" if only else by[measure.whose]


def _what(measure: Measure) -> str:
    """bookings; margin as a share of bookings; bookings a deal."""
    what = MEASURES.get(measure.of, measure.of.replace("_", " "))
    if not measure.per:
        return what
    what = column_words(measure, measure.of)
    if not is_share(measure):
        return f"{what} a {PIECES[measure.per][0]}"
    return f"{what} as a share of {column_words(measure, measure.per)}"


def column_words(measure: Measure, column: str) -> str:
    """A column of a ratio in words; amounts by their basis where it names just one."""
    bases = next((one.values for one in measure.where if one.column == "basis"), ())
    of = bases[0] if column == "amount" and len(bases) == 1 else column
    return MEASURES.get(of, of.replace("_", " "))


def conditions(condition: Condition) -> str:
    """type new or renewal."""
    values = listed(condition.values, "or") or "none"
    return f"{condition.column.replace('_', ' ')} {values}"


def sentence(text: str) -> str:
    """With a capital and a full stop."""
    return f"{text[:1].upper()}{text[1:]}" if text.endswith((".", "?")) else f"{text[:1].upper()}{text[1:]}."


def name_of(components: Sequence[Component], code: str) -> str:
    """The name of a component in quotation marks."""
    return f"“{next((one.name for one in components if one.code == code), code)}”"
