"""A plan as YAML text, as a person would write it. compensation.engine.plan_text reads it."""

from decimal import Decimal
from typing import Any

import yaml

from compensation.engine.plan import Plan
from compensation.engine.plan_writing import Written, mapping_of

SHORT = 72


class Writer(yaml.SafeDumper):
    """Numbers plain, small mappings and lists on one line."""


def plan_text(plan: Plan) -> str:
    """The YAML of a plan."""
    return terms_text(mapping_of(plan))


def terms_text(terms: dict[str, Any]) -> str:
    """The YAML of terms, readable or not."""
    return yaml.dump(terms, Dumper=Writer, sort_keys=False, allow_unicode=True, width=110)


def short_text(value: Any) -> str:
    """A part of terms on one line, for comparing two versions of it."""
    if isinstance(value, dict | list):
        return yaml.safe_dump(
            value, default_flow_style=True, sort_keys=False, allow_unicode=True, width=10**6
        ).strip()
    return "" if value is None else str(value)


def _short(writer: Writer, node: yaml.Node) -> yaml.Node:
    node.flow_style = _is_flat(node) and len(writer.represent_str(_flat(node)).value) <= SHORT  # type: ignore[attr-defined]
    return node


def _is_flat(node: yaml.Node) -> bool:
    parts = node.value if isinstance(node, yaml.SequenceNode) else [one for _, one in node.value]
    return all(isinstance(one, yaml.ScalarNode) or getattr(one, "flow_style", False) for one in parts)


def _flat(node: yaml.Node) -> str:
    if isinstance(node, yaml.ScalarNode):
        return str(node.value)
    if isinstance(node, yaml.SequenceNode):
        return f"[{', '.join(_flat(one) for one in node.value)}]"
    return f"{{{', '.join(f'{_flat(key)}: {_flat(one)}' for key, one in node.value)}}}"


def _mapping(writer: Writer, said: dict[str, Any]) -> yaml.Node:
    node = writer.represent_mapping("tag:yaml.org,2002:map", said)
    return _short(writer, node) if "form" not in said and "plan" not in said else _block(node)


def _sequence(writer: Writer, said: list[Any]) -> yaml.Node:
    node = writer.represent_sequence("tag:yaml.org,2002:seq", said)
    mappings = any(isinstance(one, dict) for one in said)
    return _block(node) if mappings else _short(writer, node)


def _block(node: yaml.Node) -> yaml.Node:
    node.flow_style = False  # type: ignore[attr-defined]
    return node


def _number(writer: Writer, number: Written) -> yaml.Node:
    """Plain where YAML's numbers keep every digit, a text in quotes otherwise."""
    exact = Decimal(str(float(number))) == Decimal(number)
    return writer.represent_scalar(f"tag:yaml.org,2002:{'float' if exact else 'str'}", str(number))


Writer.add_representer(dict, _mapping)
Writer.add_representer(list, _sequence)
Writer.add_representer(Written, _number)
Writer.ignore_aliases = lambda self, data: True  # type: ignore[method-assign]
