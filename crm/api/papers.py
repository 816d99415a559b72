"""Order papers by API: list, write, change, move, report deliveries, and what is wrong with them."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.base import code, code_of
from catalog.selectors import currencies_visible_to
from core.access import person_of
from core.api.viewsets import EditViewSet, ReadViewSet
from core.models import Person
from crm.engine.paper_moves import PAPER_MOVES
from crm.filters.papers import ExceptionFilter, PaperFilter
from crm.models import OrderPaper, PaperKind
from crm.selectors.accounts import accounts_visible_to
from crm.selectors.deals import live_deals_visible_to
from crm.selectors.paper_exceptions import KINDS, exceptions_visible_to, kinds_of
from crm.selectors.papers import accountable, papers_visible_to
from crm.services.paper_moves import approve_afterwards, move_paper, report_delivery
from crm.services.papers import change_paper, create_paper

MOST = 2**31 - 1
PROBLEMS = [(kind.code, kind.label) for kind in KINDS]


class VisibleRow(serializers.PrimaryKeyRelatedField):
    """Another row by its id, one of those that the caller may see."""

    def __init__(self, selector: Any, **options: Any) -> None:
        self.selector = selector
        # DRF asks for some query set here; a selector's would read the database while modules are loaded
        super().__init__(queryset=OrderPaper.objects.none(), **options)

    def get_queryset(self) -> QuerySet:
        request = self.context.get("request")
        return self.selector(request.user if request else None)


class PaperSerializer(serializers.ModelSerializer):
    account, currency = code(), code()
    deal_external_id = serializers.CharField(source="deal.external_id", default=None, read_only=True)
    owner = serializers.EmailField(source="owner.email", default=None, read_only=True)
    accountable = serializers.SerializerMethodField(help_text="Who looks after it, by name.")
    submitted_by = serializers.EmailField(source="submitted_by.email", default=None, read_only=True)
    approved_by = serializers.EmailField(source="approved_by.email", default=None, read_only=True)
    worth = serializers.DecimalField(
        18, 4, read_only=True, allow_null=True, help_text="In base currency, at the latest month's rate."
    )

    class Meta:
        model = OrderPaper
        fields = [
            *(
                "id",
                "source",
                "external_id",
                "number",
                "kind",
                "state",
                "deal",
                "deal_external_id",
                "account",
            ),
            *("follows", "amount", "currency", "worth", "discount_percent", "delivered_percent", "due"),
            *("document", "owner", "accountable", "submitted_by", "approved_by", "changed_state", "revision"),
        ]

    def get_accountable(self, paper: OrderPaper) -> str:
        return accountable(paper)


class PaperInput(serializers.Serializer):
    kind = serializers.ChoiceField(choices=PaperKind.choices)
    number = serializers.CharField(
        max_length=80, required=False, allow_blank=True, help_text="Without one: the next of its kind."
    )
    account = code_of(
        accounts_visible_to, required=False, allow_null=True, help_text="Without one: the deal's."
    )
    deal = VisibleRow(live_deals_visible_to, required=False, allow_null=True)
    follows = VisibleRow(papers_visible_to, required=False, allow_null=True)
    amount = serializers.DecimalField(18, 4, min_value=0)
    currency = code_of(currencies_visible_to)
    discount_percent = serializers.DecimalField(5, 2, min_value=0, max_value=100, required=False)
    due = serializers.DateField(required=False, allow_null=True)
    document = serializers.URLField(max_length=500, required=False, allow_blank=True)
    owner: Any = serializers.SlugRelatedField(
        slug_field="email", queryset=Person.objects.filter(is_active=True), required=False, allow_null=True
    )
    revision = serializers.IntegerField(
        min_value=1, max_value=MOST, required=False, help_text="Needed in a PATCH."
    )


class PaperMoveInput(serializers.Serializer):
    move = serializers.ChoiceField(choices=[(name, name) for name in PAPER_MOVES.names])
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class ApprovalInput(serializers.Serializer):
    reason = serializers.CharField(max_length=500)


class DeliveryInput(serializers.Serializer):
    delivered_percent = serializers.DecimalField(5, 2, min_value=0, max_value=100)
    revision = serializers.IntegerField(min_value=1, max_value=MOST)


class PaperExceptionSerializer(PaperSerializer):
    problems = serializers.SerializerMethodField(help_text="What is wrong, the worst first.")

    class Meta(PaperSerializer.Meta):
        fields = [*PaperSerializer.Meta.fields, "problems"]

    @extend_schema_field(serializers.ListField(child=serializers.ChoiceField(choices=PROBLEMS)))
    def get_problems(self, paper: OrderPaper) -> list[str]:
        return [kind.code for kind in kinds_of(paper)]


class PaperViewSet(EditViewSet):
    """Quotes, contracts, orders and invoices. Papers of other systems change there."""

    model = OrderPaper
    selector = papers_visible_to
    serializer_class = PaperSerializer
    input_class = PaperInput
    filterset_class = PaperFilter
    ordering_fields = ["number", "due", "amount", "worth", "changed_state"]
    ordering = ["-changed_state", "-id"]
    http_method_names = ["get", "post", "patch", "head", "options"]
    actions = {
        "list": "papers.view",
        "retrieve": "papers.view",
        "create": "papers.edit",
        "partial_update": "papers.edit",
        "move": "papers.view",
        "delivery": "papers.edit",
        "approval": "papers.approve",
    }

    def create_by(self, person: Person, data: dict[str, Any]) -> OrderPaper:
        data.pop("revision", None)
        return self._shown_to(person, create_paper(actor=person, values=data))

    def change_by(self, person: Person, row: OrderPaper, revision: int, data: dict[str, Any]) -> OrderPaper:
        saved = change_paper(actor=person, paper=row, revision=revision, changes=data)
        return self._shown_to(person, saved)

    def _shown_to(self, person: Person, paper: OrderPaper) -> OrderPaper:
        return papers_visible_to(person).get(pk=paper.pk)

    @extend_schema(request=PaperMoveInput, responses=PaperSerializer)
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: str) -> Response:
        """Send, ask, approve, sign, invoice, pay … A refusal lists all its reasons (409)."""
        sent = PaperMoveInput(data=request.data)
        sent.is_valid(raise_exception=True)
        person, data = person_of(request), sent.validated_data
        moved = move_paper(actor=person, paper=self.get_object(), name=data["move"], reason=data["reason"])
        return Response(PaperSerializer(self._shown_to(person, moved)).data)

    @extend_schema(request=DeliveryInput, responses=PaperSerializer)
    @action(detail=True, methods=["post"])
    def delivery(self, request: Request, pk: str) -> Response:
        """Report how much of an order or contract is delivered, in percent."""
        sent = DeliveryInput(data=request.data)
        sent.is_valid(raise_exception=True)
        person = person_of(request)
        saved = report_delivery(actor=person, paper=self.get_object(), **sent.validated_data)
        return Response(PaperSerializer(self._shown_to(person, saved)).data)

    @extend_schema(request=ApprovalInput, responses=PaperSerializer)
    @action(detail=True, methods=["post"])
    def approval(self, request: Request, pk: str) -> Response:
        """Approve a paper that went out in another system above the limits."""
        sent = ApprovalInput(data=request.data)
        sent.is_valid(raise_exception=True)
        person = person_of(request)
        saved = approve_afterwards(actor=person, paper=self.get_object(), **sent.validated_data)
        return Response(PaperSerializer(self._shown_to(person, saved)).data)


class PaperExceptionViewSet(ReadViewSet):
    """Order papers that something is wrong with, the dearest first."""

    model = OrderPaper
    selector = exceptions_visible_to
    serializer_class = PaperExceptionSerializer
    filterset_class = ExceptionFilter
    ordering_fields = ["worth", "due"]
    actions = {"list": "papers.view", "retrieve": "papers.view"}
