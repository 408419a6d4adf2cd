"""`sketchdesk generate`: draw prompts with a model."""

from __future__ import annotations

import math
from argparse import ArgumentTypeError, Namespace
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import msgspec

from sketchdesk.cli.asked_prompts import Asked, add_prompts, asked_of
from sketchdesk.cli.console import Console
from sketchdesk.cli.exit_codes import ExitCode
from sketchdesk.cli.fields import choices_of, value_of, word_of
from sketchdesk.cli.parser import Parser, add_device, add_out
from sketchdesk.cli.resuming import NEWEST, RESUME, Resume, resume_command, taken_up
from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.events import ImageSaved, PreviewReady
from sketchdesk.contracts.jobs import FastPart, GenerateJob, LoraUse, Sampler
from sketchdesk.contracts.text import N_, _, ngettext
from sketchdesk.library.models.samplers import sampler_id
from sketchdesk.library.wording.number_words import number

if TYPE_CHECKING:
    from sketchdesk.library.models.few_steps import FewSteps

FEW_STEPS = ("sampler", "num_inference_steps", "guidance_scale")
"""What a LoRA for few steps brings along, unless it is chosen."""

HELP = N_("draw prompts with a model")
DESCRIPTION = N_(
    "Draw every prompt --count times. Image n of a prompt takes the seed --seed + n; every image carries what is "
    "needed to draw it again."
)


def configure(parser: Parser) -> None:
    """Add the command's arguments."""
    model = parser.add_argument("--model", required=True, metavar="MODEL", help=_(
        "demo-base, a model folder, a .safetensors file, or the hub id of a model that is already on this machine"
    ))
    parser.add_argument(
        "--lora", action="append", default=[], type=lora_use, metavar="FILE[=WEIGHT]", help=_("a LoRA; repeatable")
    )
    parser.add_argument("--embedding", action="append", default=[], metavar="FILE", help=_(
        "learnt words (textual inversion), called in a prompt by the file's name; repeatable"
    ))
    parser.add_argument("--allow-pickle", action="store_true", help=_(
        "read .ckpt, .bin and .pt files too; those that would run code are refused all the same"
    ))
    prompts = add_prompts(parser)
    parser.add_argument(
        RESUME, nargs="?", const=NEWEST, metavar="RUN", action=Resume, needless=(model, prompts),
        help=_("go on with a drawing that was stopped, the last one unless named; nothing is drawn twice"),
    )  # fmt: skip
    _add_settings(parser)
    _add_ways(parser)
    add_device(parser)
    add_out(parser, _("the folder for the images; a folder named after today among your images unless given"))


def _add_settings(parser: Parser) -> None:
    """Add what decides how the pictures look."""
    for option, field, text in (
        ("--steps", "num_inference_steps", _("denoising steps; the model's own unless given")),
        ("--guidance-scale", "guidance_scale", _("how strictly to follow the prompt; the model's own unless given")),
        ("--guidance-rescale", "guidance_rescale", _("0 to 1; against over-exposed pictures at high guidance")),
        ("--clip-skip", "clip_skip", _("how many of the text encoder's last layers to leave out")),
        ("--strength", "strength", _("0 to 1; how far --init-image is drawn anew; 0.75, with --mask-image 1")),
        ("--width", "width", _("in pixels; the model's own unless given")),
        ("--height", "height", _("in pixels; the model's own unless given")),
        ("--batch-size", "batch_size", _("images drawn together; as many as is usual for their size unless given")),
    ):
        metavar = "X" if field in ("guidance_scale", "guidance_rescale", "strength") else "N"
        parser.add_argument(option, dest=field, metavar=metavar, type=value_of(GenerateJob, field), help=text)
    parser.add_argument(
        "--sampler",
        metavar="|".join(choices_of(GenerateJob, "sampler")),
        type=sampler,
        help=_("the model's own unless given"),
    )


def _add_ways(parser: Parser) -> None:
    """Add what is drawn from, and how it is drawn and saved."""
    parser.add_argument("--init-image", metavar="FILE", help=_("a picture to draw from; it is never changed"))
    parser.add_argument("--mask-image", metavar="FILE", help=_("white where --init-image is drawn anew"))
    parser.add_argument(
        "--save-memory", dest="memory_savings", action="append", default=[],
        metavar="|".join(choices_of(GenerateJob, "memory_savings")), type=word_of(GenerateJob, "memory_savings"),
        help=_("draw with less memory, but slower; repeatable; where memory is short it is done without asking"),
    )  # fmt: skip
    parser.add_argument(
        "--fast", action="append", default=[], metavar="|".join(choices_of(GenerateJob, "fast")),
        type=word_of(GenerateJob, "fast"),
        help=_("draw sooner, with pictures that are nearly the same; repeatable; each image says so"),
    )  # fmt: skip
    parser.add_argument(
        "--format", dest="image_format", metavar="|".join(choices_of(GenerateJob, "image_format")),
        type=value_of(GenerateJob, "image_format"),
        help=_("what to save the images as; only png keeps every bit; as the settings say unless given"),
    )  # fmt: skip
    parser.add_argument(
        "--threads", dest="num_threads", metavar="N", type=value_of(GenerateJob, "num_threads"),
        help=_("threads on a processor; as the settings say unless given"),
    )  # fmt: skip
    parser.add_argument("--no-keep", dest="keep", action="store_false", help=_(
        "let the images wait until `sketchdesk images` or the window's gallery saves or drops them"
    ))


def run(options: Namespace, console: Console) -> ExitCode:
    """Draw, and answer with the images that were saved."""
    from sketchdesk.cli.follow import do_run, tell
    from sketchdesk.library.runs.runs import create_run

    left_out: list[str] = []
    if options.resume is None:
        asked = asked_of(options)
        job = job_of(options, asked)
        asked.tell(console)
        left_out = [problem.message for problem in asked.left_out]
        if few := few_steps_for(options):
            console.say(few.sentence)
        drawing = create_run(job)
    else:
        drawing = taken_up(options.resume, options.arguments)
    ended, record = do_run(drawing, console)
    images = [*map(described, record.images), *map(described, record.unsaved)]
    if ended.state != "done":
        code = tell(ended, record, console, run=drawing.id, images=images, left_out=left_out)
        if images or ended.state == "canceled":
            console.say(_("To go on: {command}").format(command=resume_command(drawing)))
        return code
    for image in images:
        console.show(str(image["path"]))
    seconds = ended.result.get("seconds")
    count = ngettext("{count} image in {seconds} s.", "{count} images in {seconds} s.", len(images))
    console.say(count.format(count=len(images), seconds=number(float(seconds or 0), 1)))
    console.answer({"run": drawing.id, "images": images, "seconds": seconds, "left_out": left_out})
    return ExitCode.DONE


def job_of(options: Namespace, asked: Asked) -> GenerateJob:
    """Return the job that draws what is asked as the options describe, and the settings where they say nothing."""
    from sketchdesk.library.settings import load_settings

    given = (
        "num_inference_steps", "guidance_scale", "guidance_rescale", "clip_skip", "strength", "width", "height",
        "batch_size", "sampler",
    )  # fmt: skip
    chosen = {name: getattr(options, name) for name in given if getattr(options, name) is not None}
    if few := few_steps_for(options):
        chosen = {name: getattr(few, name) for name in FEW_STEPS} | chosen
    chosen.setdefault("num_inference_steps", own_steps(options.model))
    settings = load_settings()
    return GenerateJob(
        model=from_anywhere(options.model),
        prompts=asked.rows,
        seed=asked.seed,
        count=asked.count,
        out_dir=str(out_dir(options.out)),
        loras=tuple(LoraUse(path=from_anywhere(lora.path), weight=lora.weight) for lora in options.lora),
        embeddings=tuple(map(from_anywhere, options.embedding)),
        allow_pickle=options.allow_pickle,
        keep=options.keep,
        image_format=options.image_format or settings.image_format,
        num_threads=options.num_threads or settings.num_threads,
        style_prefix=options.style_prefix,
        style_suffix=options.style_suffix,
        wildcards=options.wildcards,
        prompt_weighting=options.prompt_weighting,
        init_image=absolute(options.init_image),
        mask_image=absolute(options.mask_image),
        memory_savings=tuple(dict.fromkeys(options.memory_savings)),
        fast=tuple(part for part in get_args(FastPart) if part in options.fast),
        negative_prompt=options.negative_prompt,
        device=options.device,
        precision=options.precision,
        **chosen,
    )


def few_steps_for(options: Namespace) -> FewSteps | None:
    """Return how the first LoRA for few steps wants to be drawn with; None without one, or where all is chosen."""
    from sketchdesk.library.models.families import draws_alone
    from sketchdesk.library.models.few_steps import few_steps_of
    from sketchdesk.library.models.installed import locate
    from sketchdesk.library.models.kind import kind_of

    if all(getattr(options, name) is not None for name in FEW_STEPS):
        return None
    model = locate(options.model)
    with suppress(SketchDeskError):  # a model that cannot be read is told by who loads it
        if model is None or draws_alone((kind := kind_of(model)).family, kind.variant):
            return None
    wanted = next((few for lora in options.lora if (few := few_steps_of(lora.path))), None)
    if wanted is None:
        return None
    given = {name: getattr(options, name) for name in FEW_STEPS if getattr(options, name) is not None}
    return msgspec.structs.replace(wanted, **given)


def own_steps(model: str) -> int:
    """Return the number of steps a model is made for; that of Stable Diffusion where it does not say, or is missing."""
    from sketchdesk.library.models.draw_facts import DrawFacts, draw_facts
    from sketchdesk.library.models.installed import locate

    path = locate(model)
    return draw_facts(path).num_inference_steps if path else DrawFacts().num_inference_steps


def out_dir(chosen: str | None) -> Path:
    """Return the folder the images go to, as an absolute path."""
    from sketchdesk.library.settings import load_settings

    if chosen:
        return Path(chosen).expanduser().resolve()
    return load_settings().images_folder / date.today().isoformat()


def absolute(path: str | None) -> str | None:
    """Return a path that holds from any folder: the image remembers it."""
    return str(Path(path).expanduser().resolve()) if path else None


def from_anywhere(name: str) -> str:
    """Return a model's or an adapter's name as it holds from any folder: a path as a whole, others as they are.

    What is called so among one's own models is named by its path, as the window does, so that an image remembers it.
    """
    from sketchdesk.library.models.called import called
    from sketchdesk.library.models.installed import SHIPPED, own_places, placed

    with suppress(OSError, RuntimeError, ValueError):  # too long, no such home, a NUL in it: not a path
        path = Path(name).expanduser()
        if name and name not in SHIPPED and path.exists():
            return str(path.absolute())
    own = called(name, own_places()) if name and placed(name) is None else []
    return str(own[0]) if len(own) == 1 else name


def sampler(text: str) -> Sampler:
    """Read a sampler's name, ours or as A1111, InvokeAI and ComfyUI spell it."""
    name: Sampler = value_of(GenerateJob, "sampler")(sampler_id(text) or text)
    return name


def lora_use(text: str) -> LoraUse:
    """Read FILE or FILE=WEIGHT. An equals sign that is part of the name is kept unless a number follows it."""
    path, equals, weight = text.rpartition("=")
    try:
        strength = float(weight) if equals else 1.0
    except ValueError:
        path, strength = text, 1.0
    if not math.isfinite(strength):
        raise ArgumentTypeError(_("“{given}” is not {wanted}.").format(given=weight, wanted=_("a number")))
    return LoraUse(path=path or text, weight=strength)


def described(image: ImageSaved | PreviewReady) -> dict[str, object]:
    """Return an image as the JSON answer lists it."""
    if isinstance(image, PreviewReady):
        return {"path": image.path, "prompt": image.prompt, "seed": image.seed}
    return {
        "path": image.path, "prompt": image.prompt, "seed": image.seed,
        "width": image.width, "height": image.height, "seconds": image.seconds,
    }  # fmt: skip
