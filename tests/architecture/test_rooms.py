"""Tables point only downwards, as imports do: import-linter cannot see a foreign key."""

from django.apps import apps
from django.conf import settings

TOP_TO_BOTTOM = ["demo", "dashboards", "planning", "compensation", "forecasting", "enablement"]
TOP_TO_BOTTOM += ["territories", "gathering", "crm", "catalog", "core"]
SIDE_BY_SIDE = {"compensation", "forecasting", "enablement"}


def _own_models() -> list[type]:
    return [model for model in apps.get_models() if model._meta.app_label in settings.ROOMS]


def test_every_room_has_its_place() -> None:
    assert sorted(set(settings.ROOMS) - set(TOP_TO_BOTTOM)) == []


def test_no_foreign_key_points_to_a_room_above_or_beside() -> None:
    upwards = []
    for model in _own_models():
        for field in model._meta.get_fields():  # type: ignore[attr-defined]
            if not (field.is_relation and field.concrete and field.related_model):
                continue
            source, target = model._meta.app_label, field.related_model._meta.app_label  # type: ignore[attr-defined]
            if target in TOP_TO_BOTTOM and not _may_point(source, target):
                upwards.append(f"{model._meta.label}.{field.name} → {target}")  # type: ignore[attr-defined]

    assert upwards == []


def _may_point(source: str, target: str) -> bool:
    if source == target:
        return True
    if {source, target} <= SIDE_BY_SIDE:
        return False
    return TOP_TO_BOTTOM.index(source) < TOP_TO_BOTTOM.index(target)


def test_no_generic_foreign_keys() -> None:
    found = [
        model._meta.label  # type: ignore[attr-defined]
        for model in _own_models()
        if model._meta.private_fields  # type: ignore[attr-defined]
    ]

    assert found == []
