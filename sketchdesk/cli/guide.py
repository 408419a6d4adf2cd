"""`sketchdesk guide`: read the guide in the terminal."""

from __future__ import annotations

import shutil
from argparse import Namespace

from sketchdesk.cli.console import Console
from sketchdesk.cli.exit_codes import ExitCode
from sketchdesk.cli.parser import Parser
from sketchdesk.contracts.text import N_, _, language

WIDEST = 100

HELP = N_("read the guide")
DESCRIPTION = N_("Show a page of the guide, the same that the window's Help menu opens; without a page list them.")


def configure(parser: Parser) -> None:
    """Add the command's argument."""
    parser.add_argument("page", nargs="?", metavar="PAGE", help=_("the page's name; all names unless given"))


def run(options: Namespace, console: Console) -> ExitCode:
    """Show a page, or the names and titles of all."""
    from sketchdesk.library.guide.pages import PAGES, read_page
    from sketchdesk.library.guide.text import terminal_text

    spoken = language()
    if options.page is None:
        titles = {name: read_page(name, spoken).title for name in PAGES}
        wide = max(map(len, titles))
        for name, title in titles.items():
            console.show(f"{name:<{wide}}  {title}")
        console.answer({"pages": titles})
        return ExitCode.DONE
    page = read_page(options.page, spoken)
    text = terminal_text(page, min(WIDEST, shutil.get_terminal_size().columns))
    console.show(text)
    console.answer({"page": page.name, "title": page.title, "text": text})
    return ExitCode.DONE
