"""A data set's report, in lines for the terminal."""

from __future__ import annotations

from itertools import groupby
from operator import attrgetter

from sketchdesk.contracts.text import _, ngettext
from sketchdesk.library.dataset.check import ASPECTS, SetReport
from sketchdesk.library.dataset.flaws import ABOUT


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
