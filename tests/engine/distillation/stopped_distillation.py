"""A distillation in a process of its own that is killed: the job as JSON on stdin, after how many told steps it dies.

Steps of drawing pairs and of all phases count alike.
"""

from __future__ import annotations

import os
import signal
import sys

from sketchdesk.contracts import wire
from sketchdesk.contracts.events import StepDone
from sketchdesk.engine.distillation import task
from sketchdesk.engine.reporter import Reporter


def main(number: int) -> None:
    told = 0

    def sink(event) -> None:
        nonlocal told
        told += isinstance(event, StepDone)
        if told == number:
            os.kill(os.getpid(), signal.SIGKILL)

    task.run(wire.decode_job(sys.stdin.buffer.read()), Reporter(sink))


if __name__ == "__main__":
    main(int(sys.argv[1]))
