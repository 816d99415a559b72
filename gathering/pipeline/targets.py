"""Where the rows of a dataset go: the SQL of every target column, made from the models themselves."""

from dataclasses import dataclass, field

from django.apps import apps
from django.db import connection, models

from catalog.models import DemandUnit
from catalog.selectors import base_currency
from core import company
from gathering.datasets import Dataset
from gathering.datasets.shape import NUMBERS
from gathering.models import ImportRun
from gathering.pipeline.names import Source, source_of, target_kind
from gathering.pipeline.staging import dataset_of

IS_RETURN = "(coalesce(s.kind, 'sale') = 'return' OR s.quantity < 0)"
SIGN = "CASE WHEN s.quantity < 0 THEN -1 ELSE 1 END"
RANGES = {
    "valid": ("valid_from", "valid_to"),
    "days": ("valid_from", "valid_to"),
    "period": ("starts", "ends"),
}


@dataclass(frozen=True)
class Target:
    """A table and how its columns come from the staged rows (`tables`, of which the `good` ones).

    `values` are SQL expressions by column, `key` the columns by which a row is found again,
    `compared` those whose difference makes a row changed, `later` references within the same file,
    `among` the condition of the index that says so, where it holds for some rows only.
    """

    table: str
    tables: str
    good: str
    values: dict[str, str]
    key: tuple[str, ...]
    compared: tuple[str, ...]
    later: dict[str, str] = field(default_factory=dict)
    has_run: bool = False
    is_revised: bool = False
    missing_units: str = ""
    among: str = ""
    alone: str = ""

    @property
    def matches(self) -> str:
        """The join of a staged row with the row `t` that it restates."""
        return " AND ".join(self._same(column) for column in self.key)

    def _same(self, column: str) -> str:
        value = self.values[column]
        if column in NULLABLE_KEYS:
            return f"coalesce(t.{column}, 0) = coalesce({value}, 0)"
        if column in RANGES:
            return f"lower(t.{column}) IS NOT DISTINCT FROM lower({value})"
        return f"t.{column} = {value}"

    @property
    def differs(self) -> str:
        """The condition that a matched row would change."""
        if not self.compared:
            return "false"
        ours = ", ".join(f"t.{column}" for column in self.compared)
        theirs = ", ".join(self.values[column] for column in self.compared)
        return f"(ROW({ours}) IS DISTINCT FROM ROW({theirs}))"


AMONG = {"contacts": "(NOT (email = ''))"}  # as crm.Contact's constraint has it
NULLABLE_KEYS = {"product_id", "family_id", "rep_id", "market_id", "site_id"}
KEYS = {
    "sales": ("source", "order_number", "line"),
    "returns": ("source", "order_number", "line"),
    "stock": ("site_id", "product_id", "day"),
    "open_orders": ("source", "order_number", "line", "as_of"),
    "capacity": ("resource_id", "month"),
    "budget": ("name", "product_id", "family_id", "market_id", "month"),
    "targets": ("rep_id", "market_id", "month"),
    "external_forecasts": ("source", "demand_unit_id", "month"),
    "capacity_uses": ("product_id", "resource_id", "valid"),
    "bills_of_materials": ("product_id", "component_id", "valid"),
    "prices": ("product_id", "market_id", "valid"),
    "costs": ("product_id", "site_id", "valid"),
    "month_rates": ("currency_id", "month"),
    "campaigns": ("name", "period"),
    "market_notes": ("kind", "title", "period"),
    "team_members": ("rep_id", "days"),
    "contacts": ("account_id", "email"),
    "deals": ("source", "external_id"),
    "deal_history": ("deal_id", "occurred", "stage_id"),
    "deal_lines": ("deal_id", "position"),
    "order_papers": ("source", "kind", "number"),
    "leads": ("system", "external_id"),
    "lead_costs": ("source_id", "month"),
}


def target_of(run: ImportRun, actor_id: int | None = None) -> Target:
    """The target of a run's rows, as its names stand now."""
    dataset = dataset_of(run)
    model = apps.get_model(dataset.target)
    source = source_of(run)
    values = {f.column: _value(f, dataset, run, actor_id) for f in model._meta.concrete_fields}
    values = {column: value for column, value in values.items() if value}
    has_unit = "demand_unit_id" in values
    key = KEYS.get(dataset.code, ("code",))
    return Target(
        table=model._meta.db_table,
        tables=source.tables + (_demand_unit_join() if has_unit else ""),
        alone=source.alone,
        missing_units=_missing_units(source) if has_unit else "",
        good=source.good,
        values=values,
        key=key,
        compared=_compared(dataset, model, values, key, run.preview.get("given")),
        later=_later(dataset),
        has_run="run_id" in values,
        is_revised="revision" in values,
        among=AMONG.get(dataset.code, ""),
    )


def _demand_unit_join() -> str:
    table = DemandUnit._meta.db_table
    return (
        f" LEFT JOIN {table} du ON du.product_id = n_product.target_id AND du.market_id = n_market.target_id"
    )


def _missing_units(source: Source) -> str:
    """The pairs of product and market that are no demand unit yet. The pairs are made first: a planner
    that knows nothing of the demand units yet would compare each row with each of them."""
    return f"""
        WITH pairs AS MATERIALIZED (
            SELECT DISTINCT n_product.target_id AS product_id, n_market.target_id AS market_id
            FROM {source.tables} WHERE {source.good}
        )
        SELECT product_id, market_id FROM pairs WHERE NOT EXISTS (
            SELECT 1 FROM {DemandUnit._meta.db_table} du
            WHERE du.product_id = pairs.product_id AND du.market_id = pairs.market_id
        )
    """


def _value(column: models.Field, dataset: Dataset, run: ImportRun, actor_id: int | None) -> str:
    """The SQL of one target column; '' leaves the column to its default."""
    special = _special(column, dataset, run, actor_id)
    if special is not None:
        return special
    if column.name in dataset.names:
        return _from_field(column, dataset)
    if isinstance(column, models.BooleanField):
        return "true" if column.default is True else "false"
    if isinstance(column, models.CharField | models.TextField) and not column.null:
        return "''"
    return ""


def _special(column: models.Field, dataset: Dataset, run: ImportRun, actor_id: int | None) -> str | None:
    if isinstance(column, models.DateTimeField) and column.name in dataset.names:
        return f"(s.{column.name}::timestamp AT TIME ZONE {_literal(str(company.value('time_zone')))})"
    if column.name in RANGES and RANGES[column.name][0] in dataset.names:
        first, last = RANGES[column.name]
        return f"daterange(s.{first}, s.{last}, '[]')"
    if dataset.target == "gathering.SalesLine" and column.name in SALES_VALUES:
        return SALES_VALUES[column.name](dataset)
    if column.name == "owner" and dataset.group == "notes":
        return str(actor_id or run.uploaded_by_id)
    fixed = {
        "run": str(run.pk),
        "row_number": "s.row_number",
        "demand_unit": "du.id",
        "revision": "1",
        "id": "",
        **dict.fromkeys(
            ("source", "system"), f"(SELECT source FROM {ImportRun._meta.db_table} WHERE id = {run.pk})"
        ),
    }
    return None if column.name in dataset.names else fixed.get(column.name)


def _signed(name: str) -> str:
    return f"(s.{name} * {SIGN})::numeric(18,4)"


SALES_VALUES = {
    "kind": lambda d: (
        "'return'" if d.code == "returns" else f"CASE WHEN {IS_RETURN} THEN 'return' ELSE 'sale' END"
    ),
    "quantity": lambda d: "abs(s.quantity)::numeric(18,4)",
    "revenue": lambda d: f"(coalesce(s.revenue, s.quantity * s.unit_price) * {SIGN})::numeric(18,4)",
    "cost": lambda d: _signed("cost"),
    "currency": lambda d: f"coalesce(n_currency.target_code, {_literal(base_currency())})",
}


def _from_field(column: models.Field, dataset: Dataset) -> str:
    ours = dataset.field(column.name)
    if ours.lookup == "currency":
        value = f"n_{ours.name}.target_code"
        return value if column.null else f"coalesce({value}, {_literal(base_currency())})"
    if ours.lookup:
        return f"n_{ours.name}.target_id"
    if ours.kind in NUMBERS:
        return f"s.{ours.name}::{column.db_type(connection)}"
    if isinstance(column, models.CharField | models.TextField):
        return f"coalesce(s.{ours.name}, '')"
    return f"s.{ours.name}"


def _compared(
    dataset: Dataset,
    model: type[models.Model],
    values: dict[str, str],
    key: tuple[str, ...],
    given: list | None,
) -> tuple[str, ...]:
    """What an update may change: of a master only the columns that the file really has."""
    skipped = {*key, "run_id", "row_number", "revision"} - set(RANGES)
    found = []
    for column in model._meta.concrete_fields:
        names = RANGES.get(column.name, (column.name,))
        is_ours = bool(set(names) & set(dataset.names)) or column.name == "demand_unit"
        is_given = dataset.group == "facts" or given is None or bool(set(names) & set(given))
        if column.column in values and column.column not in skipped and is_ours and is_given:
            found.append(column.column)
    return tuple(found)


def _later(dataset: Dataset) -> dict[str, str]:
    """References of a master to its own table, which the same file may bring: column by field."""
    kind = target_kind(dataset)
    return {f.name: f"{f.name}_id" for f in dataset.lookups if f.lookup == kind}


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
