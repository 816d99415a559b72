"""Giving an overlay a quota of its own."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from core.access import person_of
from core.pages import AddPage
from territories.forms.quotas import OverlayForm
from territories.models import Quota, QuotaPlan
from territories.selectors.quota_tree import overlays_to_choose
from territories.selectors.quotas import plans_visible_to
from territories.services.quotas import set_overlay_quota
from territories.views.quota_overlay_words import NOTE
from territories.workflow.quotas import plan_url


class OverlayQuotaAdd(AddPage):
    """Typed by hand, with what it rests on."""

    action = "quotas.plan"
    form_class = OverlayForm
    heading = "Give an overlay a quota"
    pretitle = "Quotas"
    note = NOTE
    submit_label = "Set the quota"
    done = "{row} is set."

    def row(self, request: HttpRequest, **kwargs: Any) -> QuotaPlan:
        plans: QuerySet[QuotaPlan] = plans_visible_to(person_of(request))
        return get_object_or_404(plans, pk=kwargs["pk"])

    def make_form(self, request: HttpRequest, row: QuotaPlan, data: Any = None) -> OverlayForm:
        return OverlayForm(data, overlays=overlays_to_choose(row))

    def save(self, request: HttpRequest, row: QuotaPlan, data: dict[str, Any]) -> Quota:
        return set_overlay_quota(actor=person_of(request), plan=row, **data)

    def done_url(self, request: HttpRequest, saved: Any) -> str:
        return plan_url(saved.plan if isinstance(saved, Quota) else saved)
