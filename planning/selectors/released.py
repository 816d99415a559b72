"""One release by its key, for explanations and dashboards."""

from planning.models import Release


def release_by_key(key: int) -> Release | None:
    """The release with its cycle and the supply plan it was made from; its content stays unread."""
    rows = Release.objects.defer("content").select_related("cycle", "run__version__cycle", "released_by")
    return rows.filter(pk=key).first()
