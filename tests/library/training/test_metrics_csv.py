"""A training's numbers as a table."""

from __future__ import annotations

import csv

from sketchdesk.contracts import wire
from sketchdesk.contracts.events import MetricLogged, Notice
from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.library.runs.events import EVENTS_FILE
from sketchdesk.library.runs.runs import create_run
from sketchdesk.library.training.metrics_csv import metrics_of, write_metrics


def test_every_run_and_step_is_a_row_and_what_a_step_has_not_is_empty(tmp_path):
    path = tmp_path / "metrics.csv"
    first = [(0, {"val_loss": 0.5}), (1, {"loss": 0.25, "lr": 1e-5})]
    write_metrics(path, {"ink, first": first, "b": [(1, {"loss": 1.0})]})
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    assert rows == [
        ["run", "step", "val_loss", "loss", "lr"],
        ["ink, first", "0", "0.5", "", ""],
        ["ink, first", "1", "", "0.25", "1e-05"],
        ["b", "1", "", "1", ""],
    ]


def test_what_a_run_did_after_the_step_it_was_gone_on_with_from_counts_no_more(tmp_path):
    out = tmp_path / "ink"
    logs = ([(0, "val_loss", 0.5), (1, "loss", 3.0), (9, "loss", 9.0)], [(1, "val_loss", 0.4), (2, "loss", 2.0)])
    for numbers in logs:
        run = create_run(TrainJob(model="m", dataset="d", out_dir=str(out)))
        events = [MetricLogged(step=step, values={name: value}) for step, name, value in numbers]
        lines = [wire.encode(event) for event in (Notice(message="resuming"), *events)]
        (run.folder / EVENTS_FILE).write_bytes(b"".join(lines))
    create_run(TrainJob(model="m", dataset="d", out_dir=str(tmp_path / "other")))
    assert metrics_of(out) == [(0, {"val_loss": 0.5}), (1, {"loss": 3.0, "val_loss": 0.4}), (2, {"loss": 2.0})]
    assert metrics_of(tmp_path / "nowhere") == []
