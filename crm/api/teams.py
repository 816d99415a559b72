"""Contacts, teams and who belongs to them in the API."""

from typing import Any

from django.db.models import Model
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.base import NamedInput, RevisionInput, code, code_of
from core.access import person_of
from core.api.viewsets import EditViewSet
from core.errors import Invalid, Reason
from crm.filters.accounts import ContactFilter, MembershipFilter, TeamListFilter
from crm.models import Contact, Team, TeamMembership
from crm.selectors.accounts import accounts_visible_to, contacts_visible_to, reps_visible_to
from crm.selectors.teams import last_day, memberships_visible_to, teams_visible_to
from crm.services.contacts import change_contact, create_contact, remove_contact
from crm.services.teams import change_team, create_team, end_membership, put_into_team

TEAM_ACTIONS = {
    "list": "crm.view",
    "retrieve": "crm.view",
    "create": "teams.manage",
    "partial_update": "teams.manage",
}


class ContactSerializer(serializers.ModelSerializer):
    """Whom to call at an account."""

    account = code()

    class Meta:
        model = Contact
        fields = ["id", "revision", "account", "name", "email", "phone", "job_title", "is_active"]


class ContactInput(RevisionInput):
    account = code_of(accounts_visible_to)
    name = serializers.CharField(max_length=120)
    email = serializers.EmailField(required=False, allow_blank=True)
    phone = serializers.CharField(max_length=40, required=False, allow_blank=True)
    job_title = serializers.CharField(max_length=120, required=False, allow_blank=True)
    is_active = serializers.BooleanField(required=False)


class ContactViewSet(EditViewSet):
    """Whom to call at an account: kept to the minimum. Deleting one leaves nothing personal behind."""

    model = Contact
    selector = contacts_visible_to
    serializer_class = ContactSerializer
    input_class = ContactInput
    filterset_class = ContactFilter
    actions = {
        "list": "crm.view",
        "retrieve": "crm.view",
        "create": "crm.edit",
        "partial_update": "crm.edit",
        "destroy": "crm.edit",
    }
    ordering_fields = ["name", "account"]
    ordering = ["id"]

    def create_by(self, person: Any, data: dict[str, Any]) -> Model:
        data.pop("revision", None)
        return create_contact(actor=person, values=data)

    def change_by(self, person: Any, row: Any, revision: int, data: dict[str, Any]) -> Model:
        return change_contact(actor=person, row=row, revision=revision, changes=data)

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Forget the person."""
        remove_contact(actor=person_of(request), row=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)


class TeamSerializer(serializers.ModelSerializer):
    leader = code()

    class Meta:
        model = Team
        fields = ["id", "revision", "code", "name", "leader", "is_active"]


class TeamInput(NamedInput):
    leader = code_of(reps_visible_to, required=False, allow_null=True)
    is_active = serializers.BooleanField(required=False)


class TeamViewSet(EditViewSet):
    """Reps who are looked at together."""

    model = Team
    selector = teams_visible_to
    serializer_class = TeamSerializer
    input_class = TeamInput
    filterset_class = TeamListFilter
    actions = TEAM_ACTIONS
    ordering_fields = ["code", "name"]
    ordering = ["code"]

    def create_by(self, person: Any, data: dict[str, Any]) -> Model:
        data.pop("revision", None)
        return create_team(actor=person, values=data)

    def change_by(self, person: Any, row: Any, revision: int, data: dict[str, Any]) -> Model:
        return change_team(actor=person, row=row, revision=revision, changes=data)


class MembershipSerializer(serializers.ModelSerializer):
    """The days on which a rep belongs to a team, both included; without `last` it stays open."""

    team, rep = code(), code()
    first = serializers.DateField(source="days.lower", read_only=True, allow_null=True)
    last = serializers.SerializerMethodField()

    class Meta:
        model = TeamMembership
        fields = ["id", "revision", "team", "rep", "first", "last"]

    def get_last(self, row: TeamMembership) -> str | None:
        day = last_day(row)
        return day.isoformat() if day else None


class MembershipInput(RevisionInput):
    """A new membership needs team, rep and first day; of one that is there the last day can be set."""

    team = code_of(teams_visible_to, required=False)
    rep = code_of(reps_visible_to, required=False)
    first = serializers.DateField(required=False)
    last = serializers.DateField(required=False, allow_null=True)


class MembershipViewSet(EditViewSet):
    """Who belongs to which team. A new membership ends the one before it."""

    model = TeamMembership
    selector = memberships_visible_to
    serializer_class = MembershipSerializer
    input_class = MembershipInput
    filterset_class = MembershipFilter
    actions = TEAM_ACTIONS
    ordering_fields = ["team", "rep", "days"]
    ordering = ["id"]

    def create_by(self, person: Any, data: dict[str, Any]) -> Model:
        missing = [name for name in ("team", "rep", "first") if data.get(name) is None]
        if missing:
            raise Invalid(*(Reason("This is needed.", "required", name) for name in missing))
        data.pop("revision", None)
        return put_into_team(actor=person, **data)

    def change_by(self, person: Any, row: Any, revision: int, data: dict[str, Any]) -> Model:
        if data.get("last") is None or set(data) != {"last"}:
            text = "Only the last day can be set. Put the rep into another team instead."
            raise Invalid(Reason(text, "invalid", "last"))
        return end_membership(actor=person, row=row, revision=revision, last=data["last"])
