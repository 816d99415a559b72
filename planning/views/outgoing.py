"""Outgoing webhooks: the list, one with its messages, its secret shown once, trying and sending again."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from core.access import person_of, requires
from core.listing import Column, Empty, ListPage
from core.pages import AddPage, DetailPage, EditPage, Link, Section, table_section
from planning.forms.reconciliation import SubscriptionForm
from planning.models import Dispatch, Subscription, Told
from planning.models.releases import told_at_first
from planning.selectors.outgoing import dispatches_visible_to, subscriptions_visible_to
from planning.services.outgoing import (
    add_subscription,
    change_subscription,
    renew_secret,
    send_again,
    try_subscription,
)

SHOWN = "webhook-secret"  # in the session, until it was shown once
MESSAGES = 50


def _state(row: Any) -> tuple[str, str]:
    if not row.is_active:
        return "quiet", "Off"
    return ("bad", "Failing") if row.failing else ("good", "On")


def _dispatch_state(row: Dispatch) -> tuple[str, str]:
    if row.delivered:
        return "good", "Arrived"
    if row.next_try is None:
        return "bad", "Given up"
    return ("warn", "Tried again") if row.attempts else ("quiet", "Waiting")


FACTS = [
    Column("label", "Webhook", order="label"),
    Column("url", "Address", order="url"),
    Column("events", "Is told of", lambda row: ", ".join(str(Told(one).label) for one in row.events)),
    Column("state", "State", lambda row: _state(row)[1], "badge", tone=lambda row: _state(row)[0]),
    Column("arrived", "Arrived", "arrived", "number", order="arrived"),
    Column("failing", "Not arrived", "failing", "number", order="failing"),
    Column("last", "Last arrived", "last_arrived", "time", order="last_arrived"),
]
DISPATCHES = [
    Column("event", "Message", lambda row: f"{row.event_type} {row.pk}"),
    Column("created", "Made", "created", "time"),
    Column(
        "state",
        "State",
        lambda row: _dispatch_state(row)[1],
        "badge",
        tone=lambda row: _dispatch_state(row)[0],
    ),
    Column("attempts", "Tries", "attempts", "number"),
    Column("next", "Next try", "next_try", "time"),
    Column("delivered", "Arrived", "delivered", "time"),
    Column("error", "Last error", "last_error"),
]
NO_MESSAGES = Empty(
    "No messages yet", "Each event that it is told of sends one. Send a test message to try it."
)


class SubscriptionList(ListPage):
    action = "subscriptions.manage"
    title = "Outgoing webhooks"
    default_order = "label"
    columns = FACTS
    empty = Empty(
        "No outgoing webhooks yet",
        "A webhook tells your ERP, CRM or data platform of released plans (which, its hash, its totals, "
        "where to fetch all of it) and of accounts that change hands. docs/webhooks.md shows how the other "
        "side checks the signature.",
        "Connect a webhook",
        "add/",
    )

    def rows(self, request: HttpRequest) -> QuerySet[Subscription]:
        return subscriptions_visible_to(person_of(request))

    def row_url(self, row: Subscription) -> str:
        return reverse("planning:subscription", args=[row.pk])

    def more(self, request: HttpRequest) -> dict[str, Any]:
        return {"primary": {"label": "Connect a webhook", "url": reverse("planning:subscription-add")}}


class SubscriptionPage(DetailPage):
    action = "subscriptions.manage"
    facts = FACTS[1:]
    edit = ("subscriptions.manage", "planning:subscription-edit")
    template_name = "planning/subscription.html"

    def rows(self, request: HttpRequest) -> QuerySet[Subscription]:
        return subscriptions_visible_to(person_of(request))

    def parents(self, request: HttpRequest, row: Subscription) -> list[Link]:
        return [Link("Outgoing webhooks", reverse("planning:subscription-list"))]

    def sections(self, request: HttpRequest, row: Subscription) -> list[Section]:
        rows = dispatches_visible_to(person_of(request)).filter(subscription=row)[:MESSAGES]
        return [table_section("Messages", rows, DISPATCHES, empty=NO_MESSAGES)]

    def more(self, request: HttpRequest, row: Subscription) -> dict[str, Any]:
        shown = request.session.pop(SHOWN, None) or {}
        stuck = dispatches_visible_to(person_of(request)).filter(subscription=row, delivered=None)
        return {
            "secret": shown.get("secret") if shown.get("subscription") == row.pk else None,
            "stuck": stuck.filter(attempts__gt=0).exclude(event_type="test")[:MESSAGES],
        }


class SubscriptionAdd(AddPage):
    action = "subscriptions.manage"
    form_class = SubscriptionForm
    heading = "Connect a webhook"
    submit_label = "Connect the webhook"
    done = "{row} is connected. Copy its secret now."

    def initial(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        return {"is_active": True, "events": told_at_first()} | super().initial(request, row)

    def save(self, request: HttpRequest, row: Any, data: dict[str, Any]) -> Subscription:
        made = add_subscription(actor=person_of(request), **data)
        _show_once(request, made)
        return made

    def done_url(self, request: HttpRequest, saved: Any) -> str:
        return reverse("planning:subscription", args=[saved.pk])

    def cancel_url(self, request: HttpRequest, row: Any) -> str:
        return reverse("planning:subscription-list")


class SubscriptionEdit(EditPage):
    action = "subscriptions.manage"
    form_class = SubscriptionForm
    submit_label = "Save the webhook"

    def rows(self, request: HttpRequest) -> QuerySet[Subscription]:
        return subscriptions_visible_to(person_of(request))

    def change(
        self, request: HttpRequest, row: Subscription, revision: int, data: dict[str, Any]
    ) -> Subscription:
        return change_subscription(
            actor=person_of(request), subscription=row, revision=revision, changes=data
        )

    def done_url(self, request: HttpRequest, saved: Subscription) -> str:
        return reverse("planning:subscription", args=[saved.pk])


@require_POST
@requires("subscriptions.manage")
def subscription_secret(request: HttpRequest, pk: int) -> HttpResponse:
    """Renew the secret, and show it once."""
    _show_once(request, renew_secret(actor=person_of(request), subscription=_row(request, pk)))
    messages.success(request, "The webhook has another secret. Copy it now.")
    return redirect("planning:subscription", pk=pk)


@require_POST
@requires("subscriptions.manage")
def subscription_try(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a test message and say whether it was acknowledged."""
    error = try_subscription(actor=person_of(request), subscription=_row(request, pk))
    if error:
        messages.error(request, f"The test message did not arrive: {error}")
    else:
        messages.success(request, "The test message arrived and was acknowledged.")
    return redirect("planning:subscription", pk=pk)


@require_POST
@requires("subscriptions.manage")
def dispatch_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Try a message that did not arrive anew."""
    dispatch = get_object_or_404(dispatches_visible_to(person_of(request)), pk=pk)
    send_again(actor=person_of(request), dispatch=dispatch)
    messages.success(request, "The message is sent again within a minute.")
    return redirect("planning:subscription", pk=dispatch.subscription_id)


def _row(request: HttpRequest, pk: int) -> Subscription:
    return get_object_or_404(subscriptions_visible_to(person_of(request)), pk=pk)


def _show_once(request: HttpRequest, subscription: Subscription) -> None:
    request.session[SHOWN] = {"subscription": subscription.pk, "secret": subscription.secret}
