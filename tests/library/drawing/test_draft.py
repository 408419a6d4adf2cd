"""What was typed is there again."""

from __future__ import annotations

import json
import threading
from pathlib import Path

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import LoraUse, PromptRow
from sketchdesk.library.drawing.draft import Draft, DraftKeeper, draft_file, load_draft

DRAFT = Draft(
    rows=(PromptRow(prompt="a zebra", count=2, sampler="euler"),), entry="a half-typed", style_prefix="a sketch of",
    model="demo-base", loras=(LoraUse(path="x.safetensors", weight=0.8),), size="640 by", seeds="1, x", keeps_seed=True,
)  # fmt: skip


def ignore(_error: SketchDeskError) -> None:
    raise AssertionError("no problem was expected")


def test_there_is_no_draft_at_first() -> None:
    assert load_draft() is None


def test_the_newest_draft_is_written_and_read_back() -> None:
    keeper = DraftKeeper(ignore, delay_s=60)
    keeper.keep(Draft(entry="older"))
    keeper.keep(DRAFT)
    assert load_draft() is None
    keeper.close()
    assert load_draft() == DRAFT
    keeper.close()
    assert load_draft() == DRAFT


def test_it_is_written_without_being_asked_again() -> None:
    written = threading.Event()

    class Watched(DraftKeeper):
        def _write(self) -> None:
            super()._write()
            written.set()

    keeper = Watched(ignore, delay_s=0)
    keeper.keep(DRAFT)
    assert written.wait(20)
    assert load_draft() == DRAFT
    keeper.close()


def test_a_field_that_cannot_be_read_costs_only_itself() -> None:
    draft_file().write_text(json.dumps({"entry": "kept", "steps": "many", "rows": 5, "later": 1}), encoding="utf-8")
    assert load_draft() == Draft(entry="kept")


def test_a_damaged_file_is_no_draft() -> None:
    for damage in (b"", b"[]", b"\xff\xfe", b"{" * 10_000):
        draft_file().write_bytes(damage)
        assert load_draft() is None


def test_a_disk_that_refuses_is_told_once_until_it_takes_a_draft(home: Path) -> None:
    told: list[SketchDeskError] = []
    keeper = DraftKeeper(told.append, delay_s=60)
    draft_file().mkdir()
    for entry in ("one", "two"):
        keeper.keep(Draft(entry=entry))
        keeper.close()
    assert [error.kind for error in told] == [ErrorKind.NOT_WRITABLE]
    draft_file().rmdir()
    keeper.keep(DRAFT)
    keeper.close()
    assert load_draft() == DRAFT
    assert [path.name for path in home.iterdir()] == ["draft.json"]
