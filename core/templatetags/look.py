"""What the parts in templates/parts/ need beyond Django's own tags."""

from dataclasses import dataclass
from typing import Any

from django import forms, template
from django.forms import BoundField
from django.http import QueryDict
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()

TICKS = (forms.CheckboxInput,)
NOTHING_CHOSEN = {"", "unknown"}
CHOICES = (forms.RadioSelect, forms.CheckboxSelectMultiple)


@register.filter
def is_tick(field: BoundField) -> bool:
    return isinstance(field.field.widget, TICKS)


@register.filter
def control(field: BoundField) -> SafeString:
    """The field's widget with our classes."""
    return _draw(field, "")


@register.filter
def small_control(field: BoundField) -> SafeString:
    """The field's widget for the line of filters, where nothing chosen means any."""
    widget = field.field.widget
    if isinstance(widget, forms.NullBooleanSelect):
        widget.choices = [("unknown", "Any"), ("true", "Yes"), ("false", "No")]
    return _draw(field, "sm")


def _draw(field: BoundField, size: str) -> SafeString:
    own = field.field.widget.attrs.get("class", "")
    return field.as_widget(attrs={"class": f"{_classes(field.field.widget, size)} {own}".strip()})


def _classes(widget: forms.Widget, size: str) -> str:
    if isinstance(widget, CHOICES):
        return ""
    if isinstance(widget, TICKS):
        return "form-check-input"
    name = "form-select" if isinstance(widget, forms.Select) else "form-control"
    return f"{name} {name}-{size}" if size else name


@register.simple_tag
def cells_of(row: dict[str, Any], table: dict[str, Any]) -> SafeString:
    """The cells of a table's row. In Python: a page has a thousand, a template takes ten times as long."""
    labels = [_label(column) for column in table["columns"]] if table.get("cards") else []
    cells = enumerate(row["cells"])
    return format_html_join("\n", "{}", ((_cell(row, cell, place, labels),) for place, cell in cells))


def _cell(row: dict[str, Any], cell: dict[str, Any], place: int, labels: list[str]) -> SafeString:
    kind = cell.get("kind") or ""
    classes = f"{'num ' if cell.get('numeric') else ''}{'' if kind == 'badge' else kind}".strip()
    title = format_html(' title="{}"', cell["title"]) if cell.get("title") else ""
    label = format_html(' data-label="{}"', labels[place]) if labels else ""
    frame = '<td class="{}"{}{}>{}</td>' if place else '<th scope="row" class="{}"{}{}>{}</th>'
    return format_html(frame, classes, title, label, _inside(cell, cell.get("url") or _row_url(row, place)))


def _inside(cell: dict[str, Any], url: str) -> SafeString:
    text = cell.get("text")
    if cell.get("badge"):
        return format_html('<span class="state state-{}">{}</span>', cell["badge"], text)
    if url:
        return format_html('<a href="{}">{}</a>', url, text)
    if text is None or text == "":
        return SafeString('<span class="none">–</span>')
    return format_html("{}", text)


def _row_url(row: dict[str, Any], place: int) -> str:
    return "" if place else row.get("url") or ""


def _label(column: Any) -> str:
    """The heading over a cell, for tables that become cards on a phone."""
    return column["label"] if isinstance(column, dict) else column.label


@dataclass(frozen=True)
class Chip:
    label: str
    value: str
    url: str


@register.simple_tag(takes_context=True)
def active_filters(context: template.Context, form: forms.Form) -> list[Chip]:
    """One chip for each filter that is set, with the address of the page without it."""
    query = context["request"].GET
    names = [name for name in form.fields if set(query.getlist(name)) - NOTHING_CHOSEN]
    return [_chip(form[name], query) for name in names]


def _chip(field: BoundField, query: QueryDict) -> Chip:
    rest = query.copy()
    for name in (field.html_name, "page"):
        rest.pop(name, None)
    chosen = ", ".join(_words(field, value) for value in query.getlist(field.html_name) if value)
    return Chip(str(field.label), chosen, f"?{rest.urlencode()}")


def _words(field: BoundField, value: str) -> str:
    """The words of the choice that the person saw, not its key."""
    if isinstance(field.field, forms.ModelChoiceField):
        return str(_chosen_row(field.field, value) or value)
    # Never ask these choices whether they are empty: django-filter's cannot count what a function gives.
    choices: Any = getattr(field.field, "choices", getattr(field.field.widget, "choices", ()))
    return next((str(words) for key, words in choices if str(key) == value), value)


def _chosen_row(field: forms.ModelChoiceField, value: str) -> Any:
    try:
        return field.to_python(value)
    except forms.ValidationError:
        return None
