"""The plan builder and goals documents by API."""

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from compensation.api import builder_shapes as shapes
from compensation.api.plan_shapes import PlanVersionSerializer
from compensation.api.plans import checked
from compensation.filters.plans import AcceptanceFilter
from compensation.models import PlanAcceptance, PlanVersion
from compensation.selectors.builder import built, text_of
from compensation.selectors.goals import acceptances_visible_to, rep_of
from compensation.selectors.plans import plans_visible_to, versions_visible_to
from compensation.selectors.scope import reps_paid_visible_to
from compensation.services.acceptances import accept_plan, remind, standing_of, standings
from compensation.services.builder import (
    arrange_component,
    import_plan,
    import_version,
    plan_from_template,
    save_component,
    save_settings,
    use_template,
)
from core.access import person_of
from core.api.viewsets import ReadViewSet

PLANS, PLAN, OWN, VIEW, ACCEPT = "pay.plans", "pay.plan", "pay.own", "pay.view", "pay.accept"
REP = OpenApiParameter("rep", str, description="Code of the rep; the own without it.")


class PlanBuilderViewSet(ReadViewSet):
    """Versions of plans, built part by part: components, settings, templates, YAML."""

    model = PlanVersion
    selector = versions_visible_to
    serializer_class = PlanVersionSerializer
    ordering_fields = ["starts", "number"]
    ordering = ["id"]
    actions = {
        "list": PLANS,
        "retrieve": PLANS,
        "told": PLANS,
        "yaml": PLANS,
        "component": PLAN,
        "arrange": PLAN,
        "general": PLAN,
        "template": PLAN,
        "start": PLAN,
        "load": PLAN,
    }

    def _answer(self, version: PlanVersion, status: int = 200) -> Response:
        fresh = versions_visible_to(person_of(self.request)).get(pk=version.pk)
        context = self.get_serializer_context()
        return Response(PlanVersionSerializer(fresh, context=context).data, status=status)

    @extend_schema(responses=shapes.ToldPlanSerializer)
    @action(detail=True, methods=["get"])
    def told(self, request: Request, pk: str) -> Response:
        """The version in plain words, with each component's pay by attainment."""
        made = built(self.get_object())
        components = [
            {
                "code": card.component.code,
                "name": card.component.name,
                "form": card.component.form.value,
                "words": card.words,
                "levels": [f"{one:f}" for one in card.curve.levels] if card.curve else [],
                "pay": [f"{one:f}" for one in card.curve.pay] if card.curve else [],
            }
            for card in made.cards
        ]
        said = {"version": made.version.pk, "revision": made.version.revision, "components": components}
        shown = {**said, "faults": made.faults, "words": made.words}
        return Response(shapes.ToldPlanSerializer(shown).data)

    @extend_schema(responses=shapes.PlanTextSerializer)
    @action(detail=True, methods=["get"])
    def yaml(self, request: Request, pk: str) -> Response:
        """The version as YAML."""
        return Response(shapes.PlanTextSerializer({"text": text_of(self.get_object())}).data)

    @extend_schema(request=shapes.ComponentInput, responses=PlanVersionSerializer)
    @action(detail=True, methods=["post"])
    def component(self, request: Request, pk: str) -> Response:
        """Change the component with a code, or add one."""
        data = checked(shapes.ComponentInput, request)
        person, said = person_of(request), data.pop("component")
        return self._answer(save_component(actor=person, version=self.get_object(), said=said, **data))

    @extend_schema(request=shapes.ArrangeInput, responses=PlanVersionSerializer)
    @action(detail=True, methods=["post"])
    def arrange(self, request: Request, pk: str) -> Response:
        """Move a component up or down, duplicate or remove it."""
        data = checked(shapes.ArrangeInput, request)
        return self._answer(arrange_component(actor=person_of(request), version=self.get_object(), **data))

    @extend_schema(request=shapes.PlanSettingsInput, responses=PlanVersionSerializer)
    @action(detail=True, methods=["post"], url_path="settings")
    def general(self, request: Request, pk: str) -> Response:
        """Give the whole plan other settings."""
        data = checked(shapes.PlanSettingsInput, request)
        person, said = person_of(request), data.pop("settings")
        return self._answer(save_settings(actor=person, version=self.get_object(), said=said, **data))

    @extend_schema(request=shapes.TemplateInput, responses=PlanVersionSerializer)
    @action(detail=True, methods=["post"])
    def template(self, request: Request, pk: str) -> Response:
        """Begin an empty draft with a template, or add its components."""
        data = checked(shapes.TemplateInput, request)
        return self._answer(use_template(actor=person_of(request), version=self.get_object(), **data))

    @extend_schema(request=shapes.PlanFromTemplateInput, responses={201: PlanVersionSerializer})
    @action(detail=False, methods=["post"])
    def start(self, request: Request) -> Response:
        """A new plan with a draft made from a template."""
        data = checked(shapes.PlanFromTemplateInput, request)
        return self._answer(plan_from_template(actor=person_of(request), **data), 201)

    @extend_schema(request=shapes.PlanTextInput, responses={201: PlanVersionSerializer})
    @action(detail=False, methods=["post"], url_path="import")
    def load(self, request: Request) -> Response:
        """Take a YAML text as a new plan, or as the draft of one that is there."""
        data = checked(shapes.PlanTextInput, request)
        person, text = person_of(request), data["text"]
        found = plans_visible_to(person).filter(code=data["code"]).first()
        if found is None:
            made = import_plan(actor=person, code=data["code"], name=data["name"], text=text)
            return self._answer(made, 201)
        made = import_version(
            actor=person, plan=found, text=text, revision=data["revision"], starts=data["starts"]
        )
        return self._answer(made, 201)


class PlanAcceptanceViewSet(ReadViewSet):
    """Goals documents: the own and those below, what was accepted, who has not."""

    model = PlanAcceptance
    selector = acceptances_visible_to
    serializer_class = shapes.PlanAcceptanceSerializer
    filterset_class = AcceptanceFilter
    ordering_fields = ["accepted"]
    ordering = ["-accepted"]
    actions = {
        "list": OWN,
        "retrieve": OWN,
        "goals": OWN,
        "accept": ACCEPT,
        "state": VIEW,
        "remind": VIEW,
    }

    @extend_schema(parameters=[REP], responses=shapes.GoalsSerializer(many=True))
    @action(detail=False, methods=["get"], pagination_class=None, filterset_class=None)
    def goals(self, request: Request) -> Response:
        """The documents of a rep whose pay one may see, for the versions that hold now or later."""
        person, asked = person_of(request), request.query_params.get("rep")
        rep = get_object_or_404(reps_paid_visible_to(person), code=asked) if asked else rep_of(person)
        rows = standing_of(rep) if rep else []
        return Response(shapes.GoalsSerializer(rows, many=True).data)

    @extend_schema(request=shapes.GoalsAcceptInput, responses={201: shapes.PlanAcceptanceSerializer})
    @action(detail=False, methods=["post"])
    def accept(self, request: Request) -> Response:
        """Accept the own document of a version, as it was read, by the own name."""
        data = checked(shapes.GoalsAcceptInput, request)
        version = get_object_or_404(PlanVersion, pk=data["version"])
        row = accept_plan(
            actor=person_of(request),
            version=version,
            document_hash=data["hash"],
            typed_name=data["typed_name"],
        )
        return Response(shapes.PlanAcceptanceSerializer(row).data, status=201)

    @extend_schema(responses=shapes.AcceptanceStateSerializer(many=True))
    @action(detail=False, methods=["get"], pagination_class=None, filterset_class=None)
    def state(self, request: Request) -> Response:
        """Who has accepted and who has not, of the reps whose pay one may see."""
        return Response(shapes.AcceptanceStateSerializer(standings(person_of(request)), many=True).data)

    @extend_schema(request=None, responses=shapes.RemindedSerializer)
    @action(detail=False, methods=["post"])
    def remind(self, request: Request) -> Response:
        """Remind those who have not accepted, at most once a day."""
        told = remind(actor=person_of(request))
        return Response(shapes.RemindedSerializer({"reminded": [rep.code for rep in told]}).data)
