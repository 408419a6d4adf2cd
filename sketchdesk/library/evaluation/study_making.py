"""Studies made from what lies on this machine: the checkpoints of a run, captions it never saw, few steps and many."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import StudyJob, StudyModel, StudyTiming, StudyVariant, TrainJob
from sketchdesk.contracts.text import N_, _
from sketchdesk.library.dataset.sources import open_source
from sketchdesk.library.evaluation.findings import BASE_AND_TUNED
from sketchdesk.library.evaluation.study_presets import REPORT_PROMPTS
from sketchdesk.library.models.few_step_models import few_step_pair
from sketchdesk.library.models.installed import list_models
from sketchdesk.library.models.lineage import training_of
from sketchdesk.library.runs.runs import list_runs
from sketchdesk.library.training.checkpoints import FOLDER, checkpoints
from sketchdesk.library.training.held_out import read_held_out, representative

MadeName = Literal["checkpoints", "captions", "few_steps"]


class Made(NamedTuple):
    """A study that is made of what is on this machine. Texts are in English, marked for translation."""

    name: MadeName
    title: str
    answers: str
    """The question it answers."""
    is_short: bool = False
    """Whether it can be started unseen."""


MADE = (
    Made("checkpoints", N_("Checkpoints of the newest training"), N_("Which one should be kept?")),
    Made(
        "captions", N_("A share of the captions it held out"),
        N_("Is the newest tuned model better on captions it has never seen?"),
    ),
    Made(
        "few_steps", N_("One step against many"),
        N_("How much time does a model of few steps save, and what does it cost in score?"), is_short=True,
    ),
)  # fmt: skip
CAPTIONS = 40
"""Enough that intervals are made by the bootstrap, few enough to be drawn in a coffee break."""
FEW, MANY = "one step", "many steps"
MANY_STEPS = 25


def checkpoints_study(run_folder: Path, captions: int = CAPTIONS, seeds: Sequence[int] = (0, 1)) -> StudyJob:
    """Return the study that compares a training's base, its tuned model and every checkpoint it kept.

    They draw captions that the training held out, or the prompts of the report where it held out none. Raises
    SketchDeskError(BAD_INPUT) for a folder of no training, or one with nothing to choose from.
    """
    job = training_of(run_folder)
    if job is None:
        raise _refused(_("“{folder}” is not the folder of a training.").format(folder=run_folder))
    found = checkpoints(run_folder / FOLDER)
    tuned = run_folder / "model"
    models = [StudyModel(name=BASE_AND_TUNED.base, model=job.model)]
    if (tuned / "model_index.json").is_file():
        models.append(StudyModel(name=BASE_AND_TUNED.tuned, model=str(tuned)))
        found = [one for one in found if one[0] < job.max_train_steps]  # the last one is the tuned model
    models += [
        StudyModel(name=f"step {step}", model=str(place)) for step, folder in found if (place := _that_draws(folder))
    ]
    if len(models) < 2:
        raise _refused(_("“{folder}” holds no checkpoint to choose from.").format(folder=run_folder))
    return StudyJob(
        title=N_("Checkpoints of a training"), out_dir="", models=tuple(models), seeds=tuple(seeds),
        prompts=_unseen(run_folder, captions), variants=(StudyVariant(name="1", title=N_("Captions held out")),),
    )  # fmt: skip


def captions_study(
    base: str, tuned: str, run_folder: Path | None = None, dataset: str = "", captions: int = CAPTIONS,
    seeds: Sequence[int] = (0, 1),
) -> StudyJob:  # fmt: skip
    """Return the study of two models over a representative share of captions: those a run held out, or a data set's.

    Raises SketchDeskError: BAD_INPUT where there are none, DATASET_UNREADABLE, HUB_….
    """
    if dataset:
        said = [item.caption.strip() for item in open_source(dataset).items if item.caption and item.caption.strip()]
        prompts = representative(said, captions)
    else:
        prompts = representative(read_held_out(run_folder), captions) if run_folder else ()
    if not prompts:
        raise _refused(_("There are no captions to draw: the training held out none, and no data set is named."))
    return StudyJob(
        title=N_("A share of the data set's captions"), out_dir="", prompts=prompts, seeds=tuple(seeds),
        models=(StudyModel(name=BASE_AND_TUNED.base, model=base), StudyModel(name=BASE_AND_TUNED.tuned, model=tuned)),
        variants=(StudyVariant(name="1", title=N_("The data set's captions")),),
    )  # fmt: skip


def few_steps_study(
    many: str, few: str | StudyModel, steps: int | None = None, seeds: Sequence[int] = (0, 1, 2, 3)
) -> StudyJob:
    """Return the study of a model that takes one step, or few, against one of many: time, memory and score.

    `few` is what resolve_model takes, or a model with its LoRAs and settings; where `steps` is None and it says none,
    it takes one.
    """
    wanted = StudyModel(name=FEW, model=few) if isinstance(few, str) else few
    wanted = msgspec.structs.replace(wanted, num_inference_steps=steps or wanted.num_inference_steps or 1)
    taken = wanted.num_inference_steps
    name = FEW if taken == 1 else f"{taken} steps"
    return StudyJob(
        title=N_("One step against many"), out_dir="", prompts=tuple(drawn for _asked, drawn in REPORT_PROMPTS),
        models=(
            StudyModel(name=MANY, model=many, num_inference_steps=MANY_STEPS),
            msgspec.structs.replace(wanted, name=name),
        ),
        variants=(StudyVariant(name="1", title=N_("The bare prompts")),), seeds=tuple(seeds), timing=StudyTiming(),
    )  # fmt: skip


def newest_few_steps_study() -> StudyJob:
    """Return the study of the few-step model there is. Raises SketchDeskError(BAD_INPUT) where there is none."""
    found = few_step_pair(list_models())
    if found is None:
        raise _refused(_("There is no model here that draws in one step or a few."))
    return few_steps_study(found.many, found.few)


def newest_training() -> Path:
    """Return the output folder of the newest training. Raises SketchDeskError(BAD_INPUT) where there is none."""
    for run in reversed(list_runs()):
        if isinstance(run.job, TrainJob):
            return Path(run.job.out_dir)
    raise _refused(_("There is no training yet."))


def made_study(name: MadeName) -> StudyJob:
    """Return a study of the newest training, or of the models of few steps; raises as those it is made by do."""
    if name == "few_steps":
        return newest_few_steps_study()
    folder = newest_training()
    if name == "checkpoints":
        return checkpoints_study(folder)
    job = training_of(folder)
    assert job is not None  # newest_training has just found it
    return captions_study(job.model, str(folder / "model"), folder)


def _that_draws(checkpoint: Path) -> Path | None:
    """Return where a checkpoint's model lies; None for one that has none, as those of older versions."""
    places = (checkpoint, checkpoint / "model")
    return next((place for place in places if (place / "model_index.json").is_file()), None)


def _unseen(run_folder: Path, captions: int) -> tuple[str, ...]:
    held_out = representative(read_held_out(run_folder), captions)
    return held_out or tuple(drawn for _asked, drawn in REPORT_PROMPTS)


def _refused(message: str) -> SketchDeskError:
    return SketchDeskError(ErrorKind.BAD_INPUT, message)
