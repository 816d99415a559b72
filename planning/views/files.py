"""Files that people take with them."""

from django.http import HttpResponse

FILE_TYPES = {
    "pdf": "application/pdf",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}


def as_download(content: bytes, name: str, form: str) -> HttpResponse:
    """The bytes exactly as they are, under a name."""
    response = HttpResponse(content, content_type=FILE_TYPES[form])
    response["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return response
