"""A person's own terms: what differs, laid over the terms of the plan."""

from collections.abc import Mapping
from typing import Any

from compensation.engine.plan_cells import BadPlan

Terms = dict[str, Any]


def laid_over(terms: Mapping[str, Any], changes: Mapping[str, Any]) -> Terms:
    """The terms with the changes; neither of the two is touched.

    Each name at the top takes the place of the plan's. `components: {code: {name: value}}` replaces single
    settings of components; a list there replaces all of them. Nothing (null) takes a setting away, so that
    its default holds. Raises BadPlan for a component that the plan does not have.
    """
    laid = {**terms, **{name: value for name, value in changes.items() if name != "components"}}
    by_code = changes.get("components")
    if by_code is None:
        return laid
    if isinstance(by_code, list):
        return {**laid, "components": by_code}
    if not isinstance(by_code, Mapping):
        raise BadPlan(["components: write each component's code, and below it what differs."])
    return {**laid, "components": _components(terms, by_code)}


def _components(terms: Mapping[str, Any], by_code: Mapping[str, Any]) -> list[Any]:
    components = _listed(terms.get("components"))
    codes = [_code(one) for one in components]
    faults = [_unknown(code, codes) for code in by_code if str(code) not in codes]
    faults += [
        f"components.{code}: write it as names and values."
        for code, settings in by_code.items()
        if not isinstance(settings, Mapping)
    ]
    if faults:
        raise BadPlan(faults)
    said = {str(code): settings for code, settings in by_code.items()}
    return [
        {**one, **said[code]} if code in said else one for code, one in zip(codes, components, strict=True)
    ]


def _unknown(code: Any, codes: list[str]) -> str:
    known = ", ".join(sorted(filter(None, codes)))
    return f"components.{code}: the plan has no such component. Known: {known}."


def _listed(components: Any) -> list[Any]:
    if components is None:
        return []
    return components if isinstance(components, list) else [components]


def _code(component: Any) -> str:
    return str(component.get("code", "")).strip() if isinstance(component, Mapping) else ""
