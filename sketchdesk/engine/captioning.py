"""The caption job: BLIP looks at pictures of a data set and writes captions for them, in a file of the project."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.events import CaptionReady
from sketchdesk.contracts.jobs import CaptionJob
from sketchdesk.contracts.text import _, ngettext
from sketchdesk.engine.download import Teller
from sketchdesk.engine.evaluation.placing import scoring_place
from sketchdesk.engine.evaluation.preparing import Pixels
from sketchdesk.engine.evaluation.read_ahead import AHEAD, ReadAhead, in_parts
from sketchdesk.engine.left_out import tell_left_out
from sketchdesk.engine.reporter import Reporter
from sketchdesk.library.dataset.captions import CaptionEdits, Edit, change_edits, read_edits
from sketchdesk.library.dataset.facts import decoded, read_bytes
from sketchdesk.library.dataset.flaws import Finding, Flaw
from sketchdesk.library.dataset.items import Item, Source
from sketchdesk.library.dataset.sources import open_source
from sketchdesk.library.images.metadata import unreadable_errors
from sketchdesk.library.models.installed import resolve_model
from sketchdesk.library.runs.events import read_events

if TYPE_CHECKING:
    from sketchdesk.engine.evaluation.blip import Captioner

WRITING_SHARE = 0.1
"""Of the time, at most, goes into writing: the file is written whole each time, and that of a large set is long."""


def run(job: CaptionJob, reporter: Reporter) -> dict[str, str | int | float | None]:
    """Write captions and return where they are, how many came, and how many pictures could not be read.

    What is finished is kept whenever the job stops; a run that is taken up again goes on with what is left. A caption
    that a person changes meanwhile stays the person's. Raises SketchDeskError as open_source, resolve_model and
    change_edits do, Cancelled.
    """
    source = open_source(job.dataset, job.image_column, job.caption_column, job.streaming, Teller(reporter))
    before = read_edits(Path(job.captions_file), job.dataset)
    done = _done(reporter)
    wanted = _wanted(job, source, before, done)
    total = None if source.streamed else len(wanted := list(wanted)) + len(done)
    writer = _Writer(job, before, reporter, len(done), total)
    if source.streamed or wanted:
        reporter.stage("loading", 0, 2)
        captioner = _captioner(job)
        reporter.stage("captioning", 1, 2, already_done=len(done))
        try:
            _caption(wanted, captioner, job.batch_size, writer)
        finally:
            writer.write()
    writer.tell_end()
    return {"output": job.captions_file, "captions": writer.written, "left_out": len(writer.left_out)}


def _done(reporter: Reporter) -> frozenset[str]:
    """Return the keys of the pictures that this run wrote captions for before it was stopped."""
    events = read_events(reporter.run_dir)[0] if reporter.run_dir else []
    return frozenset(event.key for event in events if isinstance(event, CaptionReady))


def _wanted(job: CaptionJob, source: Source, before: CaptionEdits, done: frozenset[str]) -> Iterable[Item]:
    """Return the items to be captioned, in the set's order. Raises BAD_INPUT where none of the chosen ones is there."""
    if not job.pictures:
        return (
            item for item in source.items
            if item.key not in done and item.key not in before.edits and not (item.caption or "").strip()
        )  # fmt: skip
    chosen = frozenset(job.pictures)
    if not source.streamed and chosen.isdisjoint(item.key for item in source.items):
        text = _("None of the chosen pictures is in “{name}” any more.").format(name=job.dataset)
        raise SketchDeskError(ErrorKind.BAD_INPUT, text, ", ".join(job.pictures))
    return (item for item in source.items if item.key in chosen - done)


def _captioner(job: CaptionJob) -> Captioner:
    """Load the job's model; transformers, which that needs, takes seconds to import, and not every job asks for it."""
    from sketchdesk.engine.evaluation.blip import Captioner

    placement = scoring_place(job.device, job.precision, job.num_threads, [job.blip_model])
    return Captioner.load(resolve_model(job.blip_model), placement, job.batch_size)


def _caption(wanted: Iterable[Item], captioner: Captioner, batch_size: int, writer: _Writer) -> None:
    def look(item: Item) -> Pixels | Finding:
        try:
            return captioner.prepare(decoded(read_bytes(item.read())))
        except unreadable_errors() as error:
            return Finding(item.key, Flaw.UNREADABLE, f"{type(error).__name__}: {error}")

    for part in in_parts(ReadAhead(wanted, look, max(batch_size, AHEAD)), batch_size):
        readable = {item.key: seen for item, seen in part if not isinstance(seen, Finding)}
        captions = captioner.describe(list(readable.values()))
        writer.take(
            dict(zip(readable, captions, strict=True)), [seen for _item, seen in part if isinstance(seen, Finding)]
        )


class _Writer:
    """Gathers captions, writes them down often enough, and then tells them."""

    def __init__(
        self, job: CaptionJob, before: CaptionEdits, reporter: Reporter, done: int, total: int | None
    ) -> None:
        self._job, self._before, self._reporter = job, before, reporter
        self._done, self._total = done, total
        self._waiting: dict[str, Edit | None] = {}
        self._written_s, self._took_s = time.monotonic(), 0.0
        self.written = done
        self.left_out: list[Finding] = []

    def take(self, captions: dict[str, str], left_out: list[Finding]) -> None:
        """Take a batch. Raises Cancelled, and as change_edits does."""
        prefix = self._job.prefix.strip()
        self._waiting |= {key: Edit(f"{prefix} {text}".strip(), by="blip") for key, text in captions.items()}
        self.left_out += left_out
        self._done += len(captions) + len(left_out)
        if self._took_s <= WRITING_SHARE * (time.monotonic() - self._written_s):
            self.write()
        self._reporter.step(self._done, max(self._total or 0, self._done))

    def write(self) -> None:
        """Write down what waits, and tell it. Raises as change_edits does."""
        if not self._waiting:
            return
        began_s = time.monotonic()
        waiting, self._waiting = self._waiting, {}
        kept = change_edits(Path(self._job.captions_file), self._job.dataset, waiting, unless_changed_from=self._before)
        self._written_s = time.monotonic()
        self._took_s = self._written_s - began_s
        for key, edit in waiting.items():
            if edit is not None and kept.edits.get(key) == edit:
                self.written += 1
                self._reporter.emit(CaptionReady(key=key, caption=edit.caption))

    def tell_end(self) -> None:
        """Say what could not be read, and how many captions came."""
        tell_left_out(self.left_out, self._reporter)
        if not self.written and not self.left_out:
            self._reporter.notice(_("No caption was written: every picture has one."))
            return
        text = ngettext("{count} caption was written.", "{count} captions were written.", self.written)
        self._reporter.notice(text.format(count=self.written))
