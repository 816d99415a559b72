"""Keys for programs."""

from django.db import transaction

from core.access import require
from core.errors import Invalid, Reason
from core.events import record
from core.models import ApiToken, Person

MOST_TOKENS = 20


@transaction.atomic
def create_token(*, actor: Person, label: str) -> tuple[ApiToken, str]:
    """Make a key for the API and return it with its row: only now is the key known.

    Raises Invalid without a label, with one in use, or after MOST_TOKENS.
    """
    require(actor, "account.own")
    named = label.strip()
    if not named or len(named) > 80:
        raise Invalid(Reason("Say in 1 to 80 characters what the token is for.", "invalid", "label"))
    mine = ApiToken.objects.filter(user=actor)
    if mine.filter(label=named).exists():
        raise Invalid(Reason(f"You have a token “{named}” already. Revoke it first.", "invalid", "label"))
    if mine.count() >= MOST_TOKENS:
        raise Invalid(Reason(f"{MOST_TOKENS} tokens are the most. Revoke one you do not use.", "invalid"))
    token, key = ApiToken.objects.create(user=actor, label=named)
    record(actor=actor, verb="API token created", subject=actor, after={"label": named})
    return token, key


@transaction.atomic
def revoke_token(*, actor: Person, token: ApiToken) -> None:
    """Delete a key; requests with it are refused from now on. One's own, or as technical advisor."""
    if token.user_id != actor.pk:
        require(actor, "people.manage")
    record(actor=actor, verb="API token revoked", subject=token.user, before={"label": token.label})
    token.delete()
