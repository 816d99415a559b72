"""Plans and deals as texts → what comes out, through the same files as the command."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from compensation.engine.calculation import Calculation, calculate
from compensation.engine.plan_reading import plan_from
from compensation.engine.statements import Statement, rounded_lines, statements
from compensation.pipeline.book_files import Loaded, Paths, read_book


@dataclass(frozen=True)
class Worked:
    """A calculation with its people and months by name."""

    calculation: Calculation
    loaded: Loaded

    @property
    def sheets(self) -> list[Statement]:
        return statements(self.calculation, self.loaded.through)

    def by_deal(self, component: str = "") -> dict[str, Decimal]:
        """Pay by deal, rounded as the lines are."""
        lines, credits = self.calculation.lines, self.loaded.book.credits
        units, unit = rounded_lines(self.calculation)
        found: dict[str, Decimal] = {}
        for place in range(len(lines)):
            code = self.calculation.plan.components[lines.component[place]].code
            if lines.credit[place] < 0 or (component and code != component):
                continue
            deal = credits.deals[credits.deal[lines.credit[place]]]
            found[deal] = found.get(deal, Decimal(0)) + Decimal(int(units[place])) / unit
        return found

    def by_tier(self) -> list[Decimal]:
        """Pay by tier, in the order of the tiers."""
        units, unit = rounded_lines(self.calculation)
        tiers = self.calculation.lines.tier
        return [Decimal(int(units[tiers == tier].sum())) / unit for tier in sorted(set(tiers.tolist()))]

    def pay(self, person: str = "") -> list[Decimal]:
        """What is paid by month, of one person or in all order of people."""
        names = self.loaded.book.people.ids
        return [sheet.pay for sheet in self.sheets if not person or names[sheet.person] == person]

    def earned(self, person: str = "") -> Decimal:
        names = self.loaded.book.people.ids
        chosen = [sheet for sheet in self.sheets if not person or names[sheet.person] == person]
        return sum((sheet.earned for sheet in chosen), Decimal(0))

    def quota(self, component: str, person: int = 0) -> Decimal:
        """The sum of a year's months, in units."""
        return Decimal(int(self.loaded.book.quotas[component][person].sum())) / 10_000


def worked(folder: Path, plan: str | dict[str, Any], deals: str | Sequence[str], **files: str) -> Worked:
    """plan: YAML, or what it says. deals, people, quotas, scores: CSV with its head, lines stripped."""
    said = yaml.safe_load(plan) if isinstance(plan, str) else plan
    texts = {"deals": deals if isinstance(deals, str) else "\n".join(deals), **files}
    paths = {name: _written(folder / f"{name}.csv", text) for name, text in texts.items() if name != "until"}
    until = dt.date.fromisoformat(files["until"]) if "until" in files else None
    loaded = read_book(plan_from(said), Paths(**paths), until)
    return Worked(calculate(plan_from(said), loaded.book, loaded.through), loaded)


def _written(path: Path, text: str) -> Path:
    path.write_text("\n".join(line.strip() for line in text.strip().splitlines()) + "\n", encoding="utf-8")
    return path


def component(form: str, code: str = "pay", **said: Any) -> dict[str, Any]:
    return {"code": code, "form": form, **said}


def plan(*components: dict[str, Any], **said: Any) -> dict[str, Any]:
    return {"plan": "Test", "currency": "USD", "components": list(components), **said}


def tiers(*pairs: tuple[Any, Any]) -> list[dict[str, Any]]:
    return [{"from": start, "rate": rate} for start, rate in pairs]


def sales(*amounts: Any, person: str = "Ann", month: int = 0) -> str:
    """A deal for each amount: in January day after day, or one a month from `month` on."""
    days = [
        f"2026-{month + place:02d}-01" if month else f"2026-01-{place + 1:02d}"
        for place in range(len(amounts))
    ]
    rows = [f"d{place + 1},{days[place]},{person},{amount}" for place, amount in enumerate(amounts)]
    return "\n".join(["deal,day,person,amount", *rows])
