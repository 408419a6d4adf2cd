from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from sketchdesk.cli.evaluate import job_of
from sketchdesk.cli.main import build_parser
from sketchdesk.cli.parser import UsageError
from sketchdesk.contracts.jobs import EvaluateJob, MetricSources


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


def test_what_metrics_compare_with_reaches_the_job_in_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "real").mkdir()
    monkeypatch.chdir(tmp_path)
    scored = job(
        "--images", "i", "--out", "o", "--metrics", "cmmd,memorisation,fid_5k", "--reference", "real",
        "--training-set", "owner/set", "--style", "real", "--insist", "--clip-model", "real",
    )  # fmt: skip
    assert scored.clip_model == str(tmp_path / "real")
    assert scored.metrics == ("cmmd", "memorisation", "fid_5k")
    assert scored.sources == MetricSources(
        reference=str(tmp_path / "real"), training_set="owner/set", style_prompt="real", insist=True
    )


@pytest.mark.parametrize("metrics", ["beauty", "clip,beauty", "", ","])
def test_metrics_are_those_there_are(metrics: str) -> None:
    with pytest.raises(UsageError, match="one of clip, blip"):
        job("--images", "i", "--out", "o", "--metrics", metrics)


def test_a_folder_without_images_ends_with_status_2(run, tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    done = run("evaluate", "--images", "images", "--out", "out", "--json")
    assert done.code == 2
    assert done.answer["error"]["kind"] == "no_images"


def test_a_report_is_repeated_to_the_same_numbers(run, tmp_path: Path, tiny_clip: Path) -> None:
    (tmp_path / "images").mkdir()
    for number in range(3):
        Image.new("RGB", (24, 24), (60 * number, 100, 50)).save(tmp_path / "images" / f"{number}.png")
    (tmp_path / "prompts.txt").write_text("a fox", encoding="utf-8")
    options = ("--metrics", "clip", "--clip-model", str(tiny_clip), "--device", "cpu", "--precision", "fp32")
    first = run("evaluate", "--images", "images", "--out", "out", "--prompts", "prompts.txt", *options, "--json")
    assert first.code == 0
    again = run("evaluate", "--repeat", "out/report.html", "--out", "again", "--json")
    assert (again.answer["same"], again.answer["different"], again.answer["missing"]) == (3, 0, 0)
    for name in ("scores.csv", "summary.csv"):
        assert (tmp_path / "again" / name).read_bytes() == (tmp_path / "out" / name).read_bytes()
    over = run("evaluate", "--repeat", "out/report.html", "--out", "out", "--json")
    assert over.code == 2
