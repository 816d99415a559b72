"""What the API of the plan builder and of goals documents takes and gives."""

from typing import Any

from rest_framework import serializers

from catalog.api.base import code
from compensation.engine.plan_templates import TEMPLATES
from compensation.models import PlanAcceptance
from compensation.services.acceptances import Standing

COMPONENT = "A component as in a YAML file: names and values (docs/compensation.md)."
ARRANGE = [(what, what) for what in ("up", "down", "duplicate", "remove")]
STATES = [(state, state) for state in ("accepted", "changed", "open")]
TEMPLATE_CODES = [(one.code, one.name) for one in TEMPLATES]


class RevisionSerializer(serializers.Serializer):
    revision = serializers.IntegerField(help_text="That of the draft as it was read.")


class ComponentInput(RevisionSerializer):
    code = serializers.CharField(
        required=False, allow_blank=True, default="", help_text="Empty for a new component."
    )
    component = serializers.DictField(help_text=COMPONENT)


class ArrangeInput(RevisionSerializer):
    code = serializers.CharField()
    what = serializers.ChoiceField(ARRANGE)


class PlanSettingsInput(RevisionSerializer):
    settings = serializers.DictField(help_text="Everything of a plan but its components, as in a YAML file.")


class TemplateInput(RevisionSerializer):
    template = serializers.ChoiceField(TEMPLATE_CODES)


class PlanFromTemplateInput(serializers.Serializer):
    code = serializers.CharField(max_length=60)
    name = serializers.CharField(max_length=200)
    template = serializers.ChoiceField(TEMPLATE_CODES, required=False, allow_blank=True, default="")
    currency = serializers.CharField(max_length=3)
    starts = serializers.DateField(required=False, help_text="Any day of the first month.")


class PlanTextInput(serializers.Serializer):
    code = serializers.CharField(max_length=60, help_text="Of the plan; it is made where there is none.")
    name = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    text = serializers.CharField(help_text="The plan as YAML.", trim_whitespace=False)
    revision = serializers.IntegerField(
        required=False, allow_null=True, default=None, help_text="Of the plan's draft, where it has one."
    )
    starts = serializers.DateField(required=False, allow_null=True, default=None)


class PlanTextSerializer(serializers.Serializer):
    text = serializers.CharField()


class ToldComponentSerializer(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField()
    form = serializers.CharField()
    words = serializers.ListField(child=serializers.CharField())
    levels = serializers.ListField(child=serializers.CharField(), help_text="Attainment, 1 for 100 %.")
    pay = serializers.ListField(child=serializers.CharField(), help_text="Of a year, by level.")


class ToldPlanSerializer(serializers.Serializer):
    """A version in plain words, with the pay curve of each component."""

    version = serializers.IntegerField()
    revision = serializers.IntegerField()
    faults = serializers.ListField(child=serializers.CharField())
    words = serializers.ListField(child=serializers.CharField())
    components = ToldComponentSerializer(many=True)


class PlanAcceptanceSerializer(serializers.ModelSerializer):
    rep = code()
    accepted_by = serializers.CharField(source="accepted_by.email")
    document = serializers.DictField(read_only=True)

    class Meta:
        model = PlanAcceptance
        fields = [
            "id",
            "version",
            "rep",
            "accepted_by",
            "accepted",
            "typed_name",
            "document_hash",
            "document",
        ]


class GoalsSerializer(serializers.Serializer):
    """A rep's goals document as it is now, and whether it is accepted."""

    version = serializers.IntegerField(source="version.pk")
    rep = serializers.CharField(source="rep.code")
    state = serializers.ChoiceField(STATES)
    hash = serializers.CharField(help_text="SHA-256 of the document: send it to accept.")
    document = serializers.DictField()


class AcceptanceStateSerializer(serializers.Serializer):
    """Whether a rep accepted a version that holds now or later."""

    version = serializers.IntegerField(source="version.pk")
    plan = serializers.CharField(source="version.plan.code")
    rep = serializers.CharField(source="rep.code")
    state = serializers.ChoiceField(STATES)
    accepted = serializers.SerializerMethodField()

    def get_accepted(self, row: Standing) -> str | None:
        return row.accepted.accepted.isoformat() if row.accepted else None


class GoalsAcceptInput(serializers.Serializer):
    version = serializers.IntegerField()
    hash = serializers.CharField(max_length=64)
    typed_name = serializers.CharField(max_length=200)


class RemindedSerializer(serializers.Serializer):
    reminded: Any = serializers.ListField(child=serializers.CharField(), help_text="Codes of reps.")
