"""`sketchdesk images show`: how pictures were made, ours and other programs'."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

import msgspec

from sketchdesk.cli.console import Console
from sketchdesk.cli.exit_codes import ExitCode
from sketchdesk.cli.fields import require_file
from sketchdesk.cli.parser import Parser
from sketchdesk.contracts.text import N_, _

HELP = N_("show how pictures were made")
DESCRIPTION = N_(
    "Show the settings that picture files hold: SketchDesk's own, and those of AUTOMATIC1111, InvokeAI and ComfyUI."
)


def configure(parser: Parser) -> None:
    """Add the command's arguments."""
    parser.add_argument("file", nargs="+", help=_("a PNG, JPEG or WebP file"))


def run(options: Namespace, console: Console) -> ExitCode:
    """Show each as A1111 writes it, and as JSON; end well only if all say how they were made."""
    from sketchdesk.library.images.infotext import write_infotext
    from sketchdesk.library.images.metadata import read_record
    from sketchdesk.library.wording.drawing_times import drawing_times

    answers: list[dict[str, object]] = []
    for name in options.file:
        path = Path(name).expanduser().absolute()
        require_file(path)
        record = read_record(path)
        if len(options.file) > 1:
            console.show(f"{path}:")
        console.show(write_infotext(record) if record else _("This picture does not say how it was made."))
        for what, time in drawing_times(record) if record else ():
            console.show(f"{what}: {time}")
        answers.append({"path": str(path), "settings": msgspec.to_builtins(record) if record else None})
    console.answer({"images": answers})
    return ExitCode.DONE if all(one["settings"] for one in answers) else ExitCode.FAILED
