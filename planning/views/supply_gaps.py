"""Deciding what is done about a gap."""

from typing import Any

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone

from core.access import person_of
from core.formats import grouped, typed
from core.pages import FormPage
from planning.forms.supply import ActionForm
from planning.models import Cycle, SupplyAction
from planning.selectors.addresses import cycle_path
from planning.selectors.cycles import cycles_visible_to
from planning.selectors.supply import Gap, gaps_of
from planning.services.supply import record_action
from planning.views.supply_words import span_name

USUAL = {"shortage": "build", "overload": "outsource", "excess": "clear"}
WORDS = {
    "shortage": "{quantity} units come late or never.",
    "overload": "{quantity} more are wanted than there are, overtime included.",
    "excess": "{quantity} units lie beyond the target and the next three months' demand.",
}


class GapAction(FormPage):
    """The form of one gap. A gap has one action: a second one replaces it."""

    action = "supply.act"
    form_class = ActionForm
    submit_label = "Save the action"
    done = "The action on this gap is saved: {row}."

    def row(self, request: HttpRequest, **kwargs: Any) -> tuple[Cycle, Gap]:
        cycle = get_object_or_404(cycles_visible_to(person_of(request)), pk=kwargs["cycle_pk"])
        for gap in gaps_of(cycle, person_of(request)):
            if gap.key == kwargs["gap"]:
                return cycle, gap
        raise Http404("The supply plan has no such gap any more.")

    def title(self, row: tuple[Cycle, Gap]) -> str:
        gap = row[1]
        return f"{gap.kind_label}: {gap.label}, {span_name(gap.first, gap.last)}"

    def more(self, request: HttpRequest, row: tuple[Cycle, Gap]) -> dict[str, Any]:
        cycle, gap = row
        words = WORDS[gap.kind].format(quantity=grouped(gap.quantity, 0))
        return {"pretitle": f"{cycle} · Supply planning", "note": words}

    def initial(self, request: HttpRequest, row: tuple[Cycle, Gap]) -> dict[str, Any]:
        cycle, gap = row
        if gap.action is not None:
            kept = {name: getattr(gap.action, name) for name in ("action", "note", "due", "revision")}
            return kept | {"owner": gap.action.owner.email, "quantity": typed(gap.action.quantity)}
        stage = cycle.stages.filter(name="supply").first()
        due = max(stage.due, timezone.localdate()) if stage else timezone.localdate()
        return {"action": USUAL[gap.kind], "owner": person_of(request).email, "due": due}

    def save(self, request: HttpRequest, row: tuple[Cycle, Gap], data: dict[str, Any]) -> SupplyAction:
        cycle, gap = row
        return record_action(actor=person_of(request), cycle=cycle, gap=gap.key, **data)

    def done_url(self, request: HttpRequest, saved: SupplyAction) -> str:
        return f"{cycle_path(saved.cycle_id, 'supply')}#gaps"

    def cancel_url(self, request: HttpRequest, row: tuple[Cycle, Gap]) -> str:
        return f"{cycle_path(row[0], 'supply')}#gaps"
