"""A report names its job, and two studies are compared picture by picture."""

from __future__ import annotations

import msgspec
import pytest

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import EvaluateJob, StudyJob, StudyModel
from sketchdesk.engine.evaluation.report import Report, write_report
from sketchdesk.library.evaluation.findings import BASE_AND_TUNED
from sketchdesk.library.evaluation.studies import Study, StudyImage, VariantFindings, write_study
from sketchdesk.library.evaluation.study_repeat import Repeated, compared, job_of_report, study_beside

STUDY_JOB = StudyJob(
    title="Quotes \" & <b>", out_dir="/o", prompts=("a <fox> \"& owl",), models=(StudyModel(name="a", model="x"),)
)


@pytest.mark.parametrize("job", [STUDY_JOB, EvaluateJob(images_dir="/i", out_dir="/o")])
def test_a_report_names_its_job_whatever_its_texts_hold(tmp_path, job):
    write_report(tmp_path / "report.html", Report(title="A report", headline=[], sections=[], job=job))
    assert job_of_report(tmp_path / "report.html") == job


def test_what_names_no_job_is_refused(tmp_path):
    write_report(tmp_path / "report.html", Report(title="A report", headline=[], sections=[]))
    (tmp_path / "other.html").write_bytes(b"\xff\xfe<meta")
    for name in ("report.html", "other.html", "none.html", "study.json"):
        with pytest.raises(SketchDeskError) as caught:
            job_of_report(tmp_path / name)
        assert caught.value.kind is ErrorKind.BAD_INPUT


def study_of(*images):
    variant = VariantFindings(
        name="1", title="", generator_prefix="", scorer_prefix="", models=(), cosine=None, colourfulness=None,
        verdict=None, win_rate=None, images=images,
    )  # fmt: skip
    return Study(title="t", created="", pair=BASE_AND_TUNED, job=STUDY_JOB, variants=(variant,))


def image(seed, cosine, file="a.png"):
    return StudyImage(model="a", prompt="p", seed=seed, file=file, cosine=cosine, colourfulness=0.1)


def test_pictures_are_compared_by_their_place_in_the_study_and_to_the_last_digit(tmp_path):
    before = study_of(image(0, 0.25), image(1, 0.5), image(2, 0.1))
    after = study_of(image(0, 0.25, "elsewhere/b.png"), image(1, 0.5 + 1e-15), image(3, 0.1))
    assert compared(before, after) == Repeated(same=1, different=1, missing=2)
    write_study(tmp_path, before)
    assert study_beside(tmp_path / "report.html") == before
    assert job_of_report(tmp_path) == job_of_report(tmp_path / "study.json") == STUDY_JOB
    assert study_beside(tmp_path / "no" / "report.html") is None


def test_a_study_in_a_folder_comes_out_of_its_file_as_it_was(tmp_path):
    write_study(tmp_path, study_of(image(0, 1 / 3)))
    again = study_beside(tmp_path)
    assert compared(again, msgspec.structs.replace(again, title="other")) == Repeated(1, 0, 0)
