"""Files between the moment they are chosen and the moment their columns are matched.

The file lies in the store under `held/`; a signed token, bound to the person, says which one.
"""

from dataclasses import asdict, dataclass
from datetime import timedelta
from uuid import uuid4

from django.conf import settings
from django.core import signing
from django.core.files import File
from django.core.files.storage import default_storage
from django.utils import timezone

from core.access import require
from core.errors import Invalid, Reason, Refused
from core.models import Person

FOLDER = "held"
KEPT_FOR = timedelta(days=1)
SALT = "gathering.held-file"


@dataclass(frozen=True)
class HeldFile:
    """Where a chosen file waits, and what the person said about it."""

    path: str
    file_name: str
    dataset: str
    source: str
    person: int

    def open(self) -> File:
        """The stored file, for reading bytes."""
        return default_storage.open(self.path, "rb")


def hold_file(*, actor: Person, file: File, file_name: str, dataset: str, source: str) -> str:
    """Keep a chosen file for a day and return the token that finds it again.

    Raises Invalid for a file over the size limit.
    """
    require(actor, "imports.run")
    if file.size > settings.IMPORT_MAX_BYTES:
        limit = settings.IMPORT_MAX_BYTES // 1024**2
        raise Invalid(
            Reason(f"The file is larger than {limit} MB. Split it and import the parts.", field="file")
        )
    _forget_old()
    path = default_storage.save(f"{FOLDER}/{uuid4()}", file)
    return signing.dumps(asdict(HeldFile(path, file_name, dataset, source, actor.pk)), salt=SALT)


def held_file(*, actor: Person, token: str) -> HeldFile:
    """The file a token stands for. Raises Refused when it is somebody else's, or gone."""
    require(actor, "imports.run")
    try:
        held = HeldFile(**signing.loads(token, salt=SALT, max_age=KEPT_FOR))
    except signing.BadSignature as error:
        raise Refused("This upload is no longer here. Choose the file again.") from error
    if held.person != actor.pk or not default_storage.exists(held.path):
        raise Refused("This upload is no longer here. Choose the file again.")
    return held


def drop_file(*, held: HeldFile) -> None:
    """Forget a held file: it was handed on, or the person chose another."""
    default_storage.delete(held.path)


def _forget_old() -> None:
    if not default_storage.exists(FOLDER):
        return
    limit = timezone.now() - KEPT_FOR
    for name in default_storage.listdir(FOLDER)[1]:
        path = f"{FOLDER}/{name}"
        if default_storage.get_modified_time(path) < limit:
            default_storage.delete(path)
