"""Studies from start to end with tiny real models."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.events import ImageSaved, Notice, ScoreReady, StageChanged
from sketchdesk.contracts.jobs import StudyJob, StudyModel, StudyVariant
from sketchdesk.engine.evaluation import study
from sketchdesk.engine.evaluation.scores import ALL_PROMPTS, read_scores, read_summary
from sketchdesk.engine.reporter import Cancelled, Reporter
from sketchdesk.library.evaluation.studies import read_study
from sketchdesk.library.images.metadata import image_files, read_record

PROMPTS, SEEDS = ("a zebra", "a fox"), (0, 1, 7)


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


@pytest.fixture(scope="session")
def other_sd(tiny_sd, tmp_path_factory):
    """The tiny model with other weights."""
    import torch
    from diffusers import UNet2DConditionModel

    folder = tmp_path_factory.mktemp("models") / "other-sd"
    shutil.copytree(tiny_sd, folder)
    unet = UNet2DConditionModel.from_pretrained(folder / "unet")
    torch.manual_seed(1)
    for parameter in unet.parameters():
        parameter.data.mul_(1 + 0.3 * torch.randn(()))
    unet.save_pretrained(folder / "unet")
    return folder


@pytest.fixture(scope="module")
def asked(tiny_sd, other_sd, tiny_clip, tiny_blip):
    """A study that has no folder yet."""
    return StudyJob(
        title="A study", out_dir="", prompts=PROMPTS, seeds=SEEDS,
        models=(StudyModel(name="base", model=str(tiny_sd)), StudyModel(name="tuned", model=str(other_sd))),
        variants=(
            StudyVariant(name="1", title="Bare", generator_prefix="", scorer_prefix=""),
            StudyVariant(name="2", title="Read in ink", generator_prefix="", scorer_prefix="ink"),
        ),
        num_inference_steps=2, clip_model=str(tiny_clip), blip_model=str(tiny_blip), device="cpu", precision="fp32",
        num_threads=1,
    )  # fmt: skip


@pytest.fixture
def job(asked, tmp_path):
    return changed(asked, out_dir=str(tmp_path / "out"))


@dataclass(frozen=True)
class Done:
    """A study that has ended; not to be changed."""

    job: StudyJob
    out: Path
    heard: Listener
    result: dict


def done(job, out):
    job, heard = changed(job, out_dir=str(out)), Listener()
    return Done(job, out, heard, study.run(job, heard.reporter))


@pytest.fixture(scope="module")
def whole(asked, tmp_path_factory):
    return done(asked, tmp_path_factory.mktemp("whole") / "out")


@pytest.fixture(scope="module")
def short(asked, tmp_path_factory):
    return done(quick(asked), tmp_path_factory.mktemp("short") / "out")


def changed(job, **fields):
    return msgspec.structs.replace(job, **fields)


def quick(job):
    """The job without captions, which take longest."""
    return changed(job, metrics=("clip",), prompts=PROMPTS[:1], seeds=(0, 1))


def test_variants_that_draw_alike_share_their_pictures_and_are_scored_apart(whole):
    heard, result, out = whole.heard, whole.result, whole.out
    assert len(heard.of(ImageSaved)) == len(image_files(out)) == 2 * 2 * 3
    assert result["images"] == len(heard.of(ScoreReady)) == 2 * 2 * 2 * 3
    rows = read_scores(out / "scores.csv")
    for row in rows:
        record = read_record(out / row.file)
        assert (record.prompt, record.seed) == (row.prompt, row.seed)
    first, second = ({(r.model, r.file): r for r in rows if r.experiment == name} for name in "12")
    assert first.keys() == second.keys()
    assert [first[key].caption for key in first] == [second[key].caption for key in first]
    assert all(first[key].cosine != second[key].cosine for key in first)
    assert (out / "report.html").read_text(encoding="utf-8").count("data:image/") == 24
    stages = heard.of(StageChanged)
    assert [event.stage for event in stages] == ["loading", "drawing"] * 2 + ["loading", "scoring", "writing"]
    assert [(event.index, event.total) for event in stages] == [(number, 7) for number in range(7)]


def test_the_studys_file_says_what_the_tables_say(whole):
    out = whole.out
    found = read_study(out)
    assert (found.title, found.job, found.pair.base, found.pair.tuned) == ("A study", whole.job, "base", "tuned")
    rows = read_scores(out / "scores.csv")
    summary = {(r.experiment, r.metric, r.model, r.prompt): r for r in read_summary(out / "summary.csv")}
    for variant in found.variants:
        own = [row for row in rows if row.experiment == variant.name]
        assert [image.file for image in variant.images] == [row.file for row in own]
        assert [image.cosine for image in variant.images] == pytest.approx([row.cosine for row in own], rel=1e-5)
        assert all((out / image.file).is_file() for image in variant.images)
        for model in variant.models:
            told = summary[variant.name, "cosine", model.name, ALL_PROMPTS]
            assert (model.images, model.cosine.mean) == (6, pytest.approx(told.mean, rel=1e-5))
            assert model.cosine_by_prompt["a fox"].mean == pytest.approx(
                summary[variant.name, "cosine", model.name, "a fox"].mean, rel=1e-5
            )
        told = summary[variant.name, "cosine", "tuned - base", ALL_PROMPTS]
        assert variant.cosine.difference.low == pytest.approx(told.low, rel=1e-5)
        assert (variant.cosine.pairs, variant.verdict, variant.win_rate) == (
            6, told.verdict, pytest.approx(told.win_rate),
        )  # fmt: skip
        assert [image.seed for image in variant.images_of("a fox", "tuned")] == list(SEEDS)


def test_the_same_study_again_draws_nothing_and_a_lost_picture_only(job, tmp_path):
    job = quick(job)
    study.run(job, Listener().reporter)
    again = Listener()
    study.run(job, again.reporter)
    assert again.of(ImageSaved) == []
    lost = next(path for path in image_files(tmp_path) if read_record(path).seed == 1)
    lost.unlink()
    third = Listener()
    study.run(job, third.reporter)
    assert [event.seed for event in third.of(ImageSaved)] == [1]


def test_cancelled_while_drawing_it_keeps_what_is_drawn_and_draws_the_rest_later(job, tmp_path):
    stopped = Listener(cancel_at=ImageSaved)
    with pytest.raises(Cancelled):
        study.run(quick(job), stopped.reporter)
    kept = {path: path.read_bytes() for path in image_files(tmp_path)}
    assert 1 <= len(kept) < 4
    assert not (tmp_path / "out" / "study.json").exists()
    again = Listener()
    study.run(quick(job), again.reporter)
    assert len(again.of(ImageSaved)) == 4 - len(kept)
    assert all(path.read_bytes() == content for path, content in kept.items())


def test_more_seeds_can_be_added_and_other_settings_cannot(job, tmp_path, other_sd):
    job = quick(job)
    study.run(job, Listener().reporter)
    more = Listener()
    study.run(changed(job, seeds=(0, 1, 2)), more.reporter)
    assert [event.seed for event in more.of(ImageSaved)] == [2, 2]
    swapped = (job.models[0], StudyModel(name="tuned", model=job.models[0].model))
    for other in (changed(job, num_inference_steps=3), changed(job, models=swapped)):
        with pytest.raises(SketchDeskError) as caught:
            study.run(other, Listener().reporter)
        assert caught.value.kind is ErrorKind.BAD_INPUT
        assert "other models or settings" in caught.value.message


def test_a_third_model_gets_rows_of_its_own(job, tmp_path):
    third = StudyModel(name="third/../one", model=job.models[0].model)
    study.run(changed(quick(job), models=(*job.models, third)), Listener().reporter)
    found = read_study(tmp_path / "out").variants[0]
    assert [model.name for model in found.models] == ["base", "tuned", "third/../one"]
    assert found.model("third/../one").cosine == found.model("base").cosine
    assert all((tmp_path / "out" / "images") in (tmp_path / "out" / i.file).resolve().parents for i in found.images)
    assert "third/../one" in {row.model for row in read_summary(tmp_path / "out" / "summary.csv")}


def test_a_folder_of_pictures_takes_a_models_place(short, tmp_path):
    theirs = StudyModel(name="theirs", images=str(short.out / "images" / "1" / "tuned"))
    other = done(changed(short.job, models=(short.job.models[0], theirs)), tmp_path / "other")
    assert len(other.heard.of(ImageSaved)) == 2
    first, second = (read_scores(out / "scores.csv") for out in (short.out, other.out))
    before = {(row.experiment, row.seed): row.cosine for row in first if row.model == "tuned"}
    after = [row for row in second if row.model == "theirs"]
    assert {(row.experiment, row.seed): row.cosine for row in after} == before


@pytest.mark.parametrize(
    "fault",
    [
        {"models": (StudyModel(name="a", model="x", images="y"), StudyModel(name="b", model="y"))},
        {"prompts": ()}, {"prompts": ("a", " ")}, {"seeds": ()}, {"variants": ()}, {"metrics": ()}, {"models": ()},
        {"models": (StudyModel(name="a", model="x"), StudyModel(name="a", model="y"))},
        {"variants": (StudyVariant(name="a"), StudyVariant(name="a"))},
    ],
)  # fmt: skip
def test_a_study_that_cannot_be_is_refused_before_anything_is_written(job, tmp_path, fault):
    with pytest.raises(SketchDeskError) as caught:
        study.run(changed(job, **fault), Listener().reporter)
    assert caught.value.kind is ErrorKind.BAD_INPUT
    assert not (tmp_path / "out").exists()


def test_the_report_says_of_every_model_how_it_drew(short, tmp_path):
    assert "<dt>Drawing</dt>" in (short.out / "report.html").read_text(encoding="utf-8")  # both alike
    quicker = changed(short.job.models[1], num_inference_steps=1)
    other = done(changed(short.job, models=(short.job.models[0], quicker)), tmp_path / "other")
    text = (other.out / "report.html").read_text(encoding="utf-8")
    for name, steps in (("base", 2), ("fine-tuned", 1)):
        assert f", {steps} step" in text.split(f"<dt>Drawing, {name}</dt>")[1].split("</dd>")[0]


def test_pictures_that_a_folder_lacks_are_told_of(short, tmp_path):
    theirs = StudyModel(name="theirs", images=str(short.out / "images" / "1" / "tuned"))
    more = done(changed(short.job, models=(short.job.models[0], theirs), seeds=(0, 1, 7)), tmp_path / "other")
    assert [event.message for event in more.heard.of(Notice)] == [
        "theirs has 2 of the study's 3 pictures; only those count."
    ]
