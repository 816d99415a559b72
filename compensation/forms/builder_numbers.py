"""Numbers as people type them into the plan builder → as a plan is written; what would be read wrongly is
refused before it is."""

import re
from decimal import Decimal, InvalidOperation

from django import forms

SPACES = re.compile(r"[\s\u00a0\u2009\u202f]")
WHOLE_SHARE, WHOLE_RATE, EACH = 3, 1, 1000


def number(text: str) -> str:
    """1 200,5 or 1,200.50 EUR → 1200.5; 5 % → 5%. Raises ValidationError for what is no number."""
    plain = SPACES.sub("", str(text)).replace("\u2212", "-")
    share = plain.endswith("%")
    plain = _dotted(plain.rstrip("%"))
    try:
        found = Decimal(plain)
    except InvalidOperation:
        raise forms.ValidationError(f"“{text}” is no number. Write 1200.50 or 5%.") from None
    if not found.is_finite():
        raise forms.ValidationError(f"“{text}” is no number. Write 1200.50 or 5%.")
    return f"{plain}%" if share else plain


def share(text: str) -> str:
    """A share of a whole. 75 without a sign would be 7500 %, so it is refused."""
    plain = number(text)
    if not plain.endswith("%") and abs(Decimal(plain)) > WHOLE_SHARE:
        raise forms.ValidationError(f"“{text}” would be {Decimal(plain) * 100:f}%. Write {plain}%.")
    return plain


def level(text: str) -> str:
    """What is reached in a component: a share, or from 1000 on so much money for each deal or unit."""
    plain = number(text)
    each = not plain.endswith("%") and abs(Decimal(plain)) >= EACH
    return plain if each else share(text)


def rate(text: str) -> str:
    """A rate on money: 5 without a sign would be 500 %, so it is refused."""
    plain = number(text)
    if not plain.endswith("%") and abs(Decimal(plain)) >= WHOLE_RATE:
        raise forms.ValidationError(f"“{text}” would be {Decimal(plain) * 100:f}%. Write {plain}%.")
    return plain


def amount(text: str) -> str:
    """Money or pieces: no percentage."""
    plain = number(text)
    if plain.endswith("%"):
        raise forms.ValidationError(f"“{text}” is a share. Write an amount here, such as 50000.")
    return plain


def _dotted(text: str) -> str:
    """With a point for decimals: a comma is one unless three digits follow it or a point is there too."""
    if "," not in text:
        return text
    if "." in text:
        return text.replace(",", "") if text.rfind(".") > text.rfind(",") else _swapped(text)
    before, _, after = text.rpartition(",")
    if len(after) == 3 and before.strip("-") not in {"", "0"}:
        return text.replace(",", "")
    return f"{before.replace(',', '')}.{after}"


def _swapped(text: str) -> str:
    """1.200,50 → 1200.50."""
    return text.replace(".", "").replace(",", ".")
