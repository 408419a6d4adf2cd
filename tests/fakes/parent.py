"""A process that starts an engine (its command is ours), waits for its first step, says its pid and waits for ever."""

from __future__ import annotations

import sys
import tempfile
import threading

from sketchdesk.contracts.events import StepDone
from sketchdesk.contracts.jobs import ProbeJob
from sketchdesk.contracts.wire import RunJob
from sketchdesk.workers.engine_process import EngineProcess

engine = EngineProcess(sys.argv[1:])
for event in engine.run(RunJob(job_id="job", job=ProbeJob(), run_dir=tempfile.mkdtemp())):
    if isinstance(event, StepDone):
        break
print(engine.pid, flush=True)  # noqa: T201
threading.Event().wait()
