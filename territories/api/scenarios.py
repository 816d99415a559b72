"""Realignments by API: planned, solved, changed by hand, compared, approved, published, undone."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.access import person_of
from core.api.serializers import JobSerializer
from core.api.viewsets import EditViewSet, ReadViewSet
from core.errors import Invalid, Reason
from core.models import Person
from crm.selectors.accounts import own_reps, reps_visible_to
from territories.api import scenario_shapes as shapes
from territories.filters.scenarios import AnyScenarioAccountFilter, ScenarioFilter, ScenarioSolveFilter
from territories.models import Scenario, ScenarioAccount, ScenarioSolve
from territories.selectors.scenario_comparison import compare, sums_of
from territories.selectors.scenario_effects import held_until
from territories.selectors.scenarios import (
    scenario_accounts_visible_to,
    scenarios_visible_to,
    solves_visible_to,
    territories_to_choose,
    with_moves,
)
from territories.services.scenario_accounts import lock_accounts, move_accounts
from territories.services.scenario_moves import move_scenario
from territories.services.scenarios import (
    change_scenario,
    copy_scenario,
    create_scenario,
    read_again,
    start_solve,
)

VIEW, PLAN, WHOLE = "territories.view", "realignment.plan", "realignment.compare"


def _counted(person: Any) -> QuerySet[Scenario]:
    return with_moves(scenarios_visible_to(person))


class RealignmentViewSet(EditViewSet):
    """Proposals of who gets which account from a day on. Nothing changes before one is published."""

    model = Scenario
    selector = _counted
    serializer_class = shapes.RealignmentSerializer
    input_class = shapes.RealignmentInput
    filterset_class = ScenarioFilter
    ordering_fields = ["publish_on", "code", "moves"]
    ordering = ["-publish_on", "code"]
    http_method_names = ["get", "post", "patch", "head", "options"]
    actions = {
        "list": VIEW,
        "retrieve": VIEW,
        "create": PLAN,
        "partial_update": PLAN,
        "copy": PLAN,
        "solve": PLAN,
        "read_again": PLAN,
        "move": VIEW,
        "change_accounts": PLAN,
        "figures": WHOLE,
        "compare": WHOLE,
    }

    def create_by(self, person: Person, data: dict[str, Any]) -> Scenario:
        data.pop("revision", None)
        return self._again(create_scenario(actor=person, **data))

    def change_by(self, person: Person, row: Scenario, revision: int, data: dict[str, Any]) -> Scenario:
        if "model" in data:
            raise Invalid(Reason("A scenario keeps its territory model.", "invalid", "model"))
        return self._again(change_scenario(actor=person, scenario=row, revision=revision, changes=data))

    def _again(self, scenario: Scenario) -> Scenario:
        return _counted(self.request.user).get(pk=scenario.pk)

    @extend_schema(request=shapes.RealignmentCopyInput, responses={201: shapes.RealignmentSerializer})
    @action(detail=True, methods=["post"])
    def copy(self, request: Request, pk: str) -> Response:
        """A new draft with the same settings, proposals and locks."""
        data = _checked(shapes.RealignmentCopyInput, request)
        row = copy_scenario(actor=person_of(request), scenario=self.get_object(), **data)
        return Response(self._shown(self._again(row)), status=201)

    @extend_schema(request=shapes.RealignmentSolveInput, responses={202: JobSerializer})
    @action(detail=True, methods=["post"])
    def solve(self, request: Request, pk: str) -> Response:
        """Start the optimiser: 202 with the job. Refused (409) with every reason why it cannot be solved."""
        data = _checked(shapes.RealignmentSolveInput, request)
        job = start_solve(actor=person_of(request), scenario=self.get_object(), **data)
        return Response(JobSerializer(job).data, status=202)

    @extend_schema(request=None, responses=shapes.RealignmentSerializer)
    @action(detail=True, methods=["post"], url_path="read-again")
    def read_again(self, request: Request, pk: str) -> Response:
        """Take today's owners and amounts over into a draft; what is locked keeps its place."""
        row = read_again(actor=person_of(request), scenario=self.get_object())
        return Response(self._shown(self._again(row)))

    @extend_schema(request=shapes.RealignmentMoveInput, responses=shapes.RealignmentSerializer)
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: str) -> Response:
        """Submit, approve, reject, publish, undo, revise or withdraw. A refusal lists all reasons (409)."""
        data = _checked(shapes.RealignmentMoveInput, request)
        name = data.pop("move")
        moved = move_scenario(actor=person_of(request), scenario=self.get_object(), name=name, **data)
        return Response(self._shown(self._again(moved)))

    @extend_schema(request=shapes.RealignmentAccountsInput, responses=shapes.ChangedAccountsSerializer)
    @action(detail=True, methods=["post"], url_path="change-accounts")
    def change_accounts(self, request: Request, pk: str) -> Response:
        """Lock, unlock, move or put back accounts of a draft: all or none (409 when one is stale)."""
        data, scenario = _checked(shapes.RealignmentAccountsInput, request), self.get_object()
        rows = {row["id"]: row["revision"] for row in data["rows"]}
        person, do = person_of(request), data["do"]
        if do in {"lock", "unlock"}:
            changed = lock_accounts(actor=person, scenario=scenario, rows=rows, locked=do == "lock")
        else:
            where = _territory(scenario, data.get("territory", "")) if do == "move" else None
            changed = move_accounts(actor=person, scenario=scenario, rows=rows, territory=where)
        return Response({"changed": changed})

    @extend_schema(responses=shapes.RealignmentFiguresSerializer)
    @action(detail=True, methods=["get"])
    def figures(self, request: Request, pk: str) -> Response:
        """Balance, moves, distance, deals and quota of the whole realignment; the reps one may see."""
        person, scenario = person_of(request), self.get_object()
        sums = sums_of(scenario)
        team = None if own_reps(person) is None else set(reps_visible_to(person).values_list("pk", flat=True))
        names = ("accounts", "moved", "customers", "revenue", "moved_revenue", "km_before", "km_after")
        shown = {name: getattr(sums.figures, name) for name in names} | {
            "open_deals": sums.deals[0],
            "open_deals_amount": sums.deals[1],
            "quota_that_changes_hands": sums.quota,
            "quotas_that_change_hands": {key: amount for key, amount in sums.quotas.items() if key},
            "held_until": held_until(scenario),
            "balance": shapes.balance_shape(sums.figures),
            "reps": shapes.reps_shape(sums.figures, team),
        }
        return Response(shapes.RealignmentFiguresSerializer(shown).data)

    @extend_schema(
        parameters=[OpenApiParameter("scenario", int, many=True, required=True, description="Two to four.")],
        responses=shapes.ComparisonSerializer,
        filters=False,
    )
    @action(detail=False, methods=["get"], pagination_class=None)
    def compare(self, request: Request) -> Response:
        """Two to four realignments side by side, by number: ?scenario=1&scenario=2."""
        keys = {int(key) for key in request.GET.getlist("scenario") if key.isdigit() and len(key) < 10}
        rows = list(scenarios_visible_to(person_of(request)).filter(pk__in=keys).order_by("code"))
        figures = [
            {
                "figure": one.line.key,
                "title": one.line.label,
                "unit": one.line.unit,
                "values": one.values,
                "best": one.best,
            }
            for one in compare(rows)
        ]
        shown = {"scenarios": [row.code for row in rows], "figures": figures}
        return Response(shapes.ComparisonSerializer(shown).data)


class RealignmentAccountViewSet(ReadViewSet):
    """The accounts of realignments: who has them on the day, and who would get them."""

    model = ScenarioAccount
    selector = scenario_accounts_visible_to
    serializer_class = shapes.RealignmentAccountSerializer
    filterset_class = AnyScenarioAccountFilter
    ordering_fields = ["revenue", "potential", "workload"]
    ordering = ["scenario", "account"]
    actions = {"list": VIEW, "retrieve": VIEW}


class RealignmentSolveViewSet(ReadViewSet):
    """What the optimiser made: objective, bound, gap, seed, seconds, and limits that had to give."""

    model = ScenarioSolve
    selector = solves_visible_to
    serializer_class = shapes.RealignmentSolveSerializer
    filterset_class = ScenarioSolveFilter
    ordering_fields = ["id"]
    ordering = ["-id"]
    actions = {"list": "realignment.plan", "retrieve": "realignment.plan"}


def _checked(kind: Any, request: Request) -> dict[str, Any]:
    sent = kind(data=request.data)
    sent.is_valid(raise_exception=True)
    return dict(sent.validated_data)


def _territory(scenario: Scenario, code: str) -> Any:
    found = territories_to_choose(scenario).filter(code=code).first()
    if found is None:
        text = f"No territory “{code}” with an owner on that day is in {scenario.model}."
        raise Invalid(Reason(text, "unknown", "territory"))
    return found
