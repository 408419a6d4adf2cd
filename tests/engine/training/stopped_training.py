"""A training in a process of its own that dies by a signal: the job as JSON on stdin, how it dies as arguments.

"kill STEP": by SIGKILL at a step. "pause STEP": the same while it is paused there. "write NUMBER SHARE": in the middle
of writing its NUMBER-th checkpoint, when SHARE of the largest file is on disk; the system itself kills it then, as
no file may grow further.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
import threading
from pathlib import Path

from sketchdesk.contracts import wire
from sketchdesk.contracts.events import StageChanged, StepDone
from sketchdesk.engine.reporter import Reporter
from sketchdesk.engine.training import checkpoint, task


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main(way: str, number: int, share: float = 0.0) -> None:
    job = wire.decode_job(sys.stdin.buffer.read())
    training = threading.Event()

    def sink(event) -> None:
        if isinstance(event, StageChanged) and event.stage == "training":
            training.set()
        if isinstance(event, StepDone) and training.is_set() and event.step == number:
            if way == "kill":
                die()
            elif way == "pause":
                reporter.set_paused(True)
                threading.Timer(0.05, die).start()

    if way == "write":
        written = checkpoint.write_tensors
        done = 0

        def limited(path: Path, tensors):
            nonlocal done
            if path.name == checkpoint.STATE_FILE:
                done += 1
                if done == number:
                    size = sum(tensor.nbytes for tensor in tensors.values())
                    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
                    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
                    resource.setrlimit(resource.RLIMIT_FSIZE, (max(1, int(size * share)),) * 2)
            return written(path, tensors)

        checkpoint.write_tensors = limited
    reporter = Reporter(sink)
    task.run(job, reporter)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), *map(float, sys.argv[3:]))
