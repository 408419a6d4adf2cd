"""What is told of a model made few-step: by its card, by the list of models, by its report."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.events import MetricLogged
from sketchdesk.contracts.jobs import DistillJob, LoraUse
from sketchdesk.library.distillation.card import CAPTIONS, STRAIGHTNESS, write_distill_card
from sketchdesk.library.distillation.config import distill_text, read_distill_job, write_distill_job
from sketchdesk.library.distillation.pairs import Pair, PairSet, Teacher, begin, open_pairs, write_shard
from sketchdesk.library.distillation.report import DistillReport, StepMarks, read_report, write_report
from sketchdesk.library.distillation.ways import with_way
from sketchdesk.library.models.card import CARD, CURVE
from sketchdesk.library.models.kind import licence_of, teacher_of

JOB = DistillJob(
    model="/models/ink", out_dir="/runs/quick", loras=(LoraUse(path="/loras/wash.safetensors", weight=0.5),),
    prompts=("a “dog”",), num_inference_steps=20, guidance_scale=3.0, reflow_steps=10, distil_steps=0,
)  # fmt: skip
ONE = StepMarks(steps=1, latent_mse=0.25, psnr=18.5, variety=0.9)
FULL = StepMarks(steps=20, latent_mse=0.1, psnr=22.0)
REPORT = DistillReport(
    step=10, pairs=4_000, held_out=64, fingerprint="f" * 64, student=(ONE, FULL),
    teacher=(StepMarks(steps=1, latent_mse=1.0, psnr=10.0),), straightness=2.0, straightness_relative=0.01,
    teacher_straightness=40.0, teacher_straightness_relative=0.2,
)  # fmt: skip


@pytest.fixture
def pairs(tmp_path: Path) -> PairSet:
    begin(tmp_path / "pairs", Teacher(
        model=JOB.model, model_hash="a" * 64, sampler="dpmpp_2m", num_inference_steps=20, guidance_scale=3.0, width=8,
        height=8, shape=(4, 1, 1),
    ))  # fmt: skip
    empty = np.zeros((2, 4, 1, 1), np.float32)
    write_shard(tmp_path / "pairs", [Pair("a dog", 1), Pair("a dog", 2, held_out=True)], empty, empty)
    return open_pairs(tmp_path / "pairs")


def card(tmp_path: Path, pairs: PairSet, job: DistillJob = JOB) -> str:
    teacher, model = tmp_path / "ink", tmp_path / "quick" / "model"
    teacher.mkdir(exist_ok=True)
    (teacher / CARD).write_text("---\nlicense: openrail++\n---\nInk.\n")
    model.mkdir(parents=True, exist_ok=True)
    events = [MetricLogged(step=step, values={"loss": 1 / step, "straightness_relative": 0.1}) for step in (1, 2)]
    write_distill_card(model, job, teacher, pairs, REPORT, events)
    return (model / CARD).read_text(encoding="utf-8")


def test_many_captions_stand_in_a_file_beside_the_card(tmp_path, pairs):
    prompts = tuple(f"dog number {number}" for number in range(21))
    text = card(tmp_path, pairs, msgspec.structs.replace(JOB, prompts=prompts))
    assert "Its 21 prompts are the lines of [captions.txt](captions.txt)." in text
    assert "dog number 3" not in text
    assert tuple((tmp_path / "quick" / "model" / CAPTIONS).read_text().splitlines()) == prompts


def test_the_card_tells_teacher_data_licence_quality_and_recipe(tmp_path, pairs):
    text = card(tmp_path, pairs)
    model = tmp_path / "quick" / "model"
    assert (licence_of(model), teacher_of(model)) == ("openrail++", "ink")
    assert (model / CURVE).is_file()
    assert (model / STRAIGHTNESS).is_file()
    for told in ("aaaaaaaa", "wash.safetensors at 0.5", "dpmpp_2m, 20 steps, guidance 3", pairs.fingerprint,
                 "| model | 1 | 0.25 | 18.50 | 0.900 |", "One-step gain over the teacher: 0.750", "reflow_steps = 10",
                 "1000 * (1 - i / N)"):  # fmt: skip
        assert told in text
    assert "/models" not in text  # no folder of this machine
    assert "/loras" not in text


PERFLOW = b'{"_class_name": "PeRFlowScheduler", "num_time_windows": 6}'


@pytest.mark.parametrize("rank", [0, 8])
def test_a_perflow_says_which_scheduler_it_wants(tmp_path, pairs, rank):
    settings = (tmp_path / ("ink" if rank else "quick/model")) / "scheduler" / "scheduler_config.json"
    settings.parent.mkdir(parents=True)
    settings.write_bytes(PERFLOW)
    text = card(tmp_path, pairs, msgspec.structs.replace(JOB, student="teacher", student_steps=8, lora_rank=rank))
    assert "PeRFlowScheduler.from_config" in text
    assert "each of 6 windows" in text
    assert "num_inference_steps=8, guidance_scale=1)" in text
    assert ('load_lora_weights("model")' in text) is bool(rank)
    assert f'from_pretrained("{"ink" if rank else "model"}")' in text


def test_a_student_that_keeps_the_teachers_head_is_used_as_stock_models_are(tmp_path, pairs):
    text = card(tmp_path, pairs, msgspec.structs.replace(JOB, student="teacher", student_steps=4))
    assert "num_inference_steps=4, guidance_scale=1.0" in text
    assert "1000 *" not in text


@pytest.mark.parametrize("rank", [0, 4])
def test_one_that_keeps_a_flow_s_head_is_used_as_flows_are(tmp_path, pairs, rank):
    (tmp_path / "ink").mkdir()
    (tmp_path / "ink" / "model_index.json").write_text('{"_class_name": "RectifiedFlowPipeline"}')
    text = card(tmp_path, pairs, msgspec.structs.replace(JOB, student="teacher", lora_rank=rank))
    assert "1000 * (1 - i / N)" in text
    assert "TCD" not in text


def test_only_models_made_few_step_have_a_teacher(tmp_path):
    (tmp_path / CARD).write_text("---\nlicense: mit\nbase_model: ink\n---\n")
    assert teacher_of(tmp_path) == ""
    assert teacher_of(tmp_path / "nowhere") == ""


def test_a_report_is_read_as_it_was_written(tmp_path):
    write_report(tmp_path, REPORT)
    assert read_report(tmp_path) == REPORT
    assert read_report(tmp_path / "nowhere") is None
    assert REPORT.one_step_gain == pytest.approx(0.75)


def test_settings_are_read_as_they_were_written(tmp_path):
    write_distill_job(tmp_path / "quick.toml", JOB)
    assert read_distill_job(tmp_path / "quick.toml", (), Path(JOB.out_dir), False) == JOB
    assert "out_dir" not in distill_text(JOB)


def test_paths_in_a_file_mean_its_own_folder(tmp_path):
    (tmp_path / "wash.safetensors").touch()
    (tmp_path / "c.toml").write_text(
        'model = "demo-base"\npairs_dir = "pairs"\ndataset = "demo-sketch"\nloras = [{path = "wash.safetensors"}]\n'
    )
    job = read_distill_job(tmp_path / "c.toml", ("num_pairs=12",), None, False)
    assert (job.model, job.dataset, job.num_pairs) == ("demo-base", "demo-sketch", 12)
    assert job.pairs_dir == str(tmp_path / "pairs")
    assert job.loras == (LoraUse(path=str(tmp_path / "wash.safetensors")),)
    assert Path(job.out_dir).name == "c"


def test_a_way_in_a_file_stands_for_its_settings_for_a_teacher_of_that_size_and_the_file_s_own_count(tmp_path):
    file = tmp_path / "c.toml"
    file.write_text('model = "demo-base"\nway = "teacher_head"\nreflow_steps = 9\n')
    job = read_distill_job(file, ("distil_steps=3",), Path(JOB.out_dir), False)
    plain = DistillJob(model="demo-base", out_dir=JOB.out_dir)
    own = {"reflow_steps": 9, "distil_steps": 3}
    assert job == msgspec.structs.replace(with_way(plain, "teacher_head"), **own)


def test_a_way_that_there_is_not_is_refused_with_those_there_are(tmp_path):
    (tmp_path / "c.toml").write_text('model = "demo-base"\nway = "two_steps"\n')
    with pytest.raises(SketchDeskError, match="“two_steps”.*way.*one_step, teacher_head, matching"):
        read_distill_job(tmp_path / "c.toml", (), None, False)
