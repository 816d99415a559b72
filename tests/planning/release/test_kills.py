"""kill -9 and a lost database in the middle of a release: it is there completely, or not at all."""

from collections.abc import Callable

import pytest

from core.models import Event, Person
from planning.models import ApprovalRequest, Cycle, Dispatch, Release, ReleasedTotal, ReleasedValue
from planning.selectors.releases import verify
from planning.services.moves import make_move
from tests.killing import Program
from tests.planning.release import ready
from tests.worker import Killed, cut_the_database, kill

pytestmark = pytest.mark.django_db(transaction=True)

# Stops when all rows are written.
PROGRAM = """
from core.models import Person
from planning.models import Cycle
from planning.services import releases
from planning.services.moves import make_move

then_wait(releases, "queue_dispatches")
cycle, person = (int(key) for key in sys.argv[1:])
make_move(actor=Person.objects.get(pk=person), cycle=Cycle.objects.get(pk=cycle), name="release")
"""


@pytest.mark.slow
@pytest.mark.parametrize("fault", [kill, cut_the_database])
def test_a_release_that_is_hit_in_the_middle_leaves_nothing_and_goes_again(
    ready_cycle: Cycle,
    coordinator: Person,
    vp: Person,
    executives: list[Person],
    program: Callable[..., Program],
    fault: Callable[[Killed], None],
) -> None:
    ready.approved(ready_cycle, coordinator, executives)
    fault(program(PROGRAM, ready_cycle.pk, vp.pk))

    ready_cycle.refresh_from_db()
    assert ready_cycle.stage == "release"
    for table in (Release, ReleasedValue, ReleasedTotal, Dispatch):
        assert not table.objects.exists()
    assert not Event.objects.filter(verb__in=["plan released", "release the plan"]).exists()
    assert ApprovalRequest.objects.get().closed is None

    make_move(actor=vp, cycle=ready_cycle, name="release")  # the signatures still hold
    release = Release.objects.get()
    assert verify(release).ok
    assert ReleasedValue.objects.filter(release=release).count() == 3 * 18
