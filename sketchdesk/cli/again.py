"""`sketchdesk again`: draw pictures again from what they remember, to the last bit."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from sketchdesk.cli.console import Console
from sketchdesk.cli.exit_codes import ExitCode
from sketchdesk.cli.fields import require_file
from sketchdesk.cli.generate import described, out_dir
from sketchdesk.cli.parser import Parser, add_out
from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.events import ImageSaved
from sketchdesk.contracts.jobs import GenerateJob
from sketchdesk.contracts.text import N_, _, ngettext

HELP = N_("draw pictures again, to the last bit")
DESCRIPTION = N_(
    "Draw pictures again from what they remember. Model, LoRAs, learnt words and start pictures are compared with "
    "what they were; if one has changed, nothing is drawn unless you insist."
)


def configure(parser: Parser) -> None:
    """Add the command's arguments."""
    parser.add_argument("pictures", nargs="+", metavar="IMAGE", help=_("a picture that says how it was made"))
    parser.add_argument("--insist", action="store_true", help=_(
        "draw also where a file has changed; the picture will be another one"
    ))
    parser.add_argument("--allow-pickle", action="store_true", help=_(
        "read .ckpt, .bin and .pt files too; those that would run code are refused all the same"
    ))
    add_out(parser, _("the folder for the images; a folder named after today among your images unless given"))


def run(options: Namespace, console: Console) -> ExitCode:
    """Draw, and answer with the images and how many of them are what they were, pixel for pixel."""
    from sketchdesk.cli.follow import follow, tell
    from sketchdesk.engine.session import run_job

    pictures = [Path(name).expanduser().resolve() for name in options.pictures]
    images: list[ImageSaved] = []
    for job in jobs_of_pictures(pictures, out_dir(options.out), options):
        ended, record = follow(partial(run_job, job), console)
        images += record.images
        if ended.state != "done":
            return tell(ended, record, console, images=[described(image) for image in images])
    for image in images:
        console.show(image.path)
    before = {pixels_of(path) for path in pictures}
    same = sum(pixels_of(Path(image.path)) in before for image in images)
    text = ngettext(
        "{same} of {count} image is the same, pixel for pixel.",
        "{same} of {count} images are the same, pixel for pixel.",
        len(images),
    )
    console.say(text.format(same=same, count=len(images)))
    console.answer({"images": [described(image) for image in images], "same": same})
    return ExitCode.DONE


def jobs_of_pictures(pictures: Sequence[Path], folder: Path, options: Namespace) -> list[GenerateJob]:
    """Return the jobs that draw pictures again. Raises SketchDeskError as library.drawing.remake does."""
    from sketchdesk.library.drawing.remake import Insistence, jobs_of
    from sketchdesk.library.images.metadata import read_record

    records = []
    for path in pictures:
        require_file(path)
        record = read_record(path)
        if record is None:
            message = _("“{file}” does not say how it was made.").format(file=path.name)
            raise SketchDeskError(ErrorKind.BAD_INPUT, message)
        records.append(record)
    return jobs_of(records, folder, Insistence(changed=options.insist, allow_pickle=options.allow_pickle))


def pixels_of(path: Path) -> tuple[object, ...]:
    """Return a picture's size and a checksum of its pixels."""
    import hashlib

    from sketchdesk.library.images.pictures import read_picture

    picture = read_picture(path).convert("RGB")
    return (*picture.size, hashlib.sha256(picture.tobytes()).hexdigest())
