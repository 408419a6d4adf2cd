from __future__ import annotations

from pathlib import Path

import pytest

from sketchdesk.cli.evaluate import job_of
from sketchdesk.cli.main import build_parser
from sketchdesk.cli.parser import UsageError
from sketchdesk.contracts.jobs import EvaluateJob


def job(*arguments: str) -> EvaluateJob:
    return job_of(build_parser().parse_args(["evaluate", *arguments]))


def test_without_options_the_job_keeps_its_own_defaults(tmp_path: Path) -> None:
    images, out = str(tmp_path / "images"), str(tmp_path / "out")
    assert job("--images", images, "--out", out) == EvaluateJob(images_dir=images, out_dir=out)


def test_every_option_reaches_the_job(tmp_path: Path) -> None:
    images, out, prompts = (str(tmp_path / name) for name in ("images", "out", "prompts.txt"))
    scored = job(
        "--images", images, "--out", out, "--prompts", prompts, "--metrics", "blip,blip", "--clip-model", "c",
        "--blip-model", "b", "--scorer-prefix", "a sketch of", "--batch-size", "4", "--device", "cpu",
        "--precision", "fp32",
    )  # fmt: skip
    assert scored == EvaluateJob(
        images_dir=images, out_dir=out, prompts_file=prompts, metrics=("blip",), clip_model="c", blip_model="b",
        scorer_prefix="a sketch of", batch_size=4, device="cpu", precision="fp32",
    )


@pytest.mark.parametrize("metrics", ["fid", "clip,fid", "", ","])
def test_metrics_are_those_there_are(metrics: str) -> None:
    with pytest.raises(UsageError, match="one of clip, blip"):
        job("--images", "i", "--out", "o", "--metrics", metrics)


def test_a_folder_without_images_ends_with_status_2(run, tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    done = run("evaluate", "--images", "images", "--out", "out", "--json")
    assert done.code == 2
    assert done.answer["error"]["kind"] == "no_images"
