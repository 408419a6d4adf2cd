"""`sketchdesk models export`: a model as one file that every program for Stable Diffusion reads."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from sketchdesk.cli.console import Console
from sketchdesk.cli.exit_codes import ExitCode
from sketchdesk.cli.models.finding import find_model
from sketchdesk.cli.parser import Parser
from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.text import N_, _

HELP = N_("write a model as one file for other programs")
DESCRIPTION = N_(
    "Write a model as a single safetensors file in the layout of the first Stable Diffusion code, which other programs "
    "read. The model stays as it is; a file that is there already is an error."
)


def configure(parser: Parser) -> None:
    """Add the command's arguments."""
    parser.add_argument("name", metavar="NAME", help=_("the model, as the list calls it, or its folder"))
    parser.add_argument("--single-file", action="store_true", required=True, help=_("as one .safetensors file"))
    parser.add_argument("--out", metavar="FILE", help=_("the file to make; named as the model, here, unless given"))


def run(options: Namespace, console: Console) -> ExitCode:
    """Write the file, and answer with where it is."""
    from sketchdesk.engine.models.ldm_export import export_single_file
    from sketchdesk.library.models.uses import short_name

    entry = find_model(options.name)
    chosen = Path(options.out or f"{short_name(entry)}.safetensors").expanduser().absolute()
    if chosen.exists():
        raise SketchDeskError(ErrorKind.BAD_INPUT, _("“{file}” is there already.").format(file=chosen))
    made = export_single_file(entry.path, chosen)
    console.show(str(made))
    console.answer({"output": str(made), "bytes": made.stat().st_size})
    return ExitCode.DONE
