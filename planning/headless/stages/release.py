"""Stage 5 without people: approval asked for, the pack sent, signatures given, the plan released."""

from core.roles import Role
from planning.headless.run import Run
from planning.headless.stages.checklist import tick_all
from planning.models import Approval
from planning.selectors.approvals import request_of
from planning.services.approvals import request_approval, sign
from planning.services.packs import send_pack


def work(run: Run) -> None:
    """Everything until the plan can be released."""
    manager = run.people[Role.MANAGER]
    with run.step("release: approval asked for"):
        request = request_of(run.cycle)
        if request is None:
            request = request_approval(actor=manager, cycle=run.cycle, approvers=run.signers)
        tick_all(run)
    with run.step("release: pack sent"):
        if request.pack_sent is None:
            send_pack(actor=manager, cycle=run.cycle, wait=True)
    with run.step("release: signatures"):
        signed = set(Approval.objects.filter(request=request).values_list("approver", flat=True))
        for person in run.signers:
            if person.pk not in signed:
                sign(actor=person, request=request, verdict="approve", password=None)
