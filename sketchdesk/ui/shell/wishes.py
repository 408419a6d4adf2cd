"""What each panel wishes, and who does it: the connections between panels, which know nothing of each other."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sketchdesk.ui.gallery.gallery_tab import GalleryTab
from sketchdesk.ui.prompt.prompt_panel import PromptPanel
from sketchdesk.ui.shell.few_step_desk import FewStepDesk
from sketchdesk.ui.shell.frame import TRAINING, Frame
from sketchdesk.ui.shell.job_desk import JobDesk
from sketchdesk.ui.shell.prompt_desk import PromptDesk
from sketchdesk.ui.shell.shelf import Shelf
from sketchdesk.ui.shell.ways import Ways
from sketchdesk.ui.training.training_tab import TrainingTab

if TYPE_CHECKING:
    from sketchdesk.ui.evaluation.evaluation_tab import EvaluationTab
    from sketchdesk.ui.models.models_tab import ModelsTab


class Wishes:
    """Connects a panel once it is there: what is to be done goes to the desks, what is new to the shelf."""

    def __init__(
        self, frame: Frame, desk: JobDesk, words: PromptDesk, shelf: Shelf, few_steps: FewStepDesk, ways: Ways
    ) -> None:
        self._frame, self._desk, self._words, self._shelf = frame, desk, words, shelf
        self._few_steps, self._ways = few_steps, ways
        few_steps.requested.connect(desk.train)

    def of_prompt(self, panel: PromptPanel) -> None:
        """Connect the prompt panel."""
        panel.generate_requested.connect(self._desk.draw_now)
        panel.queue_requested.connect(self._desk.draw_later)
        panel.convert_requested.connect(self._desk.convert)

    def of_gallery(self, tab: GalleryTab, prompt: PromptPanel) -> None:
        """Connect the gallery; the first picture is drawn of what the prompt panel holds."""
        tab.draw_requested.connect(self._desk.draw_now)
        tab.first_drawing_requested.connect(prompt.generate)
        tab.models_changed.connect(self._shelf.look)
        self._words.serve(tab)

    def of_training(self, tab: TrainingTab) -> None:
        """Connect the training tab."""
        tab.train_requested.connect(self._desk.train)
        tab.resume_requested.connect(self._desk.resume)
        tab.models_changed.connect(self._shelf.look)
        tab.model_chosen.connect(self._words.use_model)
        tab.lora_chosen.connect(self._words.use_lora)
        tab.student_chosen.connect(self._words.use_student)
        tab.few_step_wanted.connect(self._few_steps.ask)
        tab.study_wanted.connect(self._ways.start_study)

    def of_models(self, tab: ModelsTab) -> None:
        """Connect the models tab."""
        tab.model_chosen.connect(self._words.use_model)
        tab.models_changed.connect(self._shelf.look)
        tab.download_requested.connect(self._desk.download)
        tab.convert_requested.connect(self._desk.convert)
        tab.few_step_wanted.connect(self._few_steps.ask_for)

    def of_evaluation(self, tab: EvaluationTab) -> None:
        """Connect the evaluation tab."""
        tab.study_requested.connect(self._desk.study)
        tab.training_wanted.connect(partial(self._frame.show_page, TRAINING))
        tab.model_chosen.connect(self._words.use_model)
        tab.models_changed.connect(self._shelf.look)
