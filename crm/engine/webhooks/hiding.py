"""What a body holds that nobody may read later: blanked before it is stored."""

import re

SESSION = re.compile(rb"(<(?:[\w.-]+:)?SessionId\b[^>]*>).*?(</(?:[\w.-]+:)?SessionId\s*>)", re.DOTALL)


def hidden(provider: str, body: bytes, secret: str) -> bytes:
    """The body as it may be kept: without Salesforce's session, and without the token that Zoho echoes.

    Both would let a reader act as the CRM or its user. Everything else stays byte for byte.
    """
    if provider == "salesforce":
        return SESSION.sub(rb"\1\2", body)
    if provider == "zoho":
        token = re.compile(rb'("token"\s*:\s*")' + re.escape(secret.encode()) + rb'(")')
        return token.sub(rb"\1\2", body)
    return body
