"""How long a function and a file may be, and what every public function must say about itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import sketchdesk

MAX_FUNCTION_LINES = 80
MAX_FILE_LINES = 500

EXCEPTIONS: dict[str, str] = {}
"""“file.py:function” → why it may break a budget. Empty is best."""

PACKAGE = Path(sketchdesk.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(tree: ast.Module) -> Iterator[tuple[Function, bool]]:
    """Yield every function with whether it is public: reachable by names without a leading underscore."""

    def walk(node: ast.AST, public: bool) -> Iterator[tuple[Function, bool]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, Function):
                yield child, public and not child.name.startswith("_")
                yield from walk(child, False)
            elif isinstance(child, ast.ClassDef):
                yield from walk(child, public and not child.name.startswith("_"))
            else:
                yield from walk(child, public)

    return walk(tree, True)


def faults(path: Path) -> list[str]:
    """Return every budget a file breaks, one sentence each."""
    source = path.read_text(encoding="utf-8")
    tree = ast.parse(source)
    name = path.relative_to(PACKAGE).as_posix()
    found = []
    if (lines := len(source.splitlines())) > MAX_FILE_LINES and name not in EXCEPTIONS:
        found.append(f"{name} has {lines} lines, more than {MAX_FILE_LINES}")
    if not ast.get_docstring(tree) and source.strip():
        found.append(f"{name} does not say what it is for")
    for function, public in functions(tree):
        place = f"{name}:{function.name}"
        if place in EXCEPTIONS:
            continue
        lines = (function.end_lineno or function.lineno) - function.lineno + 1
        if lines > MAX_FUNCTION_LINES:
            found.append(f"{place} has {lines} lines, more than {MAX_FUNCTION_LINES}")
        if public and not ast.get_docstring(function) and not _is_override(function):
            found.append(f"{place} has no docstring")
        if public and function.returns is None:
            found.append(f"{place} does not say what it returns")
    return found


def _is_override(function: Function) -> bool:
    """Tell whether something else says what it does: the base class, of one marked so or of a Qt event in Qt's own
    spelling, or the function that an overload is one way to call.
    """
    marks = {ast.unparse(decorator).split(".")[-1] for decorator in function.decorator_list}
    marked = bool(marks & {"override", "overload"})
    return marked or function.name != function.name.lower()


def test_every_file_keeps_to_the_budgets() -> None:
    assert [fault for path in FILES for fault in faults(path)] == []


def test_the_budgets_are_looked_for_where_the_code_is() -> None:
    assert PACKAGE / "entry.py" in FILES
    assert len(FILES) > 30


def test_every_exception_is_still_needed() -> None:
    for name, _, wanted in (place.partition(":") for place in EXCEPTIONS):
        tree = ast.parse((PACKAGE / name).read_text(encoding="utf-8"))
        assert not wanted or wanted in {function.name for function, _public in functions(tree)}
