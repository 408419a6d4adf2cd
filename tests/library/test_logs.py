"""Messages reach a file that does not grow for ever, and a place that cannot be written stops nothing."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from sketchdesk.library.logs import KEPT, LARGEST_BYTES, begin_logging, setup_logging


@pytest.fixture(autouse=True)
def own_root_logger() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    for handler in [handler for handler in root.handlers if handler not in handlers]:
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)
    logging.captureWarnings(False)


def test_messages_and_warnings_of_the_process_are_in_its_file(data_folder: Path) -> None:
    path = setup_logging("engine-cuda:0")
    assert path == data_folder / "logs" / "engine-cuda-0.log"
    logging.getLogger("sketchdesk.somewhere").info("ñandú \udcff drawn")
    warnings.warn("old manners", stacklevel=1)
    text = path.read_text(encoding="utf-8")
    assert "INFO" in text
    assert "sketchdesk.somewhere: ñandú \\udcff drawn" in text
    assert "old manners" in text


def test_setting_it_up_again_moves_the_log_and_writes_nothing_twice(data_folder: Path) -> None:
    setup_logging("window")
    setup_logging("window")
    logging.getLogger("x").warning("only once")
    setup_logging("other")
    logging.getLogger("x").warning("elsewhere")
    text = (data_folder / "logs" / "window.log").read_text()
    assert text.count("only once") == 1
    assert "elsewhere" not in text


def test_the_files_of_a_talkative_process_stay_within_their_bounds(data_folder: Path) -> None:
    setup_logging("window")
    for _number in range(60):
        logging.getLogger("x").info("z" * 100_000)
    files = list((data_folder / "logs").iterdir())
    assert len(files) == KEPT + 1
    assert all(file.stat().st_size <= LARGEST_BYTES for file in files)


def test_a_place_that_cannot_be_written_sends_messages_to_standard_error(
    data_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (data_folder / "logs").write_text("a file in the way")
    assert setup_logging("window") is None
    logging.getLogger("x").warning("still heard")
    assert "still heard" in capsys.readouterr().err


def test_what_is_logged_before_the_log_is_set_up_stands_in_the_same_file_once(data_folder: Path) -> None:
    path = begin_logging("window")
    assert path is not None and not path.exists()  # nothing is written where nothing is said
    logging.getLogger("x").warning("early")
    assert setup_logging("window") == path
    logging.getLogger("x").warning("late")
    assert [line.split(": ")[-1] for line in path.read_text().splitlines()] == ["early", "late"]
