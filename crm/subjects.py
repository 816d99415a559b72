"""What of this room can be commented."""

from core.subjects import register
from crm.models import Account, Rep
from crm.selectors.accounts import accounts_visible_to, reps_visible_to
from crm.views.accounts import account_url, rep_url

register(Account, label="account", action="crm.view", visible_to=accounts_visible_to, url=account_url)
register(Rep, label="rep", action="crm.view", visible_to=reps_visible_to, url=rep_url)
