"""What the pages of tasks, meetings and registers share: each belongs to a cycle."""

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from core.access import person_of
from core.listing import Column
from core.pages import AddPage, Link
from planning.models import Cycle
from planning.selectors.addresses import cycle_path
from planning.selectors.cycles import current_cycle, cycles_visible_to

CYCLE = Column("cycle", "Cycle", "cycle", order="cycle__month", link=lambda row: cycle_path(row.cycle_id))
OWNER = Column("owner", "Owner", "owner.name", order="owner__name")


class AddToCycle(AddPage):
    """A form at /cycles/<cycle_pk>/…/add/ that puts something into that cycle."""

    def row(self, request: HttpRequest, **kwargs: Any) -> Cycle:
        """The cycle it is put into."""
        return get_object_or_404(cycles_visible_to(person_of(request)), pk=kwargs["cycle_pk"])

    def title(self, row: Any) -> str:
        return f"{self.heading}: {row}"

    def initial(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        mine = {"owner": person_of(request).email, "stage": row.stage}
        return mine | request.GET.dict()

    def cancel_url(self, request: HttpRequest, row: Any) -> str:
        return cycle_path(row)


def parents_of(row: Any, label: str, url: str) -> list[Link]:
    """The way down to something in a cycle."""
    return [Link(str(row.cycle), cycle_path(row.cycle_id)), Link(label, url)]


def add_link(request: HttpRequest, label: str, place: str) -> dict[str, Any]:
    """The primary button of a list: adds to the cycle that is shown, else to the current one."""
    wanted = request.GET.get("cycle", "")
    cycle = Cycle.objects.filter(pk=wanted).first() if wanted.isdigit() else current_cycle()
    return {"primary": {"label": label, "url": f"{cycle_path(cycle, place)}add/"}} if cycle else {}
