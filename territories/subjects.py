"""What of this room people can comment on, and the places of other rooms that it fills."""

from core.company_settings import SETTINGS
from territories.company_values import VALUES

SETTINGS.update({setting.key: setting for setting in VALUES})
