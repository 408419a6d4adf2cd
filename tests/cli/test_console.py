from __future__ import annotations

import io
import json
import os

import pytest

from sketchdesk.cli.console import Console, drop_broken_pipes


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True

    def screen(self) -> list[str]:
        """The lines a person sees: what follows a carriage return is drawn over the line from its start."""
        lines = []
        for line in self.getvalue().split("\n"):
            shown = ""
            for part in line.split("\r"):
                shown = part + shown[len(part) :]
            lines.append(shown.rstrip())
        return lines


def test_the_answer_alone_goes_to_standard_output() -> None:
    out, err = io.StringIO(), io.StringIO()
    console = Console(json_output=True, stdout=out, stderr=err)
    console.show("a.png")
    console.say("done")
    console.answer({"seconds": 1.5})
    assert json.loads(out.getvalue()) == {"seconds": 1.5}
    assert err.getvalue() == "a.png\ndone\n"


def test_without_json_there_is_no_json() -> None:
    out, err = io.StringIO(), io.StringIO()
    console = Console(stdout=out, stderr=err)
    console.show("a.png")
    console.answer({"seconds": 1.5})
    assert out.getvalue() == "a.png\n"


def test_the_answer_is_json_whatever_is_in_it() -> None:
    out = io.StringIO()
    values = {"loss": float("nan"), "rates": [1.0, float("inf")], "prompt": "a “zebra”\u2028\udcff", "n": {"n": None}}
    Console(json_output=True, stdout=out, stderr=io.StringIO()).answer(values)
    text = out.getvalue()
    assert text.isascii()
    assert text.count("\n") == 1
    assert json.loads(text) == {**values, "loss": None, "rates": [1.0, None]}


def test_a_failure_is_told_in_words_and_as_json_with_what_was_kept() -> None:
    out, err = io.StringIO(), io.StringIO()
    Console(json_output=True, stdout=out, stderr=err).fail("no_images", "No images.", "Choose another.", images=[])
    wanted = {"error": {"kind": "no_images", "message": "No images.", "next_step": "Choose another."}, "images": []}
    assert json.loads(out.getvalue()) == wanted
    assert err.getvalue() == "No images. Choose another.\n"


def test_a_message_never_shares_a_line_with_progress() -> None:
    terminal = Terminal()
    console = Console(stdout=io.StringIO(), stderr=terminal)
    console.status("drawing 10/20")
    console.say("note")
    console.status("drawing 20/20, long")
    console.status("saving")
    assert terminal.screen() == ["note", "saving"]


def test_a_cleared_status_line_leaves_nothing() -> None:
    terminal = Terminal()
    console = Console(stdout=io.StringIO(), stderr=terminal)
    console.status("drawing 10/20")
    console.status("")
    assert terminal.screen() == [""]


def test_a_reader_that_went_away_stops_nothing() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w", closefd=False) as broken:
        console = Console(json_output=True, stdout=broken, stderr=broken)
        console.say("x" * 100_000)
        console.answer({"images": []})
        # What is left in the buffer would raise when the file is closed, as it would at the end of a process.
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("sys.stdout", broken)
            drop_broken_pipes()
    os.close(writing)


def test_a_program_without_streams_is_silent() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdout", None)
        patch.setattr("sys.stderr", None)
        console = Console(json_output=True)
        console.say("note")
        console.answer({})
        assert not console.is_terminal
        drop_broken_pipes()
