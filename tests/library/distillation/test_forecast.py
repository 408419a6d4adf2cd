"""What a distillation will need: passes counted by hand, times scaled from runs, trainings and pictures."""

from __future__ import annotations

import msgspec
import pytest

from sketchdesk.contracts.events import JobStarted, MetricLogged, StageChanged, StepDone
from sketchdesk.contracts.jobs import DistillJob
from sketchdesk.library.distillation.forecast import DistillForecast, forecast, forecast_lines
from sketchdesk.library.distillation.time import RECKONED, SURE, Reckoner, WorkSpeed, speeds_in, work_of
from sketchdesk.library.images.metadata import ImageRecord
from sketchdesk.library.job_threads import Threads
from sketchdesk.library.models.draw_facts import DrawFacts
from sketchdesk.library.models.facts import Level, ModelFacts
from sketchdesk.library.training.forecast import GIB, Speed

SMALL = ModelFacts(
    unet_parameters=10_000_000, text_parameters=4_000_000, vae_parameters=1_000_000, sample_size_px=128, cell_px=8,
    latent_channels=4, vae_channels=64, text_width=256, text_tokens=77, size_bytes=60_000_000,
    levels=(Level(channels=128, layers=5, heads=4),),
)  # fmt: skip
DRAWING = DrawFacts(cell_px=8, side_px=128, guidance_scale=2.0, parameters=15_000_000)
JOB = DistillJob(
    model="ink", out_dir="o", num_pairs=900, num_held_out_pairs=100, num_inference_steps=20, reflow_steps=10,
    distil_steps=20, train_batch_size=4,
)  # fmt: skip


def known(job: DistillJob = JOB, **more: object) -> Reckoner:
    return Reckoner(job, DRAWING, "cpu", "fp32", 128, **more)


def test_passes_are_counted():
    assert work_of(JOB, "pairs", guided=True) == 40
    assert work_of(msgspec.structs.replace(JOB, sampler="heun"), "pairs", guided=False) == 40
    assert work_of(JOB, "reflow", guided=True) == work_of(JOB, "distillation", guided=True) == 3
    one = msgspec.structs.replace(JOB, matching_pairs_weight=0.0, critic_updates=1)
    assert work_of(one, "matching", guided=True) == 3 + 3 + 4  # student; teacher twice and critic; critic's own step
    four = msgspec.structs.replace(one, student_steps=4, matching_guidance_scale=1.0)
    assert work_of(four, "matching", guided=True) == 3 + 1.5 + 2 + 5.5


def test_what_is_computed_again_counts():
    again = msgspec.structs.replace(JOB, gradient_checkpointing=True)
    assert work_of(again, "reflow", guided=True) == 4
    assert work_of(again, "matching", guided=True) == work_of(JOB, "matching", guided=True) + 3


LARGE = ModelFacts(
    unet_parameters=865_910_724, text_parameters=340_387_840, vae_parameters=83_653_863, sample_size_px=512,
    cell_px=8, latent_channels=4, vae_channels=128, text_width=1024, text_tokens=77, size_bytes=2_580_000_000,
    levels=(
        Level(channels=320, layers=5, heads=5), Level(channels=640, layers=5, heads=10),
        Level(channels=1280, layers=5, heads=20), Level(channels=1280, layers=5, heads=0),
    ),
)  # fmt: skip
"""SD2-base."""
DRAWN_LARGE = DrawFacts(cell_px=8, guidance_scale=7.5, parameters=1_289_952_427)
MEASURED = msgspec.structs.replace(
    JOB, train_batch_size=1, optimizer="adamw_8bit", gradient_checkpointing=True, resolution=256, pairs_batch_size=1,
    num_held_out_pairs=0,
)  # fmt: skip
"""By tests/benchmarks/distill_step.py: at 256 px in bf16 on a processor, nothing held out."""
A_LORA = msgspec.structs.replace(MEASURED, student="teacher", lora_rank=64, matching_steps=3)


def of_large(job: DistillJob) -> DistillForecast:
    return forecast(Reckoner(job, DRAWN_LARGE, "cpu", "bf16", 256), LARGE, missing=0, captions=2)


@pytest.mark.parametrize(("job", "gib"), [(A_LORA, 5.37), (MEASURED, 10.9)])
def test_what_is_likely_of_a_large_model_meets_what_was_measured(job, gib):
    """A LoRA of rank 64, reflow and matching, while it was loaded; and a whole copy, reflow and distillation."""
    found = of_large(job)
    assert found.memory_likely_gib == pytest.approx(gib, rel=0.15)
    assert found.memory_gib[0] <= found.memory_likely_gib <= found.memory_gib[1]


def test_what_is_drawn_to_be_looked_at_counts():
    held = msgspec.structs.replace(A_LORA, num_held_out_pairs=8)
    several = msgspec.structs.replace(held, pairs_batch_size=8)
    watched = msgspec.structs.replace(several, validation_prompts=("a dog",) * 16, pairs_batch_size=16)
    needed = [of_large(job).memory_likely_gib for job in (A_LORA, held, several, watched)]
    assert needed == sorted(needed) and needed[0] < needed[2] < needed[3]


def test_a_comparison_with_pairs_counts_where_there_is_one():
    assert work_of(JOB, "reflow", guided=True, likeness=4.0) == 3
    assert work_of(JOB, "distillation", guided=True, likeness=4.0) == 7
    alone = msgspec.structs.replace(JOB, matching_pairs_weight=0.0)
    beside = work_of(JOB, "matching", guided=True, likeness=4.0) - work_of(alone, "matching", guided=True, likeness=4.0)
    assert beside == 7


def test_where_nothing_is_known_no_time_is_made_up():
    found = forecast(known(), SMALL, missing=1000, captions=10)
    assert (found.pairs_s, found.training_s, found.pairs_basis) == (None, None, "none")
    assert f"likely {found.memory_likely_gib:.1f} GiB" in "\n".join(forecast_lines(found))
    assert "not known" in "\n".join(forecast_lines(found))


def test_pairs_take_their_bytes_and_none_are_drawn_twice():
    found = forecast(known(), SMALL, missing=0, captions=10)
    assert found.pairs_gib * GIB == pytest.approx(1000 * 4 * 16 * 16 * 6)
    assert (found.pairs, found.pairs_missing, found.pairs_s) == (1000, 0, (0.0, 0.0))
    assert found.disk_gib > found.pairs_gib


def test_earlier_distillations_tell_best():
    speeds = [
        WorkSpeed(model="ink", device="cpu", resolution=None, stage="pairs", work=20, per_s=4.0),
        WorkSpeed(model="ink", device="cpu", resolution=None, stage="reflow", work=3, per_s=10.0),
        WorkSpeed(model="ink", device="cpu", resolution=None, stage="distillation", work=3, per_s=8.0),
        WorkSpeed(model="other", device="cpu", resolution=None, stage="reflow", work=3, per_s=1000.0),
    ]
    found = forecast(known(speeds=speeds), SMALL, missing=100, captions=10)
    assert (found.pairs_basis, found.training_basis) == ("same", "same")
    assert found.pairs_s == pytest.approx((50 * SURE[0], 50 * SURE[1]))  # 40 passes each at 80 a second
    assert found.training_s == pytest.approx((14 * SURE[0], 14 * SURE[1]))  # 40 / 10 + 80 / 8


def test_a_training_of_the_model_tells_of_the_phases():
    training = Speed(model="ink", device="cpu", resolution=128, gradient_checkpointing=False, images_per_s=6.0)
    found = forecast(known(trainings=[training]), SMALL, missing=0, captions=10)
    assert found.training_basis == "training"
    assert found.training_s[0] < 120 / 6 < found.training_s[1]


def test_work_with_another_number_of_threads_tells_nothing_of_the_time():
    pairs = WorkSpeed(
        model="ink", device="cpu", resolution=None, stage="pairs", work=20, per_s=4.0, threads=Threads(asked=1, used=1)
    )
    training = Speed(
        model="ink", device="cpu", resolution=128, gradient_checkpointing=False, images_per_s=6.0,
        threads=Threads(asked=1, used=1),
    )  # fmt: skip
    measured = {"speeds": [pairs], "trainings": [training]}
    left_open = forecast(known(**measured), SMALL, missing=100, captions=10)
    assert (left_open.pairs_s, left_open.training_s) == (None, None)
    alike = forecast(known(msgspec.structs.replace(JOB, num_threads=1), **measured), SMALL, missing=100, captions=10)
    assert (alike.pairs_basis, alike.training_basis) == ("same", "training")


RECORD = ImageRecord(
    prompt="p", model="ink", seed=1, device="cpu", precision="fp32", num_inference_steps=20, guidance_scale=2.0,
    width=128, height=128, denoise_s=4.0, batch_size=1, sampler="",
)  # fmt: skip


def test_what_a_phase_has_beyond_a_trainings_step_is_passes():
    training = Speed(model="ink", device="cpu", resolution=128, gradient_checkpointing=False, images_per_s=0.5)
    alone, beside = (
        forecast(known(trainings=[training], records=records, likeness=4.0), SMALL, missing=0, captions=10).training_s
        for records in ([], [RECORD])
    )
    assert alone[0] < 40 * 2 + 80 * (2 + 4 * 2 / 3) < alone[1]
    assert alone[0] - beside[0] > RECKONED[0] * 80 * 4 * 0.5, "of a step of 2 s, 0.3 s were passes"
    assert beside[0] < 40 * 2 + 80 * (2 + 4 * 0.1) < beside[1]


def test_past_pictures_tell_of_pairs_and_phases():
    found = forecast(known(records=[RECORD]), SMALL, missing=10, captions=10)
    assert (found.pairs_basis, found.training_basis) == ("drawing", "drawing")
    assert found.pairs_s == pytest.approx((40 * SURE[0], 40 * SURE[1]))
    assert found.training_s[0] < 120 * 3 * 4.0 / 40 < found.training_s[1]
    assert "reckoned" in "\n".join(forecast_lines(found))


def test_matching_needs_the_teacher_beside_the_student():
    plain = forecast(known(), SMALL, missing=0, captions=10)
    matched = forecast(known(msgspec.structs.replace(JOB, matching_steps=5)), SMALL, missing=0, captions=10)
    assert matched.memory_gib[1] - plain.memory_gib[1] > SMALL.unet_parameters * 4 / GIB
    assert matched.phases == {"reflow": 10, "distillation": 20, "matching": 5}


def test_a_run_tells_how_fast_its_stages_were():
    events = [
        JobStarted(pid=1, device="cpu"), StageChanged(stage="pairs"), StepDone(step=1, total=9, rate_per_s=1.0),
        StepDone(step=9, total=9, rate_per_s=2.0), StageChanged(stage="reflow"),
        MetricLogged(step=1, values={"images_per_s": 4.0, "loss": 1.0}), MetricLogged(step=2, values={"val": 1.0}),
        MetricLogged(step=2, values={"images_per_s": 6.0}),
    ]  # fmt: skip
    assert {speed.stage: speed.per_s for speed in speeds_in(JOB, events)} == {"pairs": 2.0, "reflow": 5.0}
