"""What accounts ask of reps and where reps start from, by API."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.base import RevisionInput, code, code_of
from core.access import person_of
from core.api.viewsets import EditViewSet
from core.errors import Invalid, Reason
from core.models import Person
from core.uploads import small_enough
from crm.selectors.accounts import accounts_visible_to, reps_visible_to
from territories.filters.work import AccountWorkFilter, RepBaseFilter
from territories.models import AccountWork, RepBase
from territories.selectors.work import account_work_visible_to, rep_bases_visible_to
from territories.services.work import (
    ALREADY,
    import_account_work,
    import_rep_bases,
    set_account_work,
    set_rep_base,
)

ACTIONS = {
    "list": "territories.view",
    "retrieve": "territories.view",
    "create": "territories.plan",
    "partial_update": "territories.plan",
    "import_file": "territories.plan",
}
NO_DELETE = ["get", "post", "patch", "head", "options"]
PLACE = ["latitude", "longitude"]


def degrees(most: int) -> Any:
    return serializers.FloatField(min_value=-most, max_value=most, required=False, allow_null=True)


def words() -> Any:
    return serializers.ListField(child=serializers.CharField(max_length=60), required=False, max_length=100)


class AccountWorkSerializer(serializers.ModelSerializer):
    account = code()

    class Meta:
        model = AccountWork
        fields = ["id", "revision", "account", *PLACE, "potential", "calls_a_year", "hours_a_call", "needs"]


class AccountWorkInput(RevisionInput):
    account = code_of(accounts_visible_to, help_text="Ignored when changing.")
    latitude, longitude = degrees(90), degrees(180)
    potential = serializers.DecimalField(18, 4, min_value=0, required=False, allow_null=True)
    calls_a_year = serializers.IntegerField(min_value=0, max_value=32_767, required=False)
    hours_a_call = serializers.DecimalField(5, 2, min_value=0, required=False)
    needs = words()


class RepBaseSerializer(serializers.ModelSerializer):
    rep = code()

    class Meta:
        model = RepBase
        fields = ["id", "revision", "rep", *PLACE, "share", "most_accounts", "hours_a_year", "skills"]


class RepBaseInput(RevisionInput):
    rep = code_of(reps_visible_to, help_text="Ignored when changing.")
    latitude, longitude = degrees(90), degrees(180)
    share = serializers.DecimalField(4, 2, required=False)
    most_accounts = serializers.IntegerField(
        min_value=0, max_value=2_147_483_647, required=False, allow_null=True
    )
    hours_a_year = serializers.DecimalField(6, 1, min_value=0, required=False, allow_null=True)
    skills = words()


class WorkFileInput(serializers.Serializer):
    file = serializers.FileField(
        validators=[small_enough], help_text="CSV in UTF-8, as on the page of the import."
    )


class StoredSerializer(serializers.Serializer):
    """What came of the rows of a file."""

    added = serializers.IntegerField()
    changed = serializers.IntegerField()
    unchanged = serializers.IntegerField()


class AccountWorkViewSet(EditViewSet):
    """Where accounts are, what they could buy in a year, and how often they are called on."""

    model = AccountWork
    selector = account_work_visible_to
    serializer_class = AccountWorkSerializer
    input_class = AccountWorkInput
    filterset_class = AccountWorkFilter
    actions = ACTIONS
    http_method_names = NO_DELETE
    ordering_fields = ["account__code", "potential", "calls_a_year"]
    ordering = ["account__code"]

    def create_by(self, person: Person, data: dict[str, Any]) -> AccountWork:
        account = data.pop("account")
        refuse_second(AccountWork.objects.filter(account=account).exists(), account, "account")
        data.pop("revision", None)
        return set_account_work(actor=person, account=account, revision=ALREADY, values=data)

    def change_by(self, person: Person, row: AccountWork, revision: int, data: dict[str, Any]) -> AccountWork:
        data.pop("account", None)
        return set_account_work(actor=person, account=row.account, revision=revision, values=data)

    @extend_schema(
        operation_id="account_work_import",
        request={"multipart/form-data": WorkFileInput},
        responses={200: StoredSerializer},
    )
    @action(detail=False, methods=["post"], url_path="import", parser_classes=[MultiPartParser])
    def import_file(self, request: Request) -> Response:
        """Store a CSV file: all of its rows, or none and a sentence for each bad one."""
        return Response(StoredSerializer(import_account_work(**_sent(request))).data)


class RepBaseViewSet(EditViewSet):
    """Where reps start from, how much they can take, and what they can."""

    model = RepBase
    selector = rep_bases_visible_to
    serializer_class = RepBaseSerializer
    input_class = RepBaseInput
    filterset_class = RepBaseFilter
    actions = ACTIONS
    http_method_names = NO_DELETE
    ordering_fields = ["rep__code", "share"]
    ordering = ["rep__code"]

    def create_by(self, person: Person, data: dict[str, Any]) -> RepBase:
        rep = data.pop("rep")
        refuse_second(RepBase.objects.filter(rep=rep).exists(), rep, "rep")
        data.pop("revision", None)
        return set_rep_base(actor=person, rep=rep, revision=ALREADY, values=data)

    def change_by(self, person: Person, row: RepBase, revision: int, data: dict[str, Any]) -> RepBase:
        data.pop("rep", None)
        return set_rep_base(actor=person, rep=row.rep, revision=revision, values=data)

    @extend_schema(
        operation_id="rep_bases_import",
        request={"multipart/form-data": WorkFileInput},
        responses={200: StoredSerializer},
    )
    @action(detail=False, methods=["post"], url_path="import", parser_classes=[MultiPartParser])
    def import_file(self, request: Request) -> Response:
        """Store a CSV file: all of its rows, or none and a sentence for each bad one."""
        return Response(StoredSerializer(import_rep_bases(**_sent(request))).data)


def refuse_second(exists: bool, about: Any, field: str) -> None:
    """Raises Invalid: what is there is changed, not added again."""
    if exists:
        raise Invalid(Reason(f"{about} has this already. Change it with PATCH.", "exists", field))


def _sent(request: Request) -> dict[str, Any]:
    sent = WorkFileInput(data=request.data)
    sent.is_valid(raise_exception=True)
    file = sent.validated_data["file"]
    return {"actor": person_of(request), "name": file.name, "data": file.read()}
