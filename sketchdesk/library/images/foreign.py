"""How an image was made, from what InvokeAI and ComfyUI write into it, as far as that can be told."""

from __future__ import annotations

import json
from typing import Any

from sketchdesk.contracts.jobs import LoraUse
from sketchdesk.library.files.loose import items, mapping, number, text, whole
from sketchdesk.library.images.record import ImageRecord
from sketchdesk.library.models.samplers import sampler_id

LONGEST_CHAIN = 50
"""How many nodes of a graph are followed before it is taken to go in circles."""

Graph = dict[str, Any]


def read_invokeai(source: str, width: int, height: int) -> ImageRecord | None:
    """Read InvokeAI's `invokeai_metadata`, or return None. `width`, `height`: the image's own, in pixels."""
    data = _parsed(source)
    if "positive_prompt" not in data:
        return None
    scheduler = text(data.get("scheduler"))
    return ImageRecord(
        prompt=text(data.get("positive_prompt")),
        negative_prompt=text(data.get("negative_prompt")),
        seed=whole(data.get("seed")),
        num_inference_steps=whole(data.get("steps")),
        guidance_scale=number(data.get("cfg_scale")),
        sampler=sampler_id(scheduler) or scheduler,
        width=whole(data.get("width")) or width,
        height=whole(data.get("height")) or height,
        model=_invokeai_name(data.get("model")),
        loras=tuple(_invokeai_lora(mapping(lora)) for lora in items(data.get("loras"))),
    )


def _invokeai_name(value: object) -> str:
    """Versions differ: `name` since 4.0, `model_name` before."""
    return text(mapping(value).get("name")) or text(mapping(value).get("model_name"))


def _invokeai_lora(lora: Graph) -> LoraUse:
    weight = number(lora.get("weight"))
    name = _invokeai_name(lora.get("model")) or _invokeai_name(lora.get("lora"))
    return LoraUse(path=name, weight=1.0 if weight is None else weight)


def read_comfyui(source: str, width: int, height: int) -> ImageRecord | None:
    """Read ComfyUI's `prompt`, a graph of nodes, from its first sampler, or return None where there is none.

    An input is a value or a link [node id, output]; links are followed up to the node that holds the value.
    `width`, `height`: the image's own, in pixels.
    """
    graph = _parsed(source)
    sampler = next((node for node in graph.values() if "KSampler" in text(mapping(node).get("class_type"))), None)
    if sampler is None:
        return None
    inputs = mapping(sampler.get("inputs"))
    name, schedule = text(inputs.get("sampler_name")), text(inputs.get("scheduler"))
    seed = _value(graph, inputs, "seed")
    latent = _node_with(graph, inputs.get("latent_image"), "width", ("samples", "pixels"))
    return ImageRecord(
        prompt=_comfyui_prompt(graph, inputs.get("positive"), "positive"),
        negative_prompt=_comfyui_prompt(graph, inputs.get("negative"), "negative"),
        seed=whole(_value(graph, inputs, "noise_seed") if seed is None else seed),
        num_inference_steps=whole(_value(graph, inputs, "steps")),
        guidance_scale=number(_value(graph, inputs, "cfg")),
        sampler=sampler_id(name, schedule) or f"{name} {schedule}".strip(),
        width=whole(latent.get("width")) or width,
        height=whole(latent.get("height")) or height,
        model=text(_node_with(graph, inputs.get("model"), "ckpt_name", ("model",)).get("ckpt_name")),
        loras=_comfyui_loras(graph, inputs.get("model")),
        strength=_comfyui_strength(graph, inputs),
    )


def _parsed(source: str) -> Graph:
    try:
        return mapping(json.loads(source))
    except (ValueError, RecursionError):
        return {}


def _linked(graph: Graph, link: object) -> Graph:
    """Return the inputs of the node that a link leads to."""
    is_link = isinstance(link, list) and bool(link) and isinstance(link[0], str)
    return mapping(mapping(graph.get(link[0])).get("inputs")) if is_link and isinstance(link, list) else {}


def _value(graph: Graph, inputs: Graph, key: str) -> object:
    """Return an input's value, through one link to a node that only holds it."""
    value = inputs.get(key)
    if not isinstance(value, list):
        return value
    held = _linked(graph, value)
    return next((held[name] for name in (key, "value", "seed", "int", "text", "string") if name in held), None)


def _node_with(graph: Graph, link: object, wanted: str, through: tuple[str, ...]) -> Graph:
    """Return the inputs of the first node with an input `wanted`, going on by the inputs named in `through`."""
    for _number in range(LONGEST_CHAIN):
        inputs = _linked(graph, link)
        if not inputs or wanted in inputs:
            return inputs
        link = next((inputs[name] for name in through if name in inputs), None)
    return {}


def _comfyui_prompt(graph: Graph, link: object, side: str) -> str:
    inputs = _node_with(graph, link, "text", (side, "conditioning", "conditioning_1"))
    return text(_value(graph, inputs, "text"))


def _comfyui_strength(graph: Graph, inputs: Graph) -> float:
    """Return how far a start picture was drawn anew, 1 where the noise does not come from a picture."""
    found = number(_value(graph, inputs, "denoise"))
    from_picture = "image" in _node_with(graph, inputs.get("latent_image"), "image", ("samples", "pixels"))
    return found if from_picture and found is not None and 0 <= found <= 1 else 1.0


def _comfyui_loras(graph: Graph, link: object) -> tuple[LoraUse, ...]:
    found = []
    for _number in range(LONGEST_CHAIN):
        inputs = _linked(graph, link)
        if "lora_name" in inputs:
            weight = number(inputs.get("strength_model"))
            found.append(LoraUse(path=text(inputs["lora_name"]), weight=1.0 if weight is None else weight))
        if not inputs:
            break
        link = inputs.get("model")
    return tuple(found)
