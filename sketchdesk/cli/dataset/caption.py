"""`sketchdesk dataset caption`: BLIP writes captions for a data set, in a file beside it; the set stays as it is."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from sketchdesk.cli.console import Console
from sketchdesk.cli.exit_codes import ExitCode
from sketchdesk.cli.fields import value_of
from sketchdesk.cli.parser import Parser, add_device
from sketchdesk.contracts.jobs import CaptionJob
from sketchdesk.contracts.text import N_, _

ANSWER_KEYS = ("output", "captions", "left_out")

HELP = N_("write captions for pictures")
DESCRIPTION = N_(
    "Let BLIP write captions for the pictures of a data set that have none, or for those that are named. They are kept "
    "in a file of their own, which a training reads as its captions_file; nothing of the data set is changed. Started "
    "again, it goes on with the pictures that still have no caption."
)


def configure(parser: Parser) -> None:
    """Add the command's arguments."""
    parser.add_argument("path", metavar="PATH", help=_("the data set, as a training names it"))
    parser.add_argument("pictures", metavar="PICTURE", nargs="*", help=_(
        "a picture, by the name that `dataset check` gives it; those without a caption unless any is named"
    ))
    parser.add_argument("--out", metavar="FILE", help=_("where the captions are kept; in the data folder unless given"))
    parser.add_argument("--prefix", default="", metavar="TEXT", help=_("words that every caption begins with"))
    for option, field, metavar, text in (
        ("--blip-model", "blip_model", "MODEL", _("the model that captions")),
        ("--batch-size", "batch_size", "N", _("pictures captioned together")),
    ):
        parser.add_argument(option, dest=field, metavar=metavar, type=value_of(CaptionJob, field), help=text)
    parser.add_argument("--image-column", default="image", metavar="NAME", help=_("where a table keeps its pictures"))
    parser.add_argument("--caption-column", default="text", metavar="NAME", help=_("where a table keeps its captions"))
    parser.add_argument("--streaming", action="store_true", help=_("keep nothing of a set of the hub"))
    add_device(parser)


def run(options: Namespace, console: Console) -> ExitCode:
    """Write them, and answer with where they are."""
    from sketchdesk.cli.follow import follow_run, tell
    from sketchdesk.demo.dataset import with_drawn_dataset

    job = with_drawn_dataset(job_of(options))
    ended, record = follow_run(job, console)
    if ended.state != "done":
        return tell(ended, record, console, output=job.captions_file)
    console.show(job.captions_file)
    console.answer({key: ended.result.get(key) for key in ANSWER_KEYS})
    return ExitCode.DONE


def job_of(options: Namespace) -> CaptionJob:
    """Return the job the options describe."""
    from sketchdesk.library.dataset.captions import edits_file

    place = Path(options.path).expanduser()
    file = Path(options.out).expanduser().resolve() if options.out else edits_file(options.path)
    chosen = {name: given for name in ("blip_model", "batch_size") if (given := getattr(options, name)) is not None}
    return CaptionJob(
        dataset=str(place.resolve()) if place.exists() else options.path,
        captions_file=str(file),
        pictures=tuple(options.pictures),
        prefix=options.prefix,
        device=options.device,
        precision=options.precision,
        image_column=options.image_column,
        caption_column=options.caption_column,
        streaming=options.streaming,
        **chosen,
    )
