"""The caption job: transformers' own words for every layout's pictures, kept beside the set, whatever stops it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PIL import Image

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.events import CaptionReady, Event, JobEnded, Notice, StepDone
from sketchdesk.contracts.jobs import CaptionJob
from sketchdesk.engine.captioning import run
from sketchdesk.engine.reporter import Cancelled, Reporter
from sketchdesk.engine.session import run_job
from sketchdesk.library.dataset.captions import CaptionEdits, Edit, change_edits, read_edits, write_edits
from sketchdesk.library.paths import resources_dir

Sink = Callable[[Event], None]


def picture(seed: int) -> Image.Image:
    noise = np.random.default_rng(seed).integers(0, 256, (6, 6, 3), dtype=np.uint8)
    return Image.fromarray(noise).resize((48, 40), Image.Resampling.BICUBIC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Five pictures: b has words, d empty ones, broken is none."""
    made = tmp_path / "set"
    made.mkdir()
    for seed, name in enumerate("abcde"):
        picture(seed).save(made / f"{name}.png")
    (made / "b.txt").write_text("words of its own")
    (made / "d.txt").write_text(" \n")
    (made / "broken.png").write_bytes(b"no picture")
    return made


@pytest.fixture
def job(folder: Path, tiny_blip: Path, home: Path) -> CaptionJob:
    return CaptionJob(
        dataset=str(folder), captions_file=str(home / "captions.json"), blip_model=str(tiny_blip), batch_size=2,
        device="cpu", num_threads=1,
    )  # fmt: skip


def captions(job: CaptionJob) -> dict[str, str]:
    return {key: edit.caption for key, edit in read_edits(Path(job.captions_file)).edits.items()}


def contents(folder: Path) -> dict[Path, str]:
    return {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*")}


def own_words(model: Path, pictures: list[Image.Image]) -> list[str]:
    """What transformers' own model says."""
    from transformers import AutoTokenizer, BlipForConditionalGeneration, BlipImageProcessorPil

    blip = BlipForConditionalGeneration.from_pretrained(model).eval()
    processor, tokenizer = BlipImageProcessorPil.from_pretrained(model), AutoTokenizer.from_pretrained(model)
    pixels = processor(pictures, return_tensors="pt")
    tokens = blip.generate(**pixels, max_new_tokens=20, do_sample=False, num_beams=1)
    return [tokenizer.decode(each, skip_special_tokens=True).strip() for each in tokens]


def test_the_demos_blip_says_what_transformers_says_it_says(folder, job):
    model = resources_dir() / "models" / "demo-blip"
    found = run(msgspec.structs.replace(job, blip_model="demo-blip"), Reporter(lambda event: None))
    expected = own_words(model, [picture(seed) for seed in (0, 2, 3, 4)])
    assert captions(job) == dict(zip(("a.png", "c.png", "d.png", "e.png"), expected, strict=True))
    assert found == {"output": job.captions_file, "captions": 4, "left_out": 1}


def test_what_has_a_caption_keeps_it_and_no_file_of_the_set_changes(folder, job):
    before = contents(folder)
    write_edits(Path(job.captions_file), CaptionEdits("x", {"c.png": Edit("by hand"), "gone.png": Edit("older")}))
    events: list[Event] = []
    run(job, Reporter(events.append))
    found = read_edits(Path(job.captions_file)).edits
    assert set(found) == {"a.png", "c.png", "d.png", "e.png", "gone.png"}
    assert (found["c.png"], found["gone.png"]) == (Edit("by hand"), Edit("older"))
    assert {found[key].by for key in ("a.png", "d.png", "e.png")} == {"blip"}
    told = [event.message for event in events if isinstance(event, Notice)]
    assert any("broken.png" in message for message in told)
    ready = {event.key: event.caption for event in events if isinstance(event, CaptionReady)}
    assert ready == {key: found[key].caption for key in ("a.png", "d.png", "e.png")}
    steps = [(event.step, event.total) for event in events if isinstance(event, StepDone)]
    assert steps == [(2, 4), (4, 4)]
    assert contents(folder) == before


def test_chosen_pictures_get_new_words_with_the_prefix(job):
    chosen = msgspec.structs.replace(job, pictures=("b.png", "e.png"), prefix=" a sketch of ")
    run(chosen, Reporter(lambda event: None))
    assert set(captions(job)) == {"b.png", "e.png"}
    assert all(caption.startswith("a sketch of ") for caption in captions(job).values())


def test_pictures_that_are_not_there_any_more_are_refused(job):
    with pytest.raises(SketchDeskError) as refused:
        run(msgspec.structs.replace(job, pictures=("gone.png",)), Reporter(lambda event: None))
    assert refused.value.kind is ErrorKind.BAD_INPUT


def test_nothing_to_do_is_said(job):
    chosen = msgspec.structs.replace(job, pictures=())
    edits = {f"{name}.png": Edit(name) for name in ("a", "c", "d", "e", "broken")}
    write_edits(Path(job.captions_file), CaptionEdits("x", edits))
    events: list[Event] = []
    assert run(chosen, Reporter(events.append))["captions"] == 0
    assert any("every picture has one" in event.message for event in events if isinstance(event, Notice))


def stopping_after(count: int, events: list[Event]) -> Callable[[Reporter], Sink]:
    def sink_of(reporter: Reporter) -> Sink:
        def sink(event: Event) -> None:
            events.append(event)
            if isinstance(event, StepDone) and event.step >= count:
                reporter.cancel()

        return sink

    return sink_of


def test_stopped_and_taken_up_again_it_does_only_the_rest(job, tmp_path):
    """With chosen pictures: nothing in the captions file says which of them this run has done."""
    chosen = msgspec.structs.replace(job, pictures=tuple(f"{name}.png" for name in "abcde"))
    run_dir = tmp_path / "run"
    run_dir.mkdir()
    seen: list[Event] = []
    first = Reporter(lambda event: sink(event), run_dir=run_dir)
    sink = stopping_after(2, seen)(first)
    with pytest.raises(Cancelled):
        run(chosen, first)
    first.emit(JobEnded(state="canceled"))
    done = captions(job)
    assert 2 <= len(done) < 5
    change_edits(Path(job.captions_file), "", {key: Edit("by hand") for key in done})
    again: list[Event] = []
    second = Reporter(again.append, run_dir=run_dir)
    result = run(chosen, second)
    second.emit(JobEnded(state="done"))
    written = [event.key for event in again if isinstance(event, CaptionReady)]
    assert sorted([*written, *done]) == [f"{name}.png" for name in "abcde"]
    assert {captions(job)[key] for key in done} == {"by hand"}
    assert result["captions"] == 5
    assert [event.step for event in again if isinstance(event, StepDone)][-1] == 5


def test_a_caption_changed_by_hand_meanwhile_stays(job, folder):
    file = Path(job.captions_file)

    def sink(event: Event) -> None:
        if isinstance(event, StepDone):  # the first batch is written
            change_edits(file, "", {"e.png": Edit("by hand"), "a.png": None})

    run(job, Reporter(sink))
    assert captions(job)["e.png"] == "by hand"
    assert "a.png" not in captions(job)
    assert "d.png" in captions(job)


def test_a_full_disk_ends_it_with_a_sentence_and_keeps_what_was_there(job, tmp_path):
    import resource

    write_edits(Path(job.captions_file), CaptionEdits("x", {"kept.png": Edit("kept " * 100)}))
    before = Path(job.captions_file).read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before), limits[1]))
    try:
        ended = run_job(job, Reporter(lambda event: None))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (ended.state, ended.kind) == ("failed", ErrorKind.DISK_FULL)
    assert Path(job.captions_file).read_bytes() == before


@pytest.mark.parametrize("layout", ["metadata", "kohya", "parquet", "list"])
def test_every_layout_is_captioned_under_its_own_keys(job, tmp_path, layout):
    place = tmp_path / layout
    place.mkdir()
    keys = {"metadata": ["x.png", "y.png"], "kohya": ["3_ink/x.png", "3_ink/y.png"],
            "parquet": ["rows.parquet:0", "rows.parquet:1"],
            "list": [str(place / "x.png"), str(place / "y.png")]}[layout]  # fmt: skip
    target = place / "3_ink" if layout == "kohya" else place
    target.mkdir(exist_ok=True)
    for seed, name in enumerate("xy"):
        picture(seed).save(target / f"{name}.png")
    named = str(place)
    if layout == "metadata":
        (place / "metadata.jsonl").write_text("".join(json.dumps({"file_name": key}) + "\n" for key in keys))
    elif layout == "parquet":
        import pyarrow as pa
        import pyarrow.parquet as pq

        cells = [{"bytes": (place / f"{name}.png").read_bytes(), "path": None} for name in "xy"]
        for name in "xy":
            (place / f"{name}.png").unlink()
        pq.write_table(pa.table({"image": cells, "text": pa.array([None, None], pa.string())}), place / "rows.parquet")
    elif layout == "list":
        named = str(place / "list.txt")
        (place / "list.txt").write_text("x.png\ny.png\n")
    chosen = tuple(keys) if layout == "kohya" else ()  # kohya's folders are words already
    run(msgspec.structs.replace(job, dataset=named, pictures=chosen), Reporter(lambda event: None))
    expected = own_words(Path(job.blip_model), [picture(0), picture(1)])
    assert captions(job) == dict(zip(keys, expected, strict=True))
