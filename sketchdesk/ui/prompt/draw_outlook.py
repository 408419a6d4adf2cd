"""What drawing will take, or why it cannot begin: looked at a moment after something changed, told below the form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from sketchdesk.library.drawing.forecast import Forecast, images_of
from sketchdesk.ui.prompt.outlook import Forecaster, Outlook, Question, outlook_text
from sketchdesk.workers.background import Background

if TYPE_CHECKING:
    from sketchdesk.ui.prompt.prompt_panel import PromptPanel


class DrawOutlook(QObject):
    """Asks for a forecast in a thread and shows it in the panel's bar and form.

    Signals:
        known(Outlook): There is a new answer, and it is on show.
    """

    known = Signal(Outlook)

    def __init__(self, panel: PromptPanel, background: Background) -> None:
        super().__init__(panel)
        self._panel = panel
        self.last: Outlook | None = None
        """The last answer."""
        self._forecaster = Forecaster(background, self)
        self._forecaster.ready.connect(self._on_ready)
        # Many changes at once, such as a language switch or a draft, are looked at once.
        self._settle = QTimer(self, interval=0, singleShot=True)
        self._settle.timeout.connect(self.look)

    def soon(self) -> None:
        """Look as soon as nothing else is to be done."""
        self._settle.start()

    def forget(self) -> None:
        """Read anew, at the next look, what is known of the models."""
        self._forecaster.forget()

    def stop(self) -> None:
        """Look no more."""
        self._settle.stop()
        self._forecaster.stop()

    @Slot()
    def look(self) -> None:
        """Look at the whole: counts in the list, problems at the fields, and what it will cost."""
        panel, form = self._panel, self._panel.form
        panel.editor.model.set_count(form.images_each())
        if reason := panel.problem():
            panel.bar.refuse(reason)
        elif self.last is not None and self.last.model == form.model.name:
            self._tell(self.last)  # until the new answer is there
        else:
            panel.bar.tell(outlook_text(Forecast(images=self._images()), None))
        entry, place = form.model.entry, form.place
        device = place.meant.device if place.meant else place.device.replace("auto", "cpu")
        self._forecaster.ask(Question(panel.value(), entry.path if entry else None, device, place.meant_precision))

    @Slot(Outlook)
    def _on_ready(self, outlook: Outlook) -> None:
        self.last = outlook
        self._panel.form.set_facts(outlook.model, outlook.story.facts)
        self._panel.form.show_added_problems(outlook.problems)
        self._panel.form.show_remarks(outlook.remarks)
        if reason := self._panel.problem():
            self._panel.bar.refuse(reason)
        else:
            self._tell(outlook)
        self.known.emit(outlook)

    def _images(self) -> int:
        each = self._panel.form.images_each()
        return sum(images_of(row, each) for row in self._panel.editor.rows())

    def _tell(self, outlook: Outlook) -> None:
        device = self._panel.form.place.meant
        memory = outlook.forecast.memory_gib
        self._panel.bar.tell(
            outlook_text(outlook.forecast, device.memory_gib if device else None),
            device is not None and memory is not None and memory > device.memory_gib,
        )
