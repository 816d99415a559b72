"""One change of one record, as every provider's payload is read into."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class EventKind(StrEnum):
    """What a payload says happened to a record."""

    CHANGE = "change"  # created or changed: `fields` holds what is known
    DELETE = "delete"
    RESTORE = "restore"
    MERGE = "merge"  # `external_id` lives on, `merged` are its other names from now on
    FETCH = "fetch"  # something changed, but the sender does not say what: read the record from the CRM


@dataclass(frozen=True)
class Event:
    """A change of the record `external_id` of the kind `entity` (deal, account, person, line).

    `fields` maps our names (name, amount, currency, stage, owner, account, expected_close, closed,
    probability, next_step, …) to text as it was sent; an empty text clears the field. What has no
    name of ours keeps the sender's. `occurred` and `version` order the changes of a record;
    `dedupe_key` is the same whenever the same change is sent again.
    """

    entity: str
    external_id: str
    kind: EventKind
    occurred: dt.datetime
    dedupe_key: str
    version: int = 0
    fields: Mapping[str, str] = field(default_factory=dict)
    merged: tuple[str, ...] = ()
