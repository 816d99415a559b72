"""On which line of a YAML text a key stands, so that a mistake can be shown beside it."""

import re

import yaml

STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


def line_of(text: str, key: str) -> int | None:
    """The line (from 1) of `columns.day.format` or `joins[2].on`; of its nearest parent where the
    key itself is missing; None where nothing fits or the text is not YAML."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        return mark.line + 1 if mark else None
    line = None
    for name, number in STEP.findall(key):
        found = _below(node, name, number)
        if found is None:
            break
        node, line = found
    return line


def _below(node: yaml.Node | None, name: str, number: str) -> tuple[yaml.Node, int] | None:
    if isinstance(node, yaml.MappingNode) and name:
        for key, value in node.value:
            if key.value == name:
                return value, key.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode) and number and int(number) <= len(node.value):
        item = node.value[int(number) - 1]
        return item, item.start_mark.line + 1
    return None
