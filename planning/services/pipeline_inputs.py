"""The open deals speak in stage 2: taken as the word of the pipeline stream."""

from django.db import transaction

from core.access import require
from core.errors import Denied, Invalid, Reason, Refused
from core.events import record
from core.models import Person
from planning.models import Cycle, PipelineKind, PipelineTake, StageName, StreamName
from planning.pipeline.consensus import has_consensus, recompute
from planning.pipeline.pipeline_stream import heard, is_said, put_take
from planning.selectors.demand_coverage import Level
from planning.selectors.demand_scope import outside_scope
from planning.selectors.open_deals import last_take
from planning.services.data_stage import locked_in
from planning.services.demand import may_speak, nobody, refuse_settled


@transaction.atomic
def take_pipeline(*, actor: Person | None, cycle: Cycle, kind: str = PipelineKind.ADD) -> PipelineTake:
    """Make the pipeline stream say what the open deals say now: units weighted by the chance to win, by
    product (else family), market and month; on top of the baseline, or instead of it.

    The same deals give the take that is there. A person's own number of the stream stays. Raises Invalid
    for an unknown kind, Refused outside demand planning, for a stream that has spoken or where no deal can
    be placed, Denied for those who plan only some families or markets.
    """
    require(actor, "demand.input")
    may_speak(actor, StreamName.PIPELINE)
    if kind not in PipelineKind.values:
        raise Invalid(Reason("Choose “add” or “replace”.", "invalid", "kind"))
    if outside_scope(actor, Level()):
        raise Denied(
            "The deals of all families and markets are taken at once, and you plan only some of them."
        )
    fresh = locked_in(cycle, StageName.DEMAND)
    refuse_settled(fresh, StreamName.PIPELINE)
    if not has_consensus(fresh):
        recompute(fresh)
    plan, taken = heard(fresh, None)
    last = last_take(fresh)
    if last is not None and is_said(taken, kind, last):
        return last
    if not taken.shares and last is None:
        text = (
            "No open deal can be placed in the plan. See below why each is left out, and mend it in the CRM."
        )
        raise Refused(Reason(text, "no_deals", "kind"))
    row, changed = put_take(plan, taken, kind, actor or nobody(fresh), actor)
    recompute(fresh, inputs=changed)
    after = {"deals": row.deals, "units": row.units, "amount": row.amount, "kind": row.get_kind_display()}
    record(actor=actor, verb="open deals taken", subject=fresh, after=after)
    return row
