"""One cycle through every guard to a release; an executive sends it back to demand, and it comes again."""

import pytest

from core.errors import Refused
from core.models import Event, Person
from planning.models import Cycle, Release
from planning.selectors.artefacts import colours_of
from planning.selectors.releases import verify
from planning.services.approvals import request_approval, sign
from planning.services.demand import write_input
from planning.services.moves import make_move
from planning.services.streams import reopen_stream
from tests.conftest import PASSWORD
from tests.planning.conftest import Company
from tests.planning.release import ready, whole_cycle


def test_an_executive_rejects_to_demand_and_the_plan_comes_back_through_all_guards(
    cycle: Cycle, firm: Company, planners: dict[str, Person], executives: list[Person], vp: Person
) -> None:
    cycle = whole_cycle.to_release(cycle, planners)
    assert {colour.colour for stage, colour in colours_of(cycle).items() if stage != "release"} == {"green"}
    first = request_approval(actor=planners["coordinator"], cycle=cycle)
    sign(actor=executives[0], request=first, verdict="approve", password=PASSWORD)
    sign(
        actor=executives[1], request=first, verdict="reject", password=PASSWORD,
        to_stage="demand", text="Ridge is too low in the north.",
    )  # fmt: skip
    cycle.refresh_from_db()
    assert cycle.stage == "demand"
    assert (
        Event.objects.get(verb="reopen").reason == "Rejected by Carla Chief: Ridge is too low in the north."
    )

    reopen_stream(actor=planners["manager"], cycle=cycle, stream="sales")
    write_input(
        actor=planners["analyst"], cycle=cycle, stream="sales", month=cycle.month, kind="add", value=40,
        product=firm.world.ridge, market=firm.world.north, reason_code="market", note="As the CEO says.",
    )  # fmt: skip
    for stage in ("demand", "supply", "reconciliation"):
        with pytest.raises(Refused):  # nothing of the first round carries the second through
            make_move(actor=planners["manager"], cycle=cycle, name=f"sign-{stage}")
        assert cycle.stage == stage
        whole_cycle.STAGES[stage](cycle, planners)
        whole_cycle.tick_all(cycle, planners["manager"])
        cycle = make_move(actor=planners["manager"], cycle=cycle, name=f"sign-{stage}")

    with pytest.raises(Refused, match="Nobody was asked"):  # the first request's signatures count no more
        make_move(actor=vp, cycle=cycle, name="release")
    second = ready.approved(cycle, planners["coordinator"], executives)
    assert (second.number, second.content_hash != first.content_hash) == (2, True)
    make_move(actor=vp, cycle=cycle, name="release")

    release = Release.objects.get(cycle=cycle)
    assert verify(release).ok
    assert {colour.colour for colour in colours_of(release.cycle).values()} == {"green"}
