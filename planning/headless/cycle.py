"""The walk of a headless cycle: files, five stages, exports."""

from collections.abc import Callable
from pathlib import Path

from core.errors import Invalid, Reason
from core.roles import Role
from planning.engine.moves import STAGES
from planning.headless.company import set_up
from planning.headless.folder import read_folder
from planning.headless.importing import check_quality, import_all
from planning.headless.reports import write_reports
from planning.headless.run import Run, Say, Wishes
from planning.headless.stages import data, demand, reconciliation, release, supply
from planning.models import Cycle, StageName
from planning.services.cycles import open_cycle
from planning.services.moves import make_move

STAGE: dict[str, Callable[[Run], None]] = {
    "data": data.work,
    "demand": demand.work,
    "supply": supply.work,
    "reconciliation": reconciliation.work,
    "release": release.work,
}
SIGNERS = {"release": Role.VP}


def run_cycle(wishes: Wishes, say: Say) -> Run:
    """A whole cycle from a folder of files to a released plan and its exports.

    A cycle of the month that is open already goes on from where it stands. Raises Invalid for files
    and options that cannot be, Refused with every reason where a guard or a service refuses.
    """
    run = Run(wishes, say)
    _refuse_out(wishes.out)
    folder = read_folder(wishes.data, wishes.profiles)
    if folder.layout:
        say(f"These are the files of docs/examples/{folder.layout}: its profiles read them.")
    with run.step("set up"):
        set_up(run, folder)
    with run.step("import"):
        import_all(run, folder)
        check_quality(run)
    with run.step("open"):
        run.opened = _opened(run)
    while run.cycle.stage in STAGES:
        _pass(run, run.cycle.stage)
    with run.step("exports"):
        write_reports(run)
    return run


def _pass(run: Run, stage: str) -> None:
    """Do a stage's work and sign it off."""
    STAGE[stage](run)
    name = "release" if stage == "release" else f"sign-{stage}"
    with run.step(f"{stage}: signed"):
        actor = run.people[SIGNERS.get(stage, Role.MANAGER)]
        run.opened = make_move(actor=actor, cycle=run.cycle, name=name)


def _opened(run: Run) -> Cycle:
    wishes = run.wishes
    there = Cycle.objects.filter(month=wishes.month, stage__in=STAGES).first()
    if there is not None:
        run.say(f"{there} is open already: it goes on in {there.get_stage_display().lower()}.")
        return there
    owners = dict.fromkeys(STAGES, run.people[Role.MANAGER]) | {
        StageName.DATA.value: run.people[Role.COORDINATOR],
        StageName.RELEASE.value: run.people[Role.VP],
    }
    return open_cycle(
        actor=run.people[Role.MANAGER], month=wishes.month, horizon=wishes.horizon, owners=owners
    )


def _refuse_out(out: Path) -> None:
    """Nothing is worked on for an hour that cannot be written in the end."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        probe = out / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise Invalid(Reason(f"{out} cannot be written to: {error.strerror}.", "invalid", "out")) from error
