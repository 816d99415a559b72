"""Company settings: what holds today, what will, and who changed it."""

from itertools import groupby
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from core import company, slots
from core.access import Page, person_of
from core.company_settings import SETTINGS
from core.errors import Conflict, Refused
from core.events import plain
from core.forms import DayInput
from core.history import Change, Told
from core.pages import put_reasons
from core.selectors.company import events_of_setting, setting_shown, settings_shown
from core.services import change_setting
from core.setting_kinds import MONTHS, WEEKDAYS, Setting


class CompanyPage(Page):
    action = "settings.view"

    def get(self, request: HttpRequest) -> HttpResponse:
        shown = groupby(settings_shown(), key=lambda one: one["setting"].group)
        context = {
            "groups": [(group, list(lines)) for group, lines in shown],
            "may_change": slots.may(request.user, "settings.manage"),
        }
        return render(request, "core/company.html", context)


class SettingForm(forms.Form):
    """The value by its kind; a day for dated settings; the reason."""

    reason = forms.CharField(required=False, max_length=300)

    def __init__(self, setting: Setting, shown: dict[str, Any], data: Any = None) -> None:
        super().__init__(data, initial={"value": plain(shown["value"]), "revision": shown["revision"]})
        own: dict[str, forms.Field] = {"value": value_field(setting)}
        if setting.dated:
            own["from_day"] = forms.DateField(
                label="From day on",
                widget=DayInput,
                initial=timezone.localdate,
                help_text="Until then, today's value holds. What is past is not rewritten.",
            )
        own["revision"] = forms.IntegerField(widget=forms.HiddenInput)
        self.fields = own | self.fields


def value_field(setting: Setting) -> forms.Field:
    """The field to type a setting in. Limits are checked by the service."""
    words: dict[str, Any] = {
        "label": f"{setting.label} ({setting.unit})" if setting.unit else setting.label,
        "help_text": setting.help,
        "required": setting.required,
    }
    if setting.kind == "month":
        return forms.ChoiceField(choices=list(enumerate(MONTHS, start=1)), **words)
    if setting.kind == "choice":
        return forms.ChoiceField(choices=setting.choices, **words)
    if setting.kind == "zone":
        return forms.ChoiceField(choices=[(z, z) for z in sorted(available_timezones())], **words)
    if setting.kind == "weekdays":
        widget = forms.CheckboxSelectMultiple
        return forms.MultipleChoiceField(choices=list(enumerate(WEEKDAYS)), widget=widget, **words)
    return forms.CharField(**words)


class SettingPage(Page):
    """Change one setting."""

    action = "settings.manage"

    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        setting = _setting(key)
        return self._show(request, setting, SettingForm(setting, setting_shown(setting)))

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        setting = _setting(key)
        form = SettingForm(setting, setting_shown(setting), request.POST)
        if not form.is_valid():
            return self._show(request, setting, form, status=400)
        try:
            change_setting(actor=person_of(request), key=key, **form.cleaned_data)
        except Conflict as conflict:
            return self._conflict(request, setting, conflict)
        except Refused as refusal:
            put_reasons(form, refusal)
            return self._show(request, setting, form, status=refusal.status)
        messages.success(request, f"{setting.label} is changed.")
        return redirect("core:company")

    def _show(
        self, request: HttpRequest, setting: Setting, form: SettingForm, *, status: int = 200
    ) -> HttpResponse:
        context = {
            "form": form,
            "title": setting.label,
            "pretitle": "Company settings",
            "cancel_url": reverse("core:company"),
            "shown": setting_shown(setting),
            "changes": _changes(setting),
        }
        return render(request, "core/setting.html", context, status=status)

    def _conflict(self, request: HttpRequest, setting: Setting, conflict: Conflict) -> HttpResponse:
        kept = [
            {"name": name, "value": value}
            for name, values in request.POST.lists()
            for value in values
            if name not in {"csrfmiddlewaretoken", "revision", "keep"}
        ]
        last = events_of_setting(setting.key).first()
        context = {
            "what": setting.label,
            "who": last.actor.name if last and last.actor else "Somebody",
            "when": last.at if last else timezone.now(),
            "rows": [
                {
                    "label": setting.label,
                    "yours": company.in_words(setting, setting.cleaned(conflict.yours["value"])),
                    "theirs": company.in_words(setting, setting.cleaned(conflict.theirs["value"])),
                }
            ],
            "action_url": request.path,
            "hidden": [*kept, {"name": "revision", "value": conflict.revision}],
            "theirs_url": reverse("core:company"),
        }
        page = {"title": setting.label, "pretitle": "Company settings", "conflict": context}
        return render(request, "core/conflict_page.html", page, status=409)


def _setting(key: str) -> Setting:
    if key not in SETTINGS:
        raise Http404(f"There is no setting {key!r}.")
    return SETTINGS[key]


def _changes(setting: Setting) -> list[Change]:
    """The entries of parts/history.html: only changes of the value, in words."""
    return [
        Change(
            when=event.at,
            who=event.actor.name if event.actor else "the system",
            lines=(
                Told(
                    setting.label,
                    _words(setting, event.before.get("value")),
                    _words(setting, event.after["value"]),
                ),
            ),
            reason=event.reason,
        )
        for event in events_of_setting(setting.key)[:30]
        if "value" in event.after
    ]


def _words(setting: Setting, stored: Any) -> str | None:
    return None if stored is None else company.in_words(setting, setting.cleaned(stored))
