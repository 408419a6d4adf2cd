"""What the gallery says in the message bar."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from sketchdesk.contracts.text import _, ngettext
from sketchdesk.ui.message import Message

if TYPE_CHECKING:
    from sketchdesk.library.export.outcome import Exported


def exported_message(exported: Exported) -> Message:
    """Return what an export made, with the way to it."""
    count = exported.images
    text = ngettext("{count} picture was exported to {place}.", "{count} pictures were exported to {place}.", count)
    left = len(exported.left_out)
    more = ngettext("{count} could not be read and was left out.", "{count} could not be read and were left out.", left)
    return Message(
        text.format(count=count, place=exported.target.name),
        more.format(count=left) if left else "",
        "\n".join(map(str, (*exported.files[:100], *exported.left_out[:100]))),
        "warning" if left else "good",
        _("Open"),
        partial(QDesktopServices.openUrl, QUrl.fromLocalFile(str(exported.target))),
    )
