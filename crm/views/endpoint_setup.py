"""Connecting a CRM step by step: which one, its name, what to paste where, the first delivery."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from core.access import Page, person_of
from core.errors import Refused
from core.pages import AddPage, put_reasons
from crm.engine.webhooks import ADAPTERS
from crm.engine.webhooks.guides import GUIDES, Guide
from crm.forms.endpoints import EndpointForm, SecretForm
from crm.models import Endpoint
from crm.selectors.endpoints import first_news, last_test, provider_label
from crm.selectors.inbox import address_of, endpoints_visible_to, secrets_of
from crm.services.endpoints import create_endpoint, free_label, rotate_secret
from crm.views.endpoints import MANAGE, show_once, shown_now, trial_of

STEPS = ("Which CRM", "Its name", "Paste in both", "First delivery")


def steps_at(current: int) -> list[dict[str, Any]]:
    """The bar of the four steps; 4 means that all are done."""
    return [
        {"label": label, "state": "done" if place < current else "current" if place == current else "todo"}
        for place, label in enumerate(STEPS)
    ]


class EndpointAdd(Page):
    """First step: which CRM."""

    action = MANAGE

    def get(self, request: HttpRequest) -> HttpResponse:
        cards = [
            {"name": one.name, "label": one.label, "guide": GUIDES[one.name]} for one in ADAPTERS.values()
        ]
        return render(request, "crm/inbox/endpoint_add.html", {"cards": cards, "steps": steps_at(0)})


class EndpointName(AddPage):
    """Second step: its name, and the secret where the CRM has it already."""

    action = MANAGE
    form_class = EndpointForm
    template_name = "crm/inbox/endpoint_name.html"
    submit_label = "Make the address"
    done = "{row} has an address."

    def row(self, request: HttpRequest, **kwargs: Any) -> None:
        self.guide_of(request)

    def guide_of(self, request: HttpRequest) -> Guide:
        provider = self.kwargs["provider"]
        if provider not in GUIDES:
            raise Http404(f"No CRM is called {provider!r} here.")
        return GUIDES[provider]

    def title(self, row: Any) -> str:
        return f"Connect {ADAPTERS[self.kwargs['provider']].label}"

    def initial(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        return {"label": free_label(self.kwargs["provider"])}

    def make_form(self, request: HttpRequest, row: Any, data: Any = None) -> EndpointForm:
        return EndpointForm(data, initial=self.initial(request, row), guide=self.guide_of(request))

    def save(self, request: HttpRequest, row: Any, data: dict[str, Any]) -> Endpoint:
        guide = self.guide_of(request)
        made, text = create_endpoint(actor=person_of(request), provider=guide.provider, **data)
        if text and guide.is_ours:
            show_once(request, made, text)
        return made

    def done_url(self, request: HttpRequest, saved: Endpoint) -> str:
        return reverse("crm:endpoint-setup", args=[saved.pk])

    def cancel_url(self, request: HttpRequest, row: Any) -> str:
        return reverse("crm:endpoint-add")

    def more(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        return {"steps": steps_at(1), "guide": self.guide_of(request)}


class EndpointSetup(Page):
    """Third and fourth step: what to paste where, until the first delivery is here."""

    action = MANAGE

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = _row(request, pk)
        return self._show(request, row, SecretForm(guide=GUIDES[row.provider], initial={"keep_old_hours": 0}))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The pasted secret of the CRM."""
        row = _row(request, pk)
        form = SecretForm(request.POST, guide=GUIDES[row.provider])
        if not form.is_valid():
            return self._show(request, row, form, 400)
        try:
            rotate_secret(actor=person_of(request), endpoint=row, **form.cleaned_data)
        except Refused as refusal:
            put_reasons(form, refusal)
            return self._show(request, row, form, refusal.status)
        return redirect("crm:endpoint-setup", pk=row.pk)

    def _show(self, request: HttpRequest, row: Endpoint, form: SecretForm, status: int = 200) -> HttpResponse:
        guide, address = GUIDES[row.provider], address_of(row)
        secret = shown_now(request, row)
        context = {
            **state_of(row),
            "form": form,
            "guide": guide,
            "address": address,
            "secret": secret,
            "secret_parts": secret.split(":", 1) if row.provider == "pipedrive" and secret else [],
            "example": guide.example.replace("{url}", address).replace("{secret}", secret or "the secret"),
            "secrets": list(secrets_of(row)),
            "trial": trial_of(request, row),
        }
        return render(request, "crm/inbox/endpoint_setup.html", context, status=status)


class EndpointState(Page):
    """Only the light of the set-up page, for htmx to ask again and again."""

    action = MANAGE

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return render(request, "crm/inbox/endpoint_light.html", state_of(_row(request, pk)))


def state_of(row: Endpoint) -> dict[str, Any]:
    """Whether the CRM's first delivery is here, our own test, or something that was turned away."""
    news = first_news(row) if row.first_verified else None
    return {
        "row": row,
        "provider": provider_label(row),
        "news": news,
        "test": None if news or not row.first_verified else last_test(row),
        "steps": steps_at(4 if news else 3 if secrets_of(row).exists() else 2),
    }


def _row(request: HttpRequest, pk: int) -> Endpoint:
    return get_object_or_404(endpoints_visible_to(person_of(request)), pk=pk)
