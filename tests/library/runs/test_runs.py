"""Runs are folders: what was asked, where it stands, what happened - and what a dead process left behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import psutil
import pytest

from sketchdesk.contracts import wire
from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.events import CheckpointSaved, Event, JobEnded, JobStarted, Notice, StepDone
from sketchdesk.contracts.jobs import EvaluateJob, GenerateJob, Job, ProbeJob, PromptRow, TrainJob
from sketchdesk.library.runs import runs
from sketchdesk.library.runs.events import append_event, read_events
from sketchdesk.library.runs.runs import Run, create_run, finish, list_runs, load_run, move, reconcile, start, status_of
from sketchdesk.library.runs.state import TRANSITIONS, IllegalTransitionError, RunState, RunStatus

GENERATE = GenerateJob(model="demo-base", prompts=(PromptRow(prompt="a zebra\n running"),), out_dir="out")
TRAIN = TrainJob(model="demo-base", dataset="/data/ink drawings", out_dir="out")
S = RunState


def state(run: Run) -> RunState:
    return status_of(run).state


def log_events(run: Run, *events: Event) -> None:
    for event in events:
        append_event(run.folder, event)


def set_status(run: Run, **changes: object) -> None:
    """As another program, or a crash, would leave it."""
    data = msgspec.to_builtins(status_of(run)) | changes
    (run.folder / "state.json").write_text(json.dumps(data))


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    """A process that waits for as long as we hold its stdin."""
    process = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    yield process
    process.kill()
    process.communicate()


@pytest.mark.parametrize(
    ("job", "title"),
    [
        (GENERATE, "a zebra running"),
        (TRAIN, "demo-base · ink drawings"),
        (EvaluateJob(images_dir="/a/pictures", out_dir="o"), "pictures"),
        (ProbeJob(), "Devices"),
    ],
)
def test_a_run_is_loaded_as_it_was_created(job: Job, title: str) -> None:
    run = create_run(job, lane="cuda:0")
    assert load_run(run.id) == run
    assert (run.job, run.title, run.lane) == (job, title, "cuda:0")
    assert state(run) is S.QUEUED
    assert read_events(run.folder) == ([], 0)


def test_runs_are_listed_oldest_first_and_broken_ones_are_left_out(data_folder: Path) -> None:
    made = [create_run(GENERATE, title=f"run {n}") for n in range(3)]
    (data_folder / "runs" / "broken").mkdir()
    (data_folder / "runs" / "broken" / "job.json").write_text('{"id": "broken", "job": {"type": "paint"}}')
    (data_folder / "runs" / "empty").mkdir()
    (data_folder / "runs" / "stray.txt").touch()
    assert [run.title for run in list_runs()] == ["run 0", "run 1", "run 2"]
    assert list_runs() == made


def test_without_a_data_folder_there_are_no_runs() -> None:
    assert list_runs() == []
    assert reconcile() == []


@pytest.mark.parametrize("run_id", ["missing", "../secrets", "", "a/b", "..", "x" * 3000])
def test_a_run_that_is_not_there_is_named_in_the_error(run_id: str) -> None:
    with pytest.raises(SketchDeskError) as caught:
        load_run(run_id)
    assert caught.value.kind is ErrorKind.BAD_INPUT
    assert run_id in caught.value.message


def test_a_run_folder_is_read_wherever_it_lies(tmp_path: Path) -> None:
    run = create_run(TRAIN)
    copy = tmp_path / "copied here"
    run.folder.rename(copy)
    assert runs.read_run(copy) == msgspec.structs.replace(run, folder=copy)


def test_the_table_is_the_one_of_the_design() -> None:
    arrows = {(old.value, new.value) for old, following in TRANSITIONS.items() for new in following}
    assert arrows == {
        ("queued", "running"), ("queued", "canceled"),
        ("running", "done"), ("running", "failed"), ("running", "paused"), ("paused", "running"),
        ("running", "cancelling"), ("cancelling", "canceled"), ("cancelling", "done"), ("cancelling", "failed"),
        ("running", "interrupted"), ("interrupted", "queued"),
        ("paused", "cancelling"), ("paused", "failed"), ("paused", "interrupted"), ("cancelling", "interrupted"),
        ("interrupted", "canceled"), ("failed", "queued"), ("canceled", "queued"),
    }  # fmt: skip
    assert set(TRANSITIONS) == set(RunState)


PATHS = {
    S.QUEUED: [], S.RUNNING: [], S.PAUSED: [S.PAUSED], S.CANCELLING: [S.CANCELLING], S.DONE: [S.DONE],
    S.FAILED: [S.FAILED], S.CANCELED: [S.CANCELLING, S.CANCELED], S.INTERRUPTED: [S.INTERRUPTED],
}  # fmt: skip


def run_in(wanted: RunState) -> Run:
    run = create_run(GENERATE)
    if wanted is not S.QUEUED:
        start(run, os.getpid())
    for step in PATHS[wanted]:
        move(run, step)
    assert state(run) is wanted
    return run


@pytest.mark.parametrize("old", list(RunState))
def test_only_the_moves_of_the_table_are_possible(old: RunState) -> None:
    for new in RunState:
        run = run_in(old)
        if new in TRANSITIONS[old]:
            move(run, new)
            assert state(run) is new
        else:
            with pytest.raises(IllegalTransitionError):
                move(run, new)
            assert state(run) is old


def test_a_started_run_knows_its_process_and_an_ended_one_has_none(child: subprocess.Popen[bytes]) -> None:
    run = create_run(GENERATE)
    start(run, child.pid)
    move(run, S.PAUSED)
    assert status_of(run).pid == child.pid
    assert status_of(run).pid_created == psutil.Process(child.pid).create_time()
    move(run, S.RUNNING)
    move(run, S.DONE)
    assert status_of(run).pid is None


def test_a_run_cannot_be_started_twice() -> None:
    run = run_in(S.RUNNING)
    with pytest.raises(IllegalTransitionError):
        start(run, os.getpid())


@pytest.mark.parametrize("old", [S.RUNNING, S.PAUSED, S.CANCELLING])
@pytest.mark.parametrize("end", ["done", "failed", "canceled"])
def test_every_end_an_engine_can_tell_is_reached_from_every_active_state(old: RunState, end: str) -> None:
    run = run_in(old)
    assert finish(run, JobEnded(state=end)).state == end  # type: ignore[arg-type]


def test_a_dead_process_leaves_an_interrupted_run_that_can_be_queued_again(child: subprocess.Popen[bytes]) -> None:
    run = create_run(GENERATE)
    start(run, child.pid)
    assert reconcile() == []
    assert state(run) is S.RUNNING
    child.kill()
    child.wait()
    assert reconcile() == [run]
    assert state(run) is S.INTERRUPTED
    assert reconcile() == []
    move(run, S.QUEUED)


@pytest.mark.skipif(os.name != "posix", reason="only POSIX keeps a dead child's number until it is waited for")
def test_a_dead_process_that_nobody_has_waited_for_counts_as_dead(child: subprocess.Popen[bytes]) -> None:
    run = create_run(GENERATE)
    start(run, child.pid)
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert psutil.pid_exists(child.pid)
    assert reconcile() == [run]


def test_what_a_killed_program_left_running_is_found_at_the_next_start(data_folder: Path) -> None:
    """Another process makes runs, starts them as its own and is killed without a chance to tidy up."""
    code = (
        "import os, sys; from sketchdesk.library.runs.runs import *; from sketchdesk.contracts.jobs import ProbeJob\n"
        "from sketchdesk.library.runs.state import RunState\n"
        "made = [create_run(ProbeJob(), title=str(n)) for n in range(3)]\n"
        "for run in made[:2]: start(run, os.getpid())\n"
        "move(made[1], RunState.PAUSED); print('ready', flush=True); sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        assert reconcile() == []
        process.kill()
    assert [run.title for run in reconcile()] == ["0", "1"]
    assert [state(run) for run in list_runs()] == [S.INTERRUPTED, S.INTERRUPTED, S.QUEUED]


def test_a_recycled_pid_is_not_taken_for_the_engine() -> None:
    run = run_in(S.RUNNING)
    assert reconcile() == []
    set_status(run, pid_created=psutil.Process().create_time() - 3600)
    assert reconcile() == [run]


def test_another_machines_run_is_judged_by_its_heartbeat() -> None:
    run = run_in(S.RUNNING)
    set_status(run, host="elsewhere", pid=1, heartbeat=0.0)
    runs.beat(run)
    assert reconcile() == []
    set_status(run, heartbeat=0.0)
    assert reconcile() == [run]


def test_a_heartbeat_changes_nothing_of_a_run_that_has_ended() -> None:
    run = run_in(S.DONE)
    before = status_of(run)
    runs.beat(run)
    assert status_of(run) == before


@pytest.mark.parametrize("end", ["done", "failed", "canceled"])
def test_an_engine_that_told_its_end_before_the_window_died_is_believed(end: str) -> None:
    run = run_in(S.RUNNING)
    set_status(run, pid_created=0.0)
    log_events(run, JobStarted(pid=1), JobEnded(state=end))  # type: ignore[arg-type]
    assert reconcile() == []
    assert state(run) == end


def test_the_end_of_an_earlier_start_is_not_the_end_of_this_one() -> None:
    run = run_in(S.RUNNING)
    set_status(run, pid_created=0.0)
    log_events(run, JobStarted(pid=1), JobEnded(state="failed"), JobStarted(pid=2), StepDone(step=1, total=2))
    assert reconcile() == [run]


@pytest.mark.parametrize("damage", ["missing", "{", '{"state": "flying", "since": 0}', "\xff"])
@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([], S.QUEUED),
        ([JobStarted(pid=1), StepDone(step=1, total=2)], S.INTERRUPTED),
        ([JobStarted(pid=1), JobEnded(state="done")], S.DONE),
    ],
)
def test_a_damaged_state_file_is_replaced_by_what_the_events_say(
    damage: str, events: list[Event], expected: RunState
) -> None:
    run = create_run(GENERATE)
    log_events(run, *events)
    if damage == "missing":
        (run.folder / "state.json").unlink()
    else:
        (run.folder / "state.json").write_bytes(damage.encode("latin-1"))
    assert state(run) is expected


def test_events_are_replayed_then_followed() -> None:
    run = create_run(GENERATE)
    first, second = StepDone(step=1, total=2), StepDone(step=2, total=2)
    log_events(run, first)
    events, offset = read_events(run.folder)
    assert events == [first]
    assert read_events(run.folder, offset) == ([], offset)
    log_events(run, second)
    assert read_events(run.folder, offset)[0] == [second]


def test_a_line_still_being_written_waits_and_one_torn_by_a_kill_is_skipped() -> None:
    run = create_run(GENERATE)
    file = run.folder / "events.jsonl"
    line = wire.encode(Notice(message="ñandú"))
    log_events(run, StepDone(step=1, total=2))
    with file.open("ab") as log:
        log.write(line[:-3])
    events, offset = read_events(run.folder)
    assert events == [StepDone(step=1, total=2)]
    with file.open("ab") as log:
        log.write(line[-3:] + line[:20])
    assert read_events(run.folder, offset)[0] == [Notice(message="ñandú")]
    log_events(run, JobEnded(state="failed"))
    assert read_events(run.folder)[0] == [StepDone(step=1, total=2), Notice(message="ñandú"), JobEnded(state="failed")]


def test_events_of_a_newer_version_are_skipped() -> None:
    run = create_run(GENERATE)
    (run.folder / "events.jsonl").write_bytes(b'{"type":"Fanfare"}\n\xff\n\n' + wire.encode(Notice(message="x")))
    assert read_events(run.folder)[0] == [Notice(message="x")]


def test_a_training_with_a_checkpoint_is_sent_to_go_on_from_it() -> None:
    run = create_run(TRAIN)
    assert runs.job_to_send(run) == TRAIN
    log_events(run, CheckpointSaved(step=100, path="checkpoints/100"))
    assert runs.job_to_send(run) == msgspec.structs.replace(TRAIN, resume=True)
    assert load_run(run.id).job == TRAIN


def test_only_the_process_that_counts_can_be_asked(child: subprocess.Popen[bytes]) -> None:
    """A status without a process, as written by a crash between two writes, is dead rather than alive for ever."""
    run = run_in(S.RUNNING)
    set_status(run, pid=None)
    assert isinstance(status_of(run), RunStatus)
    assert reconcile() == [run]


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX limits")
def test_a_full_disk_leaves_no_half_run(data_folder: Path) -> None:
    code = (
        "import resource; from sketchdesk.library.runs.runs import *; from sketchdesk.contracts.jobs import *\n"
        "from sketchdesk.contracts.errors import SketchDeskError\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))\n"
        "rows = tuple(PromptRow(prompt='a zebra') for _ in range(1000))\n"
        "try: create_run(GenerateJob(model='m', prompts=rows, out_dir='o'))\n"
        "except SketchDeskError as error: print(error.kind.value)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "disk_full"
    assert list_runs() == []
