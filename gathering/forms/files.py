"""Choosing files: one, or a main file with the second files that a profile joins."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

SPREADSHEETS = ".csv,.psv,.tsv,.txt,.xlsx"


class ManyFilesInput(forms.FileInput):
    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[UploadedFile]:
        return files.getlist(name) if hasattr(files, "getlist") else list(files.get(name) or [])


class ManyFilesField(forms.FileField):
    """Any number of files, as a list."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        if self.required and not data:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return [super(ManyFilesField, self).clean(file) for file in data or []]


def file_field(**options: Any) -> forms.FileField:
    return forms.FileField(widget=forms.FileInput(attrs={"accept": SPREADSHEETS}), **options)


def files_field(**options: Any) -> ManyFilesField:
    widget = ManyFilesInput(attrs={"accept": SPREADSHEETS})
    return ManyFilesField(widget=widget, required=False, **options)


def seconds_by_name(wanted: list[str], files: list[UploadedFile]) -> dict[str, UploadedFile]:
    """The second files by the names that a profile's joins use. One file for one join needs no name.

    Raises ValidationError for a join without its file.
    """
    if len(wanted) == len(files) == 1:
        return {wanted[0]: files[0]}
    named = {file.name or "": file for file in files}
    missing = [f"“{name}”" for name in wanted if name not in named]
    if missing:
        raise forms.ValidationError(
            f"The profile joins {', '.join(missing)}. Choose it too, under exactly this name."
        )
    return {name: named[name] for name in wanted}
