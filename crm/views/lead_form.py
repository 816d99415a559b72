"""A source's public form: for people without an account, closed to programs that fill in everything."""

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views import View

from core.errors import Refused
from core.pages import put_reasons
from crm.forms.leads import PublicForm
from crm.models import LeadSource
from crm.selectors.leads import open_forms
from crm.services.leads import take_from_form

MOST_AN_ADDRESS = (5, 600)  # so many in so many seconds
MOST_A_FORM = (120, 3600)
TRAP = "website"
TOO_MANY = "Too many messages came from here. Please try again in some minutes, or write us a mail."


class LeadFormPage(View):
    """Shows the form, takes it in, and says thank you. What a program filled in is thrown away,
    and the program is thanked as well, so that it learns nothing."""

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        return self._show(request, self._source(code), PublicForm())

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        source, form = self._source(code), PublicForm(request.POST)
        if not form.is_valid():
            return self._show(request, source, form, status=400)
        if _too_many(request, source):
            form.add_error(None, TOO_MANY)
            return self._show(request, source, form, status=429)
        if form.cleaned_data.pop(TRAP):
            return redirect(thanks_url(source))
        try:
            take_from_form(source=source, values=form.cleaned_data)
        except Refused as refusal:
            put_reasons(form, refusal)
            return self._show(request, source, form, status=refusal.status)
        return redirect(thanks_url(source))

    def _source(self, code: str) -> LeadSource:
        return get_object_or_404(open_forms(), code=code)

    def _show(
        self, request: HttpRequest, source: LeadSource, form: PublicForm, *, status: int = 200
    ) -> HttpResponse:
        context = {"form": form, "source": source, "trap": form[TRAP], "thanks": "thanks" in request.GET}
        return render(request, "crm/leads/public_form.html", context, status=status)


def thanks_url(source: LeadSource) -> str:
    return f"{reverse('crm:lead-form', args=[source.code])}?thanks=yes"


def _too_many(request: HttpRequest, source: LeadSource) -> bool:
    address = get_adapter(request).get_client_ip(request)
    limits = ((f"lead-form:{address}", MOST_AN_ADDRESS), (f"lead-form-of:{source.pk}", MOST_A_FORM))
    return any(_used(key, seconds) > most for key, (most, seconds) in limits)


def _used(key: str, seconds: int) -> int:
    """How often the key was counted within the seconds since its first time, this time included."""
    cache.add(key, 0, seconds)
    try:
        return cache.incr(key)
    except ValueError:  # it ran out between the two
        cache.set(key, 1, seconds)
        return 1
