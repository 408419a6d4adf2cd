"""Every screen, dialog, menu and empty state of the window: its name, how to bring it about, how to leave it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
from PIL import Image
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QMenu, QMenuBar, QScrollArea, QWidget

from sketchdesk.contracts.jobs import DistillJob
from sketchdesk.ui.evaluation.results.result_page import ResultPage
from sketchdesk.ui.main_window import MainWindow
from sketchdesk.ui.message import Message
from sketchdesk.ui.shell.crash import report_text
from sketchdesk.ui.shell.crash_dialog import CrashDialog
from sketchdesk.ui.shell.dialogs import ask_before_quitting
from sketchdesk.ui.shell.frame import EVALUATION, GALLERY, MODELS, TRAINING

Do = Callable[[], object]
Part = TypeVar("Part", bound=QWidget)
LOOKS = 20
"""How many steps' time the pictures of the demo's set take to be looked through."""


def _nothing() -> None:
    """Leave a screen as it is."""


@dataclass(frozen=True)
class Screen:
    """One picture to take."""

    name: str
    steps: tuple[Do, ...]
    """What brings it about, with time for the window to follow after each."""
    leave: Do = _nothing
    when_empty: bool = False
    """Whether it is also taken of a window that has nothing yet."""


class Hands:
    """Works a window as a person would, by the names of its parts."""

    def __init__(self, window: MainWindow, scratch: Path) -> None:
        self._window, self._scratch = window, scratch

    def page(self, number: int) -> Do:
        """Return what goes to a page."""
        return partial(self._window.frame.show_page, number)

    def act(self, name: str) -> None:
        """Do what an entry of the menus does."""
        action = self._window.findChild(QAction, f"{name}_action")
        if action is None:
            raise LookupError(f"no action {name}")
        action.trigger()

    def press(self, name: str) -> None:
        """Press a button."""
        self._button(name).click()

    def open_menu(self, name: str) -> None:
        """Open the menu of a button, below it."""
        button = self._button(name)
        menu = button.menu()  # type: ignore[attr-defined]
        menu.popup(button.mapToGlobal(QPoint(0, button.height() + 2)))

    def open_bar_menu(self, number: int) -> None:
        """Open a menu of the menu bar."""
        bar = self._window.findChild(QMenuBar)
        assert bar is not None
        action = bar.actions()[number]
        menu = action.menu()
        assert isinstance(menu, QMenu)
        menu.popup(bar.mapToGlobal(bar.actionGeometry(action).bottomLeft()))

    def pick(self) -> None:
        """Select the second picture of the gallery."""
        grid = self._window.gallery.grid
        self._window.frame.show_page(GALLERY)
        grid.setFocus()
        grid.setCurrentIndex(grid.model().index(1, 0))

    def context_menu(self) -> None:
        """Open what can be done with a picture."""
        grid = self._window.gallery.grid
        grid.customContextMenuRequested.emit(grid.visualRect(grid.currentIndex()).center())

    def more_settings(self, is_open: bool) -> None:
        """Open the rest of the prompt panel and show it, or close it."""
        form = self._window.prompt.form
        form.fold.set_open(is_open)
        QApplication.processEvents()  # the panel is longer now
        self.scroll("prompt_scroll", to_end=is_open)

    def type_seeds(self, text: str) -> None:
        """Type into the line of seeds."""
        line = self._part(QLineEdit, "prompt_seed_edit")
        line.selectAll()
        QTest.keyClicks(line, text)
        self.scroll("prompt_scroll", to_end=True)

    def start_picture(self) -> None:
        """Begin with a picture."""
        path = self._scratch / "start.png"
        across, down = np.meshgrid(*2 * [np.linspace(60, 230, 128, dtype=np.uint8)])
        Image.fromarray(np.dstack([across, down, across])).save(path)
        self._window.prompt.start_from(path)

    def open_prompt(self) -> None:
        """Show every seed of the first prompt of the study on show."""
        result = self._window.evaluation.findChild(ResultPage)
        if result is None or result.study is None:
            raise LookupError("no study on show")
        result.open_prompt(result.study.job.prompts[0])

    def tell(self) -> None:
        """Have something told, with details on show."""
        message = Message(
            "The disk is full: 3 of 30 pictures could not be saved.", "Free some space, then draw them again.",
            "OSError: [Errno 28] No space left on device: 'images/2026-11-22/a-zebra-1003.png'", level="error",
            action_text="Open the folder", action=_nothing,
        )  # fmt: skip
        self._window.messages.show_message(message)
        self.press("message_details_button")

    def silence(self) -> None:
        """Put what is told away."""
        self.press("message_details_button")
        self._window.messages.dismiss()

    def crash(self) -> None:
        """Open what tells of a mistake of the program."""
        try:
            raise ValueError("a picture that cannot be")
        except ValueError as error:
            CrashDialog(report_text(error, "the window"), self._scratch / "report.txt", self._window).show()

    def open_sample(self) -> None:
        """Open the first picture of the training on show."""
        strip = self._window.training.page.dashboard.below.strip
        pressed = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(strip, pressed)

    def select_distillation(self) -> None:
        """Bring the newest run that makes a model few-step to the foreground."""
        page = self._window.training.page
        run = next((each.run for each in page.model.trainings if isinstance(each.job, DistillJob)), None)
        if run is None:
            raise LookupError("no distillation among the trainings")
        page.runs.select(run.id)

    def select_first_training(self) -> None:
        """Bring the newest training to the foreground again."""
        page = self._window.training.page
        runs = [each.run for each in page.model.trainings if not isinstance(each.job, DistillJob)]
        if runs:
            page.runs.select(runs[0].id)

    def unfold_few_step(self) -> None:
        """Show the settings that seldom change of making a model few-step."""
        self.press("few_step_more_button")
        QApplication.processEvents()  # the form is longer now
        self.scroll("few_step_scroll", to_end=True)

    def scroll(self, name: str, to_end: bool) -> None:
        """Scroll a part to its end, or back."""
        bar = self._part(QScrollArea, name).verticalScrollBar()
        bar.setValue(bar.maximum() if to_end else 0)

    def _part(self, kind: type[Part], name: str) -> Part:
        for found in self._window.findChildren(kind, name):
            if found.isVisible():
                return found
        raise LookupError(f"no {name} on show")

    def _button(self, name: str) -> QAbstractButton:
        return self._part(QAbstractButton, name)


def screens(window: MainWindow, scratch: Path) -> list[Screen]:
    """Return every screen of a window; `scratch` takes the files that some need."""
    hands = Hands(window, scratch)
    page, frame, gallery, dialogs = hands.page, window.frame, window.gallery, window.dialogs
    menu, press, act = (partial(partial, do) for do in (hands.open_menu, hands.press, hands.act))
    bars = [partial(hands.open_bar_menu, number) for number in range(len(window.findChild(QMenuBar).actions()))]  # type: ignore[union-attr]
    look_through = (press("training_dataset_look"), *LOOKS * (_nothing,))
    return [
        Screen("gallery", (hands.pick,), when_empty=True),
        Screen("gallery-menu", (hands.pick, hands.context_menu)),
        Screen("gallery-model-menu", (hands.pick, menu("gallery_model_chip"))),
        Screen("gallery-score-menu", (hands.pick, menu("gallery_score_chip"))),
        Screen("compare", (hands.pick, gallery.chosen.compare), gallery.show_grid),
        Screen("enlarged", (hands.pick, gallery.open_current), gallery.show_grid),
        Screen("none-found", (page(GALLERY), partial(gallery.search, "submarine")), gallery.clear_filters),
        Screen("export", (hands.pick, gallery.chosen.export)),
        Screen("tags", (hands.pick, act("gallery_tag"))),
        Screen("trash", (page(GALLERY), act("gallery_show_trash"))),
        Screen("folders", (page(GALLERY), act("gallery_folders"))),
        Screen("more-settings", (page(GALLERY), partial(hands.more_settings, True)),
               partial(hands.more_settings, False), when_empty=True),
        Screen("start-picture", (page(GALLERY), hands.start_picture),
               partial(hands.more_settings, False)),
        Screen("bad-seeds", (page(GALLERY), partial(hands.type_seeds, "12, many")),
               partial(hands.type_seeds, "1000"), when_empty=True),
        Screen("mask", (page(GALLERY), press("prompt_mask_paint")), press("prompt_start_remove")),
        Screen("prompt-menu", (page(GALLERY), press("prompt_more_button"))),
        Screen("message", (page(GALLERY), hands.tell), hands.silence),
        Screen("training", (page(TRAINING),), when_empty=True),
        Screen("training-few-step", (page(TRAINING), hands.select_distillation), hands.select_first_training),
        Screen("few-step", (page(TRAINING), act("few_step_new")), when_empty=True),
        Screen("few-step-more", (page(TRAINING), act("few_step_new"), hands.unfold_few_step)),
        Screen("training-log", (page(TRAINING), press("training_show_log")), press("training_show_samples")),
        Screen("training-export-menu", (page(TRAINING), menu("training_export_button"))),
        Screen("sample", (page(TRAINING), hands.open_sample)),
        Screen("data-set", (page(TRAINING), *look_through)),
        Screen("captions", (page(TRAINING), *look_through, press("dataset_write_captions"))),
        Screen("fit", (page(TRAINING), press("training_fit_button"))),
        Screen("evaluation", (page(EVALUATION),), when_empty=True),
        Screen("evaluation-below", (page(EVALUATION), partial(hands.scroll, "evaluation_scroll", True)),
               partial(hands.scroll, "evaluation_scroll", False)),
        Screen("evaluation-new-menu", (page(EVALUATION), menu("evaluation_new_button")), when_empty=True),
        Screen("evaluation-prompt", (page(EVALUATION), hands.open_prompt)),
        Screen("vote", (page(EVALUATION), press("evaluation_vote_button"))),
        Screen("study-form", (page(EVALUATION), window.evaluation.maker.new_study), when_empty=True),
        Screen("folder-form", (page(EVALUATION), window.evaluation.maker.score_folder), when_empty=True),
        Screen("models", (page(MODELS),), when_empty=True),
        Screen("download", (page(MODELS), act("model_download"))),
        Screen("models-add-menu", (page(MODELS), menu("models_add_button"))),
        Screen("queue", (page(GALLERY), partial(frame.show_queue, True)), partial(frame.show_queue, False),
               when_empty=True),
        Screen("palette", (page(GALLERY), window.show_palette), window.palette_box.close),
        Screen("theme-menu", (page(GALLERY), menu("theme_button"))),
        Screen("help", (dialogs.show_help,)),
        Screen("guide", (dialogs.show_guide,)),
        Screen("settings", (dialogs.show_settings,)),
        Screen("welcome", (dialogs.show_welcome,), when_empty=True),
        Screen("about", (dialogs.show_about,)),
        Screen("quit", (partial(ask_before_quitting, window, 2, _nothing),)),
        Screen("crash", (hands.crash,)),
        *(Screen(f"bar-menu-{number}", (page(GALLERY), bar)) for number, bar in enumerate(bars)),
    ]  # fmt: skip
