"""Leads by API: added, listed, corrected, and moved as on the pages."""

from typing import Any

from django.db.models import Model, QuerySet
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.base import RevisionInput, code, code_of
from catalog.selectors import currencies_visible_to, markets_visible_to
from core.access import person_of
from core.api.viewsets import EditViewSet
from core.models import Person
from crm.engine.lead_matching import Alike
from crm.engine.lead_moves import DISQUALIFIED_BECAUSE
from crm.filters.leads import LeadFilter
from crm.models import Lead, LeadStep
from crm.selectors.accounts import accounts_visible_to, reps_visible_to
from crm.selectors.leads import (
    counted,
    lead_sources_visible_to,
    leads_like,
    leads_visible_to,
    steps_of_lead,
)
from crm.services.lead_duplicates import merge_leads, separate_lead
from crm.services.lead_moves import (
    answer_lead,
    claim_lead,
    convert_lead,
    disqualify_lead,
    qualify_lead,
    reopen_lead,
)
from crm.services.leads import HERE, add_lead, change_lead, give_lead

MOST = 2**31 - 1
WORK, MANAGE, VIEW = "leads.work", "leads.manage", "leads.view"


class LeadSerializer(serializers.ModelSerializer):
    source, market, account, owner = code(), code(), code(), code()
    rule = serializers.CharField(source="rule.name", default=None, read_only=True, allow_null=True)

    class Meta:
        model = Lead
        fields = [
            *("id", "revision", "source", "system", "external_id", "company", "name", "email", "phone"),
            *("country", "market", "employees", "text", "account", "owner", "rule", "state"),
            *("disqualified_because", "deal", "duplicate_of", "arrived", "assigned", "due", "answered"),
            *("response_hours", "converted", "breaches"),
        ]


class LeadInput(RevisionInput):
    """What is known of a lead. An e-mail address, a phone number or a company is needed."""

    source: Any = code_of(lead_sources_visible_to)
    system = serializers.RegexField(
        r"^[-\w]+$", max_length=60, required=False, help_text=f"Who named `external_id`; default {HERE}."
    )
    external_id = serializers.CharField(
        max_length=200,
        required=False,
        allow_blank=True,
        help_text="Its id there: sent again, it is the same lead, unchanged.",
    )
    company = serializers.CharField(max_length=200, required=False, allow_blank=True)
    name = serializers.CharField(max_length=120, required=False, allow_blank=True)
    email = serializers.EmailField(max_length=254, required=False, allow_blank=True)
    phone = serializers.CharField(max_length=40, required=False, allow_blank=True)
    country = serializers.CharField(max_length=80, required=False, allow_blank=True)
    market = code_of(markets_visible_to, required=False, allow_null=True)
    employees = serializers.IntegerField(min_value=0, max_value=MOST, required=False, allow_null=True)
    text = serializers.CharField(max_length=20_000, required=False, allow_blank=True)
    account = code_of(
        accounts_visible_to,
        required=False,
        allow_null=True,
        help_text="Without it: found by e-mail, company.",
    )
    owner = code_of(
        reps_visible_to,
        required=False,
        allow_null=True,
        help_text="Only with a new lead. Without it: by the rules.",
    )
    arrived = serializers.DateTimeField(required=False, help_text="Only with a new lead; default now.")


class LeadStepSerializer(serializers.ModelSerializer):
    """What happened to a lead."""

    rep = code()
    person = serializers.EmailField(source="person.email", default=None, read_only=True, allow_null=True)

    class Meta:
        model = LeadStep
        fields = ["kind", "at", "rep", "person", "text"]


class LeadAlikeSerializer(serializers.Serializer):
    lead = LeadSerializer()
    shares = serializers.ChoiceField(choices=[one.value for one in Alike])


class LeadNoteInput(serializers.Serializer):
    note = serializers.CharField(max_length=250, required=False, allow_blank=True)


class LeadDisqualifyInput(serializers.Serializer):
    reason = serializers.ChoiceField(choices=DISQUALIFIED_BECAUSE)
    note = serializers.CharField(max_length=200, required=False, allow_blank=True)


class LeadWhyInput(serializers.Serializer):
    reason = serializers.CharField(max_length=200)


class LeadGiveInput(serializers.Serializer):
    rep = code_of(reps_visible_to)
    reason = serializers.CharField(max_length=200, required=False, allow_blank=True)


class LeadConvertInput(serializers.Serializer):
    name = serializers.CharField(max_length=250)
    account = code_of(accounts_visible_to, required=False, allow_null=True)
    amount = serializers.DecimalField(18, 4, required=False, allow_null=True, min_value=0)
    currency = code_of(currencies_visible_to, required=False, allow_null=True)
    expected_close = serializers.DateField(required=False, allow_null=True)


class OtherLead(serializers.PrimaryKeyRelatedField):
    """Another lead by its id, one of those that the caller may see."""

    def get_queryset(self) -> Any:
        request = self.context.get("request")
        return counted(leads_visible_to(request.user if request else None))


class LeadMergeInput(serializers.Serializer):
    into = OtherLead(queryset=Lead.objects.none())


class LeadViewSet(EditViewSet):
    """People and companies that may buy. A new one goes to the account's owner, else by the rules."""

    model = Lead
    selector = leads_visible_to
    serializer_class = LeadSerializer
    input_class = LeadInput
    filterset_class = LeadFilter
    ordering_fields = ["arrived", "due", "company"]
    ordering = ["-arrived", "-id"]
    http_method_names = ["get", "post", "patch", "head", "options"]
    actions = {
        "list": VIEW,
        "retrieve": VIEW,
        "create": "leads.add",
        "partial_update": WORK,
        "steps": VIEW,
        "alike": VIEW,
        "claim": WORK,
        "answer": WORK,
        "qualify": WORK,
        "disqualify": WORK,
        "reopen": WORK,
        "convert": WORK,
        "merge": WORK,
        "give": MANAGE,
        "separate": MANAGE,
    }

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        """A list leaves merged leads out; by its id each is found."""
        return super().filter_queryset(queryset) if self.action == "list" else queryset

    @extend_schema(responses={201: LeadSerializer, 200: LeadSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Take a lead in: 201 for a new one, 200 for one that is there already by its `external_id`."""
        data = self._checked(request, partial=False)
        names = {name: data.pop(name) for name in ("system", "external_id") if name in data}
        data.pop("revision", None)
        lead, is_new = add_lead(actor=person_of(request), values=data, **names)
        return Response(self._shown(lead), status=201 if is_new else 200)

    def change_by(self, person: Person, row: Any, revision: int, data: dict[str, Any]) -> Model:
        kept = {name: value for name, value in data.items() if name not in ONCE}
        return change_lead(actor=person, lead=row, revision=revision, changes=kept)

    def _answer(self, lead: Lead) -> Response:
        return Response(LeadSerializer(lead).data)

    def _sent(self, kind: type[serializers.Serializer], request: Request) -> dict[str, Any]:
        serializer = kind(data=request.data, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    @extend_schema(responses=LeadStepSerializer(many=True))
    @action(detail=True, pagination_class=None, filterset_class=None)
    def steps(self, request: Request, pk: str) -> Response:
        """What happened to the lead, in order."""
        return Response(LeadStepSerializer(steps_of_lead(self.get_object()), many=True).data)

    @extend_schema(responses=LeadAlikeSerializer(many=True))
    @action(detail=True, pagination_class=None, filterset_class=None)
    def alike(self, request: Request, pk: str) -> Response:
        """Other leads that look like this one, the surest first."""
        found = leads_like(person_of(request), self.get_object())
        rows = [{"lead": lead, "shares": shares.value} for lead, shares in found]
        return Response(LeadAlikeSerializer(rows, many=True).data)

    @extend_schema(request=None, responses=LeadSerializer)
    @action(detail=True, methods=["post"])
    def claim(self, request: Request, pk: str) -> Response:
        """Take a lead that nobody has. Of many who claim it at once, one gets it."""
        return self._answer(claim_lead(actor=person_of(request), lead=self.get_object()))

    @extend_schema(request=LeadNoteInput, responses=LeadSerializer)
    @action(detail=True, methods=["post"])
    def answer(self, request: Request, pk: str) -> Response:
        """Note that the lead was answered: the clock stops."""
        sent = self._sent(LeadNoteInput, request)
        return self._answer(answer_lead(actor=person_of(request), lead=self.get_object(), **sent))

    @extend_schema(request=LeadNoteInput, responses=LeadSerializer)
    @action(detail=True, methods=["post"])
    def qualify(self, request: Request, pk: str) -> Response:
        """Note that the lead is worth a deal."""
        sent = self._sent(LeadNoteInput, request)
        return self._answer(qualify_lead(actor=person_of(request), lead=self.get_object(), **sent))

    @extend_schema(request=LeadDisqualifyInput, responses=LeadSerializer)
    @action(detail=True, methods=["post"])
    def disqualify(self, request: Request, pk: str) -> Response:
        """End the lead, and say why."""
        sent = self._sent(LeadDisqualifyInput, request)
        return self._answer(disqualify_lead(actor=person_of(request), lead=self.get_object(), **sent))

    @extend_schema(request=LeadWhyInput, responses=LeadSerializer)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: str) -> Response:
        """Take a disqualified lead up again."""
        sent = self._sent(LeadWhyInput, request)
        return self._answer(reopen_lead(actor=person_of(request), lead=self.get_object(), **sent))

    @extend_schema(request=LeadGiveInput, responses=LeadSerializer)
    @action(detail=True, methods=["post"])
    def give(self, request: Request, pk: str) -> Response:
        """Give the lead to a rep by hand."""
        sent = self._sent(LeadGiveInput, request)
        return self._answer(give_lead(actor=person_of(request), lead=self.get_object(), **sent))

    @extend_schema(request=LeadMergeInput, responses=LeadSerializer)
    @action(detail=True, methods=["post"])
    def merge(self, request: Request, pk: str) -> Response:
        """Make this lead a part of another one; answers with that one."""
        sent = self._sent(LeadMergeInput, request)
        return self._answer(merge_leads(actor=person_of(request), lead=self.get_object(), **sent))

    @extend_schema(request=None, responses=LeadSerializer)
    @action(detail=True, methods=["post"])
    def separate(self, request: Request, pk: str) -> Response:
        """Take a merged lead out again."""
        return self._answer(separate_lead(actor=person_of(request), lead=self.get_object()))

    @extend_schema(
        request=LeadConvertInput,
        responses={201: inline_serializer("ConvertedLead", {"deal": serializers.IntegerField()})},
    )
    @action(detail=True, methods=["post"])
    def convert(self, request: Request, pk: str) -> Response:
        """Make a qualified lead a deal; answers with the deal's id."""
        sent = self._sent(LeadConvertInput, request)
        deal = convert_lead(actor=person_of(request), lead=self.get_object(), **sent)
        return Response({"deal": deal.pk}, status=201)


# What only a new lead is told.
ONCE = frozenset({"system", "external_id", "owner", "arrived"})
