"""The API in words, made from its schema: no script, nothing from outside."""

from functools import lru_cache
from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from drf_spectacular.generators import SchemaGenerator

from core.access import requires

METHODS = ("get", "post", "put", "patch", "delete")
PREFIX = "/api/v1/"


@requires("api.docs")
def api_docs(request: HttpRequest) -> HttpResponse:
    lines = _documented()
    grouped = [(room, list(some)) for room, some in groupby(lines, key=lambda line: line["room"])]
    return render(request, "core/api_docs.html", {"groups": grouped, "count": len(lines)})


@lru_cache
def _documented() -> list[dict[str, Any]]:
    """Made once for each process: it only changes with the code."""
    schema = SchemaGenerator().get_schema(request=None, public=True)
    return sorted(_operations(schema), key=lambda line: (line["room"], line["path"]))


def _operations(schema: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "path": path,
            "method": method.upper(),
            "room": path.removeprefix(PREFIX).partition("/")[0],
            "says": operation.get("description", "").partition("\n\n")[0],
            "parameters": [_parameter(one) for one in operation.get("parameters", [])],
            "body": _body(schema, operation),
        }
        for path, item in schema["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    ]


def _parameter(parameter: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": parameter["name"],
        "place": parameter["in"],
        "type": _type(parameter.get("schema", {})),
        "required": parameter.get("required", False),
        "says": parameter.get("description", ""),
    }


def _body(schema: dict[str, Any], operation: dict[str, Any]) -> list[dict[str, Any]]:
    """The fields of the request, from the schema's component."""
    content = operation.get("requestBody", {}).get("content", {})
    first: dict[str, Any] = next(iter(content.values()), {})
    sent: dict[str, Any] = first.get("schema", {})
    component = _resolved(schema, sent)
    required = component.get("required", [])
    return [
        {
            "name": name,
            "type": _type(_resolved(schema, field)),
            "required": name in required,
            "says": field.get("description", ""),
        }
        for name, field in component.get("properties", {}).items()
    ]


def _resolved(schema: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    reference = part.get("$ref", "")
    if not reference:
        return part
    return schema["components"]["schemas"][reference.rpartition("/")[2]]


def _type(part: dict[str, Any]) -> str:
    if "enum" in part:
        return "one of " + ", ".join(str(one) for one in part["enum"])
    if part.get("type") == "array":
        return f"list of {_type(part.get('items', {}))}"
    return part.get("format") or part.get("type") or "value"
