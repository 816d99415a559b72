"""What must be there before files come in: settings, currencies, calendars, and who does the work."""

from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from catalog.models import Currency, WorkingCalendar
from catalog.services.masters import create_master
from catalog.services.money import add_currency
from core import company
from core.company_settings import SETTINGS
from core.errors import Invalid, Reason
from core.models import Person
from core.roles import Role
from core.services.company import change_setting
from core.services.people import add_person
from planning.headless.folder import Folder
from planning.headless.run import People, Run

WORKERS = (Role.COORDINATOR, Role.ANALYST, Role.MANAGER, Role.VP)
# Addresses under .invalid belong to nobody, and accounts without a password cannot sign in.
ADDRESS = "headless-{}@sopcycle.invalid"
EVERY_DAY = [1, 2, 3, 4, 5]


@dataclass(frozen=True)
class Given:
    """A setting that the folder asks for."""

    key: str
    value: Any


def set_up(run: Run, folder: Folder) -> None:
    """Settings and currencies of the folder; the planners; in a database of its own, no waiting days."""
    run.is_own_company = not Person.objects.exclude(email__endswith="@sopcycle.invalid").exists()
    given = [_given(row) for row in folder.set_up["settings"]]
    if run.is_own_company and not any(one.key == "pack_days" for one in given):
        given.append(Given("pack_days", 0))
        text = "The pack is released on the day on which it is sent (setting pack_days is 0)."
        run.accept("release", text, "There is nobody who reads it first in a database without people.")
    for one in given:
        _set(one)
    _add_currencies(folder)
    for row in folder.set_up["calendars"]:
        if not WorkingCalendar.objects.filter(code=row["code"]).exists():
            create_master(actor=None, model=WorkingCalendar, values={**row, "weekdays": EVERY_DAY})
    run.people = planners()
    run.signers = signers(run)


def planners() -> People:
    """One account for each role that a cycle needs; nobody can sign in with them."""
    return {role: _worker(role.value, [role], role.label) for role in WORKERS}


def signers(run: Run) -> list[Person]:
    """Who approves: the people named, else as many accounts of executives as the quorum wants."""
    if run.wishes.approve_as:
        return [_named(email) for email in run.wishes.approve_as]
    count = int(company.value("quorum"))
    run.accept(
        "release",
        f"{count} executive accounts without a person approve the plan.",
        "Name people with --approve-as.",
    )
    return [_worker(f"executive-{n}", [Role.EXECUTIVE], "Executive") for n in range(1, count + 1)]


def _named(email: str) -> Person:
    person = Person.objects.filter(email=email.strip().lower()).first()
    if person is not None:
        return person
    return add_person(actor=None, email=email, name=email.partition("@")[0], roles=[Role.EXECUTIVE])


def _worker(name: str, roles: list[Role], title: str) -> Person:
    email = ADDRESS.format(name)
    person = Person.objects.filter(email=email).first()
    if person is not None:
        return person
    return add_person(
        actor=None,
        email=email,
        name=f"Headless {name.replace('_', ' ').replace('-', ' ')}",
        job_title=f"{title}, manage.py run_cycle",
        roles=list(roles),
    )


def _given(row: dict[str, str]) -> Given:
    key = row["setting"]
    if key not in SETTINGS:
        text = f"settings.csv: there is no setting “{key}”. docs/company-settings.md lists them."
        raise Invalid(Reason(text, "invalid", "setting"))
    try:
        return Given(key, SETTINGS[key].cleaned(row["value"]))
    except ValueError as error:
        raise Invalid(Reason(f"settings.csv, {key}: {error}", "invalid", "setting")) from error


def _set(given: Given) -> None:
    if company.value(given.key) == given.value:
        return
    row = company.row_on(given.key, timezone.localdate())
    change_setting(
        actor=None,
        key=given.key,
        value=given.value,
        from_day=timezone.localdate() if SETTINGS[given.key].dated else None,
        revision=row.revision if row else 0,
        reason="settings.csv of a headless cycle",
    )


def _add_currencies(folder: Folder) -> None:
    base = str(company.value("base_currency"))
    wanted = {row["code"].upper(): row["name"] for row in folder.set_up["currencies"]}
    for code, name in {base: base, **wanted}.items():
        if not Currency.objects.filter(code=code).exists():
            add_currency(actor=None, code=code, name=name)
