"""What a job leaves out of a data set, told: the first pictures by name, the others counted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sketchdesk.contracts.text import _, ngettext
from sketchdesk.engine.reporter import Reporter
from sketchdesk.library.dataset.flaws import ABOUT, Finding

TOLD = 10
"""Pictures that are named, a notice each."""


def tell_left_out(left_out: Sequence[Finding], reporter: Reporter) -> None:
    """Say which pictures were left out, and why."""
    for finding in left_out[:TOLD]:
        reason = ", ".join(part for part in (_(ABOUT[finding.flaw].title), finding.detail) if part)
        name = Path(finding.key).name
        reporter.notice(_("Left out {name}: {reason}.").format(name=name, reason=reason), "warning")
    if (more := len(left_out) - TOLD) > 0:
        text = ngettext("Left out {count} more picture.", "Left out {count} more pictures.", more)
        reporter.notice(text.format(count=more), "warning")
