"""The generate job: the right pictures with the right seeds, saved with everything needed to draw them again."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PIL import Image

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.events import ImageSaved, Notice, StepDone
from sketchdesk.contracts.jobs import GenerateJob, PromptRow
from sketchdesk.engine import generate
from sketchdesk.engine.device import place
from sketchdesk.engine.plan import plan
from sketchdesk.engine.reporter import Cancelled, Reporter
from sketchdesk.library.images.metadata import read_record
from sketchdesk.library.trash.trash import move_to_trash, restore


def job(tiny_sd: Path, out: Path, **settings) -> GenerateJob:
    rows = tuple(PromptRow(prompt=p) for p in settings.pop("prompts", ("a zebra",)))
    defaults = {"num_inference_steps": 3, "guidance_scale": 2.0, "precision": "fp32", "num_threads": 1}
    return GenerateJob(model=str(tiny_sd), prompts=rows, out_dir=str(out), **{**defaults, **settings})


def run(work: GenerateJob) -> tuple[dict, list]:
    events: list = []
    return generate.run(work, Reporter(events.append)), events


def saved(events: list) -> list[ImageSaved]:
    return [event for event in events if isinstance(event, ImageSaved)]


def test_count_images_take_consecutive_seeds(tiny_sd, tmp_path):
    result, events = run(job(tiny_sd, tmp_path, prompts=("a zebra", "a house"), count=3, seed=10))
    assert result["images"] == 6
    assert [(image.prompt, image.seed) for image in saved(events)] == [
        (prompt, seed) for prompt in ("a zebra", "a house") for seed in (10, 11, 12)
    ]


def test_only_what_is_kept_is_saved_and_batches_without_any_are_not_drawn(tiny_sd, tmp_path):
    settings = {"count": 6, "seed": 10, "batch_size": 2}
    _, events = run(job(tiny_sd, tmp_path / "all", **settings))
    everything = [Path(image.path) for image in saved(events)]
    result, events = run(job(tiny_sd, tmp_path / "some", **settings, kept=(1, 4)))
    assert result["images"] == 2
    assert [image.seed for image in saved(events)] == [11, 14]
    assert [event for event in events if isinstance(event, StepDone)][-1].total == 12
    for image, number in zip(saved(events), (1, 4), strict=True):
        assert np.array_equal(np.asarray(Image.open(image.path)), np.asarray(Image.open(everything[number])))


def test_a_job_that_keeps_what_it_does_not_draw_is_refused(tiny_sd, tmp_path):
    with pytest.raises(SketchDeskError) as refused:
        run(job(tiny_sd, tmp_path, kept=(1,)))
    assert refused.value.kind is ErrorKind.BAD_INPUT


def test_a_rows_own_settings_win(tiny_sd, tmp_path):
    rows = (PromptRow(prompt="a zebra", seed=77, count=2, num_inference_steps=2, width=48, height=32),)
    _, events = run(GenerateJob(model=str(tiny_sd), prompts=rows, out_dir=str(tmp_path), precision="fp32", count=5))
    assert [(image.seed, image.width, image.height) for image in saved(events)] == [(77, 48, 32), (78, 48, 32)]
    assert read_record(Path(saved(events)[0].path)).num_inference_steps == 2


def test_the_style_prefix_changes_the_picture(tiny_sd, tmp_path):
    _, plain = run(job(tiny_sd, tmp_path / "a"))
    _, styled = run(job(tiny_sd, tmp_path / "b", style_prefix="a black and white sketch of"))
    first, second = (np.asarray(Image.open(saved(events)[0].path)) for events in (plain, styled))
    assert not np.array_equal(first, second)


def test_older_pictures_are_never_replaced(tiny_sd, tmp_path):
    for _ in range(2):
        run(job(tiny_sd, tmp_path))
    assert len(list(tmp_path.glob("*.png"))) == 2


def test_steps_are_told_over_the_whole_job(tiny_sd, tmp_path):
    _, events = run(job(tiny_sd, tmp_path, count=4, batch_size=2, sampler="ddim"))
    steps = [event for event in events if isinstance(event, StepDone)]
    assert steps[-1].step == steps[-1].total == 12
    assert [event.step for event in steps] == sorted(event.step for event in steps)


def test_cancel_keeps_what_is_drawn(tiny_sd, tmp_path):
    events: list = []

    def sink(event) -> None:
        events.append(event)
        if isinstance(event, ImageSaved):
            reporter.cancel()

    reporter = Reporter(sink)
    with pytest.raises(Cancelled):
        generate.run(job(tiny_sd, tmp_path, count=5, batch_size=1), reporter)
    assert len(list(tmp_path.glob("*.png"))) == len(saved(events)) == 1


def pixels(event: ImageSaved) -> np.ndarray:
    return np.asarray(Image.open(event.path))


def test_a_run_that_is_resumed_draws_what_is_missing_and_the_pixels_are_those_of_an_undisturbed_one(tiny_sd, tmp_path):
    prompts, settings = ("a zebra", "a house", "a zebra"), {"count": 2, "batch_size": 4}  # two equal rows
    _, events = run(job(tiny_sd, tmp_path / "undisturbed", prompts=prompts, **settings))
    undisturbed = saved(events)
    work = job(tiny_sd, tmp_path / "images", prompts=prompts, **settings)
    first: list = []

    def stop_after_three(event) -> None:
        first.append(event)
        if len(saved(first)) == 3:
            raise Cancelled  # as if killed, in the middle of a batch

    with pytest.raises(Cancelled):
        generate.run(work, Reporter(stop_after_three, run_dir=tmp_path))
    second: list = []
    result = generate.run(work, Reporter(second.append, run_dir=tmp_path))
    both = saved(first) + saved(second)
    assert result["images"] == 6
    assert [(image.prompt, image.seed) for image in both] == [(image.prompt, image.seed) for image in undisturbed]
    assert len(list((tmp_path / "images").glob("*.png"))) == 6
    assert all(np.array_equal(pixels(one), pixels(other)) for one, other in zip(both, undisturbed, strict=True))

    Path(both[1].path).unlink()
    third: list = []
    generate.run(work, Reporter(third.append, run_dir=tmp_path))
    assert [(image.prompt, image.seed) for image in saved(third)] == [(both[1].prompt, both[1].seed)]


def test_what_was_trashed_meanwhile_is_not_drawn_again_also_where_rows_have_equal_words(tiny_sd, tmp_path, home):
    rows = tuple(PromptRow(prompt="a zebra", num_inference_steps=steps) for steps in (2, 3))
    work = msgspec.structs.replace(job(tiny_sd, home / "images"), prompts=rows)
    first: list = []
    generate.run(work, Reporter(first.append, run_dir=tmp_path))
    batch = move_to_trash([Path(saved(first)[0].path)])
    Path(saved(first)[1].path).unlink()  # not to the trash: it is missing
    second: list = []
    generate.run(work, Reporter(second.append, run_dir=tmp_path))
    assert [read_record(Path(image.path)).num_inference_steps for image in saved(second)] == [3]
    restore(batch)
    assert len(list((home / "images").glob("*.png"))) == 2

    move_to_trash([Path(saved(first)[0].path)])
    third: list = []
    generate.run(work, Reporter(third.append, run_dir=tmp_path), again_from_trash=True)
    assert [read_record(Path(image.path)).num_inference_steps for image in saved(third)] == [2]


def test_a_picture_that_was_saved_but_not_told_of_is_told_of_and_not_drawn_again(tiny_sd, tmp_path):
    work = job(tiny_sd, tmp_path / "images", count=3)

    def die_before_the_second_is_told(event) -> None:
        if isinstance(event, ImageSaved) and event.seed == 1:
            raise Cancelled

    reporter = Reporter(die_before_the_second_is_told, run_dir=tmp_path)
    with pytest.raises(Cancelled):
        generate.run(work, reporter)
    log = tmp_path / "events.jsonl"
    lines = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(b"".join(line for line in lines if b'"seed":1' not in line))
    events: list = []
    generate.run(work, Reporter(events.append, run_dir=tmp_path))
    assert [image.seed for image in saved(events)] == [1, 2]
    assert sorted(read_record(path).seed for path in (tmp_path / "images").glob("*.png")) == [0, 1, 2]


def test_the_same_prompts_and_seeds_in_another_folder_of_the_run_are_drawn_too(tiny_sd, tmp_path):
    for model in ("base", "tuned"):
        events: list = []
        generate.run(job(tiny_sd, tmp_path / model, count=2), Reporter(events.append, run_dir=tmp_path))
        assert len(saved(events)) == 2


def test_a_prompt_too_long_for_the_model_is_told(tiny_sd, tmp_path):
    _, events = run(job(tiny_sd, tmp_path, prompts=("zebra " * 60,)))
    assert [event.level for event in events if isinstance(event, Notice)] == ["warning"]


@pytest.mark.parametrize(("flow", "sampler"), [(False, "rectified_flow"), (True, "ddim")])
def test_a_sampler_for_another_kind_of_prediction_is_refused(tiny_sd, tmp_path, flow, sampler):
    model = generate.load_model(str(tiny_sd), place("cpu", "fp32", 1))
    model = dataclasses.replace(model, rectified_flow=flow)
    with pytest.raises(SketchDeskError, match="choose the model's own"):
        plan(job(tiny_sd, tmp_path, sampler=sampler), model)
    fitting = "rectified_flow" if flow else "ddim"
    assert [item.settings.sampler for item in plan(job(tiny_sd, tmp_path, sampler=fitting), model)] == [fitting]


@pytest.mark.parametrize(
    ("wrong", "told"), [({"width": 33}, "multiples of 2 pixels"), ({"num_inference_steps": 1000}, "1000 steps")]
)
def test_a_row_that_cannot_be_drawn_is_named_and_none_is_drawn(tiny_sd, tmp_path, wrong, told):
    rows = (PromptRow(prompt="a zebra"), PromptRow(prompt="a house", **wrong))
    with pytest.raises(SketchDeskError) as refused:
        run(msgspec.structs.replace(job(tiny_sd, tmp_path), prompts=rows))
    assert "“a house”: " in refused.value.message
    assert told in refused.value.message
    assert not list(tmp_path.iterdir())


def test_no_prompt_is_refused(tiny_sd, tmp_path):
    with pytest.raises(SketchDeskError) as refused:
        run(job(tiny_sd, tmp_path, prompts=()))
    assert refused.value.kind is ErrorKind.BAD_INPUT
