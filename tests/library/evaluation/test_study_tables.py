"""Tables for papers and data frames say what the study says, and no text breaks them."""

from __future__ import annotations

import pyarrow.parquet
import pytest

from sketchdesk.contracts.jobs import StudyJob, StudyModel
from sketchdesk.library.evaluation.findings import BASE_AND_TUNED, Interval, Standing
from sketchdesk.library.evaluation.studies import ModelFindings, Study, StudyImage, VariantFindings
from sketchdesk.library.evaluation.study_parquet import write_parquet
from sketchdesk.library.evaluation.study_tables import latex, markdown


@pytest.fixture
def study():
    def standing(model, mean, p, may_be_best):
        around = Interval(mean, mean - 0.01, mean + 0.01, "t", 5)
        return Standing(
            model=model, mean=around, to_best=None if p is None else Interval(-0.02, -0.03, -0.01, "t", 5), p=p,
            may_be_best=may_be_best,
        )  # fmt: skip

    names = ("tuned", "step_1|50 & <x>")
    images = tuple(
        StudyImage(model=name, prompt="a | fox", seed=None if name == "tuned" else 2**63 - 1, file="a.png",
                   cosine=None if name == "tuned" else 1 / 3, colourfulness=0.5, caption='"c"')
        for name in names
    )  # fmt: skip
    variant = VariantFindings(
        name="1", title="Both", generator_prefix="", scorer_prefix="", cosine=None, colourfulness=None, verdict=None,
        win_rate=None, images=images,
        models=tuple(
            ModelFindings(name=name, images=6, cosine=None, colourfulness=None, captioned=0, called_drawings=0)
            for name in names
        ),
        leaderboards={
            metric: (standing(names[0], 0.3, None, True), standing(names[1], 0.28, 0.0004, False))
            for metric in ("cosine", "colourfulness")
        },
    )  # fmt: skip
    models = tuple(StudyModel(name=name, model="x") for name in names)
    job = StudyJob(title="t", out_dir="", prompts=("a | fox",), models=models)
    return Study(title="t", created="", pair=BASE_AND_TUNED, job=job, variants=(variant,))


def test_markdown_has_a_row_a_model_and_the_best_in_bold(study):
    title, _blank, header, _rule, *rows = markdown(study).strip().splitlines()
    assert title == "### Both · CLIP cosine"
    assert "Colourfulness" not in markdown(study)  # no way of it is better, so nobody is the best
    assert header.count("|") == 7
    assert rows[0] == "| **fine-tuned** | 6 | 0.3000 | [0.2900; 0.3100] | – | – |"
    assert rows[1].replace("\\|", "").count("|") == 7
    assert rows[1].endswith("| −0.0200 [−0.0300; −0.0100] | < 0.001 |")


def test_latex_has_the_same_and_escapes_what_it_would_read_as_its_own(study):
    text = latex(study)
    assert r"\textbf{fine-tuned} & 6 & 0.3000 & [0.2900; 0.3100] & -- & -- \\" in text
    assert r"step\_1|50 \& $<$x>" in text
    assert "$-$0.0200" in text
    assert text.count(r"\begin") == text.count(r"\end") == 2


def test_parquet_holds_every_picture_exactly(study, tmp_path):
    found = pyarrow.parquet.read_table(write_parquet(tmp_path / "scores.parquet", study)).to_pylist()
    assert [row["model"] for row in found] == ["tuned", "step_1|50 & <x>"]
    assert (found[0]["seed"], found[0]["cosine"]) == (None, None)
    assert (found[1]["seed"], found[1]["cosine"], found[1]["caption"]) == (2**63 - 1, 1 / 3, '"c"')
