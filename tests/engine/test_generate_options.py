"""What a generate job can ask for beyond prompt and seed: it changes the picture, and the picture remembers it."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
from PIL import Image

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.events import ImageSaved, Notice, PreviewReady, StepDone
from sketchdesk.contracts.jobs import GenerateJob, PromptRow
from sketchdesk.engine import generate
from sketchdesk.engine.device import DTYPES, Placement
from sketchdesk.engine.reporter import Reporter
from sketchdesk.library.drawing.remake import job_of, jobs_of
from sketchdesk.library.drawing.unsaved import save_unsaved, unsaved_images
from sketchdesk.library.images.metadata import read_record


@pytest.fixture(scope="module", autouse=True)
def cold():
    yield
    generate.forget_models()


@pytest.fixture
def sources(tmp_path) -> dict[str, str]:
    pixels = np.random.default_rng(1).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "source.png")
    mask = np.zeros((32, 32), np.uint8)
    mask[:16] = 255
    Image.fromarray(mask).save(tmp_path / "mask.png")
    return {"init_image": str(tmp_path / "source.png"), "mask_image": str(tmp_path / "mask.png")}


def job(tiny_sd: Path, out: Path, prompt: str = "a zebra", **settings) -> GenerateJob:
    defaults = {"num_inference_steps": 4, "guidance_scale": 5.0, "precision": "fp32", "num_threads": 1}
    return GenerateJob(
        model=str(tiny_sd), prompts=(PromptRow(prompt=prompt),), out_dir=str(out), **{**defaults, **settings}
    )


def run(work: GenerateJob, run_dir: Path | None = None) -> list:
    events: list = []
    generate.run(work, Reporter(events.append, run_dir=run_dir))
    return events


def drawn(work: GenerateJob) -> list[Path]:
    return [Path(event.path) for event in run(work) if isinstance(event, ImageSaved)]


def pixels(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path))


OPTIONS = [
    ({"style_suffix": ", in ink"}, {"style_suffix": ", in ink"}),
    ({"guidance_rescale": 0.7}, {"guidance_rescale": 0.7}),
    ({"clip_skip": 1}, {"clip_skip": 1}),
    ({"prompt_weighting": True}, {"prompt_weighting": True}),
    ({"memory_savings": ("sequential_guidance", "tiled_vae"), "width": 64, "height": 64}, {"width": 64}),
    ({"fast": ("feature_caching",)}, {"fast": ("feature_caching",)}),
    ({"fast": ("guidance_cutoff", "feature_caching")}, {"fast": ("guidance_cutoff", "feature_caching")}),
]


@pytest.mark.parametrize(("asked", "remembered"), OPTIONS, ids=lambda options: "-".join(options))
def test_an_option_changes_the_picture_which_can_be_made_again(tiny_sd, tmp_path, asked, remembered):
    prompt = "a (zebra:1.5)"
    (plain,) = drawn(job(tiny_sd, tmp_path / "plain", prompt))
    first, second = drawn(job(tiny_sd, tmp_path / "asked", prompt, count=2, **asked))
    assert not np.array_equal(pixels(plain), pixels(first))
    record = read_record(second)
    assert {name: getattr(record, name) for name in remembered} == remembered
    (again,) = drawn(job_of(record, tmp_path / "again"))
    assert np.array_equal(pixels(again), pixels(second))


def test_a_picture_drawn_from_another_can_be_made_again_while_that_is_what_it_was(tiny_sd, tmp_path, sources):
    before = Path(sources["init_image"]).read_bytes()
    settings = {"count": 2, "batch_size": 2, "strength": 0.8, "sampler": "euler_a"}
    first, second = drawn(job(tiny_sd, tmp_path / "a", **settings, **sources))
    record = read_record(second)
    assert (record.init_image, record.mask_image) == (sources["init_image"], sources["mask_image"])
    assert record.strength == 0.8
    assert len(record.init_hash) == len(record.mask_hash) == 64
    (work,) = jobs_of([read_record(first), record], tmp_path / "b")
    for made, again in zip((first, second), drawn(work), strict=True):
        assert np.array_equal(pixels(made), pixels(again))
    assert Path(sources["init_image"]).read_bytes() == before
    Image.new("RGB", (32, 32)).save(sources["init_image"])
    with pytest.raises(SketchDeskError, match="changed"):
        job_of(record, tmp_path / "c")


def test_what_is_masked_out_is_the_very_source_also_when_made_again(tiny_sd, tmp_path, sources):
    kept, left = (
        drawn(job(tiny_sd, tmp_path / "out", **sources, keep_unmasked=keep))[0] for keep in (True, False)
    )
    source, edge = np.asarray(Image.open(sources["init_image"])), 16 + 1  # the mask's, and half a latent cell
    assert np.array_equal(pixels(kept)[edge:], source[edge:])
    assert np.array_equal(pixels(kept)[:16], pixels(left)[:16])
    assert (pixels(left)[edge:] != source[edge:]).any(axis=2).mean() > 0.9
    assert [read_record(picture).unmasked_kept for picture in (kept, left)] == [True, False]
    for number, picture in enumerate((kept, left)):
        (again,) = drawn(job_of(read_record(picture), tmp_path / f"again{number}"))
        assert np.array_equal(pixels(again), pixels(picture))


def test_the_steps_that_were_taken_are_noted(tiny_sd, tmp_path, sources):
    given = {"num_inference_steps": 8, "init_image": sources["init_image"], "strength": 0.5, "sampler": "ddim"}
    (made,) = drawn(job(tiny_sd, tmp_path, **given))
    assert read_record(made).steps_taken == 4


def test_a_source_gives_the_size_and_less_strength_keeps_more_of_it(tiny_sd, tmp_path, sources):
    source = sources["init_image"]
    Image.open(source).crop((0, 0, 32, 24)).save(source)
    near, far = (
        drawn(job(tiny_sd, tmp_path / "out", init_image=source, strength=strength, sampler="ddim"))[0]
        for strength in (0.25, 1.0)
    )
    assert Image.open(near).size == (32, 24)
    assert read_record(near).strength == 0.25
    assert not np.array_equal(pixels(near), pixels(far))


@pytest.mark.parametrize(("mask", "strength"), [(False, 0.75), (True, 1.0)], ids=["from a picture", "inpainting"])
def test_strength_has_a_default(tiny_sd, tmp_path, sources, mask, strength):
    given = sources if mask else {"init_image": sources["init_image"]}
    (made,) = drawn(job(tiny_sd, tmp_path / "out", **given))
    assert read_record(made).strength == strength


@pytest.mark.parametrize("which", ["init_image", "mask_image"])
def test_a_source_that_is_no_picture_is_refused_before_the_model_is_loaded(tmp_path, sources, which):
    Path(sources[which]).write_text("no picture")
    with pytest.raises(SketchDeskError) as refused:
        run(job(tmp_path / "no model", tmp_path, **sources))
    assert refused.value.kind is ErrorKind.BAD_INPUT
    assert Path(sources[which]).name in refused.value.message


def test_a_mask_alone_is_refused(tiny_sd, tmp_path, sources):
    with pytest.raises(SketchDeskError) as refused:
        run(job(tiny_sd, tmp_path, mask_image=sources["mask_image"]))
    assert refused.value.kind is ErrorKind.BAD_INPUT


def test_what_is_asked_for_in_vain_is_said_when_the_job_begins(tiny_sd, tmp_path):
    path = tmp_path / "sks.pt"
    torch.save({"<ink>": torch.randn(1, 32)}, path)
    asked = {
        "guidance_scale": 1.0, "negative_prompt": "blurry", "guidance_rescale": 0.5, "embeddings": (str(path),),
        "allow_pickle": True,
    }  # fmt: skip
    told = [event.message for event in run(job(tiny_sd, tmp_path, **asked)) if isinstance(event, Notice)]
    assert [sum(words in sentence for sentence in told) for words in ("negative", "rescale", "sks")] == [1, 1, 1]
    called = [event for event in run(job(tiny_sd, tmp_path, "a <INK> cat", **asked)) if isinstance(event, Notice)]
    assert len(called) == 2


def test_no_strength_at_all_draws_nothing_also_where_a_sampler_has_a_step_to_spare(tiny_sd, tmp_path, sources):
    for sampler in ("pndm", "ddim"):
        work = job(tiny_sd, tmp_path / "out", init_image=sources["init_image"], strength=0.0, sampler=sampler)
        with pytest.raises(SketchDeskError, match="Nothing would be drawn"):
            run(work)


@pytest.mark.parametrize("asked", [{"strength": 0.5}, {"clip_skip": 2}])
def test_what_is_impossible_is_refused_before_anything_is_drawn(tiny_sd, tmp_path, asked):
    with pytest.raises(SketchDeskError) as refused:
        run(job(tiny_sd, tmp_path, **asked))
    assert refused.value.kind is ErrorKind.BAD_INPUT


def test_wildcards_give_every_image_its_own_words_and_the_words_give_the_image(tiny_sd, tmp_path):
    work = job(
        tiny_sd, tmp_path / "a", "a {red|blue} {fox|owl}", style_prefix="{ink|oil} of", count=6, wildcards=True,
        batch_size=3,
    )  # fmt: skip
    made = drawn(work)
    records = [read_record(path) for path in made]
    texts = {record.full_prompt for record in records}
    assert len(texts) > 1
    assert not any(sign in text for text in texts for sign in "{|}")
    assert [read_record(path).full_prompt for path in drawn(work)] == [record.full_prompt for record in records]
    (again,) = drawn(job_of(records[4], tmp_path / "b"))
    assert np.array_equal(pixels(again), pixels(made[4]))


def test_without_wildcards_braces_are_what_they_are(tiny_sd, tmp_path):
    (made,) = drawn(job(tiny_sd, tmp_path, "a {red|blue} fox"))
    assert read_record(made).prompt == "a {red|blue} fox"


def test_without_keeping_the_pictures_wait_in_the_runs_folder(tiny_sd, tmp_path):
    run_dir, out = tmp_path / "run", tmp_path / "out"
    run_dir.mkdir()
    events = run(job(tiny_sd, out, count=3, keep=False), run_dir)
    waiting = unsaved_images(run_dir)
    shown = [event for event in events if isinstance(event, PreviewReady) and event.step == event.total]
    assert [Path(event.path) for event in shown] == waiting
    assert len(waiting) == 3
    assert not out.exists()
    assert not [event for event in events if isinstance(event, ImageSaved)]
    (saved,) = save_unsaved(waiting[1:2], out).values()
    assert read_record(saved).seed == 1
    (kept,) = drawn(job(tiny_sd, tmp_path / "kept", count=1, seed=1))
    assert np.abs(pixels(saved).astype(int) - pixels(kept)).max() <= 1


def test_without_keeping_a_run_that_is_resumed_draws_nothing_twice(tiny_sd, tmp_path):
    work = job(tiny_sd, tmp_path / "out", count=2, keep=False)
    run(work, tmp_path)
    before = unsaved_images(tmp_path)
    before[0].unlink()
    events = run(work, tmp_path)
    assert [event.seed for event in events if isinstance(event, PreviewReady) and event.step == event.total] == [0]
    assert unsaved_images(tmp_path) == before


def test_without_keeping_and_without_a_run_folder_nothing_is_drawn(tiny_sd, tmp_path):
    with pytest.raises(SketchDeskError) as refused:
        run(job(tiny_sd, tmp_path, keep=False))
    assert refused.value.kind is ErrorKind.BAD_INPUT


def test_a_warm_model_serves_any_number_of_threads_and_one_precision(tiny_sd):
    def loaded(precision: str, threads: int):
        return generate.load_model(str(tiny_sd), Placement(torch.device("cpu"), DTYPES[precision], threads))

    warm = loaded("fp32", 1)
    assert loaded("fp32", 2) is warm
    assert loaded("bf16", 2) is not warm


def test_a_folder_that_cannot_be_written_to_is_told_before_the_model_is_loaded(tiny_sd, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    for place in (tmp_path / "file", tmp_path / "file" / "below"):
        events: list = []
        with pytest.raises(SketchDeskError) as caught:
            generate.run(job(tiny_sd, place), Reporter(events.append))
        assert caught.value.kind is ErrorKind.NOT_WRITABLE
        assert not any(isinstance(event, StepDone) for event in events)
    assert (tmp_path / "file").read_text() == "not a folder"


def test_prompts_that_are_too_long_are_told_of_once_and_briefly(tiny_sd, tmp_path):
    rows = tuple(PromptRow(prompt=f"{number} " + "zebra " * 200) for number in range(3))
    events = run(msgspec.structs.replace(job(tiny_sd, tmp_path / "out"), prompts=rows))
    (told,) = [event.message for event in events if isinstance(event, Notice)]
    assert told.startswith("3 prompts are too long")
    assert "0 zebra" in told and len(told) < 250
    assert len(list((tmp_path / "out").glob("*.png"))) == 3
