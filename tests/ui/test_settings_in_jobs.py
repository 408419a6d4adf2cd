"""What a person set counts for every job that the window's tabs ask for, from the next one on."""

from __future__ import annotations

from sketchdesk.contracts.jobs import EvaluateJob, TrainJob
from sketchdesk.library.settings import Settings


def test_the_threads_that_are_set_are_those_of_trainings_and_evaluations(make_window, tmp_path):
    window = make_window("studio", Settings(language="en", num_threads=2))
    runner = window._runner
    window.training.train_requested.emit(TrainJob(model="m", dataset="d", out_dir=str(tmp_path)), "Ink")
    window.evaluation.maker.requested.emit(EvaluateJob(images_dir="i", out_dir=str(tmp_path)))
    window._store.change(num_threads=3)
    window.training.train_requested.emit(TrainJob(model="m", dataset="d", out_dir=str(tmp_path)), "Ink")
    assert [runner.run(job_id).job.num_threads for job_id in runner.job_ids()] == [2, 2, 3]
