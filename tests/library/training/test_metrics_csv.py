"""A training's numbers as a table."""

from __future__ import annotations

import csv

from sketchdesk.library.training.metrics_csv import write_metrics


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
