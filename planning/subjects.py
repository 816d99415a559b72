"""What of this room stands on core's pages, what people can comment on, and the plan it gives to quotas."""

from django.urls import reverse

from core.slots import Outgoing, outgoing, top_bar
from core.subjects import register
from planning.models import Assumption, Cycle, Decision, Meeting, RiskOrOpportunity, Task
from planning.pipeline.dispatching import queue
from planning.selectors.addresses import cycle_path, decision_path, meeting_path, task_path
from planning.selectors.cycles import current_cycle_line, cycles_visible_to
from planning.selectors.meetings import meetings_visible_to
from planning.selectors.outgoing import arrivals_of
from planning.selectors.registers import assumptions_visible_to, decisions_visible_to, risks_visible_to
from planning.selectors.targets import plan_as_target
from planning.selectors.tasks import tasks_visible_to
from territories.selectors.targets import providers as targets

top_bar.append(current_cycle_line)
outgoing.append(Outgoing(queue, arrivals_of))
targets.append(plan_as_target)

register(Cycle, label="cycle", action="cycle.view", visible_to=cycles_visible_to, url=cycle_path)
register(Task, label="task", action="tasks.own", visible_to=tasks_visible_to, url=task_path)
register(Meeting, label="meeting", action="cycle.view", visible_to=meetings_visible_to, url=meeting_path)
register(Decision, label="decision", action="cycle.view", visible_to=decisions_visible_to, url=decision_path)
register(
    Assumption,
    label="assumption",
    action="cycle.view",
    visible_to=assumptions_visible_to,
    url=lambda row: reverse("planning:assumption", args=[row.pk]),
)
register(
    RiskOrOpportunity,
    label="risk or opportunity",
    action="cycle.view",
    visible_to=risks_visible_to,
    url=lambda row: reverse("planning:risk", args=[row.pk]),
)
