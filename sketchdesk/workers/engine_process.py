"""One engine process: start it, give it a job, hear its events, stop it. No Qt in here."""

from __future__ import annotations

import io
import os
import queue
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import IO

import msgspec

from sketchdesk.contracts import wire
from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.events import Event, JobEnded
from sketchdesk.contracts.jobs import DistillJob, TrainJob
from sketchdesk.contracts.text import _
from sketchdesk.contracts.wire import CancelJob, PauseJob, Request, RunJob
from sketchdesk.library.program import program_command, program_environment
from sketchdesk.workers.endings import canceled, failed
from sketchdesk.workers.outcome import Outcome

TAIL_LINES = 100
TAIL_LINE_LENGTH = 1000
_PIPE_GRACE_S = 1.0
"""How long after its end an engine's pipes may be held open by something it started."""


@dataclass(frozen=True)
class Graces:
    """How long each rung of the ladder is given before the next: message, terminate, kill."""

    cancel_s: float = 30.0
    save_s: float = 600.0
    """In place of cancel_s for a training: it finishes its step and its samples, and saves, before it ends."""
    terminate_s: float = 5.0
    close_s: float = 2.0


class _Rung(IntEnum):
    NONE = 0
    ASKED = 1
    TERMINATED = 2
    KILLED = 3


class _Signal(Enum):
    WAKE = 1
    END = 2


def engine_command() -> list[str]:
    """Return the command that starts an engine: this very program with --engine."""
    return program_command(["--engine"])


class EngineProcess:
    """A running engine.

    `run` is called by one thread at a time; `cancel`, `pause`, `close` and `is_alive` by any, and none of them but
    `close` ever waits: a thread of its own writes to the engine's stdin.

    On Linux the engine dies with the *thread* that starts it, so start it where it will be used.
    """

    def __init__(self, command: Sequence[str] | None = None, graces: Graces | None = None) -> None:
        """Start the process. Raises SketchDeskError(ENGINE_MISSING)."""
        self._graces = graces or Graces()
        self._inbox: queue.SimpleQueue[Event | _Signal] = queue.SimpleQueue()
        self._outbox: queue.SimpleQueue[Request | _Signal] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._job_id: str | None = None
        self._rung = _Rung.NONE
        self._deadline_s: float | None = None
        self._cancel_s = self._graces.cancel_s
        self._tail: deque[str] = deque(maxlen=TAIL_LINES)
        self._process = _start(list(command or engine_command()))
        self._pumps = [self._thread(self._pump_events), self._thread(self._pump_stderr)]
        self._thread(self._pump_requests)
        self._waiter = self._thread(self._wait)

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether it can take a job."""
        return self._process.poll() is None

    @property
    def memory_gib(self) -> float:
        """What it holds of the system's memory; 0 once it has ended."""
        import psutil  # not before there is an engine: the window is painted first

        try:
            return float(psutil.Process(self.pid).memory_info().rss) / 1024**3
        except psutil.Error:
            return 0.0

    @property
    def outcome(self) -> Outcome | None:
        """How it ended; None while it runs."""
        code = self._process.poll()
        return None if code is None else Outcome(code, "".join(self._tail))

    def run(self, request: RunJob) -> Iterator[Event]:
        """Give the engine the job and return its events; the last is a JobEnded, by our own hand if the engine died.

        From now on, not only from the first event on, the job can be canceled.
        """
        with self._lock:
            self._job_id, self._rung, self._deadline_s = request.job_id, _Rung.NONE, None
            saves = isinstance(request.job, TrainJob | DistillJob)
            self._cancel_s = self._graces.save_s if saves else self._graces.cancel_s
            self._outbox.put(request)
        return self._events_of(request)

    def _events_of(self, request: RunJob) -> Iterator[Event]:
        try:
            while (event := self._next_event()) is not None:
                if event.job_id == request.job_id:
                    yield event
                    if isinstance(event, JobEnded):
                        return
            yield self._ended_for(request)
        finally:
            with self._lock:
                self._job_id = None

    def cancel(self, job_id: str) -> None:
        """Ask the job to stop; if it does not within the grace times, terminate and then kill the engine."""
        with self._lock:
            if self._job_id != job_id or self._rung:
                return
            self._rung = _Rung.ASKED
            self._deadline_s = time.monotonic() + self._cancel_s
        self._outbox.put(CancelJob(job_id=job_id))
        self._inbox.put(_Signal.WAKE)

    def pause(self, job_id: str, paused: bool) -> None:
        """Hold the job at its next step, or let it go on."""
        self._outbox.put(PauseJob(job_id=job_id, paused=paused))

    def close(self) -> Outcome:
        """End the process, politely first, and return how it ended."""
        self._outbox.put(_Signal.END)
        for wait_s, stop in ((self._graces.close_s, signal.SIGTERM), (self._graces.terminate_s, _KILL)):
            try:
                self._process.wait(wait_s)
                break
            except subprocess.TimeoutExpired:
                self._send_signal(stop)
        self._waiter.join()
        assert self.outcome is not None
        return self.outcome

    def _next_event(self) -> Event | None:
        """Return the next event, or None at the end of the process; climbs the ladder while waiting."""
        while True:
            left_s = None if self._deadline_s is None else max(0.0, self._deadline_s - time.monotonic())
            try:
                item = self._inbox.get(timeout=left_s)
            except queue.Empty:
                self._climb()
                continue
            if item is _Signal.END:
                return None
            if not isinstance(item, _Signal):
                return item

    def _climb(self) -> None:
        if self._rung == _Rung.ASKED:
            self._rung, self._deadline_s = _Rung.TERMINATED, time.monotonic() + self._graces.terminate_s
            self._send_signal(signal.SIGTERM)
        else:
            self._rung, self._deadline_s = _Rung.KILLED, None
            self._send_signal(_KILL)

    def _send_signal(self, number: int) -> None:
        """Signal the engine and what it has started (its own session), as far as they are still there."""
        try:
            if os.name == "posix" and self._process.poll() is None:
                os.killpg(self._process.pid, number)
            else:
                self._process.send_signal(number)
        except ProcessLookupError:
            return

    def _ended_for(self, request: RunJob) -> JobEnded:
        outcome = self.outcome
        assert outcome is not None
        if self._rung:
            return canceled(request, _("Canceled. The engine had to be stopped; what was saved is kept."))
        return failed(request, SketchDeskError(ErrorKind.ENGINE_DIED, str(outcome), outcome.stderr_tail))

    def _thread(self, target: Callable[[], None]) -> threading.Thread:
        thread = threading.Thread(target=target, name=f"engine {self._process.pid}", daemon=True)
        thread.start()
        return thread

    def _pump_events(self) -> None:
        with _pipe(self._process.stdout) as stdout:
            for line in stdout:
                try:
                    self._inbox.put(wire.decode_event(line))
                except msgspec.DecodeError:
                    self._tail.append(line.decode(errors="replace")[:TAIL_LINE_LENGTH])

    def _pump_stderr(self) -> None:
        # Universal newlines: a progress bar's \r ends a line too, so that none grows without bound.
        with io.TextIOWrapper(_pipe(self._process.stderr), encoding="utf-8", errors="replace") as stderr:
            for line in iter(lambda: stderr.readline(TAIL_LINE_LENGTH), ""):
                self._tail.append(line)

    def _pump_requests(self) -> None:
        stdin = _pipe(self._process.stdin)
        try:
            while not isinstance(item := self._outbox.get(), _Signal):
                stdin.write(wire.encode(item))
                stdin.flush()
            stdin.close()
        except OSError:
            return  # the engine has ended; the waiter tells how

    def _wait(self) -> None:
        self._process.wait()
        for pump in self._pumps:
            pump.join(_PIPE_GRACE_S)
        self._inbox.put(_Signal.END)
        self._outbox.put(_Signal.END)


_KILL = getattr(signal, "SIGKILL", signal.SIGTERM)  # on Windows terminating is killing


def _start(command: list[str]) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=program_environment(),
            start_new_session=True,  # Ctrl+C in a terminal is for the window, which then asks the engine
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except OSError as error:
        raise SketchDeskError(ErrorKind.ENGINE_MISSING, str(error), " ".join(command)) from error


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None
    return stream
