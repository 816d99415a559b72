"""Query counts of pages, pinned in query_counts.json: more queries than before fail the test.

`UPDATE_QUERY_COUNTS=1 pytest …` writes the counts of the tests that ran.
"""

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import company

BASELINE = Path(__file__).with_name("query_counts.json")
BOOKKEEPING = ("SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT", "BEGIN", "COMMIT")


@pytest.fixture
def pinned_queries(request: pytest.FixtureRequest) -> Callable[..., AbstractContextManager[None]]:
    """`with pinned_queries(): client.get(…)`; give a label where a test pins more than one."""

    @contextmanager
    def pinned(label: str = "") -> Iterator[None]:
        company.forget()
        with CaptureQueriesContext(connection) as captured:
            yield
        queries = [q["sql"] for q in captured.captured_queries if not _is_bookkeeping(q["sql"])]
        name = f"{request.node.nodeid}{' ' if label else ''}{label}"
        if os.environ.get("UPDATE_QUERY_COUNTS"):
            _write(name, len(queries))
        else:
            _compare(name, queries)

    return pinned


def _is_bookkeeping(sql: str) -> bool:
    """Savepoints, and company settings: they are read again after two seconds, on a slow machine twice."""
    return sql.startswith(BOOKKEEPING) or '"core_companysetting"' in sql


def _compare(name: str, queries: list[str]) -> None:
    pinned = json.loads(BASELINE.read_text(encoding="utf-8")).get(name)
    if pinned == len(queries):
        return
    listed = "\n".join(f"{number}. {sql[:300]}" for number, sql in enumerate(queries, start=1))
    pytest.fail(
        f"{len(queries)} queries, pinned are {pinned}. If that is meant, run the test again with "
        f"UPDATE_QUERY_COUNTS=1 and commit tests/query_counts.json.\n{listed}",
        pytrace=False,
    )


def _write(name: str, count: int) -> None:
    """Under a lock: the tests run in several processes."""
    with BASELINE.open("r+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        counts = json.load(file) | {name: count}
        file.seek(0)
        file.truncate()
        file.write(json.dumps(counts, indent=2, sort_keys=True) + "\n")
