"""Message channels: where notifications are repeated outside of the application."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from core.access import person_of, requires
from core.listing import Column, Empty, ListPage
from core.models import Channel, Person
from core.pages import AddPage, EditPage
from core.selectors.people import channels_visible_to, people_visible_to
from core.services import add_channel, change_channel, try_channel


class ChannelsPage(ListPage):
    action = "channels.manage"
    title = "Message channels"
    default_order = "label"
    columns = [
        Column("label", "Channel", order="label"),
        Column("person", "Repeats the notifications of", value=lambda c: c.person or "everybody"),
        Column("service", "Service", value=lambda c: c.url.partition("://")[0], kind="code"),
        Column(
            "is_active",
            "State",
            value=lambda c: _state(c)[1],
            kind="badge",
            tone=lambda c: _state(c)[0],
            order="is_active",
        ),
        Column("last_error", "Last error"),
    ]
    empty = Empty(
        "No channels yet",
        "A channel repeats notifications in Slack, Teams or another service.",
        "Connect a channel",
        "add/",
    )

    def rows(self, request: HttpRequest) -> QuerySet:
        return channels_visible_to(request.user)

    def row_url(self, row: Channel) -> str:
        return reverse("core:channel-edit", args=[row.pk])

    def more(self, request: HttpRequest) -> dict[str, Any]:
        return {"primary": {"label": "Connect a channel", "url": reverse("core:channel-add")}}


def _state(channel: Channel) -> tuple[str, str]:
    if not channel.is_active:
        return "quiet", "Off"
    return ("bad", "Failing") if channel.last_error else ("good", "On")


class ChannelForm(forms.Form):
    label = forms.CharField(max_length=80, label="Name")
    url = forms.CharField(
        label="Address",
        max_length=500,
        help_text="An apprise address, such as slack://… or msteams://…. It is secret: never shown again.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    person = forms.ModelChoiceField(
        label="Repeats the notifications of",
        queryset=Person.objects.none(),
        required=False,
        empty_label="Everybody",
    )


class ChannelEditForm(ChannelForm):
    url = forms.CharField(
        label="New address",
        max_length=500,
        required=False,
        help_text="Leave empty to keep the stored one, which is not shown.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    is_active = forms.BooleanField(label="Send to it", required=False)


def _with_people(form: Any, request: HttpRequest) -> Any:
    form.fields["person"].queryset = people_visible_to(request.user).filter(is_active=True)
    return form


class ChannelAdd(AddPage):
    action = "channels.manage"
    form_class = ChannelForm
    heading = "Connect a channel"
    submit_label = "Connect the channel"

    def make_form(self, request: HttpRequest, row: Any, data: Any = None) -> Any:
        return _with_people(super().make_form(request, row, data), request)

    def save(self, request: HttpRequest, row: Any, data: dict[str, Any]) -> Channel:
        return add_channel(actor=person_of(request), **data)

    def done_url(self, request: HttpRequest, saved: Channel) -> str:
        return reverse("core:channel-edit", args=[saved.pk])

    def cancel_url(self, request: HttpRequest, row: Any) -> str:
        return reverse("core:channels")


class ChannelEdit(EditPage):
    action = "channels.manage"
    form_class = ChannelEditForm
    template_name = "core/channel.html"

    def rows(self, request: HttpRequest) -> QuerySet:
        return channels_visible_to(request.user)

    def initial(self, request: HttpRequest, row: Channel) -> dict[str, Any]:
        return {"label": row.label, "url": "", "person": row.person, "is_active": row.is_active}

    def make_form(self, request: HttpRequest, row: Any, data: Any = None) -> Any:
        return _with_people(super().make_form(request, row, data), request)

    def change(self, request: HttpRequest, row: Channel, revision: int, data: dict[str, Any]) -> Channel:
        return change_channel(actor=person_of(request), channel=row, revision=revision, changes=data)

    def done_url(self, request: HttpRequest, saved: Channel) -> str:
        return reverse("core:channels")


@require_POST
@requires("channels.manage")
def channel_try(request: HttpRequest, pk: int) -> HttpResponse:
    channel = get_object_or_404(channels_visible_to(request.user), pk=pk)
    error = try_channel(actor=person_of(request), channel=channel)
    if error:
        messages.error(request, f"The test message did not arrive: {error}")
    else:
        messages.success(request, "The test message left. Look whether it arrived.")
    return redirect("core:channel-edit", pk=pk)
