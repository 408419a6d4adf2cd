"""A small study on disk with real pictures and numbers that can be checked by hand."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from sketchdesk.contracts.jobs import StudyJob, StudyModel, StudyVariant
from sketchdesk.library.evaluation.findings import BASE_AND_TUNED, Comparison, Interval, Verdict
from sketchdesk.library.evaluation.studies import ModelFindings, Study, StudyImage, VariantFindings, write_study
from sketchdesk.library.models.installed import ModelEntry
from sketchdesk.ui.evaluation.studies.pictures import Pictures
from sketchdesk.ui.theme.manager import theme
from sketchdesk.workers.background import Background
from sketchdesk.workers.engine_process import Graces
from sketchdesk.workers.runner import JobRunner

GAINS = {"a fox": 0.10, "an owl": -0.05, "a zebra": 0.20}
"""Prompt → by how much tuned is higher, at each of the seeds 0 and 1."""
SEEDS = (0, 1)


@pytest.fixture(autouse=True)
def dressed(qapp) -> None:
    theme().apply("light")


@pytest.fixture
def background() -> Iterator[Background]:
    made = Background(threads=1)
    yield made
    made.shutdown()


@pytest.fixture
def pictures(qapp) -> Iterator[Pictures]:
    made = Pictures()
    yield made
    made.shutdown()


def job_for(folder: Path) -> StudyJob:
    return StudyJob(
        title="Foxes and owls", out_dir=str(folder), prompts=tuple(GAINS), seeds=SEEDS,
        models=(StudyModel(name="base", model="demo-base"), StudyModel(name="tuned", model="/t/sketch-1/model")),
        variants=(
            StudyVariant(name="1", title="Both", generator_prefix="in ink", scorer_prefix="in ink"),
            StudyVariant(name="2", title="Scorer only", scorer_prefix="in ink"),
        ),
    )  # fmt: skip


def around(mean: float, half: float = 0.02) -> Interval:
    return Interval(mean, mean - half, mean + half, "t", len(SEEDS))


def variant_of(job: StudyJob, variant: StudyVariant, scale: float) -> VariantFindings:
    """Base has a cosine of 0.2 everywhere; tuned gains `scale` × GAINS."""
    images, by_model = [], {}
    for model in ("base", "tuned"):
        for number, (prompt, gain) in enumerate(GAINS.items()):
            cosine = 0.2 + (scale * gain if model == "tuned" else 0)
            by_model.setdefault(model, {})[prompt] = around(cosine)
            for seed in SEEDS:
                says = "a sketch of a thing" if model == "tuned" and seed == 0 else "a colour picture"
                images.append(
                    StudyImage(
                        model=model, prompt=prompt, seed=seed,
                        file=f"images/{variant.name}/{model}/{number}-{seed}.png",
                        cosine=cosine + 0.001 * seed, colourfulness=0.01 if model == "tuned" else 0.4, caption=says,
                        is_called_drawing="sketch" in says,
                    )
                )  # fmt: skip
    by_prompt = {prompt: around(scale * gain) for prompt, gain in GAINS.items()}
    mean = sum(scale * gain for gain in GAINS.values()) / len(GAINS)
    cosine = Comparison(
        difference=around(mean), by_prompt=by_prompt, pairs=6, wins=4 if scale > 0 else 2, ties=0, sign_test_p=0.69,
        effect_size=0.5,
    )  # fmt: skip
    models = tuple(
        ModelFindings(
            name=name, images=6, cosine=around(0.2 if name == "base" else 0.2 + mean),
            colourfulness=around(0.4 if name == "base" else 0.01, 0.001), captioned=6,
            called_drawings=3 if name == "tuned" else 0, cosine_by_prompt=by_model[name],
        )
        for name in ("base", "tuned")
    )  # fmt: skip
    return VariantFindings(
        name=variant.name, title=variant.title, generator_prefix=variant.generator_prefix,
        scorer_prefix=variant.scorer_prefix, models=models, cosine=cosine, colourfulness=None,
        verdict=cosine.verdict, win_rate=cosine.win_rate, images=tuple(images),
    )  # fmt: skip


def write_results(folder: Path, job: StudyJob) -> Study:
    """Write what a finished study leaves in its folder."""
    variants = tuple(
        variant_of(job, variant, scale) for variant, scale in zip(job.variants, (1.0, -1.0), strict=False)
    )
    study = Study(title=job.title, created="2026-01-02T03:04:05Z", pair=BASE_AND_TUNED, job=job, variants=variants)
    for variant in variants:
        for number, image in enumerate(variant.images):
            path = folder / image.file
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.new("RGB", (16, 16), (20 * number % 255, 100, 150)).save(path)
    with (folder / "scores.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("model", "file"), *((i.model, i.file) for v in variants for i in v.images)])
    (folder / "summary.csv").write_text("experiment\n1\n", encoding="utf-8")
    (folder / "report.html").write_text("<p>report</p>", encoding="utf-8")
    write_study(folder, study)
    return study


@pytest.fixture
def make_job() -> Callable[[Path], StudyJob]:
    """A study to be done in a folder."""
    return job_for


@pytest.fixture
def leave_results() -> Callable[[Path, StudyJob], Study]:
    """Writes what an engine leaves in a study's folder."""
    return write_results


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "a study"


@pytest.fixture
def study(folder: Path) -> Study:
    found = write_results(folder, job_for(folder))
    assert found.variants[0].verdict is Verdict.HIGHER
    return found


@pytest.fixture
def models(tmp_path: Path) -> list[ModelEntry]:
    """The shipped models and one that was trained here."""
    trained = tmp_path / "training" / "sketch-1" / "model"
    trained.mkdir(parents=True)
    return [
        ModelEntry(name="demo-base", path=tmp_path, origin="shipped", family="stable_diffusion"),
        ModelEntry(name="demo-clip", path=tmp_path, origin="shipped", family="clip"),
        ModelEntry(name="demo-blip", path=tmp_path, origin="shipped", family="blip"),
        ModelEntry(name=str(trained), path=trained, origin="own", family="stable_diffusion"),
        ModelEntry(name="/m/broken", path=tmp_path, origin="own", family="stable_diffusion", problem="It is broken."),
    ]


@pytest.fixture
def make_runner(qapp, fake_engine) -> Iterator[Callable[[str | None], JobRunner]]:
    """Runners over an engine that does what its name says; None for the real one."""
    made: list[JobRunner] = []

    def make(work: str | None) -> JobRunner:
        made.append(JobRunner(command=fake_engine(work), graces=Graces(cancel_s=0.3, terminate_s=0.3, close_s=0.5)))
        return made[-1]

    yield make
    for runner in made:
        runner.shutdown()
