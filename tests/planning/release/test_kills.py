"""kill -9 and a lost database in the middle of a release: it is there completely, or not at all."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from django.db import connection

from core.models import Event, Person
from planning.models import ApprovalRequest, Cycle, Dispatch, Release, ReleasedTotal, ReleasedValue
from planning.selectors.releases import verify
from planning.services.moves import make_move
from sopcycle.embedded.process import follow
from tests.planning.release import ready
from tests.worker import PROJECT, _test_database_url

pytestmark = pytest.mark.django_db(transaction=True)

# Releases in a process of its own, says when all rows are written, and waits there to be hit.
PROGRAM = """
import sys, time
import django
django.setup()
from core.models import Person
from planning.models import Cycle
from planning.services import releases
from planning.services.moves import make_move

def wait(release):
    print("written", flush=True)
    time.sleep(120)

releases.queue_dispatches = wait
cycle, person = (int(key) for key in sys.argv[1:])
make_move(actor=Person.objects.get(pk=person), cycle=Cycle.objects.get(pk=cycle), name="release")
"""


def _kill(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)


def _cut_the_database(process: subprocess.Popen[str]) -> None:
    """What a restart of the server does to whoever is connected; the process ends by itself or is ended."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    process.terminate()


def _releasing(cycle: Cycle, person: Person, log: Path) -> subprocess.Popen[str]:
    env = os.environ | {"DATABASE_URL": _test_database_url(), "DJANGO_SETTINGS_MODULE": "sopcycle.settings"}
    with log.open("w") as errors:
        return subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(cycle.pk), str(person.pk)],
            cwd=PROJECT,
            env=env,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            preexec_fn=partial(follow, os.getpid(), signal.SIGKILL),  # never outlives the tests
        )


@pytest.mark.slow
@pytest.mark.parametrize("fault", [_kill, _cut_the_database])
def test_a_release_that_is_hit_in_the_middle_leaves_nothing_and_goes_again(
    ready_cycle: Cycle,
    coordinator: Person,
    vp: Person,
    executives: list[Person],
    tmp_path: Path,
    fault: Callable[[subprocess.Popen[str]], None],
) -> None:
    ready.approved(ready_cycle, coordinator, executives)
    log = tmp_path / "errors.txt"
    process = _releasing(ready_cycle, vp, log)
    assert process.stdout is not None
    assert process.stdout.readline() == "written\n", log.read_text()
    fault(process)
    process.wait(timeout=30)

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
