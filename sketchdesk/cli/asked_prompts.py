"""What `sketchdesk generate` is to draw: the prompts, the words around them, and the seeds of their images."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sketchdesk.cli.console import Console
from sketchdesk.cli.fields import value_of
from sketchdesk.cli.parser import Parser
from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import GenerateJob, PromptRow
from sketchdesk.contracts.text import _, ngettext


@dataclass(frozen=True)
class Asked:
    """Rows with the seed and the count of a job that draws them, and why lines of a list are no rows."""

    rows: tuple[PromptRow, ...]
    seed: int
    count: int
    left_out: tuple[SketchDeskError, ...] = ()

    def tell(self, console: Console) -> None:
        """Say which lines of a list are left out."""
        for problem in self.left_out:
            console.say(problem.message)
        if count := len(self.left_out):
            text = ngettext("{count} line was left out.", "{count} lines were left out.", count)
            console.say(text.format(count=count))


def add_prompts(parser: Parser) -> Any:
    """Add what is said in words, how it is read, and how often it is drawn; return the group that is required."""
    asked = parser.add_mutually_exclusive_group(required=True)
    asked.add_argument(
        "--prompt", nargs="+", action="extend", default=[], metavar="TEXT", help=_("what to draw; repeatable")
    )
    asked.add_argument("--prompts", metavar="FILE", help=_(
        "a prompt list: .txt, .csv, .json or .jsonl; lines that are wrong are named and left out"
    ))
    parser.add_argument("--negative-prompt", default="", metavar="TEXT", help=_("what to keep out of the picture"))
    parser.add_argument("--style-prefix", default="", metavar="TEXT", help=_("words put in front of every prompt"))
    parser.add_argument("--style-suffix", default="", metavar="TEXT", help=_("words put behind every prompt"))
    parser.add_argument("--wildcards", action="store_true", help=_(
        "choose one of {one|another} in prompts, style and negative prompt, anew for every image, by its seed"
    ))
    parser.add_argument("--prompt-weighting", action="store_true", help=_(
        "let (brackets:1.2) and [brackets] in prompts weigh their words"
    ))
    parser.add_argument(
        "--count", metavar="N", type=value_of(GenerateJob, "count"), help=_("images of each prompt")
    )
    seeds = parser.add_mutually_exclusive_group()
    seeds.add_argument(
        "--seed", metavar="N", type=value_of(GenerateJob, "seed"), help=_("the first image's seed")
    )
    seeds.add_argument("--seeds", metavar="SEEDS", help=_("seeds of every prompt, like 0-5 or 1, 7, 9"))
    return asked


def asked_of(options: Namespace) -> Asked:
    """Return what the options ask for.

    Raises SketchDeskError(BAD_INPUT) for a prompt list without a good line, for seeds that are none, and for several
    beside a count.
    """
    from sketchdesk.library.prompts.seeded_rows import seeded
    from sketchdesk.library.prompts.seeds import count_of, parse_seeds

    rows, left_out = _rows(options)
    if options.seeds is None:
        return Asked(rows, options.seed or 0, options.count or 1, left_out)
    runs = parse_seeds(options.seeds)
    if count_of(runs) > 1 and options.count is not None:
        raise SketchDeskError(
            ErrorKind.BAD_INPUT, _("With several --seeds there are as many images; leave out --count.")
        )
    return Asked(*seeded(rows, runs, options.count or 1), left_out)


def _rows(options: Namespace) -> tuple[tuple[PromptRow, ...], tuple[SketchDeskError, ...]]:
    if options.prompts is None:
        return tuple(PromptRow(prompt=text) for text in options.prompt), ()
    from sketchdesk.library.prompts.reading import read_good_prompts

    found = read_good_prompts(Path(options.prompts))
    return found.rows, found.problems
