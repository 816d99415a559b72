"""Every write of the core that a person or a program may ask for."""

from core.services.channels import add_channel, change_channel, try_channel
from core.services.comments import delete_comment, edit_comment, write_comment
from core.services.company import change_setting
from core.services.notifications import mark_read, notify
from core.services.people import (
    add_person,
    change_own_notifications,
    change_person,
    give_temporary_password,
)
from core.services.tokens import create_token, revoke_token

__all__ = [
    "add_channel",
    "add_person",
    "change_channel",
    "change_own_notifications",
    "change_person",
    "change_setting",
    "create_token",
    "delete_comment",
    "edit_comment",
    "give_temporary_password",
    "mark_read",
    "notify",
    "revoke_token",
    "try_channel",
    "write_comment",
]
