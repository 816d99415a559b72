"""The habits of docs/adr/0002: short functions and modules, nothing swallowed, nothing hidden."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

PROJECT = Path(settings.BASE_DIR)
LONGEST_FUNCTION, LONGEST_MODULE = 60, 400
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "misc"}
SIGNALS = {"django.db.models.signals", "django.dispatch", "django.contrib.auth.signals"}
MAY_LISTEN = {"core/sign_ins.py"}
SKIPPED = {".venv", ".venv-bench", "node_modules", "migrations", "var", "__pycache__"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def _modules() -> list[Path]:
    found = (path for path in PROJECT.rglob("*.py"))
    return [path for path in found if not SKIPPED.intersection(path.relative_to(PROJECT).parts)]


def _own_code() -> list[Path]:
    return [path for path in _modules() if "tests" not in path.relative_to(PROJECT).parts]


def _named(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


def _functions(tree: ast.AST) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, Function))


@pytest.fixture(scope="module")
def trees() -> dict[Path, ast.Module]:
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in _modules()}


def test_the_project_is_looked_at() -> None:
    assert len(_own_code()) > 50


def test_no_function_is_longer_than_60_lines(trees: dict[Path, ast.Module]) -> None:
    too_long = [
        f"{_named(path)}:{node.lineno} {node.name} ({node.end_lineno - node.lineno + 1} lines)"
        for path, tree in trees.items()
        for node in _functions(tree)
        if node.end_lineno and node.end_lineno - node.lineno + 1 > LONGEST_FUNCTION
    ]

    assert too_long == []


def test_no_module_is_longer_than_400_lines() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in _modules()}

    assert [f"{_named(p)} ({n} lines)" for p, n in lengths.items() if n > LONGEST_MODULE] == []


def test_no_module_is_a_drawer_for_everything() -> None:
    assert [_named(path) for path in _modules() if path.stem in FORBIDDEN_NAMES] == []


def test_no_error_is_swallowed(trees: dict[Path, ast.Module]) -> None:
    swallowed = [
        f"{_named(path)}:{node.lineno}"
        for path, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler) and _does_nothing(node)
    ]

    assert swallowed == []


def _does_nothing(handler: ast.ExceptHandler) -> bool:
    return handler.type is None or all(isinstance(line, ast.Pass) for line in handler.body)


def test_imports_stand_at_the_top(trees: dict[Path, ast.Module]) -> None:
    inside = [
        f"{_named(path)}:{node.lineno}"
        for path, tree in trees.items()
        for function in _functions(tree)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]

    assert inside == []


def test_only_signing_in_listens_to_a_signal(trees: dict[Path, ast.Module]) -> None:
    listening = [
        _named(path)
        for path, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module in SIGNALS and path in _own_code()
    ]

    assert sorted(set(listening)) == sorted(MAY_LISTEN)


def test_no_model_overrides_save(trees: dict[Path, ast.Module]) -> None:
    overriding = [
        f"{_named(path)}:{node.lineno}"
        for path, tree in trees.items()
        if path.relative_to(PROJECT).parts[1:2] in [("models",), ("models.py",)] and path in _own_code()
        for node in _functions(tree)
        if node.name in {"save", "delete"}
    ]

    assert overriding == []
