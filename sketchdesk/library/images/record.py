"""What an image remembers of how it was made: enough to make it again."""

from __future__ import annotations

from pathlib import PurePath, PureWindowsPath
from typing import Any

from msgspec import Struct, field

from sketchdesk.contracts.jobs import LoraUse


class ImageRecord(Struct, frozen=True, kw_only=True, gc=False):
    """How one image was made. Images from other programs may not say their seed, steps or scale: None.

    Fields a newer version added are ignored when read, so that its images still open here.
    """

    prompt: str
    """What the person wrote, without the style prefix."""
    style_prefix: str = ""
    negative_prompt: str = ""
    seed: int | None
    num_inference_steps: int | None
    guidance_scale: float | None
    sampler: str
    """Our name (contracts.jobs.Sampler), the other program's where we have no such sampler, "" where unknown."""
    width: int
    height: int
    model: str
    loras: tuple[LoraUse, ...] = ()
    device: str = ""
    precision: str = ""
    batch_size: int = 1
    batch_index: int = 0
    batch_seeds: tuple[int, ...] = ()
    """The seeds of all images denoised together: they move the last bits, so drawing again replays them."""
    num_threads: int = 1
    text_s: float = 0.0
    denoise_s: float = 0.0
    decode_s: float = 0.0
    app_version: str = ""
    created: str = ""
    """ISO 8601 time."""
    style_suffix: str = ""
    guidance_rescale: float = 0.0
    clip_skip: int = 0
    prompt_weighting: bool = False
    """Whether brackets in the texts weighed their words."""
    init_image: str = ""
    """The path of the picture it was drawn from, "" for none."""
    init_hash: str = ""
    """The SHA-256 of that file."""
    strength: float = 1.0
    """0..1, how far it was drawn anew."""
    mask_image: str = ""
    mask_hash: str = ""
    memory_savings: tuple[str, ...] = ()
    """contracts.jobs.MemorySaving: they move the last bits."""
    fast: tuple[str, ...] = ()
    """contracts.jobs.FastPart: the shortcuts it was drawn with, each of which changes a picture a little."""
    embeddings: tuple[str, ...] = ()
    """The files of the learnt words its prompts could call."""
    model_hash: str = ""
    """The model's SHA-256 (library.models.notes) or its first ten digits, as other programs write it; "" if unknown."""
    lora_hashes: tuple[str, ...] = ()
    """The SHA-256 of each LoRA (library.models.adapter_files), in their order; "" where one could not be read."""
    embedding_hashes: tuple[str, ...] = ()
    """The same of the embeddings."""
    decoder_hash: str = ""
    """The SHA-256 of the tiny decoder's folder where one decoded, as of a model's."""
    own_sampler: bool = False
    """Whether the model's own scheduler drew, with its own settings, which `sampler` names only roughly."""
    scheduler: dict[str, Any] = field(default_factory=dict)
    """What is unusual about the model's own noise schedule (library.models.schedules), which every sampler draws by."""
    unmasked_kept: bool = False
    """Whether the source's own pixels were put back where the mask is black."""
    steps_taken: int = 0
    """How many steps the denoising went through: fewer than asked for from a picture, more with samplers that look
    twice. 0 where it was not noted."""

    @property
    def full_prompt(self) -> str:
        """What the model was given."""
        return styled(self.prompt, self.style_prefix, self.style_suffix)

    @property
    def steps_per_s(self) -> float | None:
        """How many steps the batch went through in a second; None where its time or its steps are not known."""
        asked = int((self.num_inference_steps or 0) * (self.strength if self.init_image else 1.0))
        steps = self.steps_taken or asked
        return steps / self.denoise_s if steps and self.denoise_s > 0 else None

    @property
    def has_brackets(self) -> bool:
        """Whether anything in its texts would weigh with prompt_weighting; without, that makes no difference."""
        texts = (self.prompt, self.style_prefix, self.style_suffix, self.negative_prompt)
        return any(mark in text for text in texts for mark in "([")

    @property
    def model_label(self) -> str:
        """What drew it: the model, and each LoRA by its name with its weight where that is not 1."""
        loras = (PurePath(lora.path).stem + (f" ({lora.weight:g})" if lora.weight != 1 else "") for lora in self.loras)
        return " + ".join([self.model, *loras])


def styled(prompt: str, prefix: str, suffix: str) -> str:
    """Return a prompt between the words of its style; a suffix that begins with a comma follows without a space."""
    before = f"{prefix} {prompt}" if prefix else prompt
    if not suffix:
        return before
    return before.rstrip() + ("" if suffix.startswith(",") else " ") + suffix


def short_model(label: str) -> str:
    """Return a model's name, or a record's model_label, as people say it: without folders and the file's ending.

    A training's model lies in "model" inside the training's folder, and has that folder's name.
    """
    model, plus, loras = label.partition(" + ")
    path = PureWindowsPath(model)  # takes both kinds of slashes, wherever the image was drawn
    named_after = path.parent if path.name == "model" and path.parent.name else path
    return named_after.name.removesuffix(".safetensors").removesuffix(".ckpt") + plus + loras
