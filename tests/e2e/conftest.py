"""The whole program under somebody's hands: the real window over real engines and the shipped demo models.

Everything goes through widgets, by their names, as a user would; nothing is waited for but what can be seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QAction, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QApplication, QComboBox, QLineEdit, QSpinBox, QWidget

from sketchdesk.contracts.events import DeviceFound
from sketchdesk.library.devices import save_devices
from sketchdesk.library.settings import load_settings
from sketchdesk.ui import language
from sketchdesk.ui.main_window import MainWindow
from sketchdesk.ui.settings_store import SettingsStore
from sketchdesk.workers.engine_process import Graces
from sketchdesk.workers.runner import JobRunner

LEFT, NO_KEY, CONTROL = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier
PATIENCE_MS = 300_000
"""An engine that starts on a busy machine needs time; nobody waits longer than it takes."""


class Person:
    """Somebody at a window. Things are found by the name they have for tests and must be in sight to be used."""

    def __init__(self, qtbot, window: MainWindow, runner: JobRunner) -> None:
        self.qtbot, self.window, self.runner = qtbot, window, runner
        self.foresees_errors = False

    # --- looking -----------------------------------------------------------------------------------------------------

    def find(self, name: str, kind: type = QWidget):
        """Return the widget of a name, in the window or a dialog, once it is made; the one in sight of several."""
        self.wait(lambda: self._found(name, kind))
        found = self._found(name, kind)
        return next((w for w in found if w.isVisible()), found[0])

    def _found(self, name: str, kind: type) -> list[QWidget]:
        places = [self.window, *(w for w in QApplication.topLevelWidgets() if w is not self.window and w.isVisible())]
        return [w for place in places for w in (place, *place.findChildren(kind, name)) if w.objectName() == name]

    def sees(self, name: str) -> bool:
        """Tell whether a widget is in sight."""
        return any(widget.isVisible() for widget in self._found(name, QWidget))

    def wait_for(self, name: str) -> None:
        """Wait until a widget is in sight."""
        self.wait(lambda: self.sees(name))

    def wait(self, condition: Callable[[], object], timeout: int = PATIENCE_MS) -> None:
        """Wait until something is so; an error that was told and not foreseen is not waited out."""

        def looked() -> bool:
            current = self.window.messages.current
            if current and current.level == "error" and not self.foresees_errors:
                pytest.fail(f"{current.text} {current.next_step}\n{current.details}")
            return bool(condition())

        self.qtbot.waitUntil(looked, timeout=timeout)

    def told(self) -> str:
        """What the message bar says, and what it said before."""
        bar = self.window.messages
        return "\n".join([bar.text, *(f"{message.text} {message.next_step}" for message in bar.others)])

    def wait_told(self, words: str) -> None:
        """Wait until the message bar has said something."""
        self.wait(lambda: words in self.told())

    # --- doing -------------------------------------------------------------------------------------------------------

    def press(self, name: str) -> None:
        """Click a button, once it can be."""
        button = self.find(name, QAbstractButton)
        self.wait(lambda: button.isVisible() and button.isEnabled())
        self.qtbot.mouseClick(button, LEFT)

    def do(self, action: str) -> None:
        """Choose something from a menu, by its name."""
        found = self.window.findChild(QAction, action)
        assert found is not None and found.isEnabled(), action
        found.trigger()

    def write(self, name: str, text: str) -> None:
        """Type over what stands in a field."""
        field = self.find(name)
        self.wait(lambda: field.isVisible() and field.isEnabled())
        line = field if isinstance(field, QLineEdit) else field.lineEdit()
        self.qtbot.mouseClick(line, LEFT)
        line.selectAll()
        self.qtbot.keyClicks(line, text)
        if isinstance(field, QSpinBox):
            field.interpretText()

    def choose(self, name: str, text: str) -> None:
        """Choose from a list that opens."""
        box = self.find(name, QComboBox)
        place = box.findText(text)
        assert place >= 0, [box.itemText(n) for n in range(box.count())]
        box.setCurrentIndex(place)
        box.activated.emit(place)

    def key(self, key: Qt.Key, modifier: Qt.KeyboardModifier = NO_KEY, on: QWidget | None = None) -> None:
        """Press a key where the keyboard is; the window is in front, as desktops see to when a dialog has closed."""
        self.window.activateWindow()
        self.wait(self.window.isActiveWindow)
        self.qtbot.keyClick(on or QApplication.focusWidget() or self.window, key, modifier)

    def click_row(self, view: QAbstractItemView, row: int, modifier: Qt.KeyboardModifier = NO_KEY) -> None:
        """Click an entry of a list."""
        at = view.visualRect(view.model().index(row, 0)).center()
        self.qtbot.mouseClick(view.viewport(), LEFT, modifier, at)

    def drop(self, name: str, *paths: Path) -> None:
        """Drop files on something, or on what lies around it and takes them."""
        target = self.find(name)
        while not target.acceptDrops():
            target = target.parentWidget()
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
        enter = QDragEnterEvent(QPoint(8, 8), Qt.DropAction.CopyAction, data, LEFT, NO_KEY)
        QApplication.sendEvent(target, enter)
        assert enter.isAccepted(), name
        QApplication.sendEvent(target, QDropEvent(QPointF(8, 8), Qt.DropAction.CopyAction, data, LEFT, NO_KEY))


@pytest.fixture(autouse=True)
def english_numbers() -> Iterator[None]:
    """Numbers are written the English way."""
    QLocale.setDefault(QLocale("en"))
    yield
    QLocale.setDefault(QLocale("en"))


@pytest.fixture
def known_machine(home) -> None:
    """An earlier window has looked which devices there are, so that no engine is started for that alone."""
    save_devices([
        DeviceFound(device="cpu", name="A processor", memory_gib=24.0, precisions=("fp32",), preferred="fp32")
    ])  # fmt: skip


@pytest.fixture
def open_window(qtbot, home) -> Iterator[Callable[[], Person]]:
    """Opens the program as its start does, on one thread so that it is a good neighbour; call it again for the next
    window on the same data folder, after the first was closed.
    """
    made: list[Person] = []

    def open_one() -> Person:
        language.speak("en")
        store = SettingsStore(load_settings())
        store.change(language="en", num_threads=1)
        runner = JobRunner(graces=Graces(close_s=1.0))
        window = MainWindow(runner, store)
        window.asks_before_quitting = False
        made.append(Person(qtbot, window, runner))
        window.resize(1360, 860)
        window.show()
        window.activateWindow()
        qtbot.waitActive(window)
        window.start()
        return made[-1]

    yield open_one
    for person in made:
        person.window.close()
        person.runner.shutdown()
        person.window.deleteLater()
