"""What a study says in tables and figures."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from compensation.selectors.addresses import pay_of_rep_path
from core.formats import EMPTY, grouped, short
from core.listing import Column, Empty
from core.pages import Section, table_section

NOBODY = Empty("Nobody is paid", "Nobody was on the plan in these months.")
BASES = {"bookings": "won deals", "invoiced": "invoices", "cash": "paid invoices", "sales": "sales lines"}


@dataclass(frozen=True)
class Person:
    """A row of winners and losers. Money in the plan's currency."""

    rep: int
    name: str
    before: Decimal | None
    after: Decimal
    target: Decimal
    fixed: Decimal | None
    attained: float | None
    below: bool
    capped: bool

    @property
    def change(self) -> Decimal | None:
        return None if self.before is None else self.after - self.before

    @property
    def change_share(self) -> Decimal | None:
        return self.change / self.before if self.change is not None and self.before else None

    @property
    def of_target(self) -> Decimal | None:
        return self.after / self.target if self.target else None


@dataclass(frozen=True)
class Line:
    """A figure of the plan and of the one beside it, as text."""

    label: str
    plan: str
    base: str
    change: str = ""


def people_of(results: dict[str, Any], names: dict[int, str]) -> list[Person]:
    """Those whose pay the reader may see, the largest gain first; without a base by pay."""
    rows = [_person(row, names[row["rep"]]) for row in results["people"] if row["rep"] in names]
    return sorted(rows, key=lambda one: (-(one.after if one.change is None else one.change), one.name))


def _person(row: dict[str, Any], name: str) -> Person:
    return Person(
        rep=row["rep"],
        name=name,
        before=_decimal(row["before"]),
        after=Decimal(row["after"]),
        target=Decimal(row["target"]),
        fixed=_decimal(row["fixed"]),
        attained=row["attained"],
        below=row["below"],
        capped=row["capped"],
    )


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def share(value: Any, places: int = 1) -> str:
    """A share as a percentage."""
    return EMPTY if value is None else f"{grouped(float(value) * 100, places)} %"


def money(value: Any, places: int = 0) -> str:
    return EMPTY if value is None else grouped(Decimal(str(value)), places)


def signed(value: Decimal | None, places: int = 0) -> str:
    """With its sign: +1 200, −300."""
    if value is None:
        return EMPTY
    return f"+{grouped(value, places)}" if value > 0 else grouped(value, places)


def people_columns(currency: str, compared: bool) -> list[Column]:
    """Of the table and the CSV."""
    change = [
        Column("before", "Before", "before", "money", currency),
        Column("change", "Change", "change", "money", currency),
        Column("change_share", "Change of pay", "change_share", "percent"),
    ]
    return [
        Column("name", "Rep", "name", link=lambda row: pay_of_rep_path(row.rep)),
        Column("attained", "Attained", "attained", "percent"),
        *(change[:1] if compared else []),
        Column("after", "Pay" if not compared else "After", "after", "money", currency),
        *(change[1:] if compared else []),
        Column("of_target", "Of target pay", "of_target", "percent"),
        Column("fixed", "Fixed pay", "fixed", "money", currency),
        Column("target", "Target pay", "target", "money", currency),
        Column("below", "Below a threshold", "below", "bool"),
        Column("capped", "At a cap", "capped", "bool"),
    ]


def people_section(results: dict[str, Any], people: list[Person]) -> Section:
    compared = "base" in results["sides"]
    title = "Winners and losers" if compared else "Pay by person"
    note = "The largest gain first." if compared else "The highest pay first."
    columns = people_columns(results["currency"], compared)
    return table_section(title, people, columns, empty=NOBODY, note=note)


def turned(people: list[Person]) -> tuple[int, int, int]:
    """How many gain, lose, stay."""
    changes = [one.change or Decimal(0) for one in people]
    up, down = sum(one > 0 for one in changes), sum(one < 0 for one in changes)
    return up, down, len(changes) - up - down


def key_figures(results: dict[str, Any], people: list[Person]) -> list[dict[str, Any]]:
    plan, base = results["sides"]["plan"], results["sides"].get("base")
    cost = Decimal(plan["total"])
    found = [
        {
            "label": "Cost of the year",
            "value": short(cost),
            "unit": results["currency"],
            "title": money(cost, 2),
            "change": signed(cost - Decimal(base["total"])) if base else "",
            "change_base": "against the other plan" if base else "",
        },
        _ratio(results, cost),
    ]
    if base:
        up, down, same = turned(people)
        found.append(
            {"label": "Win and lose", "value": f"{up} up, {down} down", "change": f"{same} the same"}
        )
    return [*found, _risk(results, plan["chance"])]


def _ratio(results: dict[str, Any], cost: Decimal) -> dict[str, Any]:
    basis = next((one for one in BASES if Decimal(results["sold"].get(one, "0")) > 0), None)
    sold = Decimal(results["sold"][basis]) if basis else None
    return {
        "label": f"Of {BASES[basis]}" if basis else "Of what was sold",
        "value": share(cost / sold) if sold else EMPTY,
        "change": f"{short(sold)} {results['currency']} sold" if sold else "nothing was sold",
    }


def _risk(results: dict[str, Any], chance: dict[str, Any]) -> dict[str, Any]:
    if "missing" in chance:
        return {"label": "By chance", "value": EMPTY, "change": "no quotas to draw from"}
    if chance["above"] is not None:
        return {
            "label": "Chance to exceed the budget",
            "value": share(chance["above"]),
            "change": f"± {share(2 * chance['doubt'])} of {short(Decimal(results['asked']['budget']))}",
            "tone": "warn" if chance["above"] > 0.1 else "",
        }
    return {
        "label": "Nine years in ten below",
        "value": short(Decimal(chance["p90"])),
        "unit": results["currency"],
        "change": f"mean {short(Decimal(chance['mean']))}",
    }


def side_by_side(results: dict[str, Any], people: list[Person]) -> Section:
    """Every figure of the plan beside the other's."""
    plan, base = results["sides"]["plan"], results["sides"].get("base")
    unit, lines = results["currency"], list[Line]()
    lines.append(_money_line(f"Cost of the year, {unit}", plan["total"], base and base["total"]))
    for basis, words in BASES.items():
        sold = Decimal(results["sold"].get(basis, "0"))
        if sold > 0:
            values = [share(Decimal(side["total"]) / sold) if side else "" for side in (plan, base)]
            lines.append(Line(f"Cost as a share of {words}", *values))
    lines += [_money_line(f"Target pay, {unit}", plan["target"], base and base["target"])]
    lines += [_text_line(label, plan, base, tell) for label, tell in TOLD]
    lines += _pay_mix(results, people)
    return lines_section("Side by side", lines, "Figure", "", bool(base))


def lines_section(
    title: str, lines: list[Line], what: str, unit: str, compared: bool, note: str = ""
) -> Section:
    """A table of figures that are written already, aligned as numbers."""
    heads = ["This plan", *(["Beside it", "Change"] if compared else [])]
    rows = [[one.plan, *([one.base, one.change] if compared else [])] for one in lines]
    table = {
        "caption": title,
        "columns": [{"label": what}, *({"label": head, "unit": unit, "numeric": True} for head in heads)],
        "rows": [
            {"cells": [{"text": line.label}, *({"text": text, "numeric": True} for text in row)]}
            for line, row in zip(lines, rows, strict=True)
        ],
        "empty": NOBODY,
    }
    return Section(title, "parts/table.html", {"table": table}, note)


def _money_line(label: str, plan: str, base: str | None) -> Line:
    change = signed(Decimal(plan) - Decimal(base)) if base else ""
    return Line(label, money(plan), money(base) if base else "", change)


def _of_people(key: str) -> Any:
    def tell(side: dict[str, Any]) -> str:
        part = share(side[key] / side["people"], 0) if side["people"] else EMPTY
        return f"{side[key]} of {side['people']} ({part})"

    return tell


TOLD = (
    ("Pay over target pay", lambda side: share(_over(side["total"], side["target"]))),
    ("Missed a threshold", _of_people("below")),
    ("Cut off by a cap or a budget", _of_people("capped")),
    (
        "Top earner over the median",
        lambda side: EMPTY if side["top_ratio"] is None else f"{grouped(side['top_ratio'], 1)} ×",
    ),
)


def _over(part: str, whole: str) -> Decimal | None:
    return Decimal(part) / Decimal(whole) if Decimal(whole) else None


def _text_line(label: str, plan: dict[str, Any], base: dict[str, Any] | None, tell: Any) -> Line:
    return Line(label, tell(plan), tell(base) if base else "")


def _pay_mix(results: dict[str, Any], people: list[Person]) -> list[Line]:
    """Fixed to variable, of those whose fixed pay is known."""
    known = [one for one in people if one.fixed]
    if not known:
        return []
    fixed = sum((one.fixed or Decimal(0) for one in known), Decimal(0))
    compared = "base" in results["sides"]
    target = _mix(fixed, sum((one.target for one in known), Decimal(0)))
    after = _mix(fixed, sum((one.after for one in known), Decimal(0)))
    before = _mix(fixed, sum((one.before or Decimal(0) for one in known), Decimal(0))) if compared else ""
    some = "" if len(known) == len(people) else f" ({len(known)} people)"
    return [
        Line(f"Fixed : variable, at target{some}", target, ""),
        Line(f"Fixed : variable, as paid{some}", after, before),
    ]


def _mix(fixed: Decimal, variable: Decimal) -> str:
    whole = fixed + variable
    part = round(100 * fixed / whole) if whole else 0
    return f"{part} : {100 - part}"


def parts_section(results: dict[str, Any]) -> Section:
    """Cost by component."""
    sides = results["sides"]
    plan = {one["code"]: one for one in sides["plan"]["parts"]}
    base = {one["code"]: one for one in sides["base"]["parts"]} if "base" in sides else {}
    lines = []
    for code in dict.fromkeys((*plan, *base)):
        name = (plan.get(code) or base[code])["name"]
        costs = [Decimal(side[code]["cost"]) if code in side else Decimal(0) for side in (plan, base)]
        lines.append(
            Line(
                name,
                money(costs[0]),
                money(costs[1]) if base else "",
                signed(costs[0] - costs[1]) if base else "",
            )
        )
    return lines_section("Cost by component", lines, "Component", results["currency"], bool(base))


def chance_section(results: dict[str, Any]) -> Section | None:
    """The distribution of the cost in words, of both plans."""
    sides = {name: side["chance"] for name, side in results["sides"].items()}
    plan, base = sides["plan"], sides.get("base")
    if "missing" in plan:
        return None
    base = None if base is None or "missing" in base else base
    labels = {
        "mean": "Mean",
        "p10": "One year in ten below",
        "p50": "Median",
        "p90": "Nine years in ten below",
    }
    lines = [_money_line(label, plan[key], base[key] if base else None) for key, label in labels.items()]
    if plan["above"] is not None:
        chances = [
            f"{share(side['above'])} ± {share(2 * side['doubt'])}" if side else "" for side in (plan, base)
        ]
        lines.append(Line(f"Chance to exceed {money(results['asked']['budget'])}", *chances))
    errors = [share(side["error"], 2) if side else "" for side in (plan, base)]
    lines.append(Line(f"Pay curves against {plan['checked']} draws in full: largest error", *errors))
    note = "± is twice the standard error of the draws. Quotas, people and the pattern of the year stay."
    return lines_section("What it may cost", lines, "Cost of a year", results["currency"], bool(base), note)
