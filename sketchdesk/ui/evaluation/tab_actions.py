"""What can be done in the evaluation tab, for the menu, the palette and the help."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from sketchdesk.contracts.text import N_
from sketchdesk.ui.actions import ActionSpec
from sketchdesk.ui.evaluation.making.maker import StudyMaker
from sketchdesk.ui.evaluation.results.exporting import Exporter, What
from sketchdesk.ui.evaluation.studies.opener import StudyOpener


def making_actions(maker: StudyMaker, opener: StudyOpener) -> list[ActionSpec]:
    """Return the ways to a study."""
    return [
        ActionSpec("study_new", N_("A study of your own…"), "study", maker.new_study, "Ctrl+Shift+N", "plus"),
        ActionSpec(
            "study_report", N_("The two experiments of the report"), "study", partial(maker.start_preset, "both"),
            icon="flask-conical",
        ),
        ActionSpec(
            "study_same_seeds", N_("Base against tuned at the same seeds"), "study",
            partial(maker.start_preset, "same_seeds"), icon="scale",
        ),
        ActionSpec(
            "study_few_steps", N_("One step against many"), "study", partial(maker.start_made, "few_steps"),
            icon="gauge",
        ),
        ActionSpec(
            "study_folder", N_("Score a folder of pictures…"), "study", maker.score_folder, icon="folder-open"
        ),
        ActionSpec("study_open", N_("Open a study…"), "study", opener.ask, icon="folder"),
    ]  # fmt: skip


def shown_actions(
    exporter: Exporter, repeat: Callable[[], None], shows_study: Callable[[], bool], shows_result: Callable[[], bool]
) -> list[ActionSpec]:
    """Return what can be done with the study on show; `repeat` opens the form with its job."""
    exports: tuple[tuple[str, str, What, str], ...] = (
        ("study_export_scores", N_("Export the study's scores as CSV…"), "scores", "table"),
        ("study_export_report", N_("Export the study's report as HTML…"), "report", "file-text"),
        ("study_export_zip", N_("Export the whole study as a zip…"), "zip", "package"),
    )
    return [
        ActionSpec(
            "study_repeat", N_("Repeat this study…"), "study", repeat, icon="rotate-ccw", is_enabled=shows_study
        ),
        *(
            ActionSpec(name, text, "study", partial(exporter.ask, what), icon=icon, is_enabled=shows_result)
            for name, text, what, icon in exports
        ),
    ]
