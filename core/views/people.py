"""People and rights: who may sign in, and who may do what."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_POST
from django_filters import BooleanFilter, CharFilter, ChoiceFilter, FilterSet

from core import slots
from core.access import person_of, requires
from core.listing import Column, Empty, ListPage
from core.models import ApiToken, Person
from core.pages import AddPage, DetailPage, EditPage, Section, table_section
from core.roles import Role
from core.selectors.events import events_visible_to
from core.selectors.people import people_visible_to, rights_matrix, tokens_of
from core.services import add_person, change_person, give_temporary_password, revoke_token
from core.services.people import new_password
from core.views.events import EVENT_COLUMNS

ACTIVE = Column(
    "is_active",
    "Access",
    value=lambda person: "Active" if person.is_active else "Deactivated",
    kind="badge",
    order="is_active",
    tone=lambda person: "good" if person.is_active else "quiet",
)
COLUMNS = [
    Column("name", "Name", order="name"),
    Column("email", "E-mail", order="email"),
    Column("role_labels", "Roles"),
    Column("job_title", "Job title", order="job_title"),
    ACTIVE,
    Column("last_login", "Last sign-in", kind="time", order="last_login"),
]


class PeopleFilter(FilterSet):
    q = CharFilter(label="Name or e-mail", method="search")
    role = ChoiceFilter(label="Role", choices=Role.choices, method="with_role")
    is_active = BooleanFilter(label="Active")

    class Meta:
        model = Person
        fields: list[str] = []

    def search(self, people: QuerySet, name: str, value: str) -> QuerySet:
        return people.filter(name__icontains=value) | people.filter(email__icontains=value)

    def with_role(self, people: QuerySet, name: str, value: str) -> QuerySet:
        return people.filter(roles__contains=[value])


class PeoplePage(ListPage):
    action = "people.view"
    title = "People"
    columns = COLUMNS
    filterset_class = PeopleFilter
    default_order = "name"
    empty = Empty("Nobody matches", "People are added by the technical operations advisor.")

    def rows(self, request: HttpRequest) -> QuerySet:
        return people_visible_to(request.user)

    def row_url(self, row: Person) -> str:
        return reverse("core:person", args=[row.pk])

    def more(self, request: HttpRequest) -> dict[str, Any]:
        if not slots.may(request.user, "people.manage"):
            return {}
        return {"primary": {"label": "Add a person", "url": reverse("core:person-add")}}


class PersonPage(DetailPage):
    action = "people.view"
    pretitle = "People"
    edit = ("people.manage", "core:person-edit")
    template_name = "core/person.html"
    facts = [
        Column("email", "E-mail"),
        Column("job_title", "Job title"),
        Column("role_labels", "Roles"),
        ACTIVE,
        Column("joined", "Added", kind="time"),
        Column("last_login", "Last sign-in", kind="time"),
        Column("has_password", "Signs in by", value=lambda p: _sign_in_of(p)),
    ]

    def rows(self, request: HttpRequest) -> QuerySet:
        return people_visible_to(request.user)

    def sections(self, request: HttpRequest, row: Person) -> list[Section]:
        if not slots.may(request.user, "people.manage"):
            return []
        return [
            table_section("API tokens", tokens_of(row), TOKEN_COLUMNS, empty=NO_TOKENS),
            table_section(
                "Recent activity",
                events_visible_to(request.user).filter(actor=row)[:15],
                EVENT_COLUMNS,
                empty=Empty("Nothing yet", "What this person does is listed here."),
                row_url=lambda event: reverse("core:event", args=[event.pk]),
            ),
        ]

    def more(self, request: HttpRequest, row: Person) -> dict[str, Any]:
        return {
            "person_links": slots.links_about(request.user, row),
            "may_manage": slots.may(request.user, "people.manage"),
        }


TOKEN_COLUMNS = [
    Column("label", "For"),
    Column("token_key", "Begins with", kind="code"),
    Column("created", "Created", kind="time"),
    Column("last_used", "Last used", kind="time"),
]
NO_TOKENS = Empty("No tokens", "A token lets a program use the API in this person's name.")
BY_PASSWORD, BY_OPENID = "password", "openid"


class PersonForm(forms.Form):
    """Who somebody is and what they may do."""

    name = forms.CharField(max_length=120)
    email = forms.EmailField(label="E-mail", help_text="The name to sign in with.")
    job_title = forms.CharField(max_length=120, required=False)
    roles = forms.MultipleChoiceField(
        choices=Role.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Rights add up. Somebody without a role may open nothing.",
    )


class NewPersonForm(PersonForm):
    sign_in = forms.ChoiceField(
        label="Signs in by",
        widget=forms.RadioSelect,
        initial=BY_PASSWORD,
        choices=[
            (BY_PASSWORD, "A temporary password, shown once after saving"),
            (BY_OPENID, "The company account only (OpenID Connect)"),
        ],
    )


class PersonEditForm(PersonForm):
    is_active = forms.BooleanField(
        label="May sign in",
        required=False,
        help_text="Without it, sessions and tokens end at once. What the person did stays.",
    )
    reason = forms.CharField(required=False, max_length=300)


class PersonAdd(AddPage):
    action = "people.manage"
    form_class = NewPersonForm
    heading = "Add a person"
    submit_label = "Add the person"

    def save(self, request: HttpRequest, row: Any, data: dict[str, Any]) -> Person:
        password = new_password() if data.pop("sign_in") == BY_PASSWORD else None
        person = add_person(actor=person_of(request), password=password, **data)
        if password:
            _show_once(request, person, password)
        return person

    def done_url(self, request: HttpRequest, saved: Person) -> str:
        return reverse("core:person", args=[saved.pk])

    def cancel_url(self, request: HttpRequest, row: Any) -> str:
        return reverse("core:people")


class PersonEdit(EditPage):
    action = "people.manage"
    form_class = PersonEditForm

    def rows(self, request: HttpRequest) -> QuerySet:
        return people_visible_to(request.user)

    def change(self, request: HttpRequest, row: Person, revision: int, data: dict[str, Any]) -> Person:
        reason = data.pop("reason")
        return change_person(
            actor=person_of(request), person=row, revision=revision, changes=data, reason=reason
        )

    def done_url(self, request: HttpRequest, saved: Person) -> str:
        return reverse("core:person", args=[saved.pk])


@require_POST
@requires("people.manage")
def person_password(request: HttpRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(people_visible_to(request.user), pk=pk)
    _show_once(request, person, give_temporary_password(actor=person_of(request), person=person))
    return redirect("core:person", pk=pk)


@require_POST
@requires("people.manage")
def person_token_revoke(request: HttpRequest, pk: int, token_key: str) -> HttpResponse:
    person = get_object_or_404(people_visible_to(request.user), pk=pk)
    token: ApiToken = get_object_or_404(tokens_of(person), token_key=token_key)
    revoke_token(actor=person_of(request), token=token)
    messages.success(request, f"The token “{token.label}” no longer works.")
    return redirect("core:person", pk=pk)


@requires("people.view")
def rights(request: HttpRequest) -> HttpResponse:
    """The whole matrix in words."""
    return render(request, "core/rights.html", {"roles": Role.labels, "matrix": rights_matrix()})


def _sign_in_of(person: Person) -> str:
    return "Password or company account" if person.has_usable_password() else "Company account only"


def _show_once(request: HttpRequest, person: Person, password: str) -> None:
    text = "Temporary password of {}, shown only now: <code>{}</code> Ask them to change it at once."
    messages.warning(request, format_html(text, person.name, password))
