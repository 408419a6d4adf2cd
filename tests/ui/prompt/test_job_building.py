"""What stands in the panel becomes the job it means."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest

from sketchdesk.contracts.jobs import GenerateJob, LoraUse, PromptRow
from sketchdesk.library.drawing.draft import Draft
from sketchdesk.library.images.record import ImageRecord
from sketchdesk.library.prompts.seeds import parse_seeds
from sketchdesk.library.settings import Settings
from sketchdesk.ui.prompt.job_building import build_job, draft_of_job, draft_of_records

A, B = PromptRow(prompt="a"), PromptRow(prompt="b")


JOB = GenerateJob(
    model="demo-base", prompts=(A, PromptRow(prompt="b", count=3, seed=9)), out_dir="", loras=(LoraUse(path="x"),),
    style_prefix="a sketch of", negative_prompt="dogs", count=4, seed=77, num_inference_steps=12, guidance_scale=2.25,
    sampler="heun", width=128, device="cpu", precision="bf16", batch_size=3,
)  # fmt: skip


@pytest.mark.parametrize("job", [JOB, GenerateJob(model="m", prompts=(A,), out_dir="")])
def test_a_job_comes_back_from_the_draft_that_was_made_of_it(job, tmp_path):
    draft = draft_of_job(job)
    back = build_job(draft, draft.rows, parse_seeds(draft.seeds), Settings(images_dir=str(tmp_path), num_threads=3))
    folder = str(tmp_path / date.today().isoformat())
    assert back == msgspec.structs.replace(job, out_dir=folder, num_threads=3)


def record(**more) -> ImageRecord:
    values = {
        "prompt": "a", "style_prefix": "in ink,", "negative_prompt": "dogs", "seed": 5, "num_inference_steps": 30,
        "guidance_scale": 4.0, "sampler": "Euler a", "width": 64, "height": 96, "model": "sd",
    } | more  # fmt: skip
    return ImageRecord(**values)


BEFORE = Draft(device="cpu", precision="bf16", steps=9, guidance="2", seeds="1", count=6, entry="typed", model="old")


def test_a_picture_gives_its_settings_and_leaves_the_place():
    draft = draft_of_records([record()], BEFORE)
    assert draft == Draft(
        rows=(A,), style_prefix="in ink,", negative_prompt="dogs", model="sd", device="cpu", precision="bf16",
        sampler="euler_a", steps=30, guidance="4", size="64 × 96", seeds="5", keeps_seed=True, count=1,
    )  # fmt: skip


def test_what_a_picture_does_not_say_stays_as_it_was():
    silent = record(seed=None, num_inference_steps=None, guidance_scale=None, sampler="restart", model="")
    draft = draft_of_records([silent], BEFORE)
    assert (draft.steps, draft.guidance, draft.seeds, draft.keeps_seed) == (9, "2", "1", False)
    assert (draft.sampler, draft.model) == ("", "old")


def test_a_picture_of_the_models_own_sampler_leaves_the_sampler_to_the_model():
    own = record(sampler="pndm", own_sampler=True)
    assert draft_of_records([own], Draft(sampler="heun")).sampler == ""


def test_several_pictures_are_rows_with_what_they_have_different():
    other = record(prompt="b", seed=2**64 - 1, num_inference_steps=5, negative_prompt="", width=64, height=64)
    draft = draft_of_records([record(), other], BEFORE)
    assert draft.rows == (
        PromptRow(prompt="a", seed=5, count=1),
        PromptRow(prompt="b", count=1, num_inference_steps=5, negative_prompt="", width=64, height=64),
    )
    assert draft.seeds == "1"


def made(**more) -> ImageRecord:
    values = {"prompt": "a fox", "seed": 5, "num_inference_steps": 30, "guidance_scale": 4.0, "sampler": "euler",
              "width": 64, "height": 96, "model": "m", "app_version": "1"}  # fmt: skip
    return ImageRecord(**values | more)


def test_a_picture_gives_what_it_was_drawn_from_and_what_was_added():
    record = made(
        style_suffix=", dusk", clip_skip=1, guidance_rescale=0.5, init_image="/x/fox.png", strength=0.3,
        mask_image="/x/mask.png", embeddings=("/x/inky.pt",), memory_savings=("tiled_vae", "what comes later"),
        fast=("what comes later", "feature_caching"),
    )  # fmt: skip
    draft = draft_of_records([record], Draft(style_suffix="before", init_image="/before.png"))
    assert (draft.style_suffix, draft.clip_skip, draft.guidance_rescale) == (", dusk", 1, 0.5)
    assert (draft.init_image, draft.mask_image, draft.strength) == ("/x/fox.png", "/x/mask.png", 0.3)
    assert (draft.embeddings, draft.memory_savings) == (("/x/inky.pt",), ("tiled_vae",))
    assert draft.fast == ("feature_caching",)
    plain = draft_of_records([made()], draft)
    assert (plain.init_image, plain.mask_image, plain.strength, plain.embeddings) == ("", "", None, ())


@pytest.mark.parametrize(
    ("record", "weighs", "chooses"),
    [
        (made(), True, True),  # it makes no difference: as before
        (made(prompt="a (red) fox"), False, True),
        (made(prompt="a (red) fox", prompt_weighting=True), True, True),
        (made(prompt="a (red) fox", app_version=""), True, True),  # another program's
        (made(prompt="a {red|blue} fox"), True, False),  # meant as it stands
    ],
)
def test_braces_and_brackets_mean_what_they_meant_to_the_picture(record, weighs, chooses):
    draft = draft_of_records([record], Draft())
    assert (draft.prompt_weighting, draft.wildcards) == (weighs, chooses)


def test_without_a_picture_to_begin_with_there_is_no_mask_and_no_strength():
    draft = Draft(model="m", mask_image="/x/mask.png", strength=0.3)
    job = build_job(draft, [A], parse_seeds("1"), Settings())
    assert (job.init_image, job.mask_image, job.strength) == (None, None, None)
