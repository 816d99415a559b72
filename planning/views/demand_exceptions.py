"""All exceptions of the demand plan, by the money at stake."""

from django.http import HttpRequest, HttpResponseBase

from core.access import person_of
from core.listing import export_rows
from planning.selectors.exceptions import KINDS, exceptions_of
from planning.views.demand import DemandPage
from planning.views.demand_tables import EXCEPTIONS, exception_table


class ExceptionsPage(DemandPage):
    """The dearest two hundred, of one kind or all."""

    action = "demand.view"

    def get(self, request: HttpRequest, cycle_pk: int) -> HttpResponseBase:
        cycle = self.cycle(request, cycle_pk)
        kind = request.GET.get("kind", "")
        found = [one for one in exceptions_of(person_of(request), cycle) if kind in ("", one.kind)]
        if form := request.GET.get("export"):
            return export_rows(found, EXCEPTIONS, title=f"Exceptions {cycle}", form=form)
        context = {
            "table": exception_table(found) | {"count": len(found)},
            "kinds": [{"label": "All", "url": "?", "on": not kind}]
            + [{"label": word, "url": f"?kind={name}", "on": kind == name} for name, word in KINDS.items()],
        }
        return self.show(request, cycle, "planning/demand_exceptions.html", context)
