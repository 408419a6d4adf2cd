from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QSortFilterProxyModel, Qt
from PySide6.QtWidgets import QLineEdit, QPushButton
from safetensors.numpy import save

from sketchdesk.contracts.events import StepDone
from sketchdesk.contracts.jobs import DownloadJob
from sketchdesk.library.hub.known import KNOWN
from sketchdesk.library.models import installed as models
from sketchdesk.library.models.installed import list_models
from sketchdesk.library.runs.state import RunState
from sketchdesk.library.settings import Settings
from sketchdesk.ui.models.download_dialog import DownloadDialog
from sketchdesk.ui.models.models_tab import ModelsTab, build_tab
from sketchdesk.ui.queue.queue_model import QueueModel
from sketchdesk.ui.sentences import job_text, step_text
from sketchdesk.ui.settings_store import SettingsStore
from sketchdesk.ui.shell.job_desk import JobDesk
from sketchdesk.ui.turns import whole
from sketchdesk.workers.runner import JobRunner

FILES = {
    "config.json": b'{"model_type": "clip"}',
    "README.md": b"---\nlicense: mit\n---\n# CLIP",
    "model.safetensors": save({"a": np.arange(400_000, dtype=np.float32)}),
}
WAIT_MS = 40_000


@pytest.fixture
def runner():
    runner = JobRunner()
    yield runner
    runner.shutdown()


@pytest.fixture
def tab(qtbot, hub, runner, monkeypatch):
    """The tab over real engines, wired as the main window does it."""
    monkeypatch.setattr(models, "SHIPPED", ())
    hub.add("owner/clip", FILES)
    desk = JobDesk(runner)
    tab = whole(build_tab(runner, SettingsStore(Settings())))
    tab.desk = desk
    qtbot.addWidget(tab)
    tab.resize(1200, 700)
    tab.told = []
    tab.message.connect(tab.told.append)
    tab.models_changed.connect(lambda: tab.set_models(list_models()))
    tab.download_requested.connect(desk.download)
    tab.show()
    yield tab
    tab.shutdown()


def press(qtbot, parent, name: str) -> None:
    button = parent.findChild(QPushButton, name)
    assert button.isVisible(), name
    assert button.isEnabled(), name
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def names(tab: ModelsTab) -> list[str]:
    proxy = tab.findChild(QSortFilterProxyModel)
    return [proxy.index(row, 0).data() for row in range(proxy.rowCount())]


def ask_for(qtbot, tab: ModelsTab, repo: str) -> None:
    press(qtbot, tab, "models_empty_button")
    dialog = tab.findChild(DownloadDialog)
    edit = dialog.findChild(QLineEdit, "download_repo")
    edit.clear()
    qtbot.keyClicks(edit, repo)
    press(qtbot, dialog, "download_start")


def test_a_model_named_in_the_dialog_arrives_on_the_list_checked(qtbot, tab, runner):
    tab.set_models([])
    ask_for(qtbot, tab, "owner/clip")
    qtbot.waitUntil(lambda: names(tab) == ["clip"], timeout=WAIT_MS)
    (job_id,) = runner.job_ids()
    assert (runner.state(job_id), runner.run(job_id).lane) == (RunState.DONE, "network")
    assert tab._details.entry.licence == "mit"
    press(qtbot, tab, "model_verify_button")
    qtbot.waitUntil(lambda: bool(tab.told), timeout=WAIT_MS)
    assert "every checksum is right" in tab.told[0].text
    weights = tab._details.entry.path / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x01")
    press(qtbot, tab, "model_verify_button")
    qtbot.waitUntil(lambda: len(tab.told) == 2, timeout=WAIT_MS)
    assert tab.told[1].level == "error"
    assert "checksum differs" in tab.told[1].text


def test_the_queue_shows_size_speed_and_time_and_a_stopped_download_is_offered_and_goes_on(qtbot, tab, hub, runner):
    hub.seconds_a_chunk = 0.01
    queue = QueueModel(runner)
    tab.set_models([])
    ask_for(qtbot, tab, "owner/clip")
    (job_id,) = runner.job_ids()
    qtbot.waitUntil(lambda: "MiB of 2 MiB" in queue.progress_text(job_id) or "/s" in queue.progress_text(job_id),
                    timeout=WAIT_MS)  # fmt: skip
    assert queue.title(job_id) == "Download “owner/clip”"
    assert 0 < queue.fraction(job_id) < 1
    assert tab._unfinished.isHidden()  # it is at work
    runner.cancel(job_id)
    qtbot.waitUntil(tab._unfinished.isVisible, timeout=WAIT_MS)
    assert "“clip” is not finished" in tab._unfinished._text.full_text
    assert names(tab) == []
    hub.seconds_a_chunk = 0.0
    press(qtbot, tab, "model_unfinished_resume")
    qtbot.waitUntil(lambda: names(tab) == ["clip"], timeout=WAIT_MS)
    qtbot.waitUntil(tab._unfinished.isHidden, timeout=WAIT_MS)
    assert hub.ranges()[-1].startswith("bytes=")


def test_an_unfinished_download_can_be_deleted(qtbot, tab, home):
    left = home / "models" / ".downloads" / "clip"
    left.mkdir(parents=True)
    (left / f"{'0' * 64}.part").write_bytes(b"x" * 5000)
    tab.set_models([])
    qtbot.waitUntil(tab._unfinished.isVisible, timeout=WAIT_MS)
    assert not tab.findChild(QPushButton, "model_unfinished_resume").isVisible()  # nobody knows what it was
    press(qtbot, tab, "model_unfinished_discard")
    qtbot.waitUntil(tab._unfinished.isHidden, timeout=WAIT_MS)
    assert not left.exists()


@pytest.fixture
def dialog(qtbot) -> DownloadDialog:
    dialog = DownloadDialog()
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def test_a_suggestion_fills_the_form_in_with_its_mirrors_and_says_its_licence(qtbot, dialog):
    assert dialog.value() is None
    assert not dialog.findChild(QPushButton, "download_start").isEnabled()
    press(qtbot, dialog, "download_known_stable-diffusion-2-base")
    assert dialog.value() == DownloadJob(repos=KNOWN[0].repos)
    assert "openrail++" in dialog._facts.text()
    assert "4.8 GiB" in dialog._facts.text()
    dialog._weights.set_value("fp16")
    assert dialog.value().weights == "fp16"
    assert "2.4 GiB" in dialog._facts.text()


@pytest.mark.parametrize(
    ("typed", "repo"),
    [
        ("owner/model", "owner/model"), (" owner/model ", "owner/model"), ("owner", None), ("owner/", None),
        ("https://example.org/owner/model", "owner/model"), ("http://hub/owner/model/tree/main", "owner/model"),
        ("a b/c", None), ("owner/model/file", None),
        ("https://example.org/datasets/owner/set", None),
    ],
)  # fmt: skip
def test_names_and_addresses_of_pages_are_understood(dialog, typed, repo):
    dialog._repo.setText(typed)
    assert (dialog.value().repos[0] if dialog.value() else None) == repo


@pytest.mark.parametrize(
    ("typed", "job"),
    [
        ("https://hub/owner/model/blob/main/lora/ink.safetensors?download=true",
         DownloadJob(repos=("owner/model",), file="lora/ink.safetensors")),
        ("https://hub/owner/model/resolve/refs%2Fpr%2F5/ink%20two.safetensors",
         DownloadJob(repos=("owner/model",), file="ink two.safetensors", revision="refs/pr/5")),
        ("owner/model/ink.safetensors", DownloadJob(repos=("owner/model",), file="ink.safetensors")),
        ("https://hub/owner/model/tree/fp16", DownloadJob(repos=("owner/model",), revision="fp16")),
        ("https://hub/owner/model/blob/main/model.ckpt", None),
    ],
)  # fmt: skip
def test_the_addresses_of_a_file_and_of_a_branch_say_which(dialog, typed, job):
    dialog._repo.setText(typed)
    assert dialog.value() == job


def test_every_model_of_stable_diffusion_2_is_looked_for_where_it_still_is(qtbot, dialog):
    for name in ("stable-diffusion-2", "stable-diffusion-2-1", "stable-diffusion-2-1-base"):
        dialog._repo.setText(f"stabilityai/{name}")
        assert dialog.value().repos == (f"stabilityai/{name}", f"sd2-community/{name}")
    press(qtbot, dialog, "download_known_taesd")
    assert dialog.value().repos == ("madebyollin/taesd",)
    assert "9 MiB" in dialog._facts.text()


def test_the_start_hands_out_what_the_form_says(qtbot, dialog):
    job = DownloadJob(repos=("owner/model",), weights="fp16")
    dialog.set_value(job)
    with qtbot.waitSignal(dialog.started) as started:
        press(qtbot, dialog, "download_start")
    assert started.args == [job]


def test_bytes_are_told_as_sizes():
    step = StepDone(step=1_610_612_736, total=5_368_709_120, rate_per_s=11 * 1024**2, eta_s=341, unit="byte")
    assert step_text(step) == "1.5 GiB of 5.0 GiB · 11 MiB/s · 6 min left"
    assert job_text(DownloadJob(repos=("a/b",)), "a/b") == "Download “a/b”"
