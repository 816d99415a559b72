"""How runs and adjustments are told: tones, figures, columns that several pages share."""

from decimal import Decimal
from typing import Any

from django.urls import reverse

from compensation.models import PayRun
from compensation.selectors.statements import statement_url
from core.formats import show
from core.listing import Column

TONES = {
    "calculating": "info",
    "failed": "bad",
    "preview": "quiet",
    "calculated": "info",
    "reviewed": "info",
    "approved": "warn",
    "locked": "good",
    "paid": "good",
    "discarded": "quiet",
}
ADJUSTMENT_TONES = {
    "proposed": "warn",
    "approved": "info",
    "paid": "good",
    "rejected": "bad",
    "withdrawn": "quiet",
}
DONE = {
    "take": "{} is the month’s calculation.",
    "review": "{} is reviewed; those who approve are told.",
    "approve": "{} is approved.",
    "send_back": "{} is sent back. Mend what is wrong and calculate again.",
    "discard": "{} is thrown away.",
    "lock": "{} is locked; the reps are told that their statements are ready.",
    "pay": "{} is marked as paid.",
}
AMOUNTS = [
    Column("earned", "Earned", kind="money", order="earned"),
    Column("deltas", "Late changes", kind="money", order="deltas", help="Of closed months."),
    Column("adjustments", "Adjustments", kind="money", order="adjustments"),
    Column("advanced", "Advanced", kind="money", order="advanced", help="By a draw."),
    Column("kept_back", "Kept back", kind="money", order="kept_back", help="Of earlier advances."),
    Column("released", "Released", kind="money", order="released", help="Held before, paid now."),
    Column("held", "Held", kind="money", order="held", help="Calculated, but not paid yet."),
    Column("pay", "Pay", kind="money", order="pay"),
]
WHY = {
    "no_plan": "No plan",
    "no_quota": "No quota",
    "no_margin": "No margin",
    "not_counted": "Earns nothing",
    "jump": "Big change",
}


def tone_of(run: PayRun) -> str:
    return TONES[run.state]


def totals(run: PayRun | None) -> dict[str, dict[str, Decimal]]:
    """The sums of a run by currency; empty for one without statements."""
    found = run.totals.get("currencies", {}) if run else {}
    return {
        code: {name: Decimal(str(amount)) for name, amount in sums.items()} for code, sums in found.items()
    }


def pay_words(run: PayRun | None) -> str:
    """What a run pays, in every currency: 12 345.60 EUR."""
    return "; ".join(f"{show(sums['pay'], 'money')[0]} {code}" for code, sums in totals(run).items())


def figures_of(run: PayRun, before: PayRun | None) -> list[dict[str, Any]]:
    """Pay, what it is made of, and the change against the month before, for each currency."""
    found: list[dict[str, Any]] = []
    was = totals(before)
    for code, sums in totals(run).items():
        found.append(_pay_figure(code, sums["pay"], was.get(code, {}).get("pay"), before))
        for name, label in (("earned", "Earned"), ("deltas", "Late changes"), ("held", "Held")):
            if sums[name] or name == "earned":
                found.append({"label": label, "value": show(sums[name], "money")[0], "unit": code})
    return [
        *found,
        {
            "label": "Statements",
            "value": show(run.statements_count, "number")[0],
            "url": reverse("compensation:run-statements", args=[run.pk]),
        },
    ]


def _pay_figure(code: str, now: Decimal, was: Decimal | None, before: PayRun | None) -> dict[str, Any]:
    figure = {"label": "Pay", "value": show(now, "money")[0], "unit": code}
    if was is None or before is None:
        return figure
    sign = "+" if now >= was else ""
    base = f"against {before.month:%B}"
    return figure | {"change": f"{sign}{show(now - was, 'money')[0]}", "change_base": base}


def statement_link(row: Any) -> str:
    """The statement of a row that has one."""
    return statement_url(row.statement) if row.statement else ""
