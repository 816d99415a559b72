"""Loads the demo company: people and settings by services, everything else as imported files.

Every step looks first whether it is done already, so that a load that was interrupted is finished
by the next one and a second load changes nothing.
"""

import datetime as dt
from collections.abc import Callable

from django.utils import timezone

from core.roles import Role
from demo.company import make_company
from demo.company.span import first_day, month_number
from demo.loading.files import import_files
from demo.loading.firm import name_firm, set_up_firm
from demo.loading.leads import load_leads
from demo.loading.month import begin_month
from demo.loading.papers import load_papers
from demo.loading.people import add_people, link_reps
from demo.loading.territories import load_territories
from gathering.pipeline.quality import check_facts, store_findings
from gathering.selectors.sources import this_month

Say = Callable[[str], None]


def load(*, scale: int, seed: int, until: dt.date, say: Say) -> None:
    """Everything, in order. `until` is any day of the last month with sales."""
    until = first_day(month_number(until))
    people = add_people()
    set_up_firm(people)
    files = make_company(scale=scale, seed=seed, until=until, today=timezone.localdate())
    import_files(files, people, say)
    link_reps(people)
    load_leads(people, seed=seed, today=timezone.localdate(), say=say)
    load_papers(people, seed=seed, today=timezone.localdate(), say=say)
    load_territories(people, seed=seed, today=timezone.localdate(), say=say)
    say("Looking for what is wrong in the data.")
    store_findings(found=check_facts(), actor=people[Role.COORDINATOR])
    begin_month(people, this_month())
    name_firm(people)
