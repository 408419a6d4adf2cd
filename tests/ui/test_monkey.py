"""A monkey at the window: it clicks, types, drops, resizes and switches while jobs run, and nothing may break.

Every step is drawn from a seeded generator, so that a failure comes back with its seed.
"""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QObject, QPoint, QPointF, Qt, QThread, QThreadPool, QTimer, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QFileDialog,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QTabBar,
    QWidget,
)

from sketchdesk.contracts.jobs import GenerateJob, PromptRow, TrainJob
from sketchdesk.library.images.metadata import ImageRecord, save_png
from sketchdesk.library.settings import Settings
from sketchdesk.ui.main_window import MainWindow

CLICKED = (
    QAbstractButton, QAbstractItemView, QAbstractSlider, QAbstractSpinBox, QComboBox, QLineEdit, QPlainTextEdit,
    QTabBar,
)  # fmt: skip
KEYS = (
    Qt.Key.Key_Tab, Qt.Key.Key_Backtab, Qt.Key.Key_Return, Qt.Key.Key_Escape, Qt.Key.Key_Space, Qt.Key.Key_Up,
    Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_PageDown,
    Qt.Key.Key_Delete, Qt.Key.Key_Backspace, Qt.Key.Key_F1, Qt.Key.Key_F5, Qt.Key.Key_F8, Qt.Key.Key_Period,
    Qt.Key.Key_Plus, Qt.Key.Key_Minus, Qt.Key.Key_A, Qt.Key.Key_B, Qt.Key.Key_E, Qt.Key.Key_J, Qt.Key.Key_K,
    Qt.Key.Key_M, Qt.Key.Key_Z, Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3, Qt.Key.Key_4,
)  # fmt: skip
MODIFIERS = (
    Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier,
)  # fmt: skip
WORDS = ("a zebra", "ñandú", "🦓", "1e309", "-5", "99999999999999999999", "", "x" * 400, "../..", "%s", "“”", "\t")
HARMLESS = ("This plugin does not support", "propagateSizeHints")
"""What Qt says of the screen that is none, whatever a window does."""


class Desktop(QObject):
    """Stands for the file manager: notes what should be opened and opens nothing."""

    @Slot(QUrl)
    def open(self, url: QUrl) -> None:
        """Take note."""
        self.last = url


class Monkey:
    """One pair of busy hands over one window."""

    def __init__(self, window: MainWindow, seed: int, droppings: list[list[Path]]) -> None:
        self.window = window
        self.random = random.Random(seed)
        self.droppings = droppings
        self.done: list[str] = []
        self.actions: list[tuple[int, Callable[[], str]]] = [
            (40, self.click), (20, self.press), (8, self.type), (6, self.drop), (4, self.resize), (2, self.switch),
            (6, self.go), (4, self.trigger), (4, self.scroll), (3, self.submit), (3, self.close_dialogs),
        ]  # fmt: skip

    def step(self) -> None:
        """Do one thing, and let the window answer."""
        weights = [weight for weight, _action in self.actions]
        action = self.random.choices([action for _weight, action in self.actions], weights)[0]
        self.done.append(action())
        QTest.qWait(1)

    def place(self) -> QWidget:
        """The dialog on top, most times, else the window."""
        dialogs = [w for w in QApplication.topLevelWidgets() if isinstance(w, QDialog) and w.isVisible()]
        return self.random.choice(dialogs) if dialogs and self.random.random() < 0.7 else self.window

    def widget(self, kinds: tuple[type, ...]) -> QWidget | None:
        """Any widget that can be seen and used."""
        place = self.place()
        found = [w for w in place.findChildren(QWidget) if isinstance(w, kinds) and w.isVisible() and w.isEnabled()]
        found = [w for w in found if w.window() is place]
        return self.random.choice(found) if found else None

    def click(self) -> str:
        """Click somewhere on something."""
        widget = self.widget(CLICKED)
        if widget is None or isinstance(widget.window(), QFileDialog):
            return "nothing to click"
        target = widget.viewport() if isinstance(widget, QAbstractItemView | QPlainTextEdit) else widget
        at = QPoint(self.random.randrange(max(1, target.width())), self.random.randrange(max(1, target.height())))
        button = self.random.choices((Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton), (9, 1))[0]
        name = f"click {type(widget).__name__} {widget.objectName()}"
        click = QTest.mouseDClick if self.random.random() < 0.1 else QTest.mouseClick
        click(target, button, Qt.KeyboardModifier.NoModifier, at)
        return name

    def press(self) -> str:
        """Press a key where the keyboard is."""
        widget = QApplication.focusWidget() or self.window
        key, modifier = self.random.choice(KEYS), self.random.choice(MODIFIERS)
        QTest.keyClick(widget, key, modifier)
        return f"press {modifier.name} {key.name}"

    def type(self) -> str:
        """Write something into a field."""
        widget = self.widget((QLineEdit, QPlainTextEdit))
        word = self.random.choice(WORDS)
        if widget is None or isinstance(widget.window(), QFileDialog) or widget.isReadOnly():
            return "nowhere to type"
        widget.setFocus()
        if isinstance(widget, QLineEdit):
            widget.selectAll()
            widget.insert(word)
        else:
            widget.insertPlainText(word)
        return f"type {word[:20]!r} into {widget.objectName()}"

    def drop(self) -> str:
        """Drop lists, pictures, folders or junk on something."""
        widget = self.widget((QWidget,))
        files = self.random.choice(self.droppings)
        if widget is None:
            return "nowhere to drop"
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path)) for path in files])
        left, copy = Qt.MouseButton.LeftButton, Qt.DropAction.CopyAction
        at = widget.rect().center()
        enter = QDragEnterEvent(at, copy, data, left, Qt.KeyboardModifier.NoModifier)
        while widget is not None and not widget.acceptDrops():
            widget = widget.parentWidget()
        if widget is None:
            return "dropped beside"
        QApplication.sendEvent(widget, enter)
        if enter.isAccepted():
            drop = QDropEvent(QPointF(at), copy, data, left, Qt.KeyboardModifier.NoModifier)
            QApplication.sendEvent(widget, drop)
        return f"drop {files[0].name} on {widget.objectName()}"

    def resize(self) -> str:
        """Make the window another size."""
        self.window.resize(self.random.randrange(900, 2200), self.random.randrange(500, 1300))
        return "resize"

    def switch(self) -> str:
        """Another theme or language."""
        if self.random.random() < 0.3:
            self.window._store.change(theme=self.random.choice(("light", "dark", "system")))
            return "theme"
        self.window._store.change(language=self.random.choice(("en", "es", "pt")))
        return "language"

    def go(self) -> str:
        """Another page."""
        self.window.frame.show_page(page := self.random.randrange(4))
        return f"page {page}"

    def trigger(self) -> str:
        """Any action of the menus."""
        entry = self.random.choice(self.window._book.entries)
        entry.action.trigger()
        return f"action {entry.spec.name}"

    def scroll(self) -> str:
        """Scroll something."""
        widget = self.widget((QAbstractItemView,))
        if widget is not None:
            bar = widget.verticalScrollBar()
            bar.setValue(self.random.randint(bar.minimum(), max(bar.minimum(), bar.maximum())))
        return "scroll"

    def submit(self) -> str:
        """One more job, so that something always runs; not without end."""
        runner, folder = self.window._runner, str(self.droppings[0][0].parent / "drawn")
        if len(runner.job_ids()) > 12:
            for job_id in runner.job_ids():
                runner.cancel(job_id)
                runner.remove(job_id)
        if self.random.random() < 0.3:
            runner.submit(TrainJob(model="demo-base", dataset="demo-sketch", out_dir=folder, max_train_steps=60))
        else:
            rows = (PromptRow(prompt=self.random.choice(WORDS[:3])),)
            runner.submit(GenerateJob(model="demo-base", prompts=rows, out_dir=folder, count=2))
        return "submit"

    def close_dialogs(self) -> str:
        """Put everything away that lies over the window."""
        for widget in QApplication.topLevelWidgets():
            if isinstance(widget, QDialog) and widget.isVisible():
                widget.reject()
        return "close dialogs"


def close_what_waits() -> None:
    """Close menus, lists of combo boxes, and file dialogs, which would ask the desktop."""
    for widget in QApplication.topLevelWidgets():
        if widget.isVisible() and isinstance(widget, QMenu | QFileDialog):
            widget.close()
    popup = QApplication.activePopupWidget()
    if popup is not None:
        popup.close()


@pytest.fixture
def droppings(tmp_path) -> list[list[Path]]:
    """What the monkey drops: good lists, a picture that says how it was made, folders, and junk."""
    folder = tmp_path / "dropped"
    folder.mkdir()
    (folder / "list.txt").write_text("a zebra\n# no\na giraffe --d 5\n", encoding="utf-8")
    (folder / "list.csv").write_text("prompt,seed\na cat,3\n", encoding="utf-8")
    (folder / "list.json").write_text(json.dumps(["a dog", {"prompt": "a fox", "count": 2}]), encoding="utf-8")
    (folder / "bad.json").write_text("[{", encoding="utf-8")
    (folder / "junk.bin").write_bytes(bytes(range(256)) * 40)
    (folder / "junk.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 100)
    record = ImageRecord(
        prompt="a zebra", seed=7, num_inference_steps=5, guidance_scale=7.5, sampler="pndm", width=64, height=64,
        model="demo-base",
    )  # fmt: skip
    save_png(Image.new("RGB", (64, 64)), folder / "picture.png", record)
    names = ("list.txt", "list.csv", "list.json", "bad.json", "junk.bin", "junk.png", "picture.png", "", "gone.txt")
    return [[folder / name] for name in names] + [[folder / "list.txt", folder / "picture.png", folder / "junk.bin"]]


def own_threads() -> int:
    """Python's threads; one of Qt's that wrote to the log leaves a shadow behind, which is none."""
    return sum(not isinstance(thread, threading._DummyThread) for thread in threading.enumerate())


def run_monkey(qtbot, make_window, droppings, monkeypatch, steps: int, seed: int) -> None:
    warnings: list[str] = []
    from PySide6.QtCore import qInstallMessageHandler

    before = qInstallMessageHandler(lambda kind, where, said: warnings.append(said))
    desktop, closer = Desktop(), QTimer(interval=20)
    # A menu or a file dialog waits for the next click in an event loop of its own: someone has to close it.
    closer.timeout.connect(close_what_waits)
    closer.start()
    QDesktopServices.setUrlHandler("file", desktop, "open")
    threads = own_threads()
    monkey = None
    try:
        with qtbot.capture_exceptions() as caught:
            window = make_window("studio", Settings(language="en", theme="light"))
            window._book._entries[:] = [e for e in window._book.entries if e.spec.name != "quit"]  # it is no monkey's
            window.start()
            monkey = Monkey(window, seed, droppings)
            for _number in range(steps):
                monkey.step()
                assert caught == [], monkey.done[-5:]
                assert window.isVisible(), monkey.done[-5:]
            monkey.close_dialogs()
            assert window.close()
            pools = [pool for pool in window.findChildren(QThreadPool) if pool.activeThreadCount()]
            assert pools == []
            running = [thread for thread in window.findChildren(QThread) if thread.isRunning()]
            assert running == []
            QTest.qWait(50)
            assert caught == [], monkey.done[-5:]
    finally:
        closer.stop()
        qInstallMessageHandler(before)
        QDesktopServices.unsetUrlHandler("file")
    assert [said for said in warnings if not said.startswith(HARMLESS)] == [], monkey.done[-5:]
    qtbot.waitUntil(lambda: own_threads() <= threads + 1, timeout=10_000)  # asyncio's own helper may stay


def test_three_hundred_random_actions_break_nothing(qtbot, make_window, droppings, monkeypatch):
    run_monkey(qtbot, make_window, droppings, monkeypatch, 300, seed=20261122)


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_three_thousand_random_actions_break_nothing(qtbot, make_window, droppings, monkeypatch, seed):
    run_monkey(qtbot, make_window, droppings, monkeypatch, 3000, seed=seed)
