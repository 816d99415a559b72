"""Files that are read whole into memory: tables that people keep by hand, not exports of other systems."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import File

from core.errors import Invalid, Reason

MOST_BYTES = 20 * 1024**2
TOO_LARGE = f"{{0}} is larger than {MOST_BYTES // 1024**2} MB. Split it."


def small_enough(file: "File[Any]") -> None:
    """The validator of a file field of a form or a serializer: looks at the size before anything is read."""
    if (file.size or 0) > MOST_BYTES:
        raise ValidationError(TOO_LARGE.format(file.name), code="large")


def refuse_large(name: str, data: bytes) -> None:
    """The same for services. Raises Invalid."""
    if len(data) > MOST_BYTES:
        raise Invalid(Reason(TOO_LARGE.format(name), "large", "file"))
