"""The open deals speak in stage 2: taken as the word of the pipeline stream."""

from django.db import transaction

from core.access import require
from core.errors import Denied, Invalid, Reason, Refused
from core.events import record
from core.models import Person
from forecasting.models import DealForecast
from forecasting.selectors.deals import newest_deal_forecast
from planning.models import Cycle, PipelineChances, PipelineKind, PipelineTake, StageName, StreamName
from planning.pipeline.consensus import has_consensus, recompute
from planning.pipeline.pipeline_stream import heard, is_said, put_take
from planning.selectors.demand_coverage import Level
from planning.selectors.demand_scope import outside_scope
from planning.selectors.open_deals import last_take
from planning.services.data_stage import locked_in
from planning.services.demand import may_speak, nobody, refuse_settled


@transaction.atomic
def take_pipeline(
    *, actor: Person | None, cycle: Cycle, kind: str = PipelineKind.ADD, chances: str = ""
) -> PipelineTake:
    """Make the pipeline stream say what the open deals say now: units weighted by the chance to win, by
    product (else family), market and month; on top of the baseline, or instead of it. The chances are
    those of the newest deal forecast where there is one, or the CRM's where `chances` says so.

    The same deals give the take that is there. A person's own number of the stream stays. Raises Invalid
    for an unknown kind or word on chances, Refused outside demand planning, for a stream that has spoken or
    where no deal can be placed, Denied for those who plan only some families or markets.
    """
    require(actor, "demand.input")
    may_speak(actor, StreamName.PIPELINE)
    if kind not in PipelineKind.values:
        raise Invalid(Reason("Choose “add” or “replace”.", "invalid", "kind"))
    made = _forecast_for(chances)
    if outside_scope(actor, Level()):
        raise Denied(
            "The deals of all families and markets are taken at once, and you plan only some of them."
        )
    fresh = locked_in(cycle, StageName.DEMAND)
    refuse_settled(fresh, StreamName.PIPELINE)
    if not has_consensus(fresh):
        recompute(fresh)
    plan, taken = heard(fresh, None, made)
    last = last_take(fresh)
    if last is not None and is_said(taken, kind, last, made):
        return last
    if not taken.shares and last is None:
        text = (
            "No open deal can be placed in the plan. See below why each is left out, and mend it in the CRM."
        )
        raise Refused(Reason(text, "no_deals", "kind"))
    row, changed = put_take(plan, taken, kind, actor or nobody(fresh), actor, made)
    recompute(fresh, inputs=changed)
    after = {"deals": row.deals, "units": row.units, "amount": row.amount, "kind": row.get_kind_display()}
    after["chances"] = str(made) if made else row.get_chances_display()
    record(actor=actor, verb="open deals taken", subject=fresh, after=after)
    return row


def _forecast_for(chances: str) -> DealForecast | None:
    """The deal forecast whose chances are taken; None for the CRM's."""
    if chances not in {"", *PipelineChances.values}:
        raise Invalid(Reason("Choose the deal forecast or the CRM.", "invalid", "chances"))
    made = None if chances == PipelineChances.CRM else newest_deal_forecast()
    if made is None and chances == PipelineChances.FORECAST:
        text = "There is no deal forecast yet. Ask for one, or take the CRM’s chances."
        raise Invalid(Reason(text, "no_deal_forecast", "chances", url="/forecasts/deals/"))
    return made
