"""Forms of the import wizard."""

from typing import Any

from django import forms

from gathering.forms.files import file_field, files_field, seconds_by_name
from gathering.models import ImportProfile
from gathering.selectors.import_review import joined_files

MATCH = "match"
OURS = "ours"


class FileForm(forms.Form):
    """The file, where it comes from, and how to read it."""

    file = file_field(label="File", help_text="CSV, PSV, TSV or Excel (XLSX).")
    reading = forms.ChoiceField(label="How the file is read", widget=forms.RadioSelect)
    extra_files = files_field(label="Second files")
    source = forms.CharField(
        label="System the rows come from",
        max_length=60,
        required=False,
        help_text="Short and always the same, such as “erp”: it keeps equal order numbers apart.",
    )

    def __init__(self, *args: Any, profiles: list[ImportProfile], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.profiles = {f"profile-{profile.pk}": profile for profile in profiles}
        reading: Any = self.fields["reading"]
        reading.choices = [
            *((key, f"By the profile “{profile.name}”") for key, profile in self.profiles.items()),
            (MATCH, "Match the columns for me, and let me look"),
            (OURS, "The columns are named as in the example file"),
        ]
        reading.initial = next(iter(self.profiles), MATCH)
        self.joined = {key: joined_files(profile) for key, profile in self.profiles.items()}
        self.fields["extra_files"].help_text = self._join_words()
        if not any(self.joined.values()):
            del self.fields["extra_files"]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        wanted = self.joined.get(found.get("reading", ""), [])
        if wanted:
            try:
                found["extra_files"] = seconds_by_name(wanted, found.get("extra_files", []))
            except forms.ValidationError as error:
                self.add_error("extra_files", error)
        else:
            found["extra_files"] = {}
        return found

    @property
    def wants_matching(self) -> bool:
        return self.cleaned_data["reading"] == MATCH

    @property
    def profile(self) -> ImportProfile | None:
        return self.profiles.get(self.cleaned_data["reading"])

    def _join_words(self) -> str:
        words = [
            f"“{self.profiles[key].name}” also reads {', '.join(names)}."
            for key, names in self.joined.items()
            if names
        ]
        return " ".join(words)


class MendForm(forms.Form):
    file = file_field(
        label="Mended rows",
        help_text="The rejects file after mending. Leave its column “problem” as it is; it is not read.",
    )


class CancelForm(forms.Form):
    reason = forms.CharField(
        label="Why",
        max_length=300,
        help_text="Stands in the history: “wrong month”, “replaced by a newer file”.",
    )
