from __future__ import annotations

import os
import signal
from argparse import ArgumentTypeError
from datetime import date
from pathlib import Path

import pytest

from sketchdesk.cli.asked_prompts import asked_of
from sketchdesk.cli.generate import job_of, lora_use
from sketchdesk.cli.main import build_parser
from sketchdesk.cli.parser import UsageError
from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.events import Event, ImageSaved
from sketchdesk.contracts.jobs import GenerateJob, LoraUse, PromptRow
from sketchdesk.engine.reporter import Cancelled, Reporter
from sketchdesk.engine.session import run_job
from sketchdesk.library.models.uses import model_uses
from sketchdesk.library.runs import runs
from sketchdesk.library.settings import Settings, save_settings


def job(*arguments: str) -> GenerateJob:
    options = build_parser().parse_args(["generate", *arguments])
    return job_of(options, asked_of(options))


def test_without_options_the_job_keeps_its_own_defaults(home: Path) -> None:
    wanted = GenerateJob(
        model="demo-base", prompts=(PromptRow(prompt="a zebra"),),
        out_dir=str(home / "images" / date.today().isoformat()),
    )
    assert job("--model", "demo-base", "--prompt", "a zebra") == wanted


def test_the_settings_say_the_format_and_the_threads_unless_options_do(home: Path) -> None:
    save_settings(Settings(image_format="webp", num_threads=3))
    asked = ("--model", "demo-base", "--prompt", "a zebra")
    assert (job(*asked).image_format, job(*asked).num_threads) == ("webp", 3)
    chosen = job(*asked, "--format", "png", "--threads", "1")
    assert (chosen.image_format, chosen.num_threads) == ("png", 1)


def test_every_option_reaches_the_job(tmp_path: Path) -> None:
    drawn = job(
        "--model", "m", "--lora", "a.safetensors", "--lora", "b.safetensors=0.5", "--prompt", "a zebra", "a dog",
        "--prompt", "a cat", "--negative-prompt", "fog", "--style-prefix", "a sketch of", "--count", "3", "--seed", "7",
        "--steps", "9", "--guidance-scale", "0", "--sampler", "euler_a", "--width", "256", "--height", "128",
        "--device", "cuda:1", "--precision", "fp16", "--out", str(tmp_path), "--format", "webp",
    )  # fmt: skip
    assert drawn == GenerateJob(
        model="m", prompts=tuple(PromptRow(prompt=text) for text in ("a zebra", "a dog", "a cat")),
        out_dir=str(tmp_path.resolve()),
        loras=(LoraUse(path="a.safetensors"), LoraUse(path="b.safetensors", weight=0.5)), negative_prompt="fog",
        style_prefix="a sketch of", count=3, seed=7, num_inference_steps=9, guidance_scale=0.0, sampler="euler_a",
        width=256, height=128, device="cuda:1", precision="fp16", image_format="webp",
    )


def test_every_option_of_sampling_reaches_the_job(tmp_path: Path) -> None:
    drawn = job(
        "--model", "m", "--prompt", "a {fox|owl}", "--style-suffix", ", in ink", "--wildcards", "--prompt-weighting",
        "--guidance-rescale", "0.7", "--clip-skip", "1", "--strength", "0.6", "--init-image", str(tmp_path / "a.png"),
        "--mask-image", str(tmp_path / "b.png"), "--save-memory", "tiled_vae", "--save-memory", "sliced_attention",
        "--save-memory", "tiled_vae", "--fast", "feature_caching", "--fast", "tiny_decoder", "--batch-size", "3",
        "--out", str(tmp_path),
    )  # fmt: skip
    assert drawn == GenerateJob(
        model="m", prompts=(PromptRow(prompt="a {fox|owl}"),), out_dir=str(tmp_path.resolve()), style_suffix=", in ink",
        wildcards=True, prompt_weighting=True, guidance_rescale=0.7, clip_skip=1, strength=0.6,
        init_image=str(tmp_path.resolve() / "a.png"), mask_image=str(tmp_path.resolve() / "b.png"),
        memory_savings=("tiled_vae", "sliced_attention"), fast=("tiny_decoder", "feature_caching"), batch_size=3,
    )


def test_models_and_adapters_of_this_folder_are_found_from_any(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("m.safetensors", "ink.safetensors", "demo-base"):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "word.safetensors").symlink_to(tmp_path / "ink.safetensors")
    drawn = job(
        "--model", "m.safetensors", "--lora", "ink.safetensors=0.5", "--lora", "owner/lora", "--embedding",
        "word.safetensors", "--prompt", "a",
    )  # fmt: skip
    assert drawn.model == str(tmp_path / "m.safetensors")
    assert drawn.loras == (
        LoraUse(path=str(tmp_path / "ink.safetensors"), weight=0.5), LoraUse(path="owner/lora"),
    )  # fmt: skip
    assert drawn.embeddings == (str(tmp_path / "word.safetensors"),)
    for name in ("demo-base", "owner/model", "~nobody/model"):
        assert job("--model", name, "--prompt", "a").model == name


def test_a_prompt_list_is_read_with_its_own_settings(tmp_path: Path) -> None:
    prompts = tmp_path / "list.csv"
    prompts.write_text("prompt,seed\na zebra,3\n", encoding="utf-8")
    assert job("--model", "m", "--prompts", str(prompts)).prompts == (PromptRow(prompt="a zebra", seed=3),)


def test_a_prompt_list_that_is_not_there_is_an_error_with_a_name(tmp_path: Path) -> None:
    with pytest.raises(SketchDeskError, match="nowhere.txt"):
        job("--model", "m", "--prompts", str(tmp_path / "nowhere.txt"))


def test_a_sampler_may_be_spelt_as_other_programs_do() -> None:
    for name in ("DPM++ 2M Karras", "dpmpp_2m_karras"):
        assert job("--model", "m", "--prompt", "a", "--sampler", name).sampler == "dpmpp_2m_karras"


def test_seeds_are_a_list_a_range_or_one_that_is_counted_on_from() -> None:
    several = job("--model", "m", "--prompt", "a", "b", "--seeds", "1-2, 9")
    assert [(row.prompt, row.seed, row.count) for row in several.prompts] == [
        ("a", 1, 2), ("a", 9, 1), ("b", 1, 2), ("b", 9, 1)
    ]  # fmt: skip
    counted = job("--model", "m", "--prompt", "a", "--seeds", "4", "--count", "3")
    assert (counted.prompts, counted.seed, counted.count) == ((PromptRow(prompt="a"),), 4, 3)
    for wrong in (("--seeds", "1, 5", "--count", "3"), ("--seeds", "5-1"), ("--seeds", "x")):
        with pytest.raises(SketchDeskError):
            job("--model", "m", "--prompt", "a", *wrong)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "--model"),
        (("--model", "m"), "--prompt"),
        (("--model", "m", "--prompt", "a", "--prompts", "f"), "not allowed with"),
        (("--model", "m", "--prompt", "a", "--seed", "1", "--seeds", "1-2"), "not allowed with"),
        (("--model", "m", "--prompt", "a", "--steps", "0"), "argument --steps: “0” is not a whole number from 1 to"),
        (("--model", "m", "--prompt", "a", "--sampler", "magic"), "argument --sampler: “magic” is not one of pndm,"),
        (("--model", "m", "--prompt", "a", "--lora", "a=inf"), "argument --lora: “inf” is not a number"),
        (("--model", "m", "--prompt", "a", "--stpes", "3"), "--stpes"),
        (("--model", "m", "--prompt", "a", "--strength", "2"), "argument --strength: “2” is not a number from 0 to 1"),
        (("--model", "m", "--prompt", "a", "--save-memory", "all"), "“all” is not one of sequential_guidance,"),
    ],
)
def test_a_wrong_option_is_named(arguments: tuple[str, ...], told: str) -> None:
    with pytest.raises(UsageError) as refused:
        job(*arguments)
    assert told in str(refused.value)


@pytest.mark.parametrize(
    ("text", "use"),
    [
        ("style.safetensors", LoraUse(path="style.safetensors")),
        ("style.safetensors=-0.5", LoraUse(path="style.safetensors", weight=-0.5)),
        ("lr=1e-4 run/style.safetensors", LoraUse(path="lr=1e-4 run/style.safetensors")),
        ("lr=1e-4/style.safetensors=2", LoraUse(path="lr=1e-4/style.safetensors", weight=2.0)),
    ],
)
def test_an_equals_sign_may_be_part_of_a_lora_file_name(text: str, use: LoraUse) -> None:
    assert lora_use(text) == use


def test_a_lora_weight_is_a_number_that_ends() -> None:
    with pytest.raises(ArgumentTypeError):
        lora_use("style.safetensors=nan")


def test_images_are_drawn_and_listed_with_their_seeds(run, tiny_sd: Path, tmp_path: Path) -> None:
    done = run(
        "generate", "--model", str(tiny_sd), "--prompt", "a zebra", "--count", "2", "--seed", "5", "--steps", "2",
        "--device", "cpu", "--precision", "fp32", "--out", str(tmp_path / "out"), "--json",
    )  # fmt: skip
    assert done.code == 0, done.err
    assert len(done.out.splitlines()) == 1
    images = done.answer["images"]
    assert [(image["prompt"], image["seed"]) for image in images] == [("a zebra", 5), ("a zebra", 6)]
    assert sorted(Path(image["path"]) for image in images) == sorted((tmp_path / "out").glob("*.png"))
    assert done.answer["seconds"] > 0
    assert "Running on cpu, fp32" in done.err


def test_the_good_lines_of_a_list_are_drawn_and_the_others_named(run, tiny_sd: Path, tmp_path: Path) -> None:
    prompts = tmp_path / "list.txt"
    prompts.write_text("a zebra\na dog --q 3\n# animals\na cat --s many\na fox\n", encoding="utf-8")
    done = run(
        "generate", "--model", str(tiny_sd), "--prompts", str(prompts), "--steps", "1", "--out", str(tmp_path / "out"),
        "--json",
    )  # fmt: skip
    assert done.code == 0, done.err
    assert [image["prompt"] for image in done.answer["images"]] == ["a zebra", "a fox"]
    assert [text.partition(":")[0] for text in done.answer["left_out"]] == ["list.txt, line 2", "list.txt, line 4"]
    assert all(text in done.err for text in (*done.answer["left_out"], "2 lines were left out."))


def test_without_json_the_answer_is_the_paths(run, tiny_sd: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = run("generate", "--model", str(tiny_sd), "--prompt", "a zebra", "--steps", "1", "--out", str(out))
    assert done.code == 0, done.err
    assert [Path(line) for line in done.out.splitlines()] == list(out.glob("*.png"))


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        (("--model", "no-such-model"), "model_not_found"),
        (("--model", "demo-base", "--device", "cuda:99"), "device_missing"),
        (("--model", "demo-base", "--seed", "-1"), "bad_input"),
    ],
)
def test_bad_input_ends_with_status_2_one_sentence_and_json(run, arguments: tuple[str, ...], kind: str) -> None:
    done = run("generate", *arguments, "--prompt", "a zebra", "--json")
    assert done.code == 2
    error = done.answer["error"]
    assert error["kind"] == kind
    assert error["message"] in done.err
    assert error["next_step"] in done.err
    assert "Traceback" not in done.err


def test_a_stop_signal_cancels_a_running_job_and_says_what_was_kept(start, tiny_sd: Path, tmp_path: Path) -> None:
    """By SIGTERM; how trainings are stopped is tested with SIGINT, and both signals in test_follow."""
    process = start(
        "generate", "--model", str(tiny_sd), "--prompt", "a zebra", "--steps", "900", "--count", "1000",
        "--out", str(tmp_path / "out"), "--json",
    )  # fmt: skip
    for line in process.stderr:
        if line.startswith("drawing"):
            break
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=300)
    assert process.returncode == 130, err
    assert "Stopping at the next step" in err
    assert '"kind": "canceled"' in out.splitlines()[-1]
    assert "Nothing was kept" in out.splitlines()[-1]
    assert list((tmp_path / "out").glob("*")) == []
    assert f"sketchdesk generate --resume {runs.list_runs()[0].id}" in err


def test_a_drawing_that_was_stopped_goes_on_with_what_is_missing(run, tiny_sd: Path, tmp_path: Path) -> None:
    work = job("--model", str(tiny_sd), "--prompt", "a zebra", "--count", "3", "--steps", "1", "--device", "cpu",
               "--precision", "fp32", "--out", str(tmp_path / "out"), "--batch-size", "1")  # fmt: skip
    stopped = runs.create_run(work)
    runs.start(stopped, os.getpid())

    def stop_after_two(event: Event) -> None:
        if isinstance(event, ImageSaved) and event.seed == 1:
            raise Cancelled

    ended = run_job(work, Reporter(stop_after_two, run_dir=stopped.folder))
    runs.finish(stopped, ended)
    done = run("generate", "--resume", "--json")
    assert done.code == 0, done.err
    assert (done.answer["run"], [image["seed"] for image in done.answer["images"]]) == (stopped.id, [2])
    assert len(list((tmp_path / "out").glob("*.png"))) == 3
    assert [use.id for use in model_uses()[str(tiny_sd)]] == [stopped.id]
    for wrong, told in (
        ((stopped.id,), "it is done, or at work already"), ((), "There is no unfinished drawing"),
        (("nothing",), "“nothing” could not be read"), (("--steps", "3"), "leave out --steps"),
    ):  # fmt: skip
        refused = run("generate", "--resume", *wrong)
        assert refused.code == 2
        assert told in refused.err
