"""Connections to CRMs: how they fare, their secrets, trying them."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from core.access import person_of, requires
from core.errors import Refused
from core.formats import grouped
from core.listing import Column, Empty, ListPage
from core.pages import DetailPage, EditPage, FormPage, Link, Section, table_section
from core.roles import can
from core.selectors.jobs import job_progress
from crm.engine.webhooks.guides import GUIDES
from crm.forms.endpoints import EndpointEditForm, SecretForm
from crm.models import Endpoint, EndpointSecret
from crm.selectors.endpoints import (
    cards_of,
    condition_of,
    endpoints_list,
    first_news,
    last_try,
    provider_label,
)
from crm.selectors.inbox import address_of, deliveries_visible_to, endpoints_visible_to, secrets_of
from crm.services.endpoints import change_endpoint, end_secret, rotate_secret
from crm.services.test_firing import start_test
from crm.views.delivery_columns import DELIVERIES, delivery_url

VIEW, MANAGE = "hooks.view", "hooks.manage"
SHOWN_ONCE = "endpoint-secret"  # in the session, until the page showed it
NEWEST = 10
NONE_YET = Empty(
    "No CRM is connected yet",
    "A connected CRM pushes its deals here as they change. Choose yours; the page says what to paste.",
)
CONDITION = Column(
    "condition",
    "State",
    lambda row: condition_of(row).words,
    "badge",
    tone=lambda row: condition_of(row).tone,
)
LAST = Column("last_verified", "Last delivery", kind="time", order="last_verified")
TURNED = Column(
    "turned_away",
    "Turned away",
    kind="quantity",
    order="turned_away",
    help="Deliveries whose signature fits no secret. Nothing of them is kept.",
)


def endpoint_url(row: Any) -> str:
    return reverse("crm:endpoint", args=[row.pk])


def events_url(row: Endpoint, state: str) -> str:
    return f"{reverse('crm:inbox-event-list')}?endpoint={row.pk}&state={state}"


def counted(label: str, state: str) -> Column:
    return Column(
        state,
        label,
        lambda row: row.open_events.get(state, 0),
        "quantity",
        link=lambda row: events_url(row, state) if row.open_events.get(state) else "",
    )


class EndpointList(ListPage):
    action = VIEW
    title = "CRM connections"
    default_order = "label"
    columns = [
        Column("label", "Connection", order="label"),
        Column("provider", "CRM", provider_label, order="provider"),
        CONDITION,
        LAST,
        counted("Need a mapping", "needs_mapping"),
        counted("Failed for good", "dead"),
        counted("To read in the CRM", "needs_record"),
        TURNED,
    ]
    empty = NONE_YET

    def rows(self, request: HttpRequest) -> QuerySet[Endpoint]:
        return endpoints_list(person_of(request))

    def prepared(self, request: HttpRequest, rows: Any) -> Any:
        found = list(rows)
        for card in cards_of(person_of(request), found):
            card["endpoint"].open_events = card["counts"]
        return found

    def row_url(self, row: Endpoint) -> str:
        return endpoint_url(row)

    def more(self, request: HttpRequest) -> dict[str, Any]:
        if not can(request.user, MANAGE):
            return {}
        return {"primary": Link("Connect a CRM", reverse("crm:endpoint-add"))}


NO_DELIVERY = Empty("Nothing has come yet", "The newest deliveries stand here.")


class EndpointPage(DetailPage):
    action = VIEW
    template_name = "crm/inbox/endpoint.html"
    facts = [
        CONDITION,
        Column("provider", "CRM", provider_label),
        Column("source", "Named in files and deals", kind="code"),
        Column("first_verified", "First delivery", kind="time"),
        LAST,
        Column("silence_hours", "Alarm after silence of", lambda row: f"{row.silence_hours} hours"),
        TURNED,
        Column("last_turned_away", "Last turned away", kind="time"),
    ]

    def rows(self, request: HttpRequest) -> QuerySet[Endpoint]:
        return endpoints_visible_to(person_of(request))

    def parents(self, request: HttpRequest, row: Endpoint) -> list[Link]:
        return [Link("CRM connections", reverse("crm:endpoint-list"))]

    def sections(self, request: HttpRequest, row: Endpoint) -> list[Section]:
        newest = deliveries_visible_to(person_of(request)).filter(endpoint=row)[:NEWEST]
        every = f"{reverse('crm:delivery-list')}?endpoint={row.pk}"
        return [
            table_section(
                "Newest deliveries",
                newest,
                DELIVERIES,
                empty=NO_DELIVERY,
                row_url=delivery_url,
                links=(Link("All deliveries", every),),
            )
        ]

    def edit_link(self, request: HttpRequest, row: Endpoint) -> Link | None:
        if not can(request.user, MANAGE):
            return None
        return Link("Edit the connection", reverse("crm:endpoint-edit", args=[row.pk]))

    def more(self, request: HttpRequest, row: Endpoint) -> dict[str, Any]:
        counts = cards_of(person_of(request), [row])[0]["counts"]
        return {
            "condition": condition_of(row),
            "address": address_of(row),
            "primary": self.edit_link(request, row),
            "provider": provider_label(row),
            "is_connected": row.first_verified is not None and first_news(row) is not None,
            "counts": counts,
            "secrets": list(secrets_of(row)),
            "guide": GUIDES[row.provider],
            "trial": trial_of(request, row),
            "may_manage": bool(can(request.user, MANAGE)),
            "may_replay": bool(can(request.user, "hooks.replay")),
            "figures": [
                {
                    "label": label,
                    "value": grouped(counts[state], 0),
                    "url": events_url(row, state),
                    "tone": tone,
                }
                for label, state, tone in (
                    ("Wait to be applied", "waiting", ""),
                    ("Need a mapping", "needs_mapping", "warn" if counts["needs_mapping"] else ""),
                    ("To read in the CRM", "needs_record", "warn" if counts["needs_record"] else ""),
                    ("Failed for good", "dead", "bad" if counts["dead"] else ""),
                )
            ],
        }


def trial_of(request: HttpRequest, row: Endpoint) -> dict[str, Any] | None:
    """How the last try of the address goes or went, for those who may try it."""
    person = person_of(request)
    job = last_try(person, row) if can(person, MANAGE) else None
    return job_progress(job, person) if job else None


class EndpointEdit(EditPage):
    action = MANAGE
    form_class = EndpointEditForm
    submit_label = "Save the connection"

    def rows(self, request: HttpRequest) -> QuerySet[Endpoint]:
        return endpoints_visible_to(person_of(request))

    def change(self, request: HttpRequest, row: Endpoint, revision: int, data: dict[str, Any]) -> Endpoint:
        return change_endpoint(actor=person_of(request), endpoint=row, revision=revision, changes=data)

    def done_url(self, request: HttpRequest, saved: Endpoint) -> str:
        return endpoint_url(saved)


class EndpointRotate(FormPage):
    """Another secret; the old one lives on for a while."""

    action = MANAGE
    form_class = SecretForm
    submit_label = "Give it this secret"
    done = "The connection has another secret."

    def rows(self, request: HttpRequest) -> QuerySet[Endpoint]:
        return endpoints_visible_to(person_of(request))

    def title(self, row: Endpoint) -> str:
        return f"Another secret for {row}"

    def make_form(self, request: HttpRequest, row: Endpoint, data: Any = None) -> SecretForm:
        return SecretForm(data, guide=GUIDES[row.provider])

    def save(self, request: HttpRequest, row: Endpoint, data: dict[str, Any]) -> Endpoint:
        _, text = rotate_secret(actor=person_of(request), endpoint=row, **data)
        if not data["secret"]:
            show_once(request, row, text)
        return row

    def done_url(self, request: HttpRequest, saved: Endpoint) -> str:
        if SHOWN_ONCE in request.session:
            return reverse("crm:endpoint-setup", args=[saved.pk])
        return endpoint_url(saved)


@require_POST
@requires(MANAGE)
def endpoint_test(request: HttpRequest, pk: int) -> HttpResponse:
    """Have a worker send a signed test to the own address; the page says how it was answered."""
    row = get_object_or_404(endpoints_visible_to(person_of(request)), pk=pk)
    try:
        start_test(actor=person_of(request), endpoint=row)
    except Refused as refusal:
        messages.error(request, str(refusal))
    back = "crm:endpoint-setup" if request.POST.get("back") == "setup" else "crm:endpoint"
    return redirect(back, pk=row.pk)


@require_POST
@requires(MANAGE)
def secret_end(request: HttpRequest, pk: int) -> HttpResponse:
    """End a secret now."""
    visible = endpoints_visible_to(person_of(request)).values("pk")
    secret = get_object_or_404(EndpointSecret, pk=pk, endpoint__in=visible)
    end_secret(actor=person_of(request), secret=secret, reason=request.POST.get("reason", ""))
    messages.success(request, f"The secret {secret} has ended. What is signed with it is turned away.")
    return redirect("crm:endpoint", pk=secret.endpoint_id)


def show_once(request: HttpRequest, endpoint: Endpoint, text: str) -> None:
    """Keep a secret for the next page of this endpoint, which shows it and forgets it."""
    request.session[SHOWN_ONCE] = {"endpoint": endpoint.pk, "secret": text}


def shown_now(request: HttpRequest, endpoint: Endpoint) -> str:
    """The secret that this page is to show, if any; the next one does not."""
    kept = request.session.get(SHOWN_ONCE) or {}
    if kept.get("endpoint") != endpoint.pk:
        return ""
    del request.session[SHOWN_ONCE]
    return kept["secret"]
