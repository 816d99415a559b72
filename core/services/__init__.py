"""Every write of the core that a person or a program may ask for."""

from core.services.company import change_setting
from core.services.notifications import notify

__all__ = ["change_setting", "notify"]
