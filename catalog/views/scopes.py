"""What a person is narrowed to: the page of the technical advisor."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from catalog.columns import family_url, market_url
from catalog.models import Scope
from catalog.selectors import families_visible_to, markets_visible_to, scopes_visible_to
from catalog.services import add_scope, remove_scope
from core.access import Page, person_of
from core.models import Person
from core.pages import FormPage

MANAGE = "people.manage"


class ScopeForm(forms.Form):
    market: Any = forms.ModelChoiceField(None, required=False, to_field_name="code")
    family: Any = forms.ModelChoiceField(None, required=False, to_field_name="code")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = {"market": markets_visible_to(None), "family": families_visible_to(None)}
        for name, rows in offered.items():
            field: Any = self.fields[name]
            field.queryset = rows


class ScopePage(FormPage):
    """The lines that narrow a person, and a form that adds one."""

    action = MANAGE
    form_class = ScopeForm
    submit_label = "Add to the scope"
    done = "{row} is added to the scope."
    template_name = "catalog/scope.html"

    def rows(self, request: HttpRequest) -> Any:
        return Person.objects.all()

    def title(self, row: Any) -> str:
        return f"What {row} sees"

    def save(self, request: HttpRequest, row: Any, data: dict[str, Any]) -> Scope:
        return add_scope(actor=person_of(request), person=row, **data)

    def done_url(self, request: HttpRequest, saved: Any) -> str:
        person = saved if isinstance(saved, Person) else saved.person
        return reverse("catalog:scope", args=[person.pk])

    def more(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        lines = [
            {
                "row": scope,
                "kind": "Market" if scope.market else "Family",
                "url": market_url(scope.market) if scope.market else family_url(scope.family),
                "remove_url": reverse("catalog:scope-remove", args=[row.pk, scope.pk]),
            }
            for scope in scopes_visible_to(person_of(request)).filter(person=row)
        ]
        return {"lines": lines, "cancel_url": ""}


class ScopeRemove(Page):
    """Takes one line away."""

    action = MANAGE
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int, scope: int) -> HttpResponse:
        person = person_of(request)
        row = get_object_or_404(scopes_visible_to(person).filter(person=pk), pk=scope)
        remove_scope(actor=person, scope=row)
        messages.success(request, f"{row} is taken out of the scope.")
        return redirect("catalog:scope", pk=pk)
