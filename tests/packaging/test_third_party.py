"""What others made is named with its licence, and what the code imports is asked for by the installation."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

BROUGHT_ALONG = {"shiboken6"}
"""Qt's binding cannot be installed without it."""
ROOT = Path(__file__).resolve().parents[2]


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def dependencies() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {plain(re.split(r"[<>=~!\[; ]", line)[0]) for line in project["dependencies"]}


def imported() -> set[str]:
    """The first names of everything that the package imports, at whatever depth."""
    found: set[str] = set()
    for file in (ROOT / "sketchdesk").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module.split(".")[0])
    return found - sys.stdlib_module_names - {"sketchdesk"}


def test_every_dependency_is_named_with_a_licence():
    beside = (ROOT / "THIRD_PARTY.md").read_text(encoding="utf-8").split("## Installed beside it")[1]
    rows = re.findall(r"^\| ([\w-]+)[^|]*\|[^|]+\| (.+) \|$", beside, flags=re.MULTILINE)
    named = {plain(name) for name, _licence in rows if name != "package"}
    assert named - {"---"} == dependencies()


def test_every_import_is_of_a_dependency():
    distributions = packages_distributions()
    asked_for = dependencies()
    missing = {name for name in imported() if not {plain(one) for one in distributions.get(name, [])} & asked_for}
    assert missing == BROUGHT_ALONG


def test_every_licence_named_is_shipped():
    inside = (ROOT / "THIRD_PARTY.md").read_text(encoding="utf-8").split("## Installed beside it")[0]
    files = re.findall(r"`(resources/licences/[^`]+)`", inside)
    assert len(files) >= 4
    assert all((ROOT / file).is_file() for file in files)
    shipped = {f"resources/licences/{file.name}" for file in (ROOT / "resources" / "licences").iterdir()}
    assert shipped == set(files)
