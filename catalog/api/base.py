"""What the catalog's part of the API shares: rows named by code, writes through two services."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from rest_framework import serializers

from catalog.services import Term, change_dated, change_master, create_master, set_from_day
from core.api.viewsets import EditViewSet
from core.models import Revised

VIEW_AND_EDIT = {
    "list": "catalog.view",
    "retrieve": "catalog.view",
    "create": "catalog.edit",
    "partial_update": "catalog.edit",
}


class CodeOf(serializers.SlugRelatedField):
    """Another row by its code, one of those that the caller may see."""

    default_error_messages = {
        "does_not_exist": "Nothing that you may see has the code “{value}”. Add it first, or correct it."
    }

    def __init__(self, selector: Callable[[Any], QuerySet], **kwargs: Any) -> None:
        self.selector = selector
        super().__init__(slug_field="code", queryset=selector(None).none(), **kwargs)

    def get_queryset(self) -> QuerySet:
        request = self.context.get("request")
        return self.selector(request.user if request else None)


def code_of(selector: Callable[[Any], QuerySet], **options: Any) -> Any:
    """Another row by its code, for writing."""
    return CodeOf(selector, **options)


def code() -> Any:
    """Another row by its code, for reading."""
    return serializers.SlugRelatedField(slug_field="code", read_only=True)


class RevisionInput(serializers.Serializer):
    """The revision that the caller has read; needed for a change, ignored for a new row."""

    revision = serializers.IntegerField(min_value=1, required=False)


class NamedInput(RevisionInput):
    code = serializers.CharField(max_length=60)
    name = serializers.CharField(max_length=200)


class ReasonInput(serializers.Serializer):
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True)


class TermInput(ReasonInput, RevisionInput):
    """From the first day up to and with the last; without a last day it stays open."""

    valid_from = serializers.DateField()
    valid_to = serializers.DateField(required=False, allow_null=True)


class TermSerializer(serializers.ModelSerializer):
    valid_from = serializers.SerializerMethodField()
    valid_to = serializers.SerializerMethodField()

    def get_valid_from(self, row: Any) -> str | None:
        return _iso(Term.of(row.valid).first)

    def get_valid_to(self, row: Any) -> str | None:
        return _iso(Term.of(row.valid).last)


def _iso(day: Any) -> str | None:
    return day.isoformat() if day else None


class MasterViewSet(EditViewSet):
    """Master data: list, detail, add and change."""

    actions = VIEW_AND_EDIT
    model: ClassVar[type[Revised]]
    ordering_fields = ["code", "name"]
    ordering = ["code"]

    def create_by(self, person: Any, data: dict[str, Any]) -> Model:
        data.pop("revision", None)
        return create_master(actor=person, model=self.model, values=data)

    def change_by(self, person: Any, row: Any, revision: int, data: dict[str, Any]) -> Model:
        return change_master(actor=person, row=row, revision=revision, changes=data)


class DatedViewSet(EditViewSet):
    """Rows that hold from day to day: a new one ends the open one before it."""

    actions = VIEW_AND_EDIT
    ordering_fields = ["product", "valid"]
    ordering = ["product", "valid"]

    def create_by(self, person: Any, data: dict[str, Any]) -> Model:
        data.pop("revision", None)
        reason = data.pop("reason", "")
        term = Term(data.pop("valid_from"), data.pop("valid_to", None))
        model: Any = self.model
        return set_from_day(actor=person, model=model, values=data, term=term, reason=reason)

    def change_by(self, person: Any, row: Any, revision: int, data: dict[str, Any]) -> Model:
        reason = data.pop("reason", "")
        term = self._term(row, data)
        return change_dated(actor=person, row=row, revision=revision, changes=data, term=term, reason=reason)

    def _term(self, row: Any, data: dict[str, Any]) -> Term | None:
        if not {"valid_from", "valid_to"} & set(data):
            return None
        now = Term.of(row.valid)
        return Term(data.pop("valid_from", now.first), data.pop("valid_to", now.last))
