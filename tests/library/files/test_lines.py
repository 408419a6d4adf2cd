"""Files that grow by lines lose nothing but the line that was torn, wherever it was torn."""

from __future__ import annotations

import pytest

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.library.files.lines import append_lines, ends_torn

FIRST, SECOND, THIRD = b'{"number":1}\n', b'{"number":2}\n', b'{"number":3}\n'


@pytest.mark.parametrize("left", range(len(SECOND) + 1))
def test_what_comes_after_a_torn_line_is_whole_and_so_is_what_was_before(tmp_path, left):
    file = tmp_path / "lines"
    append_lines(file, FIRST)
    append_lines(file, SECOND)
    with file.open("r+b") as torn:
        torn.truncate(len(FIRST) + left)
    assert ends_torn(file) is (0 < left < len(SECOND))
    append_lines(file, THIRD, synced=True)
    lines = file.read_bytes().splitlines(keepends=True)
    assert (lines[0], lines[-1]) == (FIRST, THIRD)
    assert not ends_torn(file)


def test_a_file_that_is_empty_or_not_there_is_not_torn(tmp_path):
    (tmp_path / "empty").touch()
    assert not ends_torn(tmp_path / "empty")
    assert not ends_torn(tmp_path / "none")
    append_lines(tmp_path / "empty", FIRST)
    assert (tmp_path / "empty").read_bytes() == FIRST


def test_a_folder_in_the_files_place_is_told_of(tmp_path):
    with pytest.raises(SketchDeskError) as refused:
        append_lines(tmp_path, FIRST)
    assert refused.value.kind is ErrorKind.NOT_WRITABLE
