"""`sketchdesk dataset check`: every flaw of a data set, with its reason and what happens to the picture."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from itertools import groupby
from operator import attrgetter

import msgspec

from sketchdesk.cli.console import Console
from sketchdesk.cli.exit_codes import ExitCode
from sketchdesk.cli.fields import value_of
from sketchdesk.cli.parser import Parser
from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.contracts.text import N_, _, ngettext
from sketchdesk.library.dataset.check import ASPECTS, SetReport, inspect
from sketchdesk.library.dataset.flaws import ABOUT

HELP = N_("list what is in a data set, and every flaw")
DESCRIPTION = N_(
    "Look at every picture and caption of a data set: a folder or a file in any layout that training reads, a set of "
    "the hub, or one of the demo's. Nothing of it is changed."
)


def configure(parser: Parser) -> None:
    """Add the command's arguments."""
    parser.add_argument("path", metavar="PATH", help=_("the data set, as a training names it"))
    parser.add_argument("--model", help=_("the model to be trained, whose tokenizer counts; CLIP's unless given"))
    parser.add_argument("--resolution", type=value_of(TrainJob, "resolution"), metavar="PIXELS", help=_(
        "the side it will be trained at; the model's own unless given"
    ))
    parser.add_argument("--image-column", default="image", metavar="NAME", help=_("where a table keeps its pictures"))
    parser.add_argument("--caption-column", default="text", metavar="NAME", help=_("where a table keeps its captions"))
    parser.add_argument("--streaming", action="store_true", help=_("keep nothing of a set of the hub"))


def run(options: Namespace, console: Console) -> ExitCode:
    """Look, and answer with everything that was found. Flaws are no failure: training copes with them."""
    from sketchdesk.demo.dataset import drawn_dataset
    from sketchdesk.library.dataset.sources import open_source
    from sketchdesk.library.dataset.token_counts import TokenCounter
    from sketchdesk.library.model_facts import model_facts
    from sketchdesk.library.models import resolve_model

    name = str(drawn_dataset(options.path) or options.path)
    source = open_source(name, options.image_column, options.caption_column, options.streaming)
    model = resolve_model(options.model) if options.model else None
    resolution = options.resolution or (model_facts(model).sample_size_px if model else None)
    counter = TokenCounter.of(model) if model else TokenCounter.of_clip()
    report = inspect(source, resolution, counter, _teller(console))
    if console.is_terminal:
        console.status("")
    for line in told(report):
        console.show(line)
    console.answer(msgspec.to_builtins(report))
    return ExitCode.DONE


def _teller(console: Console) -> Callable[[int, int | None], None]:
    def tell(done: int, total: int | None) -> None:
        if console.is_terminal:
            console.status(f"{_('checking')}  {done}/{total}" if total else f"{_('checking')}  {done}")

    return tell


def told(report: SetReport) -> list[str]:
    """Return a report in lines: numbers first, then every finding under what it is."""
    count = ngettext("{count} picture", "{count} pictures", report.pictures).format(count=report.pictures)
    lines = [_("{name}: {count}, {usable} of them can be trained on, {shown} shown in one pass.").format(
        name=report.name, count=count, usable=report.usable, shown=report.shown
    )]  # fmt: skip
    if report.usable:
        sizes = (f"{width} × {height}" for width, height in (report.smallest, report.median, report.largest))
        lines.append(_("Sizes: {sizes} (smallest, median, largest).").format(sizes=", ".join(sizes)))
        aspects = (f"{shape.width}:{shape.height} {many}" for shape, many in zip(ASPECTS, report.aspects, strict=True)
                   if many)  # fmt: skip
        lines.append(_("Aspects: {aspects}.").format(aspects=", ".join(aspects)))
    if report.token_counts:
        lines.append(_("Captions: {least} to {most} tokens; {limit} are read.").format(
            least=min(report.token_counts), most=max(report.token_counts), limit=report.token_limit
        ))  # fmt: skip
    for flaw, findings in groupby(sorted(report.findings, key=attrgetter("flaw")), key=attrgetter("flaw")):
        found, about = list(findings), ABOUT[flaw]
        lines.append(f"{_(about.title)} ({len(found)}): {_(about.effect)}")
        lines += [f"  {one.key}  {one.detail}".rstrip() for one in found]
    return lines
