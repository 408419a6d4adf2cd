"""The main job from start to end with tiny real models: its files, its cancel, its going on."""

from __future__ import annotations

import csv
import json
import random
from itertools import islice
from pathlib import Path

import msgspec
import pytest
from PIL import Image

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.events import CheckpointSaved, ImageSaved, Notice, ScoreReady
from sketchdesk.demo.captions import caption
from sketchdesk.demo.dataset import scenes
from sketchdesk.demo.main_job import PROMPTS, STYLE_PREFIX, MainJobOptions, run_main_job
from sketchdesk.demo.one_step import RECIPE
from sketchdesk.engine.evaluation.scores import ALL_PROMPTS, read_scores, read_summary
from sketchdesk.engine.evaluation.study import check
from sketchdesk.engine.reporter import Cancelled, Reporter
from sketchdesk.library.distillation.config import read_distill_job
from sketchdesk.library.distillation.conflicts import conflicts, doubts
from sketchdesk.library.evaluation.studies import read_study
from sketchdesk.library.images.metadata import read_record
from sketchdesk.library.models.installed import resolve_model


@pytest.fixture(scope="session")
def sketches(tmp_path_factory):
    """A data set of four pictures with captions."""
    folder = tmp_path_factory.mktemp("sketches")
    lines = []
    for number, shade in enumerate((0, 60, 120, 240)):
        Image.new("RGB", (32, 32), (shade, shade, shade)).save(folder / f"{number}.png")
        lines.append(json.dumps({"file_name": f"{number}.png", "text": f"{STYLE_PREFIX} a zebra"}))
    (folder / "metadata.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return folder


@pytest.fixture
def options(sketches, tiny_clip, tiny_blip):
    return MainJobOptions(
        clip_model=str(tiny_clip), blip_model=str(tiny_blip), images_per_prompt=2, num_inference_steps=2,
        guidance_scale=2.0, device="cpu", precision="fp32", num_threads=1,
        train_settings={
            "dataset": str(sketches), "max_train_steps": 2, "train_batch_size": 2, "checkpointing_steps": 1,
            "lr_warmup_steps": 0, "learning_rate": 1e-2,
        },
    )  # fmt: skip


class Listener:
    """A reporter that remembers, and cancels the job at the n-th event of a kind."""

    def __init__(self, cancel_at=None, count=1):
        self.events = []
        self._cancel_at, self._left = cancel_at, count
        self.reporter = Reporter(self._hear)

    def _hear(self, event):
        self.events.append(event)
        if self._cancel_at and isinstance(event, self._cancel_at):
            self._left -= 1
            if self._left == 0:
                self.reporter.cancel()

    def of(self, kind):
        return [event for event in self.events if isinstance(event, kind)]


def _images(out):
    return sorted((out / "images").rglob("*.png"))


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """A folder to share: the first test that needs it fills it."""
    return tmp_path_factory.mktemp("main") / "out"


@pytest.fixture
def done(finished, tiny_sd, options):
    """The folder with a finished main job, what was heard of it, and its result; run again where it was run before."""
    heard = Listener()
    result = run_main_job(finished, heard.reporter, base=str(tiny_sd), options=options)
    return finished, heard, result


def test_it_leaves_pictures_scores_summary_and_report(done):
    out, _heard, result = done
    rows = read_scores(out / "scores.csv")
    assert len(rows) == result["images"] == 2 * 2 * 5 * 2
    with (out / "scores.csv").open(encoding="utf-8", newline="") as file:
        assert next(csv.reader(file)) == ["experiment", "model", "prompt", "seed", "file", "cosine", "caption"]
    for row in rows:
        record = read_record(out / row.file)
        assert (record.prompt, record.seed) == (row.prompt, row.seed)
        assert record.style_prefix == (STYLE_PREFIX if row.experiment == "1" else "")
        assert -1 <= row.cosine <= 1
    keys = {(row.experiment, row.model, row.prompt, row.seed) for row in rows}
    assert keys == {
        (experiment, model, prompt, seed)
        for experiment in "12" for model in ("base", "tuned") for _asked, prompt in PROMPTS for seed in (0, 1)
    }  # fmt: skip
    page = (out / "report.html").read_text(encoding="utf-8")
    assert page.count("data:image/") == 40
    assert "a statue of a man on a horse" in page


def test_it_leaves_settings_that_make_the_tuned_model_draw_in_one_step(done):
    out, _heard, result = done
    job = read_distill_job(Path(result["one_step_toml"]), [], None, False)
    assert job.model == str(out / "training" / "model")
    assert msgspec.structs.replace(job, model="", out_dir="") == RECIPE
    assert conflicts(job) == doubts(job) == {}


def test_the_window_can_open_the_folder_as_a_study_and_repeat_it(done):
    out, _heard, result = done
    study = read_study(out)
    assert result["study_json"] == str(out / "study.json")
    assert [variant.name for variant in study.variants] == ["1", "2"]
    assert [len(variant.images) for variant in study.variants] == [20, 20]
    assert all((out / image.file).is_file() for variant in study.variants for image in variant.images)
    first = study.variants[0]
    assert first.cosine.difference.mean == pytest.approx(result["experiment_1_cosine_difference"])
    assert first.cosine.pairs == 10
    check(study.job)
    assert [resolve_model(model.model) for model in study.job.models][1] == out / "training" / "model"
    assert (study.job.seeds, study.job.num_inference_steps, study.job.guidance_scale) == ((0, 1), 2, 2.0)
    assert study.job.prompts == tuple(drawn for _asked, drawn in PROMPTS)


def test_the_two_models_differ_and_the_difference_is_the_mean_of_the_pairs(done):
    out, _heard, result = done
    rows = {(row.experiment, row.model, row.prompt, row.seed): row.cosine for row in read_scores(out / "scores.csv")}
    per_prompt = [
        sum(rows["1", "tuned", prompt, seed] - rows["1", "base", prompt, seed] for seed in (0, 1)) / 2
        for _asked, prompt in PROMPTS
    ]
    assert any(per_prompt)
    assert result["experiment_1_cosine_difference"] == pytest.approx(sum(per_prompt) / 5, abs=1e-5)
    summary = {(row.experiment, row.metric, row.model, row.prompt): row for row in read_summary(out / "summary.csv")}
    overall = summary["1", "cosine", "tuned - base", ALL_PROMPTS]
    assert overall.mean == pytest.approx(sum(per_prompt) / 5, abs=1e-5)
    assert overall.low < overall.mean < overall.high
    assert result["summary"].count("CLIP cosine: base") == 2


def test_the_prompts_are_in_the_words_of_the_training_captions():
    rng = random.Random(0)
    captions = (caption(scene, rng) for scene in islice(scenes("train", 0, 0.5), 20_000))
    words = {word for said in captions for word in said.split()}
    for _asked, drawn in PROMPTS:
        assert set(drawn.split()) <= words


def test_the_same_call_again_trains_and_draws_nothing(finished, tiny_sd, options):
    run_main_job(finished, Listener().reporter, base=str(tiny_sd), options=options)
    before = {path: path.stat().st_mtime_ns for path in _images(finished)}
    again = Listener()
    result = run_main_job(finished, again.reporter, base=str(tiny_sd), options=options)
    assert again.of(ImageSaved) == []
    assert again.of(CheckpointSaved) == []
    assert any("finished already" in notice.message for notice in again.of(Notice))
    assert {path: path.stat().st_mtime_ns for path in _images(finished)} == before
    assert result["images"] == 40


def test_cancelled_while_drawing_it_keeps_the_pictures_and_draws_the_rest_later(tmp_path, tiny_sd, options):
    stopped = Listener(cancel_at=ImageSaved, count=3)
    with pytest.raises(Cancelled):
        run_main_job(tmp_path, stopped.reporter, base=str(tiny_sd), options=options)
    kept = {path: path.read_bytes() for path in _images(tmp_path)}
    assert 3 <= len(kept) < 40
    again = Listener()
    result = run_main_job(tmp_path, again.reporter, base=str(tiny_sd), options=options)
    assert len(again.of(ImageSaved)) == 40 - len(kept)
    assert again.of(CheckpointSaved) == []
    assert all(path.read_bytes() == content for path, content in kept.items())
    assert (result["images"], len(_images(tmp_path))) == (40, 40)


def test_cancelled_while_training_it_goes_on_from_the_checkpoint(tmp_path, tiny_sd, options):
    options = MainJobOptions(**{**vars(options), "train_settings": {**options.train_settings, "max_train_steps": 5}})
    stopped = Listener(cancel_at=CheckpointSaved)
    with pytest.raises(Cancelled):
        run_main_job(tmp_path, stopped.reporter, base=str(tiny_sd), options=options)
    assert _images(tmp_path) == []
    done = stopped.of(CheckpointSaved)[-1].step
    assert 1 <= done < 5
    again = Listener(cancel_at=ImageSaved)
    with pytest.raises(Cancelled):
        run_main_job(tmp_path, again.reporter, base=str(tiny_sd), options=options)
    assert [event.step for event in again.of(CheckpointSaved)] == list(range(done + 1, 6))


def test_cancelled_while_scoring_only_the_scoring_is_done_again(finished, tiny_sd, options):
    run_main_job(finished, Listener().reporter, base=str(tiny_sd), options=options)
    stopped = Listener(cancel_at=ScoreReady)
    with pytest.raises(Cancelled):
        run_main_job(finished, stopped.reporter, base=str(tiny_sd), options=options)
    assert stopped.of(ImageSaved) == []


def test_a_lost_picture_is_drawn_again_and_only_that(finished, tiny_sd, options):
    run_main_job(finished, Listener().reporter, base=str(tiny_sd), options=options)
    lost = next(path for path in _images(finished) if read_record(path).seed == 1)
    prompt = read_record(lost).prompt
    lost.unlink()
    again = Listener()
    run_main_job(finished, again.reporter, base=str(tiny_sd), options=options)
    assert [(event.prompt, event.seed) for event in again.of(ImageSaved)] == [(prompt, 1)]


def test_another_job_in_the_same_folder_is_refused(tmp_path, tiny_sd, options):
    stopped = Listener(cancel_at=Notice)
    with pytest.raises(Cancelled):
        run_main_job(tmp_path, stopped.reporter, base=str(tiny_sd), options=options)
    others = MainJobOptions(**{**vars(options), "num_inference_steps": 3})
    with pytest.raises(SketchDeskError) as caught:
        run_main_job(tmp_path, Listener().reporter, base=str(tiny_sd), options=others)
    assert caught.value.kind is ErrorKind.BAD_INPUT
    assert str(tmp_path) in caught.value.message


def test_a_setting_that_training_does_not_have_is_refused(tmp_path, tiny_sd):
    options = MainJobOptions(train_settings={"epochs": 30})
    with pytest.raises(SketchDeskError) as caught:
        run_main_job(tmp_path, Listener().reporter, base=str(tiny_sd), options=options)
    assert caught.value.kind is ErrorKind.BAD_INPUT
    assert "epochs" in caught.value.message
