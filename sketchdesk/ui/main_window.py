"""The window: puts the parts in place and connects them. What they do, they do themselves."""

from __future__ import annotations

from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QMainWindow, QWidget

from sketchdesk.contracts.events import JobEnded, Notice
from sketchdesk.contracts.text import _
from sketchdesk.library.files.swept import sweep
from sketchdesk.library.runs.leftovers import find_leftovers
from sketchdesk.library.runs.state import ACTIVE
from sketchdesk.library.settings import Settings
from sketchdesk.ui import language
from sketchdesk.ui.gallery.gallery_tab import GalleryTab
from sketchdesk.ui.message import Message
from sketchdesk.ui.prompt.prompt_panel import PromptPanel
from sketchdesk.ui.queue.queue_view import QueueView
from sketchdesk.ui.queue.strip import QueueStrip
from sketchdesk.ui.reading_order import focus_beside
from sketchdesk.ui.settings_store import SettingsStore
from sketchdesk.ui.shell.action_book import ActionBook
from sketchdesk.ui.shell.device_desk import DeviceDesk
from sketchdesk.ui.shell.ends import message_of_end
from sketchdesk.ui.shell.few_step_desk import FewStepDesk
from sketchdesk.ui.shell.frame import EVALUATION, MODELS, Frame
from sketchdesk.ui.shell.job_desk import JobDesk
from sketchdesk.ui.shell.late_tab import LateTab
from sketchdesk.ui.shell.left_desk import LeftDesk
from sketchdesk.ui.shell.message_bar import MessageBar
from sketchdesk.ui.shell.panels import Panels
from sketchdesk.ui.shell.prompt_desk import PromptDesk
from sketchdesk.ui.shell.shelf import Shelf
from sketchdesk.ui.shell.status import StatusLine
from sketchdesk.ui.shell.system_watch import SystemWatch
from sketchdesk.ui.shell.top_bar import TopBar, window_icon
from sketchdesk.ui.shell.ways import Ways
from sketchdesk.ui.shell.window_actions import (
    LANGUAGE,
    THEME,
    language_specs,
    page_specs,
    theme_specs,
    window_specs,
)
from sketchdesk.ui.shell.window_dialogs import WindowDialogs
from sketchdesk.ui.shell.window_memory import WindowMemory
from sketchdesk.ui.shell.wishes import Wishes
from sketchdesk.ui.theme.manager import theme
from sketchdesk.ui.training.training_tab import TrainingTab
from sketchdesk.workers.background import Background
from sketchdesk.workers.runner import JobRunner

if TYPE_CHECKING:
    from sketchdesk.ui.evaluation.evaluation_tab import EvaluationTab
    from sketchdesk.ui.models.models_tab import ModelsTab
    from sketchdesk.ui.shell.palette import Palette

SMALLEST_PX, FIRST_PX = (1000, 640), (1360, 860)


class MainWindow(QMainWindow):
    """Prompt, pages, queue and messages, over one runner and one store of settings.

    Here is made what is seen first: the frame, the prompt panel and the gallery. The other tabs are late: they come
    after the first paint, or when they are needed; dialogs and the palette when they are opened. `start` is called once
    the window is on the screen: it has the late tabs made, reads what an earlier window left, and looks for models and
    devices, all in threads.

    Signals:
        closed(): Everything has ended; nothing begins any more.
    """

    closed = Signal()

    def __init__(self, runner: JobRunner, store: SettingsStore) -> None:
        theme().prepare(store.value.theme)
        super().__init__()
        self._language, self._spoken = store.value.language, language.speak(store.value.language)
        self.setObjectName("main_window")
        self.setWindowIcon(window_icon())
        self.setMinimumSize(*SMALLEST_PX)
        self.asks_before_quitting, self.is_closed = True, False
        self._runner, self._store = runner, store
        runner.set_num_threads(store.value.num_threads)
        self._background = Background(self)
        self.prompt, self.gallery = PromptPanel(runner, store), GalleryTab(runner, store)
        self.training = TrainingTab(runner, store)
        self.top_bar, self.queue, self.messages = TopBar(), QueueView(runner), MessageBar()
        self.strip, self.status = QueueStrip(runner, self.queue.model), StatusLine(runner)
        self.watch, self.shelf = SystemWatch(parent=self), Shelf(runner, self)
        self.frame = Frame(
            self.top_bar, self.prompt, [self.gallery, self.training, QWidget(), QWidget()],
            self.queue, self.strip, self.messages, self.status,
        )  # fmt: skip
        self.setCentralWidget(self.frame)
        self._palette: Palette | None = None
        self._book, self._desk = ActionBook(self), JobDesk(runner, self)
        self._words, self._memory = PromptDesk(self.frame, self.prompt), WindowMemory(self)
        self._ways = Ways(self, self._words)
        self._few_steps, self._devices = FewStepDesk(runner, self.shelf, self), DeviceDesk(runner, self)
        self._wishes = Wishes(self.frame, self._desk, self._words, self.shelf, self._few_steps, self._ways)
        self._left = LeftDesk(runner, self.frame, self.gallery, self.queue)
        self.dialogs = WindowDialogs(self, runner, store, self._book, self._memory)
        self._panels = Panels(self)
        for name, panel in (("prompt", self.prompt), ("gallery", self.gallery), ("training", self.training)):
            self._panels.add(name, panel)
        pages = self.frame.pages
        self._late: dict[int, LateTab[Any]] = {
            MODELS: LateTab("sketchdesk.ui.models.models_tab", runner, store, pages, self._take_models),
            EVALUATION: LateTab(
                "sketchdesk.ui.evaluation.evaluation_tab", runner, store, pages, self._take_evaluation
            ),
        }  # fmt: skip
        self._fill_menus()
        self._connect_panels()
        self._connect_runner()
        self._show_words()
        theme().apply(store.value.theme)  # last: a style sheet makes putting widgets together several times slower
        for name, part in (("frame", self.frame), *self._panels.items()):
            self._memory.add(name, part)
        if not self._memory.restore_geometry():
            self.resize(*FIRST_PX)

    @property
    def models(self) -> ModelsTab:
        """The models tab."""
        tab: ModelsTab = self._late[MODELS].tab
        return tab

    @property
    def evaluation(self) -> EvaluationTab:
        """The evaluation tab."""
        tab: EvaluationTab = self._late[EVALUATION].tab
        return tab

    @property
    def palette_box(self) -> Palette:
        """The command palette."""
        if self._palette is None:
            from sketchdesk.ui.shell.palette import Palette

            self._palette = Palette(self)
            self._palette.search_wanted.connect(self._ways.search)
        return self._palette

    def start(self) -> None:
        """Begin what may take a while, now that the window can be seen; one that is closed already begins nothing."""
        if self.is_closed:
            return
        self._runner.set_engine_memory(self._store.value.engine_memory_gib)
        self._devices.look()
        self.prompt.editor.entry.setFocus()
        # What changes of the settings take; and what killed engines left.
        for each in (partial(import_module, "filelock"), language.read_all, sweep):
            self._background.do(each, bool)
        self._late[MODELS].load(self._background, partial(self._late[EVALUATION].load, self._background))
        self._left.look(self._background, find_leftovers)
        self.shelf.look()
        self.watch.start()
        self.dialogs.welcome()

    def retranslate(self) -> None:
        """Show everything in the language in use."""
        self._language = self._store.value.language
        self._spoken = language.speak(self._language)
        self._panels.retranslate(self.top_bar, self.queue, self.strip, self.messages, self.status)
        if self._palette:
            self._palette.retranslate()
        self.dialogs.retranslate()
        self._show_words()

    def _show_words(self) -> None:
        """Show what the window says itself; its parts do that for themselves when they are made."""
        self.setWindowTitle(_("SketchDesk"))
        self._book.retranslate()
        self.top_bar.show_choices(self._spoken, self._store.value.theme)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask before work is interrupted; then note how everything stands and end every engine and thread."""
        working = sum(self._runner.state(job_id) in ACTIVE for job_id in self._runner.job_ids())
        if working and self.asks_before_quitting:
            event.ignore()
            from sketchdesk.ui.shell.dialogs import ask_before_quitting

            ask_before_quitting(self, working, self._quit)
            return
        self.dialogs.close_all()
        self._memory.save()
        for late in self._late.values():
            late.stop()
        for part in (self._panels, self._few_steps, self.shelf, self.watch, self._background):
            part.shutdown()
        self._runner.shutdown()
        self._store.shutdown()
        event.accept()
        self.is_closed = True
        self.closed.emit()

    def focusNextPrevChild(self, is_next: bool) -> bool:
        """Let Tab follow the eye, whatever was made first."""
        return focus_beside(self, is_next) or super().focusNextPrevChild(is_next)

    @Slot()
    def show_palette(self) -> None:
        """Open the command palette."""
        from sketchdesk.ui.shell.palette_items import palette_items

        self.palette_box.open_with(palette_items(self._book, self.shelf, self._words.use_model, self._ways.show_run))

    # --- building ------------------------------------------------------------------------------------------------

    def _fill_menus(self) -> None:
        self._book.add(page_specs(self.frame))
        for part in (*self._panels, self._few_steps, self.strip, self.queue):
            self._book.add(part.action_specs())
        self._book.add_submenu(THEME, theme_specs(self._store))
        self._book.add_submenu(LANGUAGE, language_specs(self._store))
        self._book.add(window_specs(self, self.dialogs), last=True)
        self.top_bar.set_menus(self._book.menu("language_menu"), self._book.menu("theme_menu"))

    def _connect_panels(self) -> None:
        self._wishes.of_prompt(self.prompt)
        self._wishes.of_gallery(self.gallery, self.prompt)
        self._wishes.of_training(self.training)
        self.shelf.models_found.connect(self._panels.set_models)
        self.top_bar.search_wanted.connect(self.show_palette)
        self.top_bar.help_wanted.connect(self.dialogs.show_help)
        self.frame.page_changed.connect(self._on_page)
        self.dialogs.step_chosen.connect(self._ways.begin)
        self.watch.measured.connect(self.status.show_load)
        for part in (*self._panels, self._store, self._desk, self._left, self.watch):
            part.message.connect(self.messages.show_message)

    def _take_models(self, tab: ModelsTab) -> None:
        self._wishes.of_models(tab)
        self._take("models", MODELS, tab)

    def _take_evaluation(self, tab: EvaluationTab) -> None:
        self._wishes.of_evaluation(tab)
        tab.set_devices(self._runner.devices)
        self._take("evaluation", EVALUATION, tab)

    def _take(self, name: str, page: int, tab: ModelsTab | EvaluationTab) -> None:
        """Give a late tab its place among the others."""
        tab.message.connect(self.messages.show_message)
        tab.set_models(self.shelf.models)
        self._book.add(tab.action_specs())
        self._book.retranslate()
        self.frame.set_page(page, tab)
        self._memory.add(name, tab)
        self._panels.add(name, tab)

    def _connect_runner(self) -> None:
        self._runner.notice.connect(self._on_notice)
        self._runner.job_ended.connect(self._on_ended)
        self._devices.known.connect(self._panels.set_devices)
        self._store.changed.connect(self._on_settings)

    # --- what the person wishes ----------------------------------------------------------------------------------

    @Slot(int)
    def _on_page(self, page: int) -> None:
        """Have the tab that is gone to, if it is not there yet, in the language in use."""
        self._panels.finish_retranslating()
        if page in self._late:
            self._late[page].complete()

    @Slot(Settings)
    def _on_settings(self, settings: Settings) -> None:
        theme().apply(settings.theme)
        self._runner.set_engine_memory(settings.engine_memory_gib)
        self._runner.set_num_threads(settings.num_threads)
        if settings.language != self._language:
            self.retranslate()
        self.top_bar.show_choices(self._spoken, settings.theme)

    def _quit(self) -> None:
        self.asks_before_quitting = False
        self.close()

    # --- what comes from elsewhere -------------------------------------------------------------------------------

    @Slot(Notice)
    def _on_notice(self, event: Notice) -> None:
        self.messages.show_message(Message(event.message, level=event.level))

    @Slot(JobEnded)
    def _on_ended(self, event: JobEnded) -> None:
        run = self._runner.run(event.job_id)
        if message := message_of_end(run, event, partial(self._ways.show_run, run)):
            self.messages.show_message(message)
