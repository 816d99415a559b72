"""One's own account: notifications by mail, and keys for programs."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from core.access import Page, person_of, requires
from core.errors import Refused
from core.pages import put_reasons
from core.selectors.people import tokens_of
from core.services import change_own_notifications, create_token, revoke_token


class TokenForm(forms.Form):
    label = forms.CharField(
        label="What the token is for",
        max_length=80,
        help_text="Such as “ERP nightly upload”. The key is shown once, right after.",
    )


class TokensPage(Page):
    """List, create, and the key once."""

    action = "account.own"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._show(request, TokenForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = TokenForm(request.POST)
        if not form.is_valid():
            return self._show(request, form, status=400)
        try:
            token, key = create_token(actor=person_of(request), label=form.cleaned_data["label"])
        except Refused as refusal:
            put_reasons(form, refusal)
            return self._show(request, form, status=refusal.status)
        text = "The key of “{}”, shown only now: <code>{}</code> Store it where the program reads it."
        messages.warning(request, format_html(text, token.label, key))
        return redirect("core:tokens")

    def _show(self, request: HttpRequest, form: TokenForm, *, status: int = 200) -> HttpResponse:
        context = {"form": form, "tokens": tokens_of(request.user)}
        return render(request, "core/tokens.html", context, status=status)


@require_POST
@requires("account.own")
def token_revoke(request: HttpRequest, token_key: str) -> HttpResponse:
    token = get_object_or_404(tokens_of(request.user), token_key=token_key)
    revoke_token(actor=person_of(request), token=token)
    messages.success(request, f"The token “{token.label}” no longer works.")
    return redirect("core:tokens")


class ProfileForm(forms.Form):
    mail_notifications = forms.BooleanField(
        label="Send my notifications by mail too",
        required=False,
        help_text="They always wait behind the bell.",
    )


class ProfilePage(Page):
    """Who I am here, and how I am told things."""

    action = "account.own"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._show(
            request, ProfileForm(initial={"mail_notifications": _me(request).mail_notifications})
        )

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ProfileForm(request.POST)
        if not form.is_valid():
            return self._show(request, form)
        change_own_notifications(actor=_me(request), **form.cleaned_data)
        messages.success(request, "Your notification settings are saved.")
        return redirect("core:profile")

    def _show(self, request: HttpRequest, form: ProfileForm) -> HttpResponse:
        return render(request, "core/profile.html", {"form": form})


def _me(request: HttpRequest) -> Any:
    return request.user
