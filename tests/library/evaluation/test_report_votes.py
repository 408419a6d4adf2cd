"""What was voted after a report was written stands in the report that is taken elsewhere, and in every table."""

from __future__ import annotations

import zipfile

import pyarrow.parquet
import pytest

from sketchdesk.contracts.jobs import StudyJob, StudyModel
from sketchdesk.library.evaluation.findings import BASE_AND_TUNED, Interval
from sketchdesk.library.evaluation.studies import ModelFindings, Study, StudyImage, VariantFindings, write_study
from sketchdesk.library.evaluation.study_export import export_file, export_zip
from sketchdesk.library.evaluation.study_tables import MARKDOWN, PARQUET, export_table
from sketchdesk.library.evaluation.votes import ballots, cast

PROMPTS = ("a fox", "an owl", "a <b>zebra</b>")


@pytest.fixture
def folder(tmp_path):
    """A study of two models and three prompts, in which the second model scores higher on each."""
    images = tuple(
        StudyImage(model=model, prompt=prompt, seed=0, file=f"{model}-{number}.png", colourfulness=0.5,
                   cosine=0.2 + 0.1 * (model == "tuned"))
        for model in BASE_AND_TUNED.__struct_fields__ for number, prompt in enumerate(PROMPTS)
    )  # fmt: skip
    models = tuple(
        ModelFindings(name=name, images=3, cosine=Interval(mean, mean, mean, "t", 3), colourfulness=None, captioned=0,
                      called_drawings=0)
        for name, mean in (("base", 0.2), ("tuned", 0.3))
    )  # fmt: skip
    variant = VariantFindings(
        name="1", title="", generator_prefix="", scorer_prefix="", models=models, cosine=None, colourfulness=None,
        verdict=None, win_rate=None, images=images,
    )  # fmt: skip
    used = tuple(StudyModel(name=model.name, model="x") for model in models)
    job = StudyJob(title="t", out_dir="", prompts=PROMPTS, models=used)
    study = Study(title="t", created="", pair=BASE_AND_TUNED, job=job, variants=(variant,))
    out = tmp_path / "study"
    write_study(out, study)
    (out / "report.html").write_text("<main><p>as it was</p><footer>made</footer></main>", encoding="utf-8")
    for ballot, wanted in zip(ballots(study, variant), ("tuned", "tuned", "base"), strict=True):
        cast(out, "1", ballot, "left" if ballot.left.model == wanted else "right")
    return out


def test_the_report_that_is_taken_elsewhere_tells_of_the_votes(folder, tmp_path):
    page = export_file(folder, "report.html", tmp_path / "taken.html").read_text(encoding="utf-8")
    assert page.startswith("<main><p>as it was</p><section>")
    assert page.endswith("<footer>made</footer></main>")
    assert "fine-tuned better in 2, base in 1, 0 equal" in page
    assert "2 / 3" in page
    assert "votes" not in (folder / "report.html").read_text(encoding="utf-8")  # the study's own stays as it was
    with zipfile.ZipFile(export_zip(folder, tmp_path / "all.zip")) as archive:
        assert archive.read("study/report.html").decode() == page
        assert "study/votes.jsonl" in archive.namelist()


def test_a_report_nobody_voted_on_is_copied_as_it_is(folder, tmp_path):
    (folder / "votes.jsonl").unlink()
    copy = export_file(folder, "report.html", tmp_path / "taken.html")
    assert copy.read_bytes() == (folder / "report.html").read_bytes()


def test_tables_and_data_frames_hold_the_votes(folder, tmp_path):
    text = export_table(folder, MARKDOWN, tmp_path / "table.md").read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if line.startswith("| Blind votes won") and "fine-tuned" in line)
    assert "| 0.667 |" in line
    assert "| 2 / 3 |" in text
    rows = pyarrow.parquet.read_table(export_table(folder, PARQUET, tmp_path / "scores.parquet")).to_pylist()
    chosen = {(row["model"], row["prompt"]): row["vote"] for row in rows}
    assert sorted(chosen.values()) == [0, 0, 0, 1, 1, 1]
    assert all(chosen["base", prompt] == 1 - chosen["tuned", prompt] for prompt in PROMPTS)
