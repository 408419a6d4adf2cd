"""Studies on disk: written and read back, listed from the runs, copied elsewhere."""

from __future__ import annotations

import csv
import os
import zipfile
from pathlib import Path

import msgspec
import pytest
from PIL import Image

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import EvaluateJob, GenerateJob, PromptRow, StudyJob, StudyModel, StudyVariant
from sketchdesk.library.evaluation.findings import BASE_AND_TUNED, Comparison, Interval, Verdict
from sketchdesk.library.evaluation.studies import (
    ModelFindings,
    Study,
    StudyImage,
    VariantFindings,
    drawing_count,
    drawn_before,
    draws,
    image_count,
    list_studies,
    new_study_folder,
    newest_tuned,
    read_study,
    write_study,
)
from sketchdesk.library.evaluation.study_export import export_file, export_folder, export_zip
from sketchdesk.library.evaluation.study_presets import PRESETS, REPORT_PROMPTS, preset_job
from sketchdesk.library.models.installed import ModelEntry
from sketchdesk.library.runs import runs
from sketchdesk.library.runs.state import RunState


def study_job(out_dir, **fields):
    models = (StudyModel(name="base", model="a"), StudyModel(name="tuned", model="b"))
    return StudyJob(title="One", out_dir=str(out_dir), prompts=("a fox", "an owl"), models=models, **fields)


@pytest.fixture
def folder(tmp_path):
    """A study of one prompt: two pictures inside its folder, one beside it."""
    out = tmp_path / "a study"
    files = ["images/1/base/0.png", "images/1/tuned/0.png", "../elsewhere/0.png"]
    for number, file in enumerate(files):
        path = out / file
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (8, 8), 40 * number).save(path)
    images = tuple(
        StudyImage(
            model=model, prompt="a fox", seed=0, file=file, cosine=0.1 * number, colourfulness=0.0, caption="=1+1"
        )
        for number, (model, file) in enumerate(zip(("base", "tuned", "tuned"), files, strict=True))
    )
    mean = Interval(0.2, 0.1, 0.3, "t", 2)
    comparison = Comparison(
        difference=mean, by_prompt={"a fox": mean}, pairs=1, wins=1, ties=0, sign_test_p=1.0, effect_size=None
    )
    model = ModelFindings(
        name="base", images=1, cosine=mean, colourfulness=None, captioned=1, called_drawings=0,
        cosine_by_prompt={"a fox": mean},
    )  # fmt: skip
    variant = VariantFindings(
        name="1", title="First", generator_prefix="", scorer_prefix="ink", models=(model,), cosine=comparison,
        colourfulness=None, verdict=Verdict.HIGHER, win_rate=1.0, images=images,
    )  # fmt: skip
    write_study(
        out,
        Study(title="One", created="2026-01-01", pair=BASE_AND_TUNED, job=study_job(out), variants=(variant,)),
    )
    rows = [("model", "file", "caption"), *((image.model, image.file, "'=1+1") for image in images)]
    with (out / "scores.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    (out / "report.html").write_text("<p>", encoding="utf-8")
    return out


def test_a_study_reads_back_as_it_was_written(folder):
    study = read_study(folder)
    variant = study.variants[0]
    assert (study.pair, study.job.prompts) == (BASE_AND_TUNED, ("a fox", "an owl"))
    assert (variant.cosine.verdict, variant.verdict, variant.cosine.win_rate) == (Verdict.HIGHER, "higher", 1.0)
    assert variant.prompts == ["a fox"]
    assert [image.file for image in variant.images_of("a fox", "tuned")] == [
        "images/1/tuned/0.png", "../elsewhere/0.png",
    ]  # fmt: skip
    assert (variant.model("base").images, variant.model("nobody")) == (1, None)


@pytest.mark.parametrize("content", [None, b"", b"{}", b"\xff\xfe"])
def test_a_folder_without_a_readable_study_says_so(tmp_path, content):
    if content is not None:
        (tmp_path / "study.json").write_bytes(content)
    with pytest.raises(SketchDeskError) as caught:
        read_study(tmp_path)
    assert caught.value.kind is ErrorKind.BAD_INPUT
    assert str(tmp_path) in caught.value.message


def test_studies_and_scored_folders_are_listed_newest_first_and_nothing_else(folder, tmp_path):
    first = runs.create_run(study_job(folder))
    runs.create_run(GenerateJob(model="m", prompts=(PromptRow(prompt="x"),), out_dir="y"))
    second = runs.create_run(EvaluateJob(images_dir=str(tmp_path / "p"), out_dir=str(tmp_path / "q")))
    found = list_studies()
    assert [entry.run.id for entry in found] == [second.id, first.id]
    assert [entry.is_readable for entry in found] == [False, True]
    assert {entry.state for entry in found} == {RunState.QUEUED}
    assert found[1].folder == folder


def test_counts_share_the_pictures_of_variants_that_draw_alike(tmp_path):
    variants = (
        StudyVariant(name="1", generator_prefix="x"), StudyVariant(name="2"), StudyVariant(name="3", scorer_prefix="y"),
    )  # fmt: skip
    job = study_job(tmp_path, variants=variants, seeds=(1, 2, 3))
    assert (image_count(job), drawing_count(job)) == (2 * 2 * 3 * 3, 2 * 2 * 3 * 2)


def test_pictures_of_an_earlier_start_are_counted(folder):
    for number, file in enumerate(sorted((folder / "images").rglob("*.png"))):
        os.utime(file, (100 + number, 100 + number))
    assert [drawn_before(folder, time_s) for time_s in (99.0, 100.5, 200.0)] == [0, 1, 2]
    assert drawn_before(folder / "nowhere", 1.0) == 0


def test_new_folders_are_named_after_the_title_and_never_there_yet(home):
    first = new_study_folder("Zebra / “Fox” ../x")
    assert first.parent == home / "studies"
    assert first.name.endswith("-zebra-fox-x")
    first.mkdir(parents=True)
    assert new_study_folder("Zebra / “Fox” ../x") != first
    assert new_study_folder("///").parent == home / "studies"


def test_the_newest_tuned_model_is_the_one_written_last(tmp_path):
    def entry(name, origin="own", family="stable_diffusion", problem="", age=0):
        path = tmp_path / name
        path.mkdir()
        (path / "model_index.json").write_text("{}", encoding="utf-8")
        os.utime(path / "model_index.json", (1000 - age, 1000 - age))
        return ModelEntry(name=name, path=path, origin=origin, family=family, problem=problem)

    models = [
        entry("old", age=9), entry("new", age=1), entry("demo-base", origin="shipped"), entry("clip", family="clip"),
        entry("broken", problem="it is broken"),
    ]  # fmt: skip
    assert newest_tuned(models).name == "new"
    assert [model.name for model in models if draws(model)] == ["old", "new", "demo-base"]
    assert newest_tuned(models[2:]) is None


def test_every_preset_is_a_study_of_both_models():
    for preset in PRESETS:
        job = preset_job(preset.name, "m/base", "m/tuned")
        assert [model.model for model in job.models] == ["m/base", "m/tuned"]
        assert job.prompts == tuple(drawn for _asked, drawn in REPORT_PROMPTS)
        assert len({variant.name for variant in job.variants}) == len(job.variants)
        assert msgspec.json.decode(msgspec.json.encode(job), type=StudyJob) == job


def test_a_study_is_copied_whole_with_pictures_from_elsewhere_inside(folder, tmp_path):
    copy = export_folder(folder, tmp_path / "target")
    again = export_folder(folder, tmp_path / "target")
    assert (copy.name, again.name) == ("a study", "a study (2)")
    images = read_study(copy).variants[0].images
    for image, original in zip(images, read_study(folder).variants[0].images, strict=True):
        assert (copy / image.file).read_bytes() == (folder / original.file).read_bytes()
        assert copy in (copy / image.file).resolve().parents
    with (copy / "scores.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["file"] for row in rows] == [image.file for image in images]
    assert {row["caption"] for row in rows} == {"'=1+1"}
    assert (copy / "report.html").read_text(encoding="utf-8") == "<p>"


def test_a_study_in_a_zip_is_the_same_and_a_lost_picture_is_left_out(folder, tmp_path):
    (folder / "images/1/base/0.png").unlink()
    target = export_zip(folder, tmp_path / "x" / "study.zip")
    with zipfile.ZipFile(target) as archive:
        assert archive.testzip() is None
        names = {Path(name).relative_to("a study").as_posix() for name in archive.namelist()}
    assert names == {"study.json", "scores.csv", "report.html", "images/1/tuned/0.png", "images/00002-0.png"}


def test_one_file_is_copied_and_a_missing_one_is_told(folder, tmp_path):
    target = export_file(folder, "report.html", tmp_path / "r.html")
    assert target.read_text(encoding="utf-8") == "<p>"
    with pytest.raises(SketchDeskError) as caught:
        export_file(folder, "summary.csv", tmp_path / "s.csv")
    assert caught.value.kind is ErrorKind.BAD_INPUT
    assert not (tmp_path / "s.csv").exists()
