"""Numbers as people write them → canonical text that PostgreSQL's numeric reads exactly.

`$1,234.50`, `1.234,50` (with decimal “,”), `(12.00)`, `12-`, `1 234`, `15%` are numbers; whatever
could be read two ways under the given decimal sign is not. Values stay text: no float rounds them.
"""

import re
from collections.abc import Callable
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

CANONICAL = r"^-?\d{1,30}(\.\d{1,30})?$"
SPACES = str.maketrans("", "", " \u00a0\u202f\u2009'’")
SIGNS = str.maketrans({"−": "-", "–": "-"})
AROUND = re.compile(r"^([A-Z]{3}|(?:US|CA|A|AU|NZ|HK)?[$€£¥₹]|kr\.?|zł|Fr\.?)|([A-Z]{3}|[€£¥₹$]|kr\.?|zł)$")
GROUPED = {
    ".": re.compile(r"^(\d+|\d{1,3}(,\d{3})+)?(\.\d+)?(e[+-]?\d{1,2})?$", re.I),
    ",": re.compile(r"^(\d+|\d{1,3}(\.\d{3})+)?(,\d+)?(e[+-]?\d{1,2})?$", re.I),
}


def parse_numbers(cells: pa.Array, decimal: str, factor: Decimal | None) -> tuple[pa.Array, np.ndarray]:
    """Canonical texts (null where empty), and which cells are no number. Cells must be trimmed."""
    plain = pc.match_substring_regex(cells, CANONICAL)
    if decimal == "," and factor is None:
        plain = pc.and_(plain, pc.invert(pc.match_substring(cells, ".")))
    odd = pc.fill_null(pc.invert(plain), False).to_numpy(zero_copy_only=False)
    if factor is not None:
        odd = pc.is_valid(cells).to_numpy(zero_copy_only=False)
    if not odd.any():
        return cells, np.zeros(len(cells), dtype=bool)
    return _with_odd(cells, odd, lambda text: canonical(text, decimal, factor))


def _with_odd(
    cells: pa.Array, odd: np.ndarray, read: Callable[[str], str | None]
) -> tuple[pa.Array, np.ndarray]:
    mask = pa.array(odd)
    found = [read(text) for text in pc.filter(cells, mask).to_pylist()]
    bad = np.zeros(len(cells), dtype=bool)
    bad[np.flatnonzero(odd)] = [text is None for text in found]
    return pc.replace_with_mask(cells, mask, pa.array(found, pa.string())), bad


def canonical(text: str, decimal: str = ".", factor: Decimal | None = None) -> str | None:
    """One number as canonical text; None when it is no number in this style."""
    body, negative = _unsigned(text.translate(SIGNS).translate(SPACES))
    is_percent = body.endswith("%")
    body = AROUND.sub("", AROUND.sub("", body.removesuffix("%")))
    body, inner = _unsigned(body)
    if not any(c.isdecimal() for c in body) or not body.isascii() or not GROUPED[decimal].match(body):
        return None
    group = "," if decimal == "." else "."
    value = Decimal(body.replace(group, "").replace(decimal, "."))
    value = value / 100 if is_percent else value
    value = value * factor if factor is not None else value
    return format(-value if negative != inner else value, "f")


def _unsigned(text: str) -> tuple[str, bool]:
    if text.startswith("(") and text.endswith(")"):
        return text[1:-1], True
    if text.startswith("-"):
        return text[1:], True
    return (text[:-1], True) if text.endswith("-") else (text.removeprefix("+"), False)


def add_up(columns: list[pa.Array]) -> pa.Array:
    """The exact row sums of canonical number columns; null where every part is empty."""
    rows = zip(*(column.to_pylist() for column in columns), strict=True)
    return pa.array([_sum(row) for row in rows], pa.string())


def _sum(row: tuple[str | None, ...]) -> str | None:
    parts = [Decimal(part) for part in row if part is not None]
    return format(sum(parts, Decimal(0)), "f") if parts else None
