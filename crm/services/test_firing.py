"""Trying a connection: asked for here, sent by a worker."""

from django.db import transaction

from core.access import require
from core.jobs import input_hash, start_job
from core.models import Job, Person
from crm.models import Endpoint
from crm.pipeline.test_firing import signed_test
from crm.selectors.endpoints import FIRE_TEST


@transaction.atomic
def start_test(*, actor: Person | None, endpoint: Endpoint) -> Job:
    """Have a worker send a signed request with nothing in it to the address; its job says the answer.

    Raises Refused while the connection is off or has no secret that signs, Denied.
    """
    require(actor, "hooks.manage")
    signed_test(endpoint)
    params = {"endpoint": endpoint.pk}
    return start_job(
        actor=actor,
        kind=FIRE_TEST,
        label=f"Try the address of {endpoint}",
        params=params,
        same_work=input_hash(params),
    )
