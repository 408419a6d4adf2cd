"""Whether pictures are kept is the person's choice and remembered; a long list is one job, however it comes."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from sketchdesk.library.drawing.draft import load_draft


def test_drawing_without_keeping_is_asked_for_and_remembered(panel, make_panel, qtbot):
    assert panel.value().keep
    panel.form.keep.click()
    with qtbot.waitSignal(panel.generate_requested) as asked:
        panel.generate()
    assert [job.keep for job in asked.args[0]] == [False]
    panel.shutdown()
    assert load_draft().keep is False
    again = make_panel()
    assert not again.form.keep.isChecked()
    again.set_value(msgspec.structs.replace(again.value(), keep=True))
    assert again.form.keep.isChecked()


@pytest.mark.parametrize("suffix", [".jsonl", ".ndjson", ".json", ".csv", ".txt"])
def test_five_thousand_rows_are_queued_as_one_job(panel, qtbot, tmp_path: Path, suffix: str):
    texts = [f"a fox number {number}" for number in range(5000)]
    written = {
        ".txt": "\n".join(texts), ".csv": "prompt\n" + "\n".join(texts), ".json": json.dumps(texts),
    }.get(suffix, "\n".join(map(json.dumps, texts)))  # fmt: skip
    (tmp_path / f"list{suffix}").write_text(written, encoding="utf-8")
    before = len(panel.value().prompts)
    panel.open_lists([tmp_path / f"list{suffix}"])
    qtbot.waitUntil(lambda: len(panel.value().prompts) == before + 5000, timeout=20_000)
    with qtbot.waitSignal(panel.queue_requested) as asked:
        panel.add_to_queue()
    (job,) = asked.args[0]
    assert [row.prompt for row in job.prompts[before:]] == texts
