"""A data set looked through before anything is trained on it: what is in it, and every flaw with its reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from msgspec import Struct

from sketchdesk.library.dataset.facts import PictureFacts
from sketchdesk.library.dataset.flaws import Finding, Flaw
from sketchdesk.library.dataset.items import Item, Source
from sketchdesk.library.dataset.looking import FactsMemory, look_at
from sketchdesk.library.dataset.looks import alike
from sketchdesk.library.dataset.shapes import Shape, shape_for
from sketchdesk.library.dataset.token_counts import TokenCounter

Tell = Callable[[int, int | None], None]
"""Told how many pictures of how many (None: nobody knows) were looked at; may raise to stop."""

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


def inspect(
    source: Source,
    resolution: int | None = None,
    counter: TokenCounter | None = None,
    tell: Tell | None = None,
    threads: int | None = None,
) -> SetReport:
    """Look at every picture and caption of a set. Not for the window's thread: everything is read once.

    `resolution` is the side that is trained at; smaller pictures are told of. Nothing about a picture raises; what
    `tell` raises ends it, and what was learnt till then is not looked at again.
    """
    findings = list(source.left_out)
    looked: list[tuple[str, str, int, PictureFacts]] = []
    done = 0
    for done, one in enumerate(look_at(source.items, FactsMemory(source.name), threads), 1):
        findings += _of_picture(one.item, one.facts, resolution)
        if one.facts.is_usable and one.item.caption is not None:
            looked.append((one.item.key, one.item.caption, one.item.repeats, one.facts))
        if tell:
            tell(done, source.count)
    return _report(source.name, done, looked, findings, counter)


def _of_picture(item: Item, facts: PictureFacts, resolution: int | None) -> list[Finding]:
    found = [Finding(item.key, flaw, facts.reason) for flaw in facts.flaws]
    if facts.is_usable and resolution and min(facts.width, facts.height) < resolution:
        found.append(Finding(item.key, Flaw.SMALL, f"{facts.width} × {facts.height}"))
    if item.caption is None:
        found.append(Finding(item.key, Flaw.NO_CAPTION))
    elif not item.caption.strip():
        found.append(Finding(item.key, Flaw.EMPTY_CAPTION))
    return found


def _report(
    name: str,
    pictures: int,
    looked: Sequence[tuple[str, str, int, PictureFacts]],
    findings: list[Finding],
    counter: TokenCounter | None,
) -> SetReport:
    keys = [key for key, _caption, _repeats, _facts in looked]
    facts = [one[3] for one in looked]
    groups, twins = _groups(keys, facts)
    tokens = counter.counts([caption for _key, caption, _repeats, _facts in looked]) if counter else []
    limit = counter.limit if counter else None
    long = [Finding(key, Flaw.LONG_CAPTION, str(count)) for key, count in zip(keys, tokens, strict=False)
            if limit and count > limit]  # fmt: skip
    sizes = sorted(((one.width, one.height) for one in facts), key=lambda size: size[0] * size[1])
    found = Counter(shape_for(one.width, one.height, ASPECTS) for one in facts)
    return SetReport(
        name=name, pictures=pictures, usable=len(looked), shown=sum(repeats for _k, _c, repeats, _f in looked),
        smallest=sizes[0] if sizes else (0, 0), largest=sizes[-1] if sizes else (0, 0),
        median=sizes[len(sizes) // 2] if sizes else (0, 0), aspects=tuple(found[aspect] for aspect in ASPECTS),
        token_limit=limit, token_counts=tuple(tokens), findings=(*findings, *twins, *long), groups=groups,
    )  # fmt: skip


def _groups(
    keys: Sequence[str], facts: Sequence[PictureFacts]
) -> tuple[tuple[tuple[str, ...], ...], list[Finding]]:
    """Return the groups of pictures that look alike, and each later member as a finding that names the first."""
    members: dict[int, list[int]] = {}
    for index, first in enumerate(alike([one.look for one in facts])):
        members.setdefault(first, []).append(index)
    groups = [indices for indices in members.values() if len(indices) > 1]
    findings = []
    for indices in groups:
        seen = {facts[indices[0]].digest: indices[0]}
        for index in indices[1:]:
            same = seen.setdefault(facts[index].digest, index)
            flaw = Flaw.SAME_FILE if same != index else Flaw.ALIKE
            findings.append(Finding(keys[index], flaw, keys[same if same != index else indices[0]]))
    return tuple(tuple(keys[index] for index in indices) for indices in groups), findings
