"""The engine process: requests in by line on stdin, events out by line on a private copy of stdout.

It lives as long as its parent holds its stdin. Whatever else is printed, by us or by a library in native code, goes
to stderr and cannot come between two events.
"""

from __future__ import annotations

import logging
import os
import queue
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, NoReturn

import msgspec

from sketchdesk.contracts import wire
from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.events import Event, JobEnded
from sketchdesk.contracts.jobs import Job
from sketchdesk.contracts.text import _, use_language
from sketchdesk.contracts.wire import CancelJob, PauseJob, RunJob
from sketchdesk.engine.allocator import keep_memory
from sketchdesk.engine.parent import end_with_parent
from sketchdesk.engine.reporter import Reporter
from sketchdesk.engine.session import ended_by, run_job
from sketchdesk.library.paths import resource

LANGUAGE_VARIABLE = "LANGUAGE"
"""Where the window says in which language it speaks, and gettext looks for it on any system."""

log = logging.getLogger(__name__)


class Engine:
    """Does one job at a time on the main thread, while a second thread listens for cancel and pause."""

    def __init__(self, requests: BinaryIO, events: BinaryIO, run: Callable[[Job, Reporter], JobEnded]) -> None:
        self._run = run
        self._requests = requests
        self._events = events
        self._events_lock = threading.Lock()
        self._jobs: queue.SimpleQueue[tuple[RunJob, Reporter]] = queue.SimpleQueue()
        self._reporters: dict[str, Reporter] = {}

    def serve(self) -> NoReturn:
        """Do jobs as they come; the listening thread ends the process when the requests end."""
        threading.Thread(target=self._listen, name="requests", daemon=True).start()
        while True:
            request, reporter = self._jobs.get()
            self._run(request.job, reporter)
            self._reporters.pop(request.job_id, None)

    def _listen(self) -> None:
        try:
            for line in self._requests:
                self._answer(line)
        finally:
            # Not sys.exit: the main thread may be deep in native code, and nothing is left to save, since every
            # event is on disk when it is said and every file appears whole or not at all.
            os._exit(0)

    def _answer(self, line: bytes) -> None:
        """Act on one line; one that cannot be read is answered with a failed JobEnded."""
        try:
            self._take(wire.decode_request(line))
        except msgspec.DecodeError as error:
            sentence = _("The request could not be understood: {reason}").format(reason=error)
            self._refuse(_job_id_of(line), SketchDeskError(ErrorKind.BAD_INPUT, sentence))

    def _take(self, request: wire.Request) -> None:
        match request:
            case RunJob():
                try:
                    reporter = Reporter(self._say, request.job_id, Path(request.run_dir))
                except (OSError, SketchDeskError) as error:
                    self._refuse(request.job_id, error)
                    return
                self._reporters[request.job_id] = reporter
                self._jobs.put((request, reporter))
            case CancelJob():
                if (canceled := self._reporters.get(request.job_id)) is not None:
                    canceled.cancel()
            case PauseJob():
                if (held := self._reporters.get(request.job_id)) is not None:
                    held.set_paused(request.paused)

    def _refuse(self, job_id: str, error: Exception) -> None:
        Reporter(self._say, job_id).emit(ended_by(error))

    def _say(self, event: Event) -> None:
        try:
            with self._events_lock:
                self._events.write(wire.encode(event))
                self._events.flush()
        except BrokenPipeError:
            os._exit(0)  # nobody listens any more


def main(run: Callable[[Job, Reporter], JobEnded] = run_job) -> int:
    """Be the engine process until the parent goes; `run` does a job and emits its JobEnded."""
    end_with_parent()
    keep_memory()
    requests, events = _take_private_pipes()
    use_language(resource("translations"), os.environ.get(LANGUAGE_VARIABLE, "en")[:2])
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    Engine(requests, events, run).serve()


def _take_private_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Return private copies of stdin and stdout; then nothing else in the process can read one or write to the other.

    fd 0 becomes the null device and fd 1 stderr, for Python, native libraries and child processes alike.
    """
    requests = os.fdopen(os.dup(0), "rb")
    events = os.fdopen(os.dup(1), "wb")
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return requests, events


def _job_id_of(line: bytes) -> str:
    """Return the job a broken request speaks of, if that much can be read."""
    try:
        job_id = msgspec.json.decode(line).get("job_id", "")
    except (msgspec.DecodeError, AttributeError):
        return ""
    return job_id if isinstance(job_id, str) else ""


if __name__ == "__main__":
    raise SystemExit(main())
