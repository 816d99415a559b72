"""The profile that a run is read with."""

from dataclasses import replace

from gathering.engine.profile import Profile
from gathering.engine.profile_text import parse_profile
from gathering.models import ImportRun
from gathering.pipeline.staging import dataset_of


def profile_of(run: ImportRun) -> Profile:
    """The profile a run is read with. Mended rejects come as our own CSV, whatever the first file was."""
    profile = parse_profile(run.definition, dataset_of(run))
    if run.mends_id is None:
        return profile
    return replace(
        profile,
        delimiter=",",
        encoding="utf-8",
        sheet="",
        header_row=1,
        header=(),
        quote='"',
        surplus_into="",
        guarded=True,
    )
