"""Sending notifications by mail and to message channels. Runs every minute by beat."""

import logging
from smtplib import SMTPException

from apprise import Apprise, LogCapture
from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from core.models import Channel, Notification

MOST_ATTEMPTS = 5
AT_A_TIME = 100
MAIL = "mail"


def send_waiting() -> int:
    """Send what has not left yet; says how many left. A failed one is tried again next minute."""
    sent = 0
    channels = list(Channel.objects.filter(is_active=True))
    for key in _waiting():
        with transaction.atomic():
            sent += _send_one(key, channels)
    return sent


def _waiting() -> list[int]:
    waiting = Notification.objects.filter(sent_at=None, attempts__lt=MOST_ATTEMPTS, person__is_active=True)
    return list(waiting.order_by("pk").values_list("pk", flat=True)[:AT_A_TIME])


def _send_one(key: int, channels: list[Channel]) -> int:
    """Locked, so that two workers never send the same; `sent_to` remembers what arrived already."""
    locked = Notification.objects.select_for_update(skip_locked=True, of=("self",))
    notification = locked.select_related("person").filter(pk=key, sent_at=None).first()
    if notification is None:
        return 0
    missing = [to for to in _targets(notification, channels) if to not in notification.sent_to]
    arrived = [to for to in missing if _deliver(notification, to, channels)]
    over = len(arrived) == len(missing)
    Notification.objects.filter(pk=key).update(
        sent_to=[*notification.sent_to, *arrived],
        sent_at=timezone.now() if over else None,
        attempts=F("attempts") + 1,
    )
    return int(over)


def _targets(notification: Notification, channels: list[Channel]) -> list[str]:
    mail = [MAIL] if notification.person.mail_notifications else []
    concerned = [c for c in channels if c.person_id in (None, notification.person_id)]
    return [*mail, *(str(channel.pk) for channel in concerned)]


def _deliver(notification: Notification, to: str, channels: list[Channel]) -> bool:
    text = _body(notification)
    if to == MAIL:
        return _mail(notification, text)
    channel = next(channel for channel in channels if str(channel.pk) == to)
    title = f"{notification.person.name}: {notification.title}"
    return not deliver_to(channel, title=title, text=text)


def _mail(notification: Notification, text: str) -> bool:
    try:
        send_mail(notification.title, text, settings.DEFAULT_FROM_EMAIL, [notification.person.email])
    except (SMTPException, OSError) as error:
        logging.getLogger(__name__).warning("Mail for notification %s: %s", notification.pk, error)
        return False
    return True


def deliver_to(channel: Channel, *, title: str, text: str) -> str:
    """Send one message to a channel; says what went wrong, and keeps it on the channel."""
    service = Apprise()
    service.add(channel.url)
    with LogCapture(level=logging.WARNING) as captured:
        arrived = service.notify(title=title, body=text or title)
        lines = [line for line in captured.getvalue().splitlines() if line.strip()]
    error = "" if arrived else _without_secret(lines[-1] if lines else "The service did not answer.", channel)
    Channel.objects.filter(pk=channel.pk).update(last_error=error)
    return error


def _without_secret(line: str, channel: Channel) -> str:
    """The address holds the channel's secret; neither pages nor logs may show it."""
    said = line.split(" - ")[-1]
    _, _, secret = channel.url.partition("://")
    for part in (channel.url, secret, *(p for p in secret.split("/") if len(p) > 7)):
        said = said.replace(part, "•••")
    return said[:300]


def _body(notification: Notification) -> str:
    link = f"{settings.PUBLIC_URL}{notification.url}" if notification.url else ""
    return "\n\n".join(part for part in (notification.text, link) if part)
