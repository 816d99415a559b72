"""What a file brought against what the source system says it should have brought."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from core import company
from gathering.models import ImportRun, SourceMonth

MONEY_TOTALS = ("revenue", "cost")


@dataclass(frozen=True)
class Comparison:
    """One control total: what it is of, its field, what was wanted and what came."""

    what: str
    field: str
    kind: str
    wanted: Decimal | None
    actual: Decimal
    agrees: bool


def brought_by(run: ImportRun | None) -> dict[str, Decimal]:
    """The rows, quantity and money that an import added or found unchanged; nothing rejected or held."""
    if run is None:
        return {"rows": Decimal(0), "quantity": Decimal(0), "money": Decimal(0)}
    totals = run.preview.get("totals", {})
    money: dict[str, Any] = next((totals[name] for name in MONEY_TOTALS if name in totals), {})
    return {
        "rows": Decimal(run.rows_good),
        "quantity": _number(totals.get("quantity", {}).get("accepted")),
        "money": _number(money.get("accepted")),
    }


def comparisons(row: SourceMonth) -> list[Comparison]:
    """The three control totals of a month against its file."""
    brought = brought_by(row.run)
    share = company.value("control_total_percent") / 100
    return [
        _compare("rows", "control_rows", "quantity", row.control_rows, brought["rows"], Decimal(0)),
        _compare(
            "quantity", "control_quantity", "quantity", row.control_quantity, brought["quantity"], share
        ),
        _compare("money", "control_money", "money", row.control_money, brought["money"], share),
    ]


def differences(row: SourceMonth) -> list[Comparison]:
    """The control totals that were typed and do not agree."""
    return [one for one in comparisons(row) if one.wanted is not None and not one.agrees]


def _compare(
    what: str, field: str, kind: str, wanted: Decimal | int | None, actual: Decimal, share: Decimal
) -> Comparison:
    target = None if wanted is None else Decimal(wanted)
    agrees = target is not None and abs(actual - target) <= abs(target) * share
    return Comparison(what, field, kind, target, actual, agrees)


def _number(value: Any) -> Decimal:
    return Decimal(str(value)) if value is not None else Decimal(0)
