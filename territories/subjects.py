"""What of this room people can comment on, and the places of other rooms that it fills."""

from django.urls import reverse

from core.company_settings import SETTINGS
from core.slots import RowLink, row_links
from core.subjects import register
from crm.models import Account, Rep
from crm.selectors.quotas import providers as quota_providers
from territories.company_values import VALUES
from territories.models import QuotaPlan, Territory, TerritoryModel
from territories.selectors.addresses import account_coverage_path, rep_coverage_path
from territories.selectors.models import models_visible_to, territories_visible_to
from territories.selectors.quotas import plans_visible_to, quotas_of_reps
from territories.workflow.quotas import plan_url

row_links.setdefault(Account._meta.label_lower, []).append(
    RowLink("Who covers it", "territories.view", lambda row: account_coverage_path(row.pk))
)
row_links[Account._meta.label_lower].append(
    RowLink(
        "Why this territory", "territories.view", lambda row: reverse("territories:why-here", args=[row.pk])
    )
)
row_links.setdefault(Rep._meta.label_lower, []).append(
    RowLink("What they cover", "territories.view", lambda row: rep_coverage_path(row.pk))
)
row_links[Account._meta.label_lower].append(
    RowLink("Place and work", "territories.plan", lambda row: reverse("territories:work", args=[row.pk]))
)
row_links[Rep._meta.label_lower].append(
    RowLink("Base and skills", "territories.plan", lambda row: reverse("territories:base", args=[row.pk]))
)
SETTINGS.update({setting.key: setting for setting in VALUES})
quota_providers.append(quotas_of_reps)
register(QuotaPlan, label="quota plan", action="quotas.view", visible_to=plans_visible_to, url=plan_url)
register(
    TerritoryModel,
    label="territory model",
    action="territories.view",
    visible_to=models_visible_to,
    url=lambda row: reverse("territories:model", args=[row.pk]),
)
register(
    Territory,
    label="territory",
    action="territories.view",
    visible_to=territories_visible_to,
    url=lambda row: reverse("territories:territory", args=[row.pk]),
)
