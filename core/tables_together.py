"""A migration operation that creates many connected tables at once.

Django renders every related model again after each operation on one of them. In a first migration
of a hundred tables that all point at each other, that takes minutes; here the state is built
without rendering, then rendered once, and the tables are created from it.
"""

from collections.abc import Sequence
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import (
    AddConstraint,
    AddField,
    AddIndex,
    AlterUniqueTogether,
    CreateModel,
)
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

# What a table made from the final state has already.
IN_THE_TABLE = (AddField, AddConstraint, AddIndex, AlterUniqueTogether)


class TablesTogether(Operation):
    """Runs the operations of an app's first migration as one."""

    reduces_to_sql = True
    reversible = True

    def __init__(self, operations: Sequence[Operation]) -> None:
        self.operations = list(operations)

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        state.__dict__.pop("apps", None)
        for operation in self.operations:
            operation.state_forwards(app_label, state)

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        made = {one.name_lower for one in self.operations if isinstance(one, CreateModel)}
        for operation in self.operations:
            is_made_with_it = isinstance(operation, IN_THE_TABLE) and _table_of(operation) in made
            if not is_made_with_it:
                operation.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        for operation in reversed(self.operations):
            if isinstance(operation, CreateModel):
                schema_editor.delete_model(from_state.apps.get_model(app_label, operation.name))

    def describe(self) -> str:
        return f"Create {sum(isinstance(one, CreateModel) for one in self.operations)} tables together"


def _table_of(operation: Any) -> str:
    """The table that a part belongs to: a part of an earlier migration's table is still to be made."""
    return str(getattr(operation, "model_name_lower", None) or operation.name_lower)
