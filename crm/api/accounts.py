"""Accounts and reps in the API."""

from typing import Any

from django.db.models import Model
from rest_framework import serializers

from catalog.api.base import NamedInput, code, code_of
from catalog.selectors import markets_visible_to
from core.api.viewsets import EditViewSet
from core.models import Person
from crm.filters.accounts import AccountFilter, RepFilter
from crm.models import Account, Rep
from crm.selectors.accounts import accounts_visible_to, reps_visible_to
from crm.services.accounts import change_crm_row, create_crm_row

ACTIONS = {
    "list": "crm.view",
    "retrieve": "crm.view",
    "create": "crm.edit",
    "partial_update": "crm.edit",
}


class CrmViewSet(EditViewSet):
    actions = ACTIONS
    ordering_fields = ["code", "name"]
    ordering = ["code"]

    def create_by(self, person: Any, data: dict[str, Any]) -> Model:
        data.pop("revision", None)
        model: Any = self.model
        return create_crm_row(actor=person, model=model, values=data)

    def change_by(self, person: Any, row: Any, revision: int, data: dict[str, Any]) -> Model:
        return change_crm_row(actor=person, row=row, revision=revision, changes=data)


class RepSerializer(serializers.ModelSerializer):
    manager, market = code(), code()
    person: Any = serializers.SlugRelatedField(slug_field="email", read_only=True)

    class Meta:
        model = Rep
        fields = [
            "id",
            "revision",
            "code",
            "name",
            "email",
            "job_title",
            "manager",
            "market",
            "person",
            "is_active",
        ]


class RepInput(NamedInput):
    email = serializers.EmailField(required=False, allow_blank=True)
    job_title = serializers.CharField(max_length=120, required=False, allow_blank=True)
    manager = code_of(reps_visible_to, required=False, allow_null=True)
    market = code_of(markets_visible_to, required=False, allow_null=True)
    person: Any = serializers.SlugRelatedField(
        slug_field="email", queryset=Person.objects.filter(is_active=True), required=False, allow_null=True
    )
    is_active = serializers.BooleanField(required=False)


class RepViewSet(CrmViewSet):
    """The people who sell."""

    model = Rep
    selector = reps_visible_to
    serializer_class = RepSerializer
    input_class = RepInput
    filterset_class = RepFilter


class AccountSerializer(serializers.ModelSerializer):
    parent, owner, market = code(), code(), code()

    class Meta:
        model = Account
        fields = [
            "id",
            "revision",
            "code",
            "name",
            "parent",
            "owner",
            "market",
            "industry",
            "employees",
            "country",
            "region",
            "city",
            "postcode",
            "is_active",
        ]


class AccountInput(NamedInput):
    parent = code_of(accounts_visible_to, required=False, allow_null=True)
    owner = code_of(reps_visible_to, required=False, allow_null=True)
    market = code_of(markets_visible_to, required=False, allow_null=True)
    industry = serializers.CharField(max_length=80, required=False, allow_blank=True)
    employees = serializers.IntegerField(
        min_value=0, max_value=2_147_483_647, required=False, allow_null=True
    )
    country = serializers.CharField(max_length=80, required=False, allow_blank=True)
    region = serializers.CharField(max_length=80, required=False, allow_blank=True)
    city = serializers.CharField(max_length=80, required=False, allow_blank=True)
    postcode = serializers.CharField(max_length=20, required=False, allow_blank=True)
    is_active = serializers.BooleanField(required=False)


class AccountViewSet(CrmViewSet):
    """The company's customers."""

    model = Account
    selector = accounts_visible_to
    serializer_class = AccountSerializer
    input_class = AccountInput
    filterset_class = AccountFilter
    ordering_fields = ["code", "name", "country", "industry", "employees"]
