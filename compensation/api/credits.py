"""Credits by API: the list, why, making them, deals that nobody is credited for, rules."""

from typing import Any, ClassVar

from django.db.models import Model
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from compensation.api import credit_shapes as shapes
from compensation.api.plans import checked
from compensation.filters.credits import CreditFilter, MissingFilter, RuleFilter
from compensation.models import Credit, CreditRule
from compensation.selectors.credit_reasons import reasons_of_credit
from compensation.selectors.credit_rules import rules_visible_to
from compensation.selectors.credits import credits_visible_to
from compensation.selectors.credits_current import credits_are_current, newest_credit_run
from compensation.selectors.credits_missing import mends_of, uncredited_deals
from compensation.services.credit_rules import add_rule, change_rule, try_rule
from compensation.services.credits import start_making_credits
from core.access import person_of
from core.api.permissions import DeclaredAction
from core.api.serializers import JobSerializer
from core.api.viewsets import EditViewSet, ReadViewSet
from crm.models import Deal

OWN, READ, CREDIT = "pay.own", "pay.plans", "pay.credit"
NO_DELETE = ["get", "post", "patch", "head", "options"]


class CreditViewSet(ReadViewSet):
    """What counts for whom: the own credits, or those of the reps whose pay you see."""

    model = Credit
    selector = credits_visible_to
    serializer_class = shapes.CreditSerializer
    filterset_class = CreditFilter
    ordering_fields = ["day", "amount", "id"]
    ordering = ["-day", "-id"]
    actions = {"list": OWN, "retrieve": OWN, "why": OWN}

    @extend_schema(responses=shapes.BecauseSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def why(self, request: Request, pk: str) -> Response:
        """What led to a credit: the rule, who covered the account that day, the split, what it takes back."""
        found = reasons_of_credit(person_of(request), self.get_object())
        return Response(shapes.BecauseSerializer(found, many=True).data)


class MissingCreditViewSet(ReadViewSet):
    """Won deals that nobody is directly credited for, the largest first, and what would mend it."""

    model = Deal
    selector = uncredited_deals
    serializer_class = shapes.MissingCreditSerializer
    filterset_class = MissingFilter
    ordering_fields = ["base_amount", "closed"]
    ordering = ["-base_amount", "id"]
    actions = {"list": READ, "retrieve": READ}

    def paginate_queryset(self, queryset: Any) -> Any:
        rows: Any = super().paginate_queryset(queryset)
        mends = mends_of(rows)
        for row in rows:
            row.mend = mends[row.pk]
        return rows

    def get_object(self) -> Any:
        row = super().get_object()
        row.mend = mends_of([row])[row.pk]
        return row


class CreditMakingView(APIView):
    """Whether credits are current, and making them anew."""

    permission_classes = [DeclaredAction]
    actions = {"get": READ, "post": CREDIT}

    @extend_schema(responses=shapes.CreditStateSerializer)
    def get(self, request: Request) -> Response:
        """Whether credits still follow from deals, papers, sales lines and rules."""
        state = {"current": credits_are_current(), "newest": newest_credit_run()}
        return Response(shapes.CreditStateSerializer(state).data)

    @extend_schema(request=None, responses={202: JobSerializer})
    def post(self, request: Request) -> Response:
        """Make all credits anew, as a job. The same work while it waits or runs is one job."""
        job = start_making_credits(actor=person_of(request))
        return Response(JobSerializer(job).data, status=202)


class CreditRuleViewSet(EditViewSet):
    """Who gets which share of what, on which days. Direct rules are tried by position until one finds
    somebody; rules of the other kinds add to it. Rules count from the next making of credits."""

    model = CreditRule
    selector = rules_visible_to
    serializer_class = shapes.CreditRuleSerializer
    input_class = shapes.CreditRuleInput
    filterset_class = RuleFilter
    http_method_names = NO_DELETE
    ordering_fields: ClassVar[list[str]] = ["kind", "position", "name"]
    ordering = ["kind", "position", "id"]
    actions = {
        "list": READ,
        "retrieve": READ,
        "create": CREDIT,
        "partial_update": CREDIT,
        "dry_run": CREDIT,
        "dry_run_of": CREDIT,
    }

    def create_by(self, person: Any, data: dict[str, Any]) -> Model:
        data.pop("revision", None)
        return add_rule(actor=person, values=data)

    def change_by(self, person: Any, row: Any, revision: int, data: dict[str, Any]) -> Model:
        return change_rule(actor=person, rule=row, revision=revision, changes=data)

    @extend_schema(request=shapes.CreditRuleInput, responses=shapes.DryRunSerializer)
    @action(detail=False, methods=["post"], url_path="dry-run-new", url_name="dry-run-new")
    def dry_run(self, request: Request) -> Response:
        """What a new rule would change; nothing is stored."""
        data = checked(shapes.CreditRuleInput, request)
        data.pop("revision", None)
        found = try_rule(actor=person_of(request), values=data)
        return Response(shapes.DryRunSerializer(found).data)

    @extend_schema(request=shapes.CreditRuleInput, responses=shapes.DryRunSerializer)
    @action(detail=True, methods=["post"], url_path="dry-run", url_name="dry-run")
    def dry_run_of(self, request: Request, pk: str) -> Response:
        """What changing a rule would change; nothing is stored."""
        data = self._checked(request, partial=True)
        rule = self.get_object()
        revision = data.pop("revision", rule.revision)
        found = try_rule(actor=person_of(request), values=data, rule=rule, revision=revision)
        return Response(shapes.DryRunSerializer(found).data)
