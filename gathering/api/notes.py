"""Campaigns and market notes by API. Days are inclusive: `ends` is still part of the period."""

import datetime as dt
from typing import Any

from rest_framework import serializers

from catalog.models import Family, Market
from core.api.viewsets import EditViewSet
from core.models import Person
from gathering.filters import MarketNoteFilter, NoteFilter
from gathering.models import Campaign, MarketNote
from gathering.selectors.notes import campaigns_visible_to, market_notes_visible_to
from gathering.services.notes import (
    change_campaign,
    change_market_note,
    create_campaign,
    create_market_note,
)


def codes(model: type[Market] | type[Family]) -> Any:
    return serializers.SlugRelatedField(
        slug_field="code", queryset=model.objects.all(), many=True, required=False
    )


class PeriodSerializer(serializers.ModelSerializer):
    begins = serializers.DateField(source="period.lower", read_only=True)
    ends = serializers.SerializerMethodField()
    owner = serializers.EmailField(source="owner.email", read_only=True)
    markets: serializers.Field = serializers.SlugRelatedField(slug_field="code", many=True, read_only=True)
    families: serializers.Field = serializers.SlugRelatedField(slug_field="code", many=True, read_only=True)

    def get_ends(self, row: Any) -> dt.date | None:
        return row.period.upper - dt.timedelta(days=1) if row.period.upper else None


class CampaignSerializer(PeriodSerializer):
    class Meta:
        model = Campaign
        fields = [
            *("id", "name", "text", "begins", "ends", "markets", "families", "spend", "uplift", "owner"),
            "revision",
        ]


class MarketNoteSerializer(PeriodSerializer):
    class Meta:
        model = MarketNote
        fields = [
            *("id", "kind", "title", "text", "begins", "ends", "markets", "families", "owner", "revision")
        ]


class PeriodInput(serializers.ModelSerializer):
    begins = serializers.DateField()
    ends = serializers.DateField(required=False, allow_null=True)
    markets = codes(Market)
    families = codes(Family)
    revision = serializers.IntegerField(required=False, help_text="Needed in a PATCH.")


class CampaignInput(PeriodInput):
    class Meta:
        model = Campaign
        fields = ["name", "text", "begins", "ends", "markets", "families", "spend", "uplift", "revision"]


class MarketNoteInput(PeriodInput):
    class Meta:
        model = MarketNote
        fields = ["kind", "title", "text", "begins", "ends", "markets", "families", "revision"]


ACTIONS = {
    "list": "notes.view",
    "retrieve": "notes.view",
    "create": "notes.edit",
    "partial_update": "notes.edit",
}


def without_revision(data: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name != "revision"}


class CampaignViewSet(EditViewSet):
    selector = campaigns_visible_to
    model = Campaign
    serializer_class = CampaignSerializer
    input_class = CampaignInput
    filterset_class = NoteFilter
    ordering_fields = ["period", "name"]
    ordering = ["-period"]
    actions = ACTIONS
    http_method_names = ["get", "post", "patch", "head", "options"]

    def create_by(self, person: Person, data: dict[str, Any]) -> Campaign:
        return create_campaign(actor=person, **without_revision(data))

    def change_by(self, person: Person, row: Campaign, revision: int, data: dict[str, Any]) -> Campaign:
        return change_campaign(actor=person, campaign=row, revision=revision, changes=data)


class MarketNoteViewSet(EditViewSet):
    selector = market_notes_visible_to
    model = MarketNote
    serializer_class = MarketNoteSerializer
    input_class = MarketNoteInput
    filterset_class = MarketNoteFilter
    ordering_fields = ["period", "title"]
    ordering = ["-period"]
    actions = ACTIONS
    http_method_names = ["get", "post", "patch", "head", "options"]

    def create_by(self, person: Person, data: dict[str, Any]) -> MarketNote:
        return create_market_note(actor=person, **without_revision(data))

    def change_by(self, person: Person, row: MarketNote, revision: int, data: dict[str, Any]) -> MarketNote:
        return change_market_note(actor=person, note=row, revision=revision, changes=data)
