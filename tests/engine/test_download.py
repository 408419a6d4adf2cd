from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
from safetensors.numpy import save

import sketchdesk
from sketchdesk.contracts.events import JobEnded, Notice, StageChanged, StepDone
from sketchdesk.contracts.jobs import DownloadJob
from sketchdesk.contracts.wire import RunJob
from sketchdesk.workers.engine_process import EngineProcess

FILES = {
    "config.json": b'{"model_type": "clip"}',
    "model.safetensors": save({"a": np.arange(300_000, dtype=np.float32)}),
}
IN_A_FRESH_PROCESS = """
import json, sys
from sketchdesk.contracts.jobs import DownloadJob
from sketchdesk.engine.reporter import Reporter
from sketchdesk.engine.session import run_job
ended = run_job(DownloadJob(repos=("owner/clip",)), Reporter(lambda event: None))
heavy = {"torch", "diffusers", "transformers", "numpy"} & sys.modules.keys()
print(json.dumps([ended.state, ended.message, sorted(heavy)]))
"""


def test_a_download_runs_in_an_engine_and_never_imports_torch(hub) -> None:
    hub.add("owner/clip", FILES)
    environment = {**os.environ, "PYTHONPATH": str(Path(sketchdesk.__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, "-c", IN_A_FRESH_PROCESS], env=environment, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == ["done", "", []]


def test_a_download_can_be_held_released_and_stopped_in_the_middle_and_says_how_far_it_is(hub, home, tmp_path) -> None:
    hub.add("owner/clip", FILES)
    hub.seconds_a_chunk = 0.01
    engine = EngineProcess()
    request = RunJob(job_id="job", job=DownloadJob(repos=("owner/clip",)), run_dir=str(tmp_path))
    seen = []
    held = False
    for event in engine.run(request):
        seen.append(event)
        if isinstance(event, StepDone) and event.step > 100_000 and not held:
            held = True
            engine.pause("job", True)
            engine.pause("job", False)
        elif held and isinstance(event, StepDone):
            engine.cancel("job")
    engine.close()
    ended = seen[-1]
    assert isinstance(ended, JobEnded)
    assert ended.state == "canceled"
    steps = [event for event in seen if isinstance(event, StepDone)]
    assert {step.unit for step in steps} == {"byte"}
    assert steps[-1].total == sum(len(data) for data in FILES.values())
    assert any(step.rate_per_s and step.eta_s for step in steps)
    assert [event.stage for event in seen if isinstance(event, StageChanged)] == ["asking", "downloading"]
    assert any(isinstance(event, Notice) and "openrail++" in event.message for event in seen)
    assert not list((home / "models").glob("[!.]*"))

    hub.seconds_a_chunk = 0.0
    engine = EngineProcess()
    (*_before, ended) = engine.run(request)
    engine.close()
    assert ended.state == "done"
    assert (home / "models" / "clip" / "model.safetensors").read_bytes() == FILES["model.safetensors"]
    assert hub.ranges()[-1].startswith("bytes=")
