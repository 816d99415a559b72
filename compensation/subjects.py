"""What of this room people can comment on, what of it is secret, and places of other rooms it fills."""

from django.apps import apps

from compensation.company_values import VALUES
from compensation.models import Dispute, Statement
from compensation.selectors.disputes import disputes_visible_to
from compensation.selectors.scope import statements_visible_to
from compensation.selectors.statements import statement_url
from compensation.services.disputes import commented
from compensation.workflow.disputes import dispute_url
from core.company_settings import SETTINGS
from core.slots import secret_jobs, secret_tables
from core.subjects import register

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
