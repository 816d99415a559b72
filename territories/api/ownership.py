"""What changed hands by API: who covers what from which day, and the changes that other systems take."""

from typing import Any

from rest_framework import serializers

from catalog.api.base import code
from core.api.viewsets import ReadViewSet
from territories.filters.coverage import ChangeFilter, OwnershipFilter
from territories.models import CoverageChange, OwnershipChange
from territories.pipeline.ownership import external_ids
from territories.selectors.coverage_history import changes_visible_to, ownership_changes_visible_to

VIEW = {"list": "territories.view", "retrieve": "territories.view"}


class CoverageChangeSerializer(serializers.ModelSerializer):
    account = code()
    role = code()
    old_rep = code()
    new_rep = code()
    territory_code = serializers.CharField(source="territory.code", read_only=True)

    class Meta:
        model = CoverageChange
        fields = ["id", "day", "account", "role", "old_rep", "new_rep", "territory", "territory_code"]


class CoverageChangeViewSet(ReadViewSet):
    """Accounts that got another rep in a role, or will, with the day: derived from all coverage."""

    model = CoverageChange
    selector = changes_visible_to
    serializer_class = CoverageChangeSerializer
    filterset_class = ChangeFilter
    actions = VIEW
    ordering_fields = ["day"]
    ordering = ["day", "id"]


class OwnershipChangeSerializer(serializers.ModelSerializer):
    account = code()
    external_ids = serializers.SerializerMethodField(help_text="How CRMs call the account: source:id.")
    role = code()
    old_rep = code()
    new_rep = code()

    class Meta:
        model = OwnershipChange
        fields = [
            *("id", "account", "external_ids", "role", "old_rep", "new_rep", "day", "cause", "reason"),
            *("batch", "recorded"),
        ]

    def get_external_ids(self, row: OwnershipChange) -> list[str]:
        return self._outside().get(row.account_id, [])

    def _outside(self) -> dict[int, list[str]]:
        """Of all rows of the page at once."""
        kept: Any = self.context
        if "outside" not in kept:
            rows = self.parent.instance if self.parent is not None else [self.instance]
            kept["outside"] = external_ids({row.account_id for row in rows or []})
        found: dict[int, list[str]] = kept["outside"]
        return found


class OwnershipChangeViewSet(ReadViewSet):
    """Changes of who covers which account whose day has come, in the order they were written. `?after=` the
    id of the last one that you know gives what is new since; ids only grow."""

    model = OwnershipChange
    selector = ownership_changes_visible_to
    serializer_class = OwnershipChangeSerializer
    filterset_class = OwnershipFilter
    actions = VIEW
    ordering_fields = ["id", "day"]
    ordering = ["id"]
