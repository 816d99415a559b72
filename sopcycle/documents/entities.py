"""One entity diagram per room, in Mermaid, from the models."""

from collections.abc import Iterable

from django.apps import apps
from django.conf import settings
from django.db.models import Field, ForeignKey, ManyToManyField, Model, OneToOneField

LEFT_OUT = {"id", "revision"}
KINDS = {
    "BigAutoField": "id",
    "ArrayField": "list",
    "BigIntegerField": "integer",
    "BooleanField": "bool",
    "CharField": "text",
    "DateField": "date",
    "DateRangeField": "days",
    "DateTimeField": "time",
    "DecimalField": "decimal",
    "EmailField": "text",
    "FileField": "file",
    "JSONField": "json",
    "MoneyField": "money",
    "MonthField": "month",
    "PositiveIntegerField": "integer",
    "PositiveSmallIntegerField": "integer",
    "QuantityField": "quantity",
    "RateField": "rate",
    "SlugField": "text",
    "TextField": "text",
    "UUIDField": "id",
}


def rooms_with_tables() -> list[str]:
    return [room for room in settings.ROOMS if list(tables_of(room))]


def tables_of(room: str) -> Iterable[type[Model]]:
    """The room's own tables, without the versions that pghistory keeps beside them."""
    return (model for model in apps.get_app_config(room).get_models() if not hasattr(model, "pgh_obj"))


def diagram(room: str) -> str:
    """The room's tables and what they point at; tables of other rooms appear by name only."""
    lines = ["```mermaid", "erDiagram"]
    for model in tables_of(room):
        lines += [f"    {model.__name__} {{", *_columns(model), "    }"]
    for model in tables_of(room):
        lines += _relations(model)
    return "\n".join([*lines, "```"])


def _columns(model: type[Model]) -> list[str]:
    fields = (field for field in model._meta.concrete_fields if field.name not in LEFT_OUT)
    return [f"        {_kind(field)} {field.name}" for field in fields if not isinstance(field, ForeignKey)]


def _kind(field: Field) -> str:
    return KINDS.get(type(field).__name__, "text")


def _relations(model: type[Model]) -> list[str]:
    to_one = [field for field in model._meta.concrete_fields if isinstance(field, ForeignKey)]
    to_many = [field for field in model._meta.many_to_many if isinstance(field, ManyToManyField)]
    return [
        *(f"    {model.__name__} {_ends(field)} {_target(field)} : {field.name}" for field in to_one),
        *(f"    {model.__name__} }}o--o{{ {_target(field)} : {field.name}" for field in to_many),
    ]


def _ends(field: ForeignKey) -> str:
    many = "|o" if isinstance(field, OneToOneField) else "}o"
    return f"{many}--{'o|' if field.null else '||'}"


def _target(field: ForeignKey | ManyToManyField) -> str:
    return str(field.remote_field.model.__name__)
