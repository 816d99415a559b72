"""Why an account lies in its territory."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from core.access import Page, person_of
from core.listing import Column, Empty
from core.pages import plain_table
from core.roles import can
from crm.selectors.accounts import accounts_visible_to
from territories.selectors.models import models_visible_to, territories_visible_to
from territories.selectors.rule_reasons import Why, why_here
from territories.views.model_words import chosen_model, territory_url

OTHERS = [
    Column("rule", "Other rule that it meets", "rule.name"),
    Column("territory", "Would lie in", "rule.territory.name"),
    Column("condition", "Accounts with", "sentence"),
    Column("why_not", "Why not"),
]
NONE_MET = Empty("It meets no other rule", "Rules that wanted it too and lost stand here, and why.")


class WhyHere(Page):
    """For each layer, the pin or rule that took the account, and why the others lost."""

    action = "territories.view"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        person = person_of(request)
        account = get_object_or_404(accounts_visible_to(person), pk=pk)
        model = chosen_model(request)
        answers = why_here(account, model, person) if model else []
        seen = set(territories_visible_to(person).filter(model=model).values_list("pk", flat=True))
        context = {
            "title": f"Why {account.name} lies where it does",
            "account": account,
            "account_url": reverse("crm:account", args=[pk]) if can(person, "crm.view") else "",
            "model": model,
            "models": models_visible_to(person).order_by("-pk"),
            "answers": [_shown(why, seen) for why in answers],
        }
        return render(request, "territories/why_here.html", context)


def _shown(why: Why, seen: set[int]) -> dict[str, Any]:
    """A layer for the page: its territory is a link for those who may open it."""
    place = why.territory
    return {
        "layer": why.layer,
        "territory": place,
        "link": territory_url(place) if place and place.pk in seen else "",
        "reason": why.reason,
        "is_stale": why.is_stale,
        "expected": why.expected,
        "exclusions": why.exclusions,
        "table": plain_table(why.others, OTHERS, caption="Other rules that it meets", empty=NONE_MET),
    }
