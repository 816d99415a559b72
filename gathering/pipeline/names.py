"""Foreign names → our rows, set-based: a person's mapping first, then the code, then a unique name."""

from dataclasses import dataclass

from django.db import connection
from django.db.models import Model

from catalog.models import Currency, Family, Market, Product, Resource, Site, Unit, WorkingCalendar
from crm.models import Account, Deal, DealStage, LeadSource, Rep, Team
from gathering.datasets import Dataset, Field
from gathering.datasets.shape import NAMES
from gathering.models import ImportRun, Mapping
from gathering.models.imports import MappingKind
from gathering.pipeline.staging import dataset_of, names_table

TABLES: dict[MappingKind, type[Model]] = {
    MappingKind.PRODUCT: Product,
    MappingKind.MARKET: Market,
    MappingKind.REP: Rep,
    MappingKind.ACCOUNT: Account,
    MappingKind.SITE: Site,
    MappingKind.RESOURCE: Resource,
    MappingKind.FAMILY: Family,
    MappingKind.CURRENCY: Currency,
    MappingKind.UNIT: Unit,
    MappingKind.CALENDAR: WorkingCalendar,
    MappingKind.STAGE: DealStage,
    MappingKind.TEAM: Team,
    MappingKind.DEAL: Deal,
    MappingKind.SOURCE: LeadSource,
}
CODES = {MappingKind.DEAL: "external_id"}  # what a person names a row by, where it is not `code`
MAPPING = Mapping._meta.db_table
SEPARATOR = r"\s*;\s*"


@dataclass(frozen=True)
class Source:
    """The staged rows joined with what their names mean: `tables` after FROM, `good` after WHERE.

    `alone` is the staging table by itself, where every name is known and no join is needed to tell.
    """

    tables: str
    good: str
    left_out: str
    alone: str = ""


def is_known(kind: str, code: str) -> bool:
    """Whether something of the kind has this code."""
    column = CODES.get(MappingKind(kind), "code")
    return TABLES[MappingKind(kind)]._default_manager.filter(**{column: code}).exists()


def table_of(kind: str) -> str:
    """What names of a kind are looked up in, with `id`, `code` and `name`. A deal is known by its id in
    the CRM that the file comes from, and by nothing else."""
    table = TABLES[MappingKind(kind)]._meta.db_table
    if kind == MappingKind.DEAL:
        return f"(SELECT id, external_id AS code, name FROM {table} WHERE source = %(source)s)"
    return table


def target_kind(dataset: Dataset) -> str:
    """The kind of name a master dataset brings itself; '' when its target is not looked up."""
    labels = {model._meta.label: kind.value for kind, model in TABLES.items()}
    return labels.get(dataset.target, "")


def resolve_names(run: ImportRun) -> None:
    """Write the names table anew: one row per field and foreign name, with what it means today."""
    staged, names = run.staging_table, names_table(run)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {names}")
        cursor.execute(
            f"CREATE UNLOGGED TABLE {names} (field text, value text, target_id bigint, target_code text,"
            " is_ignored boolean NOT NULL, in_file boolean NOT NULL)"
        )
        for field in dataset_of(run).lookups:
            query = _resolve(dataset_of(run), field, staged, names, _values(field, staged))
            cursor.execute(query, _params(run, field))
        cursor.execute(f"ANALYZE {names}")


def resolve_again(run: ImportRun) -> None:
    """Look the same names up once more: what they mean may have changed since. The rows are not read."""
    staged, names = run.staging_table, names_table(run)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE earlier ON COMMIT DROP AS SELECT field, value FROM {names}")
        cursor.execute(f"DELETE FROM {names}")
        for field in dataset_of(run).lookups:
            values = f"SELECT value FROM earlier WHERE field = '{field.name}'"
            query = _resolve(dataset_of(run), field, staged, names, values)
            cursor.execute(query, _params(run, field))
        cursor.execute("DROP TABLE earlier")
        cursor.execute(f"ANALYZE {names}")


def _resolve(dataset: Dataset, field: Field, staged: str, names: str, values: str) -> str:
    table = table_of(field.lookup)
    key = "code" if field.lookup == MappingKind.CURRENCY else "id"
    target_id = "NULL::bigint" if key == "code" else "coalesce(mapped.id, by_code.id, by_name.id)"
    found = "min(code) AS code" if key == "code" else "min(id) AS id, min(code) AS code"
    in_file = "false"
    if field.lookup == target_kind(dataset):
        in_file = f"EXISTS (SELECT 1 FROM {staged} own WHERE own.code = wanted.value)"
    return f"""
        INSERT INTO {names}
        SELECT %(field)s, wanted.value, {target_id},
               coalesce(mapped.code, by_code.code, by_name.code),
               coalesce(meaning.is_ignored, false), {in_file}
        FROM ({values}) wanted
        LEFT JOIN LATERAL (
            SELECT target_code, is_ignored FROM {MAPPING}
            WHERE kind = %(kind)s AND value = wanted.value AND source IN (%(source)s, '')
            ORDER BY source DESC LIMIT 1
        ) meaning ON true
        LEFT JOIN {table} mapped ON mapped.code = meaning.target_code AND NOT meaning.is_ignored
        LEFT JOIN {table} by_code ON by_code.code = wanted.value
        LEFT JOIN (
            SELECT name, {found} FROM {table} named
            GROUP BY name HAVING count(*) = 1
        ) by_name ON by_name.name = wanted.value
    """


def _values(field: Field, staged: str) -> str:
    if field.kind == NAMES:
        return (
            f"SELECT DISTINCT item AS value FROM {staged}, "
            f"regexp_split_to_table({field.name}, '{SEPARATOR}') item WHERE item <> ''"
        )
    return f"SELECT DISTINCT {field.name} AS value FROM {staged} WHERE {field.name} IS NOT NULL"


def _params(run: ImportRun, field: Field) -> dict[str, str]:
    return {"field": field.name, "kind": field.lookup, "source": run.source}


def unknown(field: Field, alias: str) -> str:
    """The condition on a names row that nobody knows what it means."""
    empty = "target_code" if field.lookup == MappingKind.CURRENCY else "target_id"
    return f"({alias}.{empty} IS NULL AND NOT {alias}.is_ignored AND NOT {alias}.in_file)"


def source_of(run: ImportRun) -> Source:
    """The staged rows `s` with a names row `n_<field>` beside each looked-up field."""
    staged, names = run.staging_table, names_table(run)
    tables, known, ignored = [f"{staged} s"], ["true"], ["false"]
    open_fields = _fields_with(run, "open")
    ignored_fields = _fields_with(run, "ignored")
    for field in dataset_of(run).lookups:
        alias = f"n_{field.name}"
        if field.kind == NAMES:
            items = f"regexp_split_to_table(s.{field.name}, '{SEPARATOR}')"
            listed = (
                f"EXISTS (SELECT 1 FROM {names} n WHERE n.field = '{field.name}' AND "
                f"n.value IN (SELECT {items}) AND %s)"
            )
            hold, ignore = listed % unknown(field, "n"), listed % "n.is_ignored"
        else:
            tables.append(
                f"LEFT JOIN {names} {alias} "
                f"ON {alias}.field = '{field.name}' AND {alias}.value = s.{field.name}"
            )
            hold, ignore = f"coalesce({unknown(field, alias)}, false)", f"coalesce({alias}.is_ignored, false)"
        if field.name in open_fields:
            known.append(f"NOT {hold}")
        if field.name in ignored_fields:
            ignored.append(ignore)
    left_out = " OR ".join(ignored)
    is_simple = len(known) == len(ignored) == 1
    return Source(
        " ".join(tables),
        f"{' AND '.join(known)} AND NOT ({left_out})",
        left_out,
        tables[0] if is_simple else "",
    )


def _fields_with(run: ImportRun, what: str) -> set[str]:
    """Which fields have open (or ignored) names at all: most files have none, and joins stay cheap."""
    currency = ", ".join(f"'{f.name}'" for f in dataset_of(run).lookups if f.lookup == MappingKind.CURRENCY)
    empty = f"CASE WHEN field IN ({currency or 'NULL'}) THEN target_code IS NULL ELSE target_id IS NULL END"
    condition = f"{empty} AND NOT is_ignored AND NOT in_file" if what == "open" else "is_ignored"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT field FROM {names_table(run)} WHERE {condition}")
        return {row[0] for row in cursor.fetchall()}
