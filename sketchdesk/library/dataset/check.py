"""A data set looked through before anything is trained on it: what is in it, and every flaw with its reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from msgspec import Struct

from sketchdesk.library.dataset.captions import Edit
from sketchdesk.library.dataset.facts import PictureFacts
from sketchdesk.library.dataset.flaws import Finding, Flaw
from sketchdesk.library.dataset.items import Source
from sketchdesk.library.dataset.looking import FactsMemory, look_at
from sketchdesk.library.dataset.looks import alike
from sketchdesk.library.dataset.shapes import Shape, shape_for
from sketchdesk.library.dataset.token_counts import TokenCounter

Tell = Callable[[int, int | None], None]
"""Told how many pictures of how many (None: nobody knows) were looked at; may raise to stop."""
Check = Callable[[], None]
"""Called often; may raise to stop."""

ASPECTS = (
    Shape(1, 2), Shape(9, 16), Shape(2, 3), Shape(3, 4), Shape(4, 5), Shape(1, 1), Shape(5, 4), Shape(4, 3),
    Shape(3, 2), Shape(16, 9), Shape(2, 1),
)  # fmt: skip
"""The columns of the aspect histogram, tall to wide; a picture counts for the nearest."""


class SetReport(Struct, frozen=True, kw_only=True):
    """What a set holds. Sizes are pixels, upright."""

    name: str
    pictures: int
    """Everything that was listed as a picture."""
    usable: int
    """Pictures that will be trained on."""
    shown: int
    """Pictures shown in one pass: usable ones times their repeats."""
    smallest: tuple[int, int] = (0, 0)
    median: tuple[int, int] = (0, 0)
    largest: tuple[int, int] = (0, 0)
    """Of the usable ones, by area."""
    aspects: tuple[int, ...] = ()
    """How many are nearest to each of ASPECTS."""
    token_limit: int | None = None
    """How many tokens the model reads; None where no model was named."""
    token_counts: tuple[int, ...] = ()
    """The usable pictures' captions in tokens, beginning and end included."""
    findings: tuple[Finding, ...] = ()
    groups: tuple[tuple[str, ...], ...] = ()
    """Keys of pictures that look alike, a group each."""

    def count(self, flaw: Flaw) -> int:
        """How often a flaw was found."""
        return sum(finding.flaw is flaw for finding in self.findings)


@dataclass(frozen=True)
class Seen:
    """One picture that was looked at, its caption being the set's own."""

    key: str
    caption: str | None
    repeats: int
    facts: PictureFacts


@dataclass(frozen=True)
class SetFacts:
    """What looking at every picture has told. Captions may change after that: reports are made of it at any time."""

    name: str
    seen: tuple[Seen, ...]
    roots: tuple[int, ...]
    """For each of the usable pictures, in their order, the place of the first one it looks like; see dataset.looks."""
    said: tuple[Finding, ...]
    """What was found before any picture was looked at."""
    resolution: int | None = None
    counter: TokenCounter | None = None

    def report(self, edits: Mapping[str, Edit] | None = None, check: Check = lambda: None) -> SetReport:
        """Return the report with these captions in place of the set's own; what `check` raises ends it.

        All tokens are counted: not for the window's thread.
        """
        said = {key: edit.caption for key, edit in (edits or {}).items()}
        captions = [said.get(one.key, one.caption) for one in self.seen]
        findings = list(self.said)
        for one, caption in zip(self.seen, captions, strict=True):
            check()
            findings += _of_picture(one, caption, self.resolution)
        usable = [(one, caption) for one, caption in zip(self.seen, captions, strict=True) if one.facts.is_usable]
        kept = [(one, caption, root) for (one, caption), root in zip(usable, self.roots, strict=True)
                if caption is not None]  # fmt: skip
        pictures = [one for one, _caption, _root in kept]
        groups, twins = _groups(pictures, [root for _one, _caption, root in kept])
        tokens, long = self._tokens([(one.key, caption) for one, caption, _root in kept], check)
        sizes = sorted(((one.facts.width, one.facts.height) for one in pictures), key=lambda size: size[0] * size[1])
        found: Counter[Shape] = Counter()
        for (width, height), count in Counter(sizes).items():
            check()
            found[shape_for(width, height, ASPECTS)] += count
        return SetReport(
            name=self.name, pictures=len(self.seen), usable=len(kept), shown=sum(one.repeats for one in pictures),
            smallest=sizes[0] if sizes else (0, 0), largest=sizes[-1] if sizes else (0, 0),
            median=sizes[len(sizes) // 2] if sizes else (0, 0), aspects=tuple(found[aspect] for aspect in ASPECTS),
            token_limit=self.counter.limit if self.counter else None, token_counts=tuple(tokens),
            findings=(*findings, *twins, *long), groups=groups,
        )  # fmt: skip

    def _tokens(self, captions: Sequence[tuple[str, str]], check: Check) -> tuple[list[int], list[Finding]]:
        """Return how many tokens each caption has, and those of which not all are read; nothing without a model."""
        if self.counter is None:
            return [], []
        counts, limit = self.counter.counts([caption for _key, caption in captions], check), self.counter.limit
        long = [Finding(key, Flaw.LONG_CAPTION, str(count))
                for (key, _caption), count in zip(captions, counts, strict=True) if count > limit]  # fmt: skip
        return counts, long


def inspect(
    source: Source,
    resolution: int | None = None,
    counter: TokenCounter | None = None,
    tell: Tell | None = None,
    threads: int | None = None,
) -> SetReport:
    """Return look_through's facts as a report, with the set's own captions."""
    return look_through(source, resolution, counter, tell, threads).report()


def look_through(
    source: Source,
    resolution: int | None = None,
    counter: TokenCounter | None = None,
    tell: Tell | None = None,
    threads: int | None = None,
) -> SetFacts:
    """Look at every picture of a set. Not for the window's thread: everything is read once.

    `resolution` is the side that is trained at; smaller pictures are told of. Nothing about a picture raises; what
    `tell` raises ends it, and what was learnt till then is not looked at again.
    """
    seen: list[Seen] = []
    for one in look_at(source.items, FactsMemory(source.name), threads):
        seen.append(Seen(one.item.key, one.item.caption, one.item.repeats, one.facts))
        if tell:
            tell(len(seen), source.count)
    roots = alike([one.facts.look for one in seen if one.facts.is_usable])
    said = (*source.left_out, *source.remarks)
    return SetFacts(source.name, tuple(seen), tuple(roots), said, resolution, counter)


def _of_picture(one: Seen, caption: str | None, resolution: int | None) -> list[Finding]:
    facts = one.facts
    found = [Finding(one.key, flaw, facts.reason) for flaw in facts.flaws]
    if facts.is_usable and resolution and min(facts.width, facts.height) < resolution:
        found.append(Finding(one.key, Flaw.SMALL, f"{facts.width} × {facts.height}"))
    if caption is None:
        found.append(Finding(one.key, Flaw.NO_CAPTION))
    elif not caption.strip():
        found.append(Finding(one.key, Flaw.EMPTY_CAPTION))
    return found


def _groups(pictures: Sequence[Seen], roots: Sequence[int]) -> tuple[tuple[tuple[str, ...], ...], list[Finding]]:
    """Return the groups of pictures that look alike, and each later member as a finding that names the first."""
    members: dict[int, list[Seen]] = {}
    for one, root in zip(pictures, roots, strict=True):
        members.setdefault(root, []).append(one)
    groups = [group for group in members.values() if len(group) > 1]
    findings = []
    for first, *others in groups:
        seen = {first.facts.digest: first}
        for one in others:
            same = seen.setdefault(one.facts.digest, one)
            flaw = Flaw.SAME_FILE if same is not one else Flaw.ALIKE
            findings.append(Finding(one.key, flaw, same.key if same is not one else first.key))
    return tuple(tuple(one.key for one in group) for group in groups), findings
