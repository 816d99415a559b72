"""What of this room people can comment on, what of it is secret, and places of other rooms it fills."""

from django.apps import apps
from django.urls import reverse

from compensation.company_values import VALUES
from compensation.models import Adjustment, Dispute, PayRun, PlanVersion, Statement
from compensation.pipeline.pay_effects import pay_effect
from compensation.selectors.addresses import pay_of_rep_path, plan_version_path
from compensation.selectors.adjustments import adjustments_visible_to
from compensation.selectors.disputes import disputes_visible_to
from compensation.selectors.plans import versions_visible_to
from compensation.selectors.runs import runs_visible_to
from compensation.selectors.scope import statements_visible_to
from compensation.selectors.statements import statement_url
from compensation.services.disputes import commented
from compensation.workflow.disputes import dispute_url
from compensation.workflow.runs import adjustment_url, run_url
from core.company_settings import SETTINGS
from core.slots import RowLink, row_links, secret_jobs, secret_tables
from core.subjects import register
from crm.models import Deal, Rep
from territories.selectors.scenario_effects import pay_effects

# Pay is secret: events and jobs of this room are read by those who see everybody's pay.
secret_tables.update(
    {model._meta.label_lower: "pay.plans" for model in apps.get_app_config("compensation").get_models()}
)
secret_jobs["compensation."] = "pay.plans"
register(Statement, label="statement", action="pay.own", visible_to=statements_visible_to, url=statement_url)
SETTINGS.update({setting.key: setting for setting in VALUES})
register(
    Dispute,
    label="dispute",
    action="pay.own",
    visible_to=disputes_visible_to,
    url=dispute_url,
    commented=commented,
)
register(
    PlanVersion,
    label="plan version",
    action="pay.plans",
    visible_to=versions_visible_to,
    url=lambda row: plan_version_path(row.pk),
)
row_links.setdefault(Rep._meta.label_lower, []).append(
    RowLink("Positions and plans", "pay.view", lambda row: pay_of_rep_path(row.pk))
)
register(PayRun, label="run of pay", action="pay.runs", visible_to=runs_visible_to, url=run_url)
register(
    Adjustment, label="adjustment", action="pay.runs", visible_to=adjustments_visible_to, url=adjustment_url
)
row_links.setdefault(Deal._meta.label_lower, []).extend(
    (
        RowLink("Credits", "pay.own", lambda row: f"{reverse('compensation:credit-list')}?deal={row.pk}"),
        RowLink("Share credit", "pay.credit", lambda row: reverse("compensation:split", args=[row.pk])),
        RowLink(
            "Cancel or return",
            "pay.credit",
            lambda row: f"{reverse('compensation:cancellation-add')}?deal={row.pk}",
        ),
        RowLink(
            "Hold pay back", "pay.credit", lambda row: f"{reverse('compensation:hold-add')}?deal={row.pk}"
        ),
    )
)
pay_effects.append(pay_effect)
row_links.setdefault(PlanVersion._meta.label_lower, []).append(
    RowLink("Try it", "pay.plan", lambda version: f"{reverse('compensation:study-add')}?version={version.pk}")
)
