"""Everything a training begins with: the model loaded, its pictures found and encoded."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import NamedTuple

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.contracts.text import _
from sketchdesk.engine.device import Placement, matmul_precision, place
from sketchdesk.engine.download import Teller
from sketchdesk.engine.models.stable_diffusion import StableDiffusion
from sketchdesk.engine.reporter import Reporter
from sketchdesk.engine.training.examples import TrainingSet
from sketchdesk.engine.training.loop import Trainer
from sketchdesk.engine.training.prepare import find, prepare, teller
from sketchdesk.engine.training.ranks import Ranks
from sketchdesk.engine.training.text_states import TextStates
from sketchdesk.engine.training.waiting import Rests, load_to_train, without_holes
from sketchdesk.library.models.installed import resolve_model
from sketchdesk.library.training.conflicts import refuse


class Ready(NamedTuple):
    """What was prepared for a job."""

    model: StableDiffusion
    data: TrainingSet
    placement: Placement
    resolution: int
    """Pixels, the model's own where the job leaves it open."""
    waiting: Rests

    def trainer(self, job: TrainJob, shown: TrainingSet, ranks: Ranks, reporter: Reporter) -> Trainer:
        """Return the job's trainer on a part of the data; its captions are encoded here."""
        texts = TextStates(self.model, self.placement.dtype, job.cache_latents, teller(reporter))
        with ranks.first_alone():
            return Trainer(job, self.model, shown, self.placement, texts, self.waiting, ranks)


@contextlib.contextmanager
def ready(job: TrainJob, ranks: Ranks, reporter: Reporter, stages: int) -> Iterator[Ready]:
    """Load and encode, the first two of so many stages; memory and precision are set up for as long as the block runs.

    Raises SketchDeskError for what the job names and is not there, and for what does not go together.
    """
    source = find(job, Teller(reporter))
    placement = place(job.device, job.precision, job.num_threads)
    refuse(job, placement.precision, ranks.count)
    reporter.stage("loading", 0, stages)
    model, waiting = load_to_train(job, resolve_model(job.model), placement)
    if model.inpaints:
        raise SketchDeskError(ErrorKind.BAD_INPUT, _("An inpainting model cannot be tuned here; choose another one."))
    resolution = job.resolution or model.sample_size_px
    reporter.stage("encoding", 1, stages)
    with ranks.first_alone():
        data = prepare(job, source, model, resolution, reporter)
    with (
        contextlib.closing(data.latents), matmul_precision(placement.device, job.allow_tf32),
        without_holes(model, placement),
    ):  # fmt: skip
        yield Ready(model, data, placement, resolution, waiting)
