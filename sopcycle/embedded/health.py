"""Asking the web server whether it answers: `python -m sopcycle.embedded.health [HOST PORT]`."""

import http.client
import os
import sys

ANSWERS_WITHIN = 3


def ask(host: str, port: int) -> int | str:
    """The status of /healthz/, or words when nothing answers."""
    connection = http.client.HTTPConnection(host, port, timeout=ANSWERS_WITHIN)
    try:
        connection.request("GET", "/healthz/", headers={"Host": _allowed_host()})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return "no answer"
    finally:
        connection.close()


def _allowed_host() -> str:
    """Django answers only to a name in ALLOWED_HOSTS, which may begin with a dot or be a star."""
    first = os.environ.get("ALLOWED_HOSTS", "").partition(",")[0]
    return first.strip(" .*") or "localhost"


if __name__ == "__main__":
    arguments = [*sys.argv[1:], "127.0.0.1", "8000"]
    sys.exit(0 if ask(arguments[0], int(arguments[1])) == 200 else 1)
