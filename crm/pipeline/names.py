"""What a CRM's stages, owners, accounts, products, currencies and markets are here.

A mapping that somebody decided comes first, then the same code, then the same e-mail address, then
the same name where only one has it. Loaded for the values that are asked for, in two queries a kind.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Model, Q

from catalog.models import Currency, Market, Product
from crm.models import Account, DealStage, Rep, StageKind, ValueKind, ValueMapping
from crm.pipeline.settling import Unknown

TABLES: dict[str, tuple[type[Model], tuple[str, ...]]] = {
    ValueKind.STAGE: (DealStage, ("code", "name")),
    ValueKind.OWNER: (Rep, ("code", "email", "name")),
    ValueKind.ACCOUNT: (Account, ("code", "name")),
    ValueKind.PRODUCT: (Product, ("code", "name")),
    ValueKind.CURRENCY: (Currency, ("code",)),
    ValueKind.MARKET: (Market, ("code", "name")),
}
FEW: tuple[type[Model], ...] = (DealStage, Market)  # all of them are read, to compare without capitals
# How CRMs call the end of a deal when nobody mapped it and just one stage is of that kind.
USUAL_ENDS = {
    "won": StageKind.WON,
    "closedwon": StageKind.WON,
    "closed won": StageKind.WON,
    "lost": StageKind.LOST,
    "closedlost": StageKind.LOST,
    "closed lost": StageKind.LOST,
}
Wanted = Mapping[str, set[str]]
OUR_CODES = ""  # whoever writes our own codes, whatever a CRM may mean by them


class NotKnown(LookupError):
    """Nothing here answers to a CRM's value; `unknown` says which."""

    def __init__(self, unknown: Unknown) -> None:
        super().__init__(str(unknown))
        self.unknown = unknown


class Names:
    """Finds rows by what the CRM `source` calls them, among the values that were asked for;
    with OUR_CODES for a source nothing but a code is looked at."""

    def __init__(self, source: str, wanted: Wanted) -> None:
        self._rows = {kind: _rows(source, kind, values) for kind, values in wanted.items() if values}

    def find(self, kind: str, value: str) -> Any:
        """The row; None for an empty or ignored value. Raises NotKnown."""
        if not value:
            return None
        found = self._rows[kind]
        for text in (value, _folded(value)):
            if text in found:
                return found[text]
        raise NotKnown(Unknown(kind, value))


def _folded(value: str) -> str:
    return value.strip().casefold()


def _rows(source: str, kind: str, values: Iterable[str]) -> dict[str, Any]:
    """Value, folded, → row; None where it was decided that the value is ignored."""
    if source == OUR_CODES:
        return _by_code(kind, values)
    wanted = {_folded(value): value.strip() for value in values}
    decided = {_folded(one.value): one for one in _decisions(source, kind)}
    decided = {value: one for value, one in decided.items() if value in wanted}
    codes = {one.target_code for one in decided.values() if not one.is_ignored}
    named = _by_name(kind, {*wanted.values(), *codes})
    rows = {value: named[value] for value in wanted if value in named}
    for value, one in decided.items():
        if one.is_ignored:
            rows[value] = None
        elif _folded(one.target_code) in named:
            rows[value] = named[_folded(one.target_code)]
    return rows


def _by_code(kind: str, codes: Iterable[str]) -> dict[str, Any]:
    found: Iterable[Any] = TABLES[kind][0]._default_manager.filter(code__in=codes)
    return {row.code: row for row in found}


def _decisions(source: str, kind: str) -> Iterable[ValueMapping]:
    return ValueMapping.objects.filter(source=source, kind=kind).only(
        "value", "target_code", "is_ignored", "source", "kind"
    )


def _by_name(kind: str, values: set[str]) -> dict[str, Any]:
    """Every name of the rows found, folded; the earlier column wins, a name that two have is nobody's."""
    model, columns = TABLES[kind]
    rows = list(_candidates(model, columns, values))
    named: dict[str, Any] = {}
    for column in columns:
        _add(named, column, rows)
    return named | _ends(rows) if kind == ValueKind.STAGE else named


def _candidates(model: type[Model], columns: tuple[str, ...], values: set[str]) -> Iterable[Any]:
    if model in FEW:
        return model._default_manager.all()
    either = Q()
    for column in columns:
        either |= Q(**{f"{column}__in": values | {value.lower() for value in values}})
    return model._default_manager.filter(either)


def _add(named: dict[str, Any], column: str, rows: list[Any]) -> None:
    found: dict[str, list[Any]] = {}
    for row in rows:
        if text := _folded(getattr(row, column)):
            found.setdefault(text, []).append(row)
    for text, owners in found.items():
        if len(owners) == 1:
            named.setdefault(text, owners[0])


def _ends(stages: list[DealStage]) -> dict[str, DealStage]:
    ends: dict[str, DealStage] = {}
    for text, kind in USUAL_ENDS.items():
        of_kind = [stage for stage in stages if stage.kind == kind]
        taken = any(text in (_folded(stage.code), _folded(stage.name)) for stage in stages)
        if len(of_kind) == 1 and not taken:
            ends[text] = of_kind[0]
    return ends
