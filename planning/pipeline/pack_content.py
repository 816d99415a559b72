"""What a pack says: the plan beside budget and last plan, risks, decisions, signatures."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from catalog.selectors import base_currency
from core import company
from core.formats import grouped, show
from planning.models import ApprovalRequest, Cycle, Release, SupplyRun
from planning.selectors import supply
from planning.selectors.approvals import signers_of
from planning.selectors.comparison import Comparison, compare
from planning.selectors.contradictions import contradictions_of

NONE = "–"
MOST = 12


@dataclass(frozen=True)
class PackOf:
    """What a pack is made of: a request for approval, or a release."""

    cycle: Cycle
    run: SupplyRun
    request: ApprovalRequest | None
    release: Release | None

    @property
    def name(self) -> str:
        """The start of its files' names."""
        again = f"-r{self.cycle.issue}" if self.cycle.issue > 1 else ""
        kind = "released" if self.release else "for-approval"
        return f"plan-{self.cycle.month:%Y-%m}{again}-{kind}"

    @property
    def content_hash(self) -> str:
        """The SHA-256 of the numbers that were asked for or released; empty without either."""
        if self.release is not None:
            return self.release.content_hash
        return self.request.content_hash if self.request else ""


def pack_of_request(request: ApprovalRequest) -> PackOf | None:
    """The pack of what is asked to be signed; None without a supply plan."""
    run = supply.run_of(request.cycle)
    return None if run is None else PackOf(request.cycle, run, request, None)


def pack_of_release(release: Release) -> PackOf:
    """The pack of a released plan, with the request that was signed."""
    request = release.cycle.approval_requests.first()
    return PackOf(release.cycle, release.run, request, release)


def summary_of(pack: PackOf) -> dict[str, Any]:
    """Everything on the paper, as text that is ready to be set."""
    cycle = pack.cycle
    comparison = compare(cycle, None, pack.run)
    if comparison is None:
        raise ValueError("A pack needs a supply plan.")
    return {
        "company": company.value("company_name"),
        "currency": base_currency(),
        "month": f"{cycle.month:%B %Y}",
        "horizon": _span(comparison.months),
        "status": _status(pack),
        "made": show(timezone.now(), "time")[0],
        "scenario": pack.run.scenario.name,
        "figures": _figures(comparison),
        "months": _months(comparison),
        "families": _families(comparison),
        "compared": _span(_compared(comparison)),
        "contradictions": _contradictions(cycle, comparison),
        "questions": _questions(cycle),
        "decisions": _decisions(cycle),
        "risks": _risks(cycle),
        "assumptions": [row.text for row in cycle.assumptions.all()],
        "signatures": _signatures(pack),
        "hash": pack.content_hash,
    }


def _status(pack: PackOf) -> str:
    if pack.release is not None:
        return f"Released on {show(pack.release.released, 'date')[0]}"
    return f"For approval, request {pack.request.number}" if pack.request else "Draft"


def _figures(comparison: Comparison) -> list[dict[str, str]]:
    """Revenue, units and margin of the plan, and revenue against budget, on like months."""
    figures = [
        {
            "label": name,
            "value": _short(comparison.total("plan", measure)),
            "note": _against(comparison, measure),
        }
        for name, measure in (("Revenue", "revenue"), ("Units", "units"), ("Margin", "margin"))
    ]
    asked, planned = (comparison.total(source, "units") for source in ("demand", "plan"))
    share = planned / asked if asked and planned is not None else None
    return [
        *figures,
        {"label": "Demand supplied", "value": _percent(share), "note": "of the units asked for"},
    ]


def _against(comparison: Comparison, measure: str) -> str:
    parts = []
    for source, word in (("budget", "budget"), ("last", "last plan")):
        months = comparison.months_of(source)
        here, there = comparison.total("plan", measure, months), comparison.total(source, measure, months)
        if here is not None and there:
            parts.append(f"{_percent(here / there - 1, sign=True)} on {word}")
    return ", ".join(parts) or "no budget or earlier plan to compare with"


def _months(comparison: Comparison) -> list[dict[str, Any]]:
    table = comparison.by("month", "revenue").reindex(comparison.months)
    return [
        {"label": _month(month), **{name: _thousands(row[name]) for name in table.columns}}
        for month, row in table.iterrows()
    ]


def _families(comparison: Comparison) -> list[dict[str, str]]:
    months = _compared(comparison)
    revenue, margin = (comparison.by("family", measure, months) for measure in ("revenue", "margin"))
    return [
        {
            "name": comparison.families[key].name,
            **{name: _money(row[name]) for name in revenue.columns},
            "margin": _money(margin.loc[key, "plan"]),
            "on_budget": _change(row),
        }
        for key, row in revenue.sort_values("plan", ascending=False).iterrows()
    ]


def _compared(comparison: Comparison) -> list[dt.date]:
    """Like beside like: the months that the budget covers, or all where there is none."""
    return comparison.budgeted or comparison.months


def _change(row: Any) -> str:
    if row["budget"] != row["budget"] or not row["budget"]:
        return NONE
    return _percent(row["plan"] / row["budget"] - 1, sign=True)


def _contradictions(cycle: Cycle, comparison: Comparison) -> list[dict[str, str]]:
    return [
        {
            "title": row.title,
            "decided": row.decision.decided or "For the executives" if row.decision else "Not decided",
            "reason": row.decision.reason if row.decision else "",
        }
        for row in contradictions_of(cycle, comparison)
    ]


def _questions(cycle: Cycle) -> list[dict[str, Any]]:
    rows = cycle.decisions.filter(asks_executives=True).order_by("-money")
    return [
        {
            "title": row.title,
            "text": row.text,
            "options": list(row.options),
            "decided": row.decided,
            "reason": row.reason,
        }
        for row in rows
    ]


def _decisions(cycle: Cycle) -> list[dict[str, str]]:
    rows = cycle.decisions.filter(gap="", asks_executives=False).exclude(decided="")
    return [{"title": row.title, "decided": row.decided, "reason": row.reason} for row in rows]


def _risks(cycle: Cycle) -> list[dict[str, str]]:
    return [
        {
            "leaning": row.get_leaning_display(),
            "title": row.title,
            "money": _money(float(row.money)),
            "chance": _percent(float(row.probability)),
            "owner": row.owner.name,
        }
        for row in cycle.risks_and_opportunities.filter(is_open=True).select_related("owner")[:MOST]
    ]


def _signatures(pack: PackOf) -> list[dict[str, str]]:
    signers: Iterable = signers_of(pack.request) if pack.request else ()
    return [
        {
            "name": signer.person.name,
            "title": signer.person.job_title or signer.person.role_labels,
            "state": signer.state,
            "when": show(signer.approval.signed, "time")[0] if signer.approval else "",
            "text": signer.approval.text if signer.approval else "",
        }
        for signer in signers
    ]


def _span(months: list[dt.date]) -> str:
    return f"{_month(months[0])} – {_month(months[-1])}"


def _month(month: Any) -> str:
    return f"{month:%b %y}"


def _money(value: float | None) -> str:
    return NONE if value is None or value != value else grouped(value, 0)


def _thousands(value: float) -> float | None:
    return None if value != value else round(value / 1000, 1)


def _short(value: float | None) -> str:
    """Millions and thousands, as on a cover."""
    if value is None:
        return NONE
    for size, word in ((1e6, "M"), (1e3, "k")):
        if abs(value) >= size * 10 or (word == "M" and abs(value) >= size):
            return f"{grouped(value / size, 2 if word == 'M' else 0)} {word}"
    return grouped(value, 0)


def _percent(share: float | None, *, sign: bool = False) -> str:
    if share is None:
        return NONE
    text = grouped(share * 100, 1)
    return f"{'+' if sign and share > 0 else ''}{text} %"
