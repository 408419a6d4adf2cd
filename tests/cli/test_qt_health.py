from __future__ import annotations

import pytest

from sketchdesk.cli import qt_health
from sketchdesk.cli.qt_health import check_qt, judge


def test_qt_works_where_the_tests_run() -> None:
    check = check_qt()
    assert check.state in ("ok", "warning")
    assert check.found.startswith("6.")


def test_the_library_the_import_lacks_is_told_with_its_package() -> None:
    error = "libEGL.so.1: cannot open shared object file: No such file or directory"
    check = judge(None, error, ["libEGL.so.1", "libfontconfig.so.1", "libxcb-cursor.so.0"], has_screen=False)
    assert check.state == "problem"
    assert check.found == error
    assert check.next_step.endswith("apt-get install libegl1 libfontconfig1")


def test_a_qt_that_is_not_there_is_to_be_installed() -> None:
    check = judge(None, "No module named 'PySide6'", [], has_screen=True)
    assert check.state == "problem"
    assert "pip install" in check.next_step


def test_what_only_a_screen_needs_is_a_warning_where_there_is_one() -> None:
    missing = ["libxcb-cursor.so.0"]
    assert judge("6.11.3", "", missing, has_screen=False).state == "ok"
    with_screen = judge("6.11.3", "", missing, has_screen=True)
    assert with_screen.state == "warning"
    assert "libxcb-cursor0" in with_screen.next_step


def test_a_qt_that_aborts_is_a_problem_and_not_a_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(qt_health, "PROBE", "import os; os.abort()")
    check = check_qt()
    assert check.state == "problem"
    assert check.next_step
