"""A start that is kept short leaves nothing behind when it fails, and needs nothing that Qt for Python may drop."""

from __future__ import annotations

import builtins
import gc
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication

import sketchdesk
from sketchdesk import entry
from sketchdesk.ui import quick_start


@pytest.fixture(autouse=True)
def as_it_was(monkeypatch) -> Iterator[None]:
    monkeypatch.setattr(builtins, "__import__", builtins.__import__)
    yield
    gc.disable()


WITHOUT_A_DETOUR = """
import builtins, gc, sys
from types import ModuleType
sys.modules |= {"PySide6": ModuleType("PySide6"), "PySide6.QtCore": ModuleType("PySide6.QtCore")}
from sketchdesk.ui import quick_start
before = builtins.__import__
quick_start.begin()
print(builtins.__import__ is before, gc.isenabled())
quick_start.end()
print(gc.isenabled())
"""


def test_where_qt_for_python_knows_no_detour_imports_stay_as_they_are():
    root = str(Path(sketchdesk.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_A_DETOUR], env={**os.environ, "PYTHONPATH": root},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.split() == ["True", "False", "True"]


def test_imports_go_on_without_the_detour():
    quick_start.begin()
    assert builtins.__import__ is builtins.__orig_import__
    from sketchdesk.ui.shell import help_sheet

    assert help_sheet.HelpSheet
    quick_start.end()


def test_a_start_that_fails_looks_for_garbage_again(qapp):
    assert QCoreApplication.instance() is qapp  # there can be no second one, which is what fails
    with pytest.raises(RuntimeError):
        entry.main([])
    assert gc.isenabled()


def test_nothing_says_what_the_detour_looks_for():
    files = list(Path(sketchdesk.__file__).parent.rglob("*.py"))
    asking = re.compile(r"^\s*(from|import) __feature__\b", re.MULTILINE)
    assert Path(quick_start.__file__) in files
    assert [path for path in files if asking.search(path.read_text(encoding="utf-8"))] == []
