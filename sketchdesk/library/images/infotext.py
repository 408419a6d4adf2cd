"""The `parameters` text that AUTOMATIC1111's webui writes into its images, and that most programs read.

Prompt lines, then `Negative prompt: …`, then one last line of three or more `Key: value` pairs. A value with a comma,
a colon or a line break is a JSON string. The layout is given in the peers' facts; the reader below is our own.
"""

from __future__ import annotations

import json
import re

from sketchdesk.contracts.jobs import LoraUse
from sketchdesk.library.files.loose import number, whole
from sketchdesk.library.files.loose import text as loose_text
from sketchdesk.library.images.record import ImageRecord
from sketchdesk.library.models.samplers import display_name, sampler_id

NEGATIVE = "Negative prompt:"
ENOUGH_PAIRS = 3

# Lengths are bounded so that a strange text costs time in proportion to its length, not to its square.
_PAIR = re.compile(r'(\w[\w \-/]{0,60}): {0,4}("(?:\\.|[^\\"])*"|[^,]*)(?:,|$)')
_LORA = re.compile(r" ?<lora:([^:<>]{1,200})(?::(-?[0-9.]{1,20}))?>")
_SIZE = re.compile(r"([0-9]{1,6})x([0-9]{1,6})")


def write_infotext(record: ImageRecord) -> str:
    """Return the text: what the model was given, with LoRAs in A1111's own notation, and how it was drawn."""
    stems = [(re.split(r"[\\/]", lora.path)[-1].removesuffix(".safetensors"), lora.weight) for lora in record.loras]
    lines = [record.full_prompt + "".join(f" <lora:{stem}:{weight:g}>" for stem, weight in stems)]
    if record.negative_prompt:
        lines.append(f"{NEGATIVE} {record.negative_prompt}")
    pairs: dict[str, object] = {
        "Steps": record.num_inference_steps,
        "Sampler": display_name(record.sampler) or None,
        "CFG scale": None if record.guidance_scale is None else f"{record.guidance_scale:g}",
        "Seed": record.seed,
        "Size": f"{record.width}x{record.height}",
        "Model hash": record.model_hash[:10] or None,
        "Model": record.model or None,
        "Denoising strength": f"{record.strength:g}" if record.init_image else None,
        "Clip skip": record.clip_skip + 1 if record.clip_skip else None,
    }
    lines.append(", ".join(f"{key}: {_quoted(str(value))}" for key, value in pairs.items() if value is not None))
    return "\n".join(lines)


def read_infotext(text: str, width: int, height: int) -> ImageRecord | None:
    """Read such a text, or return None where the last line holds no settings.

    `width` and `height` are the image's own, used where the text has no Size (pixels).
    """
    *lines, last = text.strip().split("\n")
    pairs = _PAIR.findall(last)
    if len(pairs) < ENOUGH_PAIRS:
        return None
    values = {key: _unquoted(value.strip()) for key, value in pairs}
    at = next((n for n, line in enumerate(lines) if line.strip().startswith(NEGATIVE)), len(lines))
    prompt = "\n".join(lines[:at]).strip()
    negative = "\n".join(lines[at:]).strip().removeprefix(NEGATIVE).strip()
    size = _SIZE.fullmatch(values.get("Size", ""))
    sampler = values.get("Sampler", "")
    schedule = values.get("Schedule type", "")
    return ImageRecord(
        prompt=_LORA.sub("", prompt).strip(),
        negative_prompt=negative,
        seed=whole(values.get("Seed")),
        num_inference_steps=whole(values.get("Steps")),
        guidance_scale=number(values.get("CFG scale")),
        sampler=sampler_id(sampler, schedule) or f"{sampler} {schedule}".strip(),
        width=int(size[1]) if size else width,
        height=int(size[2]) if size else height,
        model=values.get("Model", ""),
        model_hash=values.get("Model hash", ""),
        strength=_strength(values),
        clip_skip=max(0, (whole(values.get("Clip skip")) or 1) - 1),
        loras=tuple(LoraUse(path=name, weight=_weight(weight)) for name, weight in _LORA.findall(prompt)),
    )


def _strength(values: dict[str, str]) -> float:
    """Return how far a start picture was drawn anew; a second pass in a larger size (Hires) draws from none."""
    found = None if any(key.startswith("Hires") for key in values) else number(values.get("Denoising strength"))
    return found if found is not None and 0 <= found <= 1 else 1.0


def _weight(text: str) -> float:
    found = number(text)
    return 1.0 if found is None else found


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False) if any(mark in text for mark in ',:\n"') else text


def _unquoted(text: str) -> str:
    if len(text) > 1 and text[0] == text[-1] == '"':
        try:
            return loose_text(json.loads(text))
        except ValueError:
            pass
    return text
