from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from PIL import Image

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import GenerateJob, LoraUse, PromptRow, TrainJob
from sketchdesk.library.drawing.remake import by_the_base, job_of, jobs_of
from sketchdesk.library.images.metadata import ImageRecord, read_record, save_png
from sketchdesk.library.runs.runs import create_run

OUT = Path("out")
OURS = ImageRecord(
    prompt="a zebra",
    style_prefix="A black and white sketch of",
    negative_prompt="colour",
    seed=12,
    num_inference_steps=9,
    guidance_scale=0.0,
    sampler="dpmpp_2m",
    width=128,
    height=64,
    model="demo-base",
    loras=(LoraUse(path="sketch.safetensors", weight=0.8),),
    device="cpu",
    precision="bf16",
    batch_size=3,
    batch_index=1,
    batch_seeds=(11, 12, 40),
    num_threads=2,
)
FOREIGN = ImageRecord(
    prompt="a castle", seed=7, num_inference_steps=20, guidance_scale=7.5, sampler="Euler a", width=512, height=512,
    model="v1-5",
)  # fmt: skip


def test_every_setting_of_the_picture_is_in_the_job():
    assert job_of(OURS, OUT) == GenerateJob(
        model="demo-base",
        prompts=tuple(PromptRow(prompt="a zebra", seed=seed, count=1) for seed in (11, 12, 40)),
        out_dir="out",
        loras=OURS.loras,
        style_prefix="A black and white sketch of",
        negative_prompt="colour",
        seed=12,
        num_inference_steps=9,
        guidance_scale=0.0,
        sampler="dpmpp_2m",
        width=128,
        height=64,
        device="cpu",
        precision="bf16",
        batch_size=3,
        num_threads=2,
        kept=(1,),
    )


def test_a_picture_of_another_program_is_drawn_alone_as_this_machine_does_best():
    job = job_of(FOREIGN, OUT)
    assert [row.seed for row in job.prompts] == [7]
    assert (job.sampler, job.device, job.precision, job.batch_size, job.num_threads) == (
        "euler_a", "auto", "auto", 1, None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"seed": None}, "seed"),
        ({"num_inference_steps": None}, "steps"),
        ({"model": ""}, "model"),
        ({"sampler": "dream_weaver"}, "dream_weaver"),
        ({"seed": -1}, "not possible"),
        ({"width": 9}, "not possible"),
    ],
)
def test_what_cannot_be_drawn_again_says_why(changes, words):
    with pytest.raises(SketchDeskError) as caught:
        job_of(msgspec.structs.replace(FOREIGN, **changes), OUT)
    assert caught.value.kind is ErrorKind.BAD_INPUT
    assert words in caught.value.message


def test_a_batch_that_contradicts_the_picture_is_not_replayed():
    for changes in ({"batch_index": 2}, {"batch_index": 9}, {"batch_index": -1}, {"seed": 5}):
        job = job_of(msgspec.structs.replace(OURS, **changes), OUT)
        assert [row.seed for row in job.prompts] == [changes.get("seed", 12)]
        assert job.kept == ()


def drawn(tiny_sd, folder) -> list[Path]:
    """Three pictures of two prompts, denoised together."""
    from sketchdesk.engine.generate import run
    from sketchdesk.engine.reporter import Reporter

    rows = (PromptRow(prompt="a cat", count=2), PromptRow(prompt="a dog", count=1, negative_prompt="colour"))
    job = GenerateJob(
        model=str(tiny_sd), prompts=rows, out_dir=str(folder), seed=3, num_inference_steps=3, device="cpu",
        precision="fp32", num_threads=1,
    )  # fmt: skip
    run(job, Reporter(lambda event: None))
    return sorted(folder.glob("*.png"))


def made_again(job: GenerateJob) -> list[Path]:
    from sketchdesk.engine.generate import run
    from sketchdesk.engine.reporter import Reporter

    run(job, Reporter(lambda event: None))
    return sorted(Path(job.out_dir).glob("*.png"))


def same(one: Path, other: Path) -> bool:
    """Whether two pictures have equal pixels and records, but for when and how long."""
    records = [
        msgspec.structs.replace(read_record(path), created="", text_s=0, denoise_s=0, decode_s=0)
        for path in (one, other)
    ]
    return Image.open(one).tobytes() == Image.open(other).tobytes() and records[0] == records[1]


def test_the_picture_in_the_middle_of_a_batch_is_drawn_again_alone_and_to_the_last_bit(tiny_sd, tmp_path):
    original = drawn(tiny_sd, tmp_path / "first")[1]
    record = read_record(original)
    assert (record.batch_index, record.batch_seeds) == (1, (3, 4, 3))
    (again,) = made_again(job_of(record, tmp_path / "second"))
    assert same(again, original)


def test_two_pictures_of_a_batch_are_drawn_again_together_and_the_third_is_not_kept(tiny_sd, tmp_path):
    originals = drawn(tiny_sd, tmp_path / "first")[1:]
    (job,) = jobs_of([read_record(path) for path in originals], tmp_path / "second")
    again = made_again(job)
    assert len(again) == 2
    assert all(same(*both) for both in zip(originals, again, strict=True))


def test_two_prompts_at_the_same_place_of_a_batch_take_a_job_each():
    other = msgspec.structs.replace(OURS, prompt="a castle")
    third = msgspec.structs.replace(OURS, seed=40, batch_index=2)
    jobs = jobs_of([OURS, other, third, FOREIGN, FOREIGN], OUT)
    assert [job.kept for job in jobs] == [(1,), (1, 2), (), ()]


def test_a_job_survives_the_picture_it_was_read_from(tmp_path):
    path = tmp_path / "picture.png"
    save_png(Image.new("RGB", (8, 8)), path, OURS)
    assert job_of(read_record(path), OUT) == job_of(OURS, OUT)


def test_the_base_of_a_model_with_loras_is_the_model_without_them():
    assert by_the_base(OURS) == msgspec.structs.replace(OURS, loras=())


def test_the_base_of_a_trained_model_is_what_it_was_trained_from(tmp_path):
    trained = msgspec.structs.replace(OURS, model=str(tmp_path / "sketch" / "model"), loras=())
    assert by_the_base(trained) is None
    create_run(TrainJob(model="demo-base", dataset="demo-sketch", out_dir=str(tmp_path / "sketch")))
    assert by_the_base(trained) == msgspec.structs.replace(trained, model="demo-base")
