"""The left side of the tab: make a study, and the studies there are."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QLabel, QListView, QMenu, QPushButton, QVBoxLayout, QWidget

from sketchdesk.contracts.text import _
from sketchdesk.library.evaluation.studies import StudyEntry
from sketchdesk.library.evaluation.study_making import MADE
from sketchdesk.library.evaluation.study_presets import PRESETS
from sketchdesk.ui.evaluation.studies.study_delegate import StudyDelegate
from sketchdesk.ui.evaluation.studies.study_list import ENTRY_ROLE, StudyList
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.theme.icons import set_icon
from sketchdesk.ui.theme.manager import set_role, theme

LEAST_PX, WISHED_PX = 200, 264


class ListPanel(QFrame):
    """Buttons above the list of studies.

    Signals:
        preset_wanted(str): One of the studies that are one click away, by its name.
        made_wanted(str): One of the studies that are made from the newest training, by its name.
        form_wanted(): A study of the person's own.
        folder_wanted(): A folder of pictures is to be scored.
        open_wanted(): A study that lies in a folder is to be shown.
        chosen(object): The StudyEntry that is to be shown.
    """

    preset_wanted = Signal(str)
    made_wanted = Signal(str)
    form_wanted = Signal()
    folder_wanted = Signal()
    open_wanted = Signal()
    chosen = Signal(object)

    def __init__(self, studies: StudyList, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("evaluation_list_panel")
        set_role(self, "panel-left")
        self.setMinimumWidth(LEAST_PX)
        self._studies = studies
        self._new = named(QPushButton(), "evaluation_new_button")
        set_role(self._new, "primary")
        set_icon(self._new, "plus", "on_accent")
        self._menu = named(QMenu(self), "evaluation_new_menu")
        self._menu.setToolTipsVisible(True)
        self._new.setMenu(self._menu)
        self._presets = {preset.name: self._menu.addAction("") for preset in PRESETS}
        for name, action in self._presets.items():
            action.setObjectName(f"evaluation_preset_{name}")
            action.triggered.connect(partial(self.preset_wanted.emit, name))
        self._menu.addSeparator()
        self._made = {made.name: self._menu.addAction("") for made in MADE}
        for made_name, action in self._made.items():
            action.setObjectName(f"evaluation_made_{made_name}")
            action.triggered.connect(partial(self.made_wanted.emit, made_name))
        self._menu.addSeparator()
        self._own = QAction(self)
        self._own.setObjectName("evaluation_own_study")
        self._own.triggered.connect(self.form_wanted)
        self._menu.addAction(self._own)
        self._folder = named(QPushButton(), "evaluation_folder_button")
        set_icon(self._folder, "folder-open", "text")
        self._folder.clicked.connect(self.folder_wanted)
        self._open = named(QPushButton(), "evaluation_open_button")
        set_icon(self._open, "folder", "text")
        self._open.clicked.connect(self.open_wanted)
        self._caption = named(QLabel(), "evaluation_list_caption")
        set_role(self._caption, "caption")
        self._list = named(QListView(), "evaluation_list")
        self._build_list()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.setSpacing(8)
        for button in (self._new, self._folder, self._open):
            layout.addWidget(button)
        layout.addSpacing(8)
        layout.addWidget(self._caption)
        layout.addWidget(self._list, 1)
        theme().changed.connect(self._list.viewport().update)
        self.retranslate()

    def retranslate(self) -> None:
        """Take the language in use."""
        self._new.setText(_("New study"))
        describe(self._new, _("Compare models: the same prompts at the same seeds, scored and captioned"))
        for preset in PRESETS:
            self._presets[preset.name].setText(_(preset.title))
            self._presets[preset.name].setToolTip(_(preset.answers))
        for made in MADE:
            self._made[made.name].setText(_(made.title))
            self._made[made.name].setToolTip(_(made.answers))
        self._own.setText(_("A study of your own…"))
        self._folder.setText(_("Score a folder…"))
        describe(self._folder, _("Measure pictures that are there already: how well they fit their prompts"))
        self._open.setText(_("Open a study…"))
        describe(self._open, _("Show a study that lies in a folder anywhere; the folder can also be dropped here"))
        self._caption.setText(_("Studies"))
        self._list.setAccessibleName(_("Studies"))
        self._studies.retranslate()

    @property
    def current(self) -> StudyEntry | None:
        """The study that is chosen."""
        index = self._list.currentIndex()
        return index.data(ENTRY_ROLE) if index.isValid() else None

    def choose(self, run_id: str) -> None:
        """Choose a study; one that is not listed changes nothing."""
        row = self._studies.row_of(run_id)
        if row is not None:
            self._list.setCurrentIndex(self._studies.index(row))

    def choose_none(self) -> None:
        """Choose nothing: what is shown is not in the list."""
        self._list.clearSelection()
        self._list.setCurrentIndex(QModelIndex())

    def _build_list(self) -> None:
        self._list.setModel(self._studies)
        self._list.setItemDelegate(StudyDelegate(self._list))
        self._list.setMouseTracking(True)
        self._list.setUniformItemSizes(True)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        set_role(self._list, "bare")
        self._list.selectionModel().currentChanged.connect(self._on_current)

    @Slot(QModelIndex)
    def _on_current(self, index: QModelIndex) -> None:
        if index.isValid():
            self.chosen.emit(index.data(ENTRY_ROLE))
