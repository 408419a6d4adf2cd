"""The two CSV files: what is written is read back, by us and by a plain CSV reader, and runs in no spreadsheet."""

from __future__ import annotations

import csv

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.engine.evaluation.scores import (
    NEAREST,
    ScoreRow,
    SummaryRow,
    read_scores,
    read_summary,
    relative_to,
    write_scores,
    write_summary,
)

ROW = ScoreRow(
    experiment="1", model="tuned", prompt="a zebra, “running”\nfast", seed=2**63 - 1, file="images/a b.png",
    cosine=-0.312234, caption="a drawing of a zebra",
)  # fmt: skip


def _plain(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_columns_of_scores_csv_are_the_documented_ones(tmp_path):
    write_scores(tmp_path / "scores.csv", [ROW])
    (row,) = _plain(tmp_path / "scores.csv")
    assert list(row) == ["experiment", "model", "prompt", "seed", "file", "cosine", "caption"]
    assert row["prompt"] == ROW.prompt
    assert float(row["cosine"]) == ROW.cosine


def test_scores_are_read_back(tmp_path):
    rows = [ROW, ScoreRow(prompt="", file="x.png")]
    write_scores(tmp_path / "scores.csv", rows)
    assert read_scores(tmp_path / "scores.csv") == rows


def test_what_other_metrics_measured_has_columns_of_its_own_only_where_there_is_some(tmp_path):
    rows = [
        ScoreRow(prompt="a fox", file="a.png", cosine=0.25, values={"hps": 21.5, NEAREST: "=real/a.png"}),
        ScoreRow(prompt="a fox", file="b.png", values={"style_prompt": -0.5}),
    ]
    write_scores(tmp_path / "scores.csv", rows)
    assert list(_plain(tmp_path / "scores.csv")[0])[7:] == ["style_prompt", "hps", NEAREST]
    assert read_scores(tmp_path / "scores.csv") == rows


def test_a_summary_is_read_back_tiny_p_values_included(tmp_path):
    rows = [
        SummaryRow(
            experiment="1", metric="cosine", prompt="a zebra", model="tuned - base", images=30, mean=0.05, low=0.01,
            high=0.09, method="t", verdict="higher", win_rate=29 / 30, sign_test_p=5.774e-08, effect_size=2.5,
        ),
        SummaryRow(metric="cosine", prompt="a zebra", model="m", images=1, mean=0.25, method="none"),
    ]  # fmt: skip
    write_summary(tmp_path / "summary.csv", rows)
    back = read_summary(tmp_path / "summary.csv")
    assert back[1] == rows[1]
    assert back[0].sign_test_p == pytest.approx(5.774e-08)
    assert back[0].win_rate == pytest.approx(29 / 30, rel=1e-5)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "'=1", "''@x", "＝1"])
def test_no_text_begins_like_a_formula_and_it_is_read_back_unchanged(tmp_path, text):
    path = tmp_path / "scores.csv"
    row = ScoreRow(experiment=text, model=text, prompt=text, file=text, caption=text)
    write_scores(path, [row])
    for name in ("experiment", "model", "prompt", "file", "caption"):
        assert _plain(path)[0][name].startswith("'")
    assert read_scores(path) == [row]


def test_an_ordinary_apostrophe_stays_as_it_is(tmp_path):
    write_scores(tmp_path / "scores.csv", [ScoreRow(prompt="'tis a zebra", file="x.png")])
    assert _plain(tmp_path / "scores.csv")[0]["prompt"] == "'tis a zebra"


@given(st.text(st.characters(exclude_categories=["Cs"])), st.text(st.characters(exclude_categories=["Cs"])))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_survives(tmp_path, prompt, caption):
    row = ScoreRow(prompt=prompt, file="x.png", caption=caption)
    write_scores(tmp_path / "scores.csv", [row])
    assert read_scores(tmp_path / "scores.csv") == [row]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("prompt,file,cosine\na,b,0.1\nc,d,many\n", "line 3"),
        ("prompt,file\na,b,c\n", "line 2"),
        ("prompt\na\n", "line 2"),
        ("prompt,file\n\xff", "line 1"),
    ],
)
def test_a_damaged_file_is_named_with_the_line(tmp_path, content, line):
    path = tmp_path / "scores.csv"
    path.write_bytes(content.encode("latin-1"))
    with pytest.raises(SketchDeskError) as caught:
        read_scores(path)
    assert caught.value.kind is ErrorKind.BAD_INPUT
    assert str(path) in caught.value.message
    assert line in caught.value.message


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(SketchDeskError) as caught:
        read_scores(tmp_path / "none.csv")
    assert "none.csv" in caught.value.message


def test_columns_may_stand_in_any_order_and_others_may_be_there(tmp_path):
    path = tmp_path / "scores.csv"
    path.write_text("mine,file,prompt\n1,x.png,a zebra\n", encoding="utf-8")
    assert read_scores(path) == [ScoreRow(prompt="a zebra", file="x.png")]


def test_a_failed_write_keeps_the_old_file(tmp_path):
    path = tmp_path / "scores.csv"
    write_scores(path, [ROW])

    def rows():
        yield ROW
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write_scores(path, rows())
    assert read_scores(path) == [ROW]


def test_files_are_named_from_the_csvs_folder(tmp_path):
    assert relative_to(tmp_path / "out", tmp_path / "images" / "a.png") == "../images/a.png"
    assert relative_to(tmp_path, tmp_path / "images" / "a.png") == "images/a.png"
