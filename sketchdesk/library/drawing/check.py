"""What a drawing asks for in vain: some of it is refused, some is only said, at the field or when the job begins."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import GenerateJob, PromptRow
from sketchdesk.contracts.text import _
from sketchdesk.library.models.adapter_files import embedding_file
from sketchdesk.library.models.draw_facts import DrawFacts, mask_wanted
from sketchdesk.library.models.weights import METADATA_KEY, SAFE_SUFFIX, safetensors_header
from sketchdesk.library.prompts.seeds import LARGEST_SEED

NO_NAME = ("*", "emb_params")
"""What A1111 calls every word inside its files; the file's name is the word's."""

UnheededFields = dict[str, str]
"""A GenerateJob's field → the sentence about it."""


def check_job(job: GenerateJob, facts: DrawFacts) -> None:
    """Raise SketchDeskError(BAD_INPUT) with the first of refusals()."""
    for sentence in refusals(job, facts).values():
        raise SketchDeskError(ErrorKind.BAD_INPUT, sentence)


def refusals(job: GenerateJob, facts: DrawFacts) -> UnheededFields:
    """Return what makes a job impossible with a model of these facts."""
    found = {}
    if job.init_image is None and job.mask_image is not None:
        found["mask_image"] = _("A mask needs a picture to go with.")
    elif facts.inpaints and job.mask_image is None:
        found["model"] = mask_wanted()
    if job.init_image is None and job.strength is not None:
        found["strength"] = _("A strength needs a picture to begin with.")
    if facts.text_layers and job.clip_skip >= facts.text_layers:
        found["clip_skip"] = too_much_skipped(facts.text_layers)
    if any(_last_seed(row, job) > LARGEST_SEED for row in job.prompts):
        found["seed"] = _("A seed is at most {limit}.").format(limit=LARGEST_SEED)
    return found


def too_much_skipped(layers: int) -> str:
    """Return the sentence for a clip skip that leaves nothing of a text encoder of so many layers."""
    sentence = _("This model's text encoder has {layers} layers; clip skip can be at most {most}.")
    return sentence.format(layers=layers, most=layers - 1)


def remarks(job: GenerateJob, facts: DrawFacts, names: Mapping[str, tuple[str, ...]] | None = None) -> UnheededFields:
    """Return what is asked for and changes nothing.

    `names` are those by which each embedding is called, by its name in the job; without, they are read from the files'
    headers. Never raises.
    """
    found = {}
    unguided = [row for row in job.prompts if not _is_guided(row, job, facts)]
    if any(_negative(row, job) for row in unguided):
        found["negative_prompt"] = _("The negative prompt counts only with a guidance above 1.")
    if job.guidance_rescale and len(unguided) == len(job.prompts):
        found["guidance_rescale"] = _("Guidance rescale counts only with a guidance above 1.")
    uncalled = [name for name in job.embeddings if not _is_called(_names(name, names), job)]
    if uncalled:
        words = ", ".join(Path(name).stem for name in uncalled)
        found["embeddings"] = _("No prompt calls these learnt words: {words}.").format(words=words)
    return found


def words_pattern(names: Iterable[str]) -> re.Pattern[str]:
    """Return a pattern that finds learnt words, by any capitals, where they are no part of a longer word.

    Which name it was is told by its group: capitals are more than lower() and upper() know of.
    """
    return re.compile("|".join(f"({_as_word(name)})" for name in names), re.IGNORECASE)


def names_of_word(stem: str, inner: str = "") -> tuple[str, ...]:
    """Return what a learnt word is called by: its file's name in three spellings, and the name inside the file."""
    own = [inner] if inner and inner not in NO_NAME else []
    return tuple(dict.fromkeys([stem, f"<{stem}>", f"embedding:{stem}", *own]))


def _last_seed(row: PromptRow, job: GenerateJob) -> int:
    return (job.seed if row.seed is None else row.seed) + (row.count or job.count) - 1


def _is_guided(row: PromptRow, job: GenerateJob, facts: DrawFacts) -> bool:
    asked = job.guidance_scale if row.guidance_scale is None else row.guidance_scale
    return (facts.guidance_scale if asked is None else asked) > 1


def _negative(row: PromptRow, job: GenerateJob) -> str:
    return job.negative_prompt if row.negative_prompt is None else row.negative_prompt


def _is_called(names: tuple[str, ...], job: GenerateJob) -> bool:
    """Tell whether any text of the job has one of the names; True where there are none to look for."""
    if not names:
        return True
    pattern = words_pattern(names)
    return any(pattern.search(text) for text in _texts(job))


def _texts(job: GenerateJob) -> Iterator[str]:
    yield from (job.style_prefix, job.style_suffix, job.negative_prompt)
    for row in job.prompts:
        yield row.prompt
        yield row.negative_prompt or ""


def _names(name: str, known: Mapping[str, tuple[str, ...]] | None) -> tuple[str, ...]:
    """Return what an embedding is called by, nothing where its file does not tell without being unpickled."""
    if known is not None:
        return known.get(name, ())
    try:
        path = embedding_file(name)
        if path.suffix.lower() != SAFE_SUFFIX:
            return ()
        inner = [key for key in safetensors_header(path) if key != METADATA_KEY]
    except SketchDeskError:
        return ()
    return names_of_word(path.stem, inner[0] if len(inner) == 1 else "")


def _as_word(name: str) -> str:
    before = r"(?<!\w)" if name[0].isalnum() else ""
    after = r"(?!\w)" if name[-1].isalnum() else ""
    return before + re.escape(name) + after
