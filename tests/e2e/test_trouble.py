"""What goes wrong on real machines, with the real program: one sentence, nothing lost, and it goes on."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator

import psutil
import pytest
from PIL import Image

from sketchdesk.contracts.events import JobStarted
from sketchdesk.contracts.jobs import GenerateJob, PromptRow
from sketchdesk.library.paths import images_dir
from sketchdesk.library.runs import queue, runs
from sketchdesk.library.runs.events import read_events
from sketchdesk.library.runs.state import RunState

pytestmark = pytest.mark.usefixtures("known_machine")



def drawing(count: int) -> GenerateJob:
    return GenerateJob(
        model="demo-base", prompts=(PromptRow(prompt="a zebra"),), out_dir=str(images_dir()), count=count, seed=1,
        num_inference_steps=2, batch_size=1, num_threads=1,
    )  # fmt: skip


def seeds() -> list[int]:
    """The seeds of the pictures that are there; each of them can be read to its end."""
    found = []
    for path in images_dir().rglob("*.png"):
        with Image.open(path) as image:
            image.load()
            found.append(int(image.text["parameters"].partition("Seed: ")[2].partition(",")[0]))
    return sorted(found)


def engine_pid(run: runs.Run) -> int:
    return [event.pid for event in read_events(run.folder)[0] if isinstance(event, JobStarted)][-1]


@pytest.fixture
def program(known_machine, qtbot) -> Iterator[psutil.Process]:
    """The program as it is started from a terminal; a drawing of six pictures waits for it."""
    run = runs.create_run(drawing(6), "six zebras")
    queue.save_queue({run.lane: (run.id,)})
    process = psutil.Popen([sys.executable, "-m", "sketchdesk"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    yield process
    if process.is_running():
        process.kill()
    process.wait()


def test_a_window_that_is_killed_while_drawing_is_followed_by_one_that_offers_to_go_on(
    program, open_window, qtbot, fakes
):
    qtbot.waitUntil(lambda: len(seeds()) >= 2, timeout=300_000)
    second = subprocess.run([sys.executable, str(fakes / "hasty_user.py")], check=False, timeout=300)
    assert second.returncode == 1  # there is one open already, and it said so
    assert program.is_running()

    engines = program.children(recursive=True)
    program.send_signal(signal.SIGKILL)
    program.wait()
    _gone, alive = psutil.wait_procs(engines, timeout=30)
    assert alive == []
    drawn = seeds()
    assert drawn == list(range(1, 1 + len(drawn)))

    person = open_window()
    person.press("welcome_close_button")
    if len(drawn) == 6:
        pytest.fail("all six were drawn before anybody could interrupt it")
    person.wait_told("1 job was interrupted when SketchDesk ended.")
    person.press("message_action_button")
    person.press("queue_hold_button")
    person.wait_told("6 images were drawn")
    person.wait(lambda: len(person.window.gallery.cells.ids) == 6)
    assert seeds() == [1, 2, 3, 4, 5, 6]


@pytest.mark.skipif(not hasattr(psutil, "RLIMIT_FSIZE"), reason="this system cannot limit another process's files")
def test_a_full_disk_and_a_deleted_library_cost_a_sentence_each_and_drawing_goes_on(open_window, home):
    person = open_window()
    person.press("welcome_close_button")
    gallery = person.window.gallery
    person.write("prompt_steps", "2")
    person.write("prompt_count", "1")
    person.write("prompt_seed_edit", "1")
    person.press("generate_button")
    person.wait_told("5 images were drawn")

    # No file may become larger than a few bytes, as on a disk that is full.
    (first,) = person.runner.job_ids()
    engine = psutil.Process(engine_pid(person.runner.run(first)))
    as_before = engine.rlimit(psutil.RLIMIT_FSIZE)
    engine.rlimit(psutil.RLIMIT_FSIZE, (4096, as_before[1]))
    person.foresees_errors = True
    person.press("generate_button")
    person.wait_told("The disk is full")
    assert len(seeds()) == 5
    engine.rlimit(psutil.RLIMIT_FSIZE, as_before)
    person.press("message_close_button")
    person.foresees_errors = False
    person.press("generate_button")
    person.wait(lambda: len(gallery.cells.ids) == 10)

    # The pictures' folder is deleted, then the whole data folder.
    shutil.rmtree(images_dir())
    person.do("gallery_refresh_action")
    person.wait_for("gallery_nothing_yet_button")
    shutil.rmtree(home)
    person.wait_told("was deleted; it was made again")
    person.press("generate_button")
    person.wait(lambda: len(gallery.cells.ids) == 5)
    assert seeds() == [1, 1, 1, 1, 1]


@pytest.mark.long
def test_a_drawing_whose_engine_is_killed_thirty_times_ends_with_every_picture_once(qtbot, open_window, tiny_sd):
    person = open_window()
    runner, dice = person.runner, random.Random(20261122)
    person.press("welcome_close_button")
    person.foresees_errors = True
    whole = GenerateJob(
        model=str(tiny_sd), prompts=(PromptRow(prompt="a zebra"),), out_dir=str(images_dir()), count=200, seed=1,
        num_inference_steps=2, batch_size=2, num_threads=1,
    )  # fmt: skip
    job_id = runner.submit(whole, "two hundred")
    starts: list[JobStarted] = []
    runner.job_started.connect(starts.append)
    for killed in range(1, 31):
        person.wait(lambda: len(starts) == killed)  # noqa: B023 - waited for here and now
        more = len(list(images_dir().glob("*.png"))) + dice.randrange(7)
        person.wait(lambda: len(list(images_dir().glob("*.png"))) >= more)  # noqa: B023
        psutil.Process(starts[-1].pid).kill()
        # The first times it goes on by itself, with less memory.
        person.wait(lambda: runner.state(job_id) is RunState.FAILED or len(starts) > killed)  # noqa: B023
        assert runner.state(job_id) is RunState.RUNNING or runner.resume(job_id)
    person.wait(lambda: runner.state(job_id) is RunState.DONE)
    assert seeds() == list(range(1, 201))
    person.wait(lambda: len(person.window.gallery.cells.ids) == 200)
