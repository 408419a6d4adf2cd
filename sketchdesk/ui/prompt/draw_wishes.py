"""What is to be drawn, asked for: once, or by two models at the same seeds."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from sketchdesk.contracts.jobs import GenerateJob
from sketchdesk.ui.prompt.job_building import with_model, without_loras
from sketchdesk.ui.prompt.outlook import Outlook
from sketchdesk.ui.prompt.pair_menu import PairMenu

if TYPE_CHECKING:
    from sketchdesk.ui.prompt.prompt_panel import PromptPanel


class DrawWishes(QObject):
    """Makes jobs of what stands in the panel, where nothing is wrong with it.

    Signals:
        generate_requested(list): These GenerateJobs, now.
        queue_requested(list): These, after all that waits.
        refused(): There is a problem; it should be shown.
    """

    generate_requested = Signal(object)
    queue_requested = Signal(object)
    refused = Signal()

    def __init__(self, panel: PromptPanel) -> None:
        super().__init__(panel)
        self._panel = panel
        self._outlook: Outlook | None = None
        self._pair_wanted = False
        """A pair is to be drawn as soon as it is known what the model was trained from."""
        self._menu = PairMenu(panel)
        self._menu.model_chosen.connect(self._draw_with)
        self._menu.without_loras_chosen.connect(self._draw_without_loras)

    @Slot()
    def generate(self) -> None:
        """Ask for the pictures now."""
        self._draw(self.generate_requested.emit, lambda job: [job])

    @Slot()
    def add_to_queue(self) -> None:
        """Ask for the pictures after all that waits."""
        self._draw(self.queue_requested.emit, lambda job: [job])

    @Slot()
    def draw_pair(self) -> None:
        """Ask for the pictures of two models at the same seeds: the base first, then the one chosen.

        The base of a training's model is known; for another model a menu asks what to compare it with.
        """
        form, outlook = self._panel.form, self._outlook
        self._pair_wanted = outlook is None or outlook.model != form.model.name
        if outlook is None or self._pair_wanted:
            return
        if outlook.story.base is not None:
            self._draw_with(outlook.story.base)
        elif not self._panel.problem():
            self._menu.offer(form.model, bool(form.loras.value()))
            button = self._panel.bar.pair
            self._menu.popup(button.mapToGlobal(button.rect().topLeft()))

    @Slot(Outlook)
    def take_outlook(self, outlook: Outlook) -> None:
        """Know more of the model; a pair that waited for it is drawn."""
        self._outlook = outlook
        if self._pair_wanted and outlook.model == self._panel.form.model.name:
            self.draw_pair()

    @Slot(str)
    def _draw_with(self, other: str) -> None:
        self._draw(self.generate_requested.emit, lambda job: [with_model(job, other), job])

    @Slot()
    def _draw_without_loras(self) -> None:
        self._draw(self.generate_requested.emit, lambda job: [without_loras(job), job])

    def _draw(
        self, wish: Callable[[list[GenerateJob]], object], jobs_of: Callable[[GenerateJob], list[GenerateJob]]
    ) -> None:
        self._panel.editor.commit()
        if self._panel.problem():
            self.refused.emit()
            return
        self._panel.form.seed.take()
        wish(jobs_of(self._panel.value()))
