"""The ready-made ways to a few-step model, and how one is begun and drawn with."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest
from safetensors.numpy import save_file

from sketchdesk.contracts.jobs import DistillJob, LoraUse, TrainJob
from sketchdesk.library.distillation.conflicts import conflicts, doubts
from sketchdesk.library.distillation.settings import phases_of
from sketchdesk.library.distillation.ways import (
    LORA_SAMPLER,
    WAYS,
    begun_with,
    drawing_of,
    fitted,
    is_ready_made,
    size_of,
    study_of,
    way_of,
    with_way,
)
from sketchdesk.library.models.few_steps import FewSteps, few_steps_metadata
from sketchdesk.library.runs.runs import Run
from sketchdesk.library.runs.state import RunState
from sketchdesk.library.training.train_runs import Training


def job(**fields: object) -> DistillJob:
    return DistillJob(**({"model": "demo-base", "out_dir": "", "prompts": ("a zebra",)} | fields))


@pytest.mark.parametrize("size", ["small", "large"])
@pytest.mark.parametrize("way", WAYS)
def test_a_way_is_known_again_and_goes_together(way, size):
    made = with_way(job(num_pairs=99), way, size)
    assert (way_of(made), made.num_pairs, made.prompts) == (way, 99, ("a zebra",))
    assert is_ready_made(made, size)
    assert conflicts(made) == {}
    assert doubts(made) == {}


def test_going_from_one_way_to_another_leaves_nothing_of_the_first():
    assert with_way(with_way(job(), "matching"), "one_step") == job()


def test_only_the_one_step_way_has_a_phase_for_a_single_step():
    phases = {way: tuple(phases_of(with_way(job(), way))) for way in WAYS}
    assert phases == {
        "one_step": ("reflow", "distillation"), "teacher_head": ("reflow",), "matching": ("reflow", "matching"),
    }  # fmt: skip


def test_a_large_teacher_has_the_published_numbers_and_a_small_one_those_of_the_demo():
    assert [size_of(parameters) for parameters in (10_000_000, 860_000_000)] == ["small", "large"]
    whole, lora = with_way(job(), "teacher_head", "large"), with_way(job(), "matching", "large")
    assert (whole.optimizer, whole.learning_rate, whole.ema_decay) == ("adamw_8bit", 5e-6, 0.999)
    assert (lora.optimizer, lora.learning_rate, lora.lora_rank) == ("adamw_8bit", 1e-4, 64)
    assert whole.train_batch_size * whole.gradient_accumulation_steps == 64
    assert whole.gradient_checkpointing and lora.gradient_checkpointing
    assert with_way(job(), "one_step") == job()


@pytest.mark.parametrize("way", WAYS)
def test_another_size_of_teacher_changes_all_numbers_but_the_persons_own(way):
    small, large = (with_way(job(), way, size) for size in ("small", "large"))
    assert fitted(small, "small", "large") == large
    assert fitted(large, "large", "small") == small
    own = msgspec.structs.replace(small, learning_rate=3e-3, reflow_steps=7)
    assert fitted(own, "small", "large") == msgspec.structs.replace(large, learning_rate=3e-3, reflow_steps=7)


def test_a_changed_number_stays_on_its_way_and_is_no_longer_ready_made():
    changed = job(distil_steps=7)
    assert (way_of(changed), is_ready_made(changed)) == ("one_step", False)


def made(tmp_path: Path, asked: TrainJob | DistillJob, **fields: object) -> Training:
    run = Run(id="1", folder=tmp_path, title="x", created="", lane="auto", job=asked)
    return Training(run=run, state=RunState.DONE, job=asked, **fields)


def test_a_student_is_drawn_with_its_own_steps_and_without_guidance(tmp_path):
    whole = drawing_of(made(tmp_path, with_way(job(), "teacher_head"), model=tmp_path / "model"))
    assert (whole.model, whole.loras) == (str(tmp_path / "model"), ())
    assert (whole.num_inference_steps, whole.guidance_scale, whole.sampler) == (4, 1.0, None)
    lora = drawing_of(made(tmp_path, with_way(job(), "matching"), lora=tmp_path / "x.safetensors"))
    file = LoraUse(path=str(tmp_path / "x.safetensors"))
    assert (lora.model, lora.loras, lora.sampler) == ("demo-base", (file,), LORA_SAMPLER)
    assert drawing_of(made(tmp_path, job())) is None
    own = FewSteps(name="x", sampler="perflow", num_inference_steps=4)
    save_file({"x": np.zeros(1)}, tmp_path / "x.safetensors", few_steps_metadata(own))
    piecewise = drawing_of(made(tmp_path, with_way(job(), "matching"), lora=tmp_path / "x.safetensors"))
    assert piecewise.sampler is None  # as its teacher draws


def test_what_a_training_made_is_the_teacher_on_its_captions(tmp_path):
    asked = TrainJob(
        model="demo-base", dataset="demo-sketch", out_dir="o", validation_prompts=("a zebra",), captions_file="c.json"
    )
    begun = begun_with(made(tmp_path, asked, model=tmp_path / "model"))
    assert (begun.model, begun.dataset, begun.captions_file, begun.validation_prompts, begun.loras) == (
        str(tmp_path / "model"), "demo-sketch", "c.json", ("a zebra",), (),
    )  # fmt: skip
    of_lora = begun_with(made(tmp_path, asked, lora=tmp_path / "x.safetensors"))
    assert (of_lora.model, of_lora.loras) == ("demo-base", (LoraUse(path=str(tmp_path / "x.safetensors")),))


def test_the_study_of_a_student_is_against_its_teacher_with_the_same_loras(tmp_path):
    style = LoraUse(path="style.safetensors")
    asked = with_way(job(loras=(style,)), "matching")
    many, few = study_of(made(tmp_path, asked, lora=tmp_path / "x.safetensors")).models
    assert (many.model, many.loras) == ("demo-base", (style,))
    assert (few.model, few.loras) == ("demo-base", (style, LoraUse(path=str(tmp_path / "x.safetensors"))))
    assert (few.num_inference_steps, few.guidance_scale, few.sampler) == (4, 1.0, LORA_SAMPLER)
    one = study_of(made(tmp_path, job(loras=(style,)), model=tmp_path / "model")).models[1]
    assert (one.name, one.model, one.loras) == ("one step", str(tmp_path / "model"), ())  # its LoRAs are part of it
