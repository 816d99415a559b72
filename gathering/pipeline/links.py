"""Campaigns and market notes → the markets and families they are about."""

from django.apps import apps
from django.db import connection

from gathering.datasets import Dataset
from gathering.datasets.shape import NAMES
from gathering.models import ImportRun
from gathering.pipeline.names import SEPARATOR
from gathering.pipeline.staging import names_table
from gathering.pipeline.targets import Target


def link_notes(run: ImportRun, target: Target, dataset: Dataset) -> None:
    """Set the links of the imported rows to what the file names: links it no longer names go."""
    model = apps.get_model(dataset.target)
    for field in dataset.lookups:
        if field.kind != NAMES or field.name not in run.preview["given"]:
            continue
        relation = model._meta.get_field(field.name)
        through = relation.remote_field.through._meta.db_table
        _link(run, target, field.name, through, relation.m2m_column_name(), relation.m2m_reverse_name())


def _link(run: ImportRun, target: Target, field: str, through: str, own: str, other: str) -> None:
    wanted = f"""
        SELECT DISTINCT t.id AS own_id, n.target_id AS other_id
        FROM {target.tables} JOIN {target.table} t ON {target.matches},
             regexp_split_to_table(s.{field}, '{SEPARATOR}') item
        JOIN {names_table(run)} n ON n.field = '{field}' AND n.value = item
        WHERE {target.good} AND n.target_id IS NOT NULL
    """
    touched = (
        f"SELECT t.id FROM {target.tables} JOIN {target.table} t ON {target.matches} WHERE {target.good}"
    )
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {through} WHERE {own} IN ({touched})")
        cursor.execute(f"INSERT INTO {through} ({own}, {other}) {wanted} ON CONFLICT DO NOTHING")
