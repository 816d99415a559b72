"""manage.py webhooks create | list | rotate | replay: what the pages of CRM connections do, by command."""

import json
import sys
from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_naive, make_aware

from core.errors import Refused
from crm.engine.webhooks import ADAPTERS
from crm.models import Endpoint, EventState, InboxEvent
from crm.selectors.inbox import address_of, path_of, secrets_of
from crm.services.endpoints import create_endpoint, free_label, rotate_secret
from crm.services.inbox import replay

CHOOSING = ("endpoint", "state", "event", "delivery", "since", "until", "all")


class Command(BaseCommand):
    help = "Connect CRMs that push webhooks, list them, renew their secrets, apply their events anew."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        create = actions.add_parser("create", help="Connect a CRM. Prints the endpoint's id and path.")
        create.add_argument("--provider", required=True, choices=sorted(ADAPTERS))
        create.add_argument("--public-url", default="", help="The address as the CRM sees it.")
        create.add_argument("--label", default="", help="Default: the provider's name.")
        create.add_argument(
            "--source", default="", help="The CRM's short name; addresses of one CRM share it."
        )
        rotate = actions.add_parser("rotate", help="Give an endpoint another secret; the old one lives on.")
        rotate.add_argument("endpoint", type=UUID, help="The endpoint's id.")
        rotate.add_argument("--keep-old-hours", type=int, default=24)
        for one in (create, rotate):
            one.add_argument("--secret", default="", help="“-” reads it from standard input.")
        again = actions.add_parser("replay", help="Apply events anew. Events that fit all options are meant.")
        _add_choosing(again)
        for one in (create, rotate, again, actions.add_parser("list", help="List the endpoints.")):
            one.add_argument("--json", action="store_true", help="Print the result as JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = ACTIONS[options["action"]](options)
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        if options["json"]:
            self.stdout.write(json.dumps(found if options["action"] == "list" else found[0], indent=2))
            return
        for row in found:
            self.stdout.write("\n".join(f"{name}: {value}" for name, value in row.items()) + "\n")


def _add_choosing(parser: ArgumentParser) -> None:
    parser.add_argument("--endpoint", type=UUID, help="Events of this endpoint.")
    parser.add_argument("--state", choices=EventState.values)
    parser.add_argument("--event", type=int, nargs="+", help="Events by their numbers.")
    parser.add_argument("--delivery", type=int, nargs="+", help="Events of these deliveries.")
    parser.add_argument("--since", help="Events that happened from this time on (ISO).")
    parser.add_argument("--until", help="Events that happened before this time (ISO).")
    parser.add_argument("--all", action="store_true", help="Every event there is.")
    parser.add_argument("--reason", default="")


def _create(options: dict[str, Any]) -> list[dict[str, Any]]:
    given = _secret(options)
    endpoint, secret = create_endpoint(
        actor=None,
        provider=options["provider"],
        label=options["label"] or free_label(options["provider"]),
        source=options["source"],
        secret=given,
        public_url=options["public_url"],
    )
    return [_shown(endpoint) | ({} if given or not secret else {"secret": secret})]


def _rotate(options: dict[str, Any]) -> list[dict[str, Any]]:
    given = _secret(options)
    endpoint = _endpoint(options["endpoint"])
    hours = options["keep_old_hours"]
    _, secret = rotate_secret(actor=None, endpoint=endpoint, secret=given, keep_old_hours=hours)
    return [_shown(endpoint) | ({} if given else {"secret": secret})]


def _list(options: dict[str, Any]) -> list[dict[str, Any]]:
    return [_shown(endpoint) | _life(endpoint) for endpoint in Endpoint.objects.all()]


def _replay(options: dict[str, Any]) -> list[dict[str, Any]]:
    if not any(options[name] for name in CHOOSING):
        raise CommandError(
            "Say which events: --event, --delivery, --endpoint, --state, --since, --until or --all."
        )
    return [{"replayed": replay(actor=None, events=_chosen(options), reason=options["reason"])}]


def _chosen(options: dict[str, Any]) -> QuerySet[InboxEvent]:
    wanted = {
        "endpoint": options["endpoint"] and _endpoint(options["endpoint"]),
        "state": options["state"],
        "pk__in": options["event"],
        "delivery__in": options["delivery"],
        "occurred__gte": options["since"] and _moment(options["since"]),
        "occurred__lt": options["until"] and _moment(options["until"]),
    }
    return InboxEvent.objects.filter(**{name: value for name, value in wanted.items() if value})


def _moment(text: str) -> Any:
    try:
        moment = parse_datetime(text) or parse_datetime(f"{text}T00:00:00")
    except ValueError:
        moment = None
    if moment is None:
        raise CommandError(f"{text!r} is no time; write it as 2026-11-20T09:00 or 2026-11-20.")
    return make_aware(moment) if is_naive(moment) else moment


def _endpoint(key: UUID) -> Endpoint:
    found = Endpoint.objects.filter(key=key).first()
    if found is None:
        raise CommandError(f"There is no endpoint {key}. `manage.py webhooks list` shows them.")
    return found


def _secret(options: dict[str, Any]) -> str:
    given: str = options["secret"]
    return sys.stdin.readline().strip() if given == "-" else given


def _shown(endpoint: Endpoint) -> dict[str, Any]:
    return {
        "id": str(endpoint.key),
        "path": path_of(endpoint.key),
        "url": address_of(endpoint),
        "provider": endpoint.provider,
        "label": endpoint.label,
        "source": endpoint.source,
    }


def _life(endpoint: Endpoint) -> dict[str, Any]:
    return {
        "active": endpoint.is_active,
        "last_verified": endpoint.last_verified and endpoint.last_verified.isoformat(),
        "turned_away": endpoint.turned_away,
        "secrets": [f"…{one.hint}" for one in secrets_of(endpoint)],
    }


ACTIONS = {"create": _create, "rotate": _rotate, "list": _list, "replay": _replay}
