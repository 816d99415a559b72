"""What of this room people can comment on, and the targets it gives to the pipeline as quotas."""

from django.urls import reverse

from core.subjects import register
from crm.selectors.quotas import providers
from gathering.models import Campaign, MarketNote, QualityIssue, SourceMonth
from gathering.selectors.notes import campaigns_visible_to, market_notes_visible_to
from gathering.selectors.quality import issues_visible_to
from gathering.selectors.quotas import targets_as_quotas
from gathering.selectors.sources import months_visible_to
from gathering.workflow import month_url

register(
    QualityIssue,
    label="finding",
    action="quality.view",
    visible_to=issues_visible_to,
    url=lambda row: reverse("gathering:issue-detail", args=[row.pk]),
)
register(
    SourceMonth, label="data source month", action="sources.view", visible_to=months_visible_to, url=month_url
)
register(
    Campaign,
    label="campaign",
    action="notes.view",
    visible_to=campaigns_visible_to,
    url=lambda row: reverse("gathering:campaign", args=[row.pk]),
)
register(
    MarketNote,
    label="market note",
    action="notes.view",
    visible_to=market_notes_visible_to,
    url=lambda row: reverse("gathering:market-note", args=[row.pk]),
)
providers.append(targets_as_quotas)
