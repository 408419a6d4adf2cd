"""The generate job: plan the pictures, load the model once, draw in batches, save each picture as it is finished."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import GenerateJob, LoraUse
from sketchdesk.contracts.text import _, ngettext
from sketchdesk.engine import allocator, memory, offload
from sketchdesk.engine.device import Placement, place
from sketchdesk.engine.draw import Drawing, draw_batch
from sketchdesk.engine.ladder import Rung, apply, first_rung, fitting
from sketchdesk.engine.memory import has_own_memory
from sketchdesk.engine.models import packing
from sketchdesk.engine.models.stable_diffusion import StableDiffusion, load_stable_diffusion
from sketchdesk.engine.models.tiny_decoder import add_tiny_decoder, require_tiny_decoder
from sketchdesk.engine.out_of_memory import give_memory_back, is_out_of_memory
from sketchdesk.engine.plan import Group, Item, batches, plan, shown
from sketchdesk.engine.preview import Previews
from sketchdesk.engine.preview_decoder import preview_decoder
from sketchdesk.engine.reporter import Reporter
from sketchdesk.engine.resuming import still_to_draw
from sketchdesk.engine.sampling.denoise import Step
from sketchdesk.engine.sampling.source import Source
from sketchdesk.engine.sampling.text import is_cut
from sketchdesk.engine.saving import Saver, folder_of
from sketchdesk.engine.training.ranks import ALONE, Ranks
from sketchdesk.library.drawing.check import check_job, remarks
from sketchdesk.library.drawing.forecast import strength_of
from sketchdesk.library.drawing.source_picture import read_mask, read_source
from sketchdesk.library.files.atomic import require_writable
from sketchdesk.library.models.adapter_files import embedding_file, lora_file
from sketchdesk.library.models.draw_facts import DrawFacts, draw_facts
from sketchdesk.library.models.installed import resolve_model
from sketchdesk.library.models.notes import file_state, person_says

PREVIEWS = "previews"


_warm: dict[tuple[object, ...], StableDiffusion] = {}
"""The last model that was loaded, by all that it was loaded from."""


def load_model(
    name: str,
    placement: Placement,
    loras: tuple[LoraUse, ...] = (),
    embeddings: tuple[str, ...] = (),
    allow_pickle: bool = False,
    waits: bool = False,
) -> StableDiffusion:
    """Return the model a user names, from the warm copy where no file of it, nor of its adapters, has changed.

    One that `waits` is loaded into the machine's memory, to come to its device only as far as it works.
    """
    path = resolve_model(name, allow_pickle)
    adapters = [lora_file(lora.path) for lora in loras] + [embedding_file(file) for file in embeddings]
    states = tuple((each, file_state(each)) for each in (path, *adapters))
    said = person_says(path)  # what it predicts
    key = (states, said, placement.device, placement.dtype, loras, embeddings, allow_pickle)
    if key not in _warm:
        if _warm:
            forget_models()  # first, so that two models never lie in memory together
        device = offload.MEMORY if waits else placement.device
        with allocator.given_back():
            model = load_stable_diffusion(path, device, placement.dtype, loras, embeddings, allow_pickle)
            if packing.pays(placement.device, placement.dtype):
                packing.pack(model)
        model.runs_on = placement.device
        model.text_states = {}
        _warm[key] = model
    return _warm[key]


def forget_models() -> None:
    """Free the warm model's memory. Networks whose layers were changed hold themselves, so that it takes a search."""
    _warm.clear()
    give_memory_back()


def run(
    job: GenerateJob, reporter: Reporter, ranks: Ranks = ALONE, again_from_trash: bool = False
) -> dict[str, str | int | float | None]:
    """Draw the job. Images saved before a cancel or a failure stay, and a run that is resumed goes on after them.

    It leaves out what lies in the trash, unless it is wanted `again_from_trash`. Of several processes each draws every
    n-th batch, and the batches are those that one would draw.
    """
    started = time.perf_counter()
    if not job.prompts:
        raise SketchDeskError(ErrorKind.BAD_INPUT, _("There is no prompt to draw."))
    placement = place(job.device, job.precision, job.num_threads)
    folder_of(job, reporter)
    source = read_source_of(job)
    reporter.stage("loading", 0, 2)
    facts = draw_facts(resolve_model(job.model, job.allow_pickle))
    check_job(job, facts)
    require_writable(folder_of(job, reporter))  # now, not when the first picture is drawn
    rung = ranks.gathered(_first_rung(job, facts, placement, reporter))[0]  # the same batches for all
    decoder = _tiny_decoder_for(job)
    model, rung = _loaded(job, placement, rung, reporter)
    if decoder:
        add_tiny_decoder(model, decoder)
    for sentence in (*model.notices, *remarks(job, facts, model.word_names).values()):
        reporter.notice(sentence, "warning")
    planned = plan(job, model, source)
    items = still_to_draw(planned, folder_of(job, reporter), reporter, again_from_trash)
    _tell_cut_prompts(job, model, items, reporter)
    reporter.stage("drawing", 1, 2)
    saver = Saver(job, model, placement, reporter)
    with _previews(model, reporter) as previews:
        _Work(model, source, saver, reporter, previews).draw(ranks.own(list(batches(items, rung.batch_size))), rung)
    saved = sum(item.kept for item in planned)
    return {"images": saved, "out_dir": str(saver.folder), "seconds": time.perf_counter() - started}


def ready_model(job: GenerateJob, placement: Placement, reporter: Reporter) -> tuple[StableDiffusion, Rung]:
    """Return a job's model as it draws in the memory there is, and the rung it does so at; raises as run does."""
    facts = draw_facts(resolve_model(job.model, job.allow_pickle))
    check_job(job, facts)
    return _loaded(job, placement, _first_rung(job, facts, placement, reporter), reporter)


def _tiny_decoder_for(job: GenerateJob) -> Path | None:
    """Return the tiny decoder a job wants, looked for before anything is loaded; raises BAD_INPUT without one."""
    if "tiny_decoder" not in job.fast:
        return None
    return require_tiny_decoder(resolve_model(job.model, job.allow_pickle))


def read_source_of(job: GenerateJob) -> Source | None:
    """Return what a job draws from, read once. Raises SketchDeskError(BAD_INPUT) for files that are no pictures."""
    if job.init_image is None:
        return None
    mask = read_mask(Path(job.mask_image)) if job.mask_image is not None else None
    return Source(read_source(Path(job.init_image)), strength_of(job), mask, job.keep_unmasked)


def _first_rung(job: GenerateJob, facts: DrawFacts, placement: Placement, reporter: Reporter) -> Rung:
    """Return how to begin with the memory there is, and say what is done about too little of it."""
    budget_gib = memory.budget_gib(placement.device)
    offloads = has_own_memory(placement.device)
    rung, needed_gib = fitting(job, facts, placement.precision, budget_gib, offloads)
    if needed_gib is not None and needed_gib > budget_gib:
        reporter.notice(
            _("This may need {needed} GiB of memory, and {free} GiB are free; it is tried all the same.").format(
                needed=f"{needed_gib:.1f}", free=f"{budget_gib:.1f}"
            ),
            "warning",
        )
    elif rung != first_rung(job, offloads):
        reporter.notice(_("To fit into the memory that is free: {ways}.").format(ways=rung.words))
    return rung


def _loaded(job: GenerateJob, placement: Placement, rung: Rung, reporter: Reporter) -> tuple[StableDiffusion, Rung]:
    """Return the job's model set to a rung, and that rung: where the model does not fit, one on which it may."""

    def load() -> StableDiffusion:
        waits = bool(set(rung.savings) & set(offload.OFFLOADS))
        model = load_model(job.model, placement, job.loras, job.embeddings, job.allow_pickle, waits)
        apply(model, rung.savings)  # one that waited for another job comes to its device here
        return model

    try:
        return load(), rung
    except (MemoryError, RuntimeError) as error:
        if not has_own_memory(placement.device) or not is_out_of_memory(error):
            raise
    give_memory_back()
    rung = replace(rung, savings=tuple(dict.fromkeys((*rung.savings, "model_offload"))))
    reporter.notice(_("Memory ran out; it goes on with less: {ways}.").format(ways=rung.words), "warning")
    return load(), rung


def _tell_cut_prompts(job: GenerateJob, model: StableDiffusion, items: list[Item], reporter: Reporter) -> None:
    """Say once how many prompts are too long; of thousands one by one nothing else would be seen."""
    prompts = dict.fromkeys(item.full_prompt for item in items if item.kept)
    cut = [prompt for prompt in prompts if is_cut(model, prompt, job.prompt_weighting)]
    if cut:
        text = ngettext(
            "{count} prompt is too long for the model, its end is not read: {prompt}",
            "{count} prompts are too long for the model, their ends are not read. The first: {prompt}",
            len(cut),
        )
        reporter.notice(text.format(count=len(cut), prompt=shown(cut[0])), "warning")


def _previews(model: StableDiffusion, reporter: Reporter) -> AbstractContextManager[Previews | None]:
    """Return the job's previews, or none where it has no run folder to show them in, or nothing to see them through."""
    if reporter.run_dir is None or (decoder := preview_decoder(model)) is None:
        return nullcontext()
    return closing(Previews(reporter.run_dir / PREVIEWS, reporter, decoder))


@dataclass
class _Work:
    """Draws the batches of one job; one that does not fit into memory is tried again a rung lower."""

    model: StableDiffusion
    source: Source | None
    saver: Saver
    reporter: Reporter
    previews: Previews | None
    steps_before: int = 0
    steps_in_all: int = 0

    def draw(self, groups: Sequence[Group], rung: Rung) -> None:
        """Draw and save every batch with a model that is set to the rung."""
        self.steps_in_all = sum(_steps(group) for group in groups)
        waiting = deque(groups)
        while waiting:
            group = waiting.popleft()
            try:
                drawing = self._draw(group, rung)
            except (MemoryError, RuntimeError) as error:
                guided = group[0][1].settings.guidance_scale > 1
                lower = rung.lower(len(group), guided, has_own_memory(self.model.device))
                if lower is None or not is_out_of_memory(error):
                    raise
                rung = lower
                waiting.appendleft(group)
            else:
                self.saver.save(drawing, group, rung.savings)
                self.steps_before += _steps(group)
                continue
            # Here the failed batch's frames, and what they held, are gone.
            give_memory_back()
            apply(self.model, rung.savings)
            self.reporter.notice(_("Memory ran out; it goes on with less: {ways}.").format(ways=rung.words), "warning")
            waiting = deque(part for group in waiting for part in _split(group, rung.batch_size))

    def _draw(self, group: Group, rung: Rung) -> Drawing:
        items = [item for _number, item in group]
        settings = replace(items[0].settings, sequential_guidance="sequential_guidance" in rung.savings)
        kept = [place for place, item in enumerate(items) if item.kept]
        labels = [(items[place].prompt, items[place].seed) for place in kept]

        def on_step(done: int, total: int, step: Step) -> None:
            share = _steps(group) * done / total  # some schedulers call the U-Net more often than asked
            self.reporter.step(min(self.steps_in_all, self.steps_before + round(share)), self.steps_in_all)
            if self.previews:
                self.previews.show(lambda: step.clean()[kept], labels, done, total)

        return draw_batch(
            self.model,
            [item.full_prompt for item in items],
            [item.negative_prompt for item in items],
            [item.seed for item in items],
            settings,
            on_step,
            self.source,
        )


def _steps(group: Group) -> int:
    return len(group) * group[0][1].settings.num_inference_steps


def _split(group: Group, batch_size: int | None) -> Iterator[Group]:
    """Yield a batch in parts of at most so many pictures; parts of which nothing is kept are left out."""
    size = batch_size or len(group)
    for begin in range(0, len(group), size):
        part = group[begin : begin + size]
        if any(item.kept for _number, item in part):
            yield part
