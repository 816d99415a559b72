"""What of this room can be commented."""

from core.subjects import register
from crm.models import Account, Deal, Endpoint, Lead, OrderPaper, Rep
from crm.selectors.accounts import accounts_visible_to, reps_visible_to
from crm.selectors.deals import deals_visible_to
from crm.selectors.inbox import endpoints_visible_to
from crm.selectors.leads import lead_path, leads_visible_to
from crm.selectors.papers import papers_visible_to
from crm.views.base import account_url, rep_url
from crm.views.deals import deal_url
from crm.views.endpoints import endpoint_url
from crm.workflow.papers import paper_url

register(Account, label="account", action="crm.view", visible_to=accounts_visible_to, url=account_url)
register(Rep, label="rep", action="crm.view", visible_to=reps_visible_to, url=rep_url)
register(Deal, label="deal", action="deals.view", visible_to=deals_visible_to, url=deal_url)
register(Lead, label="lead", action="leads.view", visible_to=leads_visible_to, url=lead_path)
register(OrderPaper, label="order paper", action="papers.view", visible_to=papers_visible_to, url=paper_url)
register(
    Endpoint,
    label="CRM connection",
    action="hooks.view",
    visible_to=endpoints_visible_to,
    url=endpoint_url,
)
