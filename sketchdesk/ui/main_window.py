"""The window: puts the parts in place and connects them. What they do, they do themselves."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QAction, QActionGroup, QCloseEvent, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QFileDialog, QMainWindow, QMenu, QMessageBox, QSplitter, QVBoxLayout, QWidget
from qasync import asyncSlot

from sketchdesk import __version__
from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.events import ImageSaved, JobEnded, Notice
from sketchdesk.contracts.jobs import GenerateJob
from sketchdesk.contracts.text import _, ngettext
from sketchdesk.library.run_state import ACTIVE, RunState
from sketchdesk.library.settings import Settings, save_settings
from sketchdesk.ui import language
from sketchdesk.ui.export import export_images
from sketchdesk.ui.gallery.simple import Gallery
from sketchdesk.ui.prompt_bar import PromptBar
from sketchdesk.ui.queue.queue_view import QueueView
from sketchdesk.ui.shell.message_bar import MessageBar
from sketchdesk.workers.runner import JobRunner

_SCHEMES = {
    "system": Qt.ColorScheme.Unknown,
    "light": Qt.ColorScheme.Light,
    "dark": Qt.ColorScheme.Dark,
}


class MainWindow(QMainWindow):
    """Prompt line, pictures, queue and messages, over one runner."""

    def __init__(self, runner: JobRunner, settings: Settings) -> None:
        super().__init__()
        self.setObjectName("main_window")
        self._runner = runner
        self._settings = settings
        self._drawings: list[str] = []
        self.prompt_bar = PromptBar(settings)
        self.gallery = Gallery()
        self.queue = QueueView(runner)
        self.message_bar = MessageBar()
        self._build_layout()
        self._build_menus()
        self._connect()
        self._apply_theme()
        self.retranslate()
        self.resize(1000, 700)

    def retranslate(self) -> None:
        """Show everything in the language in use."""
        self.setWindowTitle(_("SketchDesk"))
        self._file_menu.setTitle(_("&File"))
        self._view_menu.setTitle(_("&View"))
        self._language_menu.setTitle(_("&Language"))
        self._theme_menu.setTitle(_("&Theme"))
        self._help_menu.setTitle(_("&Help"))
        self._export_action.setText(_("&Export the images…"))
        self._quit_action.setText(_("&Quit"))
        self._about_action.setText(_("&About SketchDesk"))
        self._languages["system"].setText(_("As the system"))
        for theme, title in (("system", _("As the system")), ("light", _("Light")), ("dark", _("Dark"))):
            self._themes[theme].setText(title)
        for part in (self.prompt_bar, self.gallery, self.queue, self.message_bar):
            part.retranslate()

    def offer_interrupted(self) -> None:
        """Take up what an earlier window left and say what can be resumed."""
        interrupted = self._runner.reconcile()
        if interrupted:
            self.queue.select(interrupted[-1].id)
            self.message_bar.show_message(
                ngettext(
                    "{count} job was interrupted when SketchDesk ended. Select it in the list to resume or stop it.",
                    "{count} jobs were interrupted when SketchDesk ended. Select one in the list to resume or stop it.",
                    len(interrupted),
                ).format(count=len(interrupted)),
                warning=True,
            )

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask before work is interrupted, then end every engine."""
        working = [job_id for job_id in self._runner.job_ids() if self._runner.state(job_id) in ACTIVE]
        if working and not self._may_interrupt(len(working)):
            event.ignore()
            return
        self._runner.shutdown()
        event.accept()

    # --- building ------------------------------------------------------------------------------------------------

    def _build_layout(self) -> None:
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.setObjectName("splitter")
        splitter.addWidget(self.gallery)
        splitter.addWidget(self.queue)
        splitter.setStretchFactor(0, 3)
        splitter.setStretchFactor(1, 1)
        central = QWidget()
        layout = QVBoxLayout(central)
        layout.addWidget(self.prompt_bar)
        layout.addWidget(splitter, 1)
        layout.addWidget(self.message_bar)
        self.setCentralWidget(central)

    def _build_menus(self) -> None:
        self._file_menu, self._view_menu, self._help_menu = (self._menu(name) for name in ("file", "view", "help"))
        self._export_action = self._action("export", self._file_menu, QKeySequence.StandardKey.SaveAs)
        self._quit_action = self._action("quit", self._file_menu, QKeySequence.StandardKey.Quit)
        self._quit_action.setMenuRole(QAction.MenuRole.QuitRole)
        self._language_menu = self._menu("language", self._view_menu)
        self._theme_menu = self._menu("theme", self._view_menu)
        self._languages = self._choices("language", self._language_menu, ["system", *language.NAMES])
        for code, name in language.NAMES.items():
            self._languages[code].setText(name)
        self._themes = self._choices("theme", self._theme_menu, list(_SCHEMES))
        self._languages[self._settings.language].setChecked(True)
        self._themes[self._settings.theme].setChecked(True)
        self._about_action = self._action("about", self._help_menu)
        self._about_action.setMenuRole(QAction.MenuRole.AboutRole)

    def _menu(self, name: str, parent: QMenu | None = None) -> QMenu:
        menu = parent.addMenu("") if parent else self.menuBar().addMenu("")
        menu.setObjectName(f"{name}_menu")
        return menu

    def _action(self, name: str, menu: QMenu, key: QKeySequence.StandardKey | None = None) -> QAction:
        action = menu.addAction("")
        action.setObjectName(f"{name}_action")
        if key is not None:
            action.setShortcut(key)
        return action

    def _choices(self, name: str, menu: QMenu, values: list[str]) -> dict[str, QAction]:
        group = QActionGroup(self)
        actions = {value: self._action(f"{name}_{value}", menu) for value in values}
        for value, action in actions.items():
            action.setCheckable(True)
            action.setData(value)
            group.addAction(action)
        return actions

    def _connect(self) -> None:
        self.prompt_bar.generate_requested.connect(self._on_generate)
        self.prompt_bar.cancel_requested.connect(self._on_cancel)
        self._runner.image_saved.connect(self._on_image_saved)
        self._runner.notice.connect(self._on_notice)
        self._runner.job_state_changed.connect(self._on_state_changed)
        self._runner.job_ended.connect(self._on_ended)
        self._language_menu.triggered.connect(self._on_language)
        self._theme_menu.triggered.connect(self._on_theme)
        self._export_action.triggered.connect(self._on_export)
        self._quit_action.triggered.connect(self.close)
        self._about_action.triggered.connect(self._on_about)

    # --- what the person wishes ----------------------------------------------------------------------------------

    @Slot(GenerateJob)
    def _on_generate(self, job: GenerateJob) -> None:
        try:
            job_id = self._runner.submit(job)
        except SketchDeskError as error:
            self.message_bar.show_message(f"{error.message} {error.next_step}", warning=True)
            return
        self._drawings.append(job_id)
        self._update_working()

    @Slot()
    def _on_cancel(self) -> None:
        open_drawings = self._open_drawings()
        if open_drawings:
            self._runner.cancel(open_drawings[-1])

    @Slot(QAction)
    def _on_language(self, action: QAction) -> None:
        self._change(language=action.data())
        language.speak(self._settings.language)
        self.retranslate()

    @Slot(QAction)
    def _on_theme(self, action: QAction) -> None:
        self._change(theme=action.data())
        self._apply_theme()

    @asyncSlot()  # type: ignore[untyped-decorator]  # qasync has no types
    async def _on_export(self) -> None:
        images = self.gallery.paths()
        if not images:
            self.message_bar.show_message(_("There are no images to export yet."))
            return
        folder = await self._ask_folder()
        if folder is None:
            return
        try:
            copies = await export_images(images, folder)
        except SketchDeskError as error:
            self.message_bar.show_message(f"{error.message} {error.next_step}", warning=True)
        except OSError as error:
            self.message_bar.show_message(_("The images could not be copied: {reason}").format(reason=error), True)
        else:
            count = len(copies)
            text = ngettext("{count} image was copied to {folder}.", "{count} images were copied to {folder}.", count)
            self.message_bar.show_message(text.format(count=count, folder=folder))

    async def _ask_folder(self) -> Path | None:
        """Let the person choose a folder, while the window goes on; None if they do not."""
        dialog = QFileDialog(self, _("Export the images to"))
        dialog.setObjectName("export_dialog")
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        chosen: asyncio.Future[Path | None] = asyncio.get_running_loop().create_future()
        dialog.fileSelected.connect(lambda folder: chosen.set_result(Path(folder)))
        dialog.rejected.connect(lambda: chosen.set_result(None))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()
        return await chosen

    @Slot()
    def _on_about(self) -> None:
        box = QMessageBox(self)
        box.setObjectName("about_box")
        box.setWindowTitle(_("About SketchDesk"))
        box.setText(_("SketchDesk {version}").format(version=__version__))
        box.setInformativeText(
            _("Teach a text-to-image model a style, draw with it, and know whether it got better.")
        )
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()

    # --- what the runner tells -----------------------------------------------------------------------------------

    @Slot(ImageSaved)
    def _on_image_saved(self, event: ImageSaved) -> None:
        self.gallery.add(event.path, event.prompt)

    @Slot(Notice)
    def _on_notice(self, event: Notice) -> None:
        self.message_bar.show_message(event.message, event.level == "warning")

    @Slot(str, RunState)
    def _on_state_changed(self, _job_id: str, _state: RunState) -> None:
        self._update_working()

    @Slot(JobEnded)
    def _on_ended(self, event: JobEnded) -> None:
        if event.message:
            self.message_bar.show_message(f"{event.message} {event.next_step}".strip(), event.state == "failed")

    # --- helpers -------------------------------------------------------------------------------------------------

    def _open_drawings(self) -> list[str]:
        on_show = set(self._runner.job_ids())
        open_states = ACTIVE | {RunState.QUEUED}
        self._drawings = [i for i in self._drawings if i in on_show and self._runner.state(i) in open_states]
        return [i for i in self._drawings if self._runner.state(i) is not RunState.CANCELLING]

    def _update_working(self) -> None:
        self.prompt_bar.set_working(bool(self._open_drawings()))

    def _change(self, **values: str) -> None:
        self._settings = msgspec.structs.replace(self._settings, **values)
        try:
            save_settings(self._settings)
        except SketchDeskError as error:
            self.message_bar.show_message(f"{error.message} {error.next_step}", warning=True)

    def _apply_theme(self) -> None:
        QGuiApplication.styleHints().setColorScheme(_SCHEMES[self._settings.theme])

    def _may_interrupt(self, count: int) -> bool:
        question = ngettext(
            "{count} job is working. Quit and resume it next time?",
            "{count} jobs are working. Quit and resume them next time?",
            count,
        ).format(count=count)
        return QMessageBox.question(self, _("SketchDesk"), question) == QMessageBox.StandardButton.Yes
