"""Small dialogs that open beside the work and never stop it: about, and what is asked before it cannot be undone."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from sketchdesk import __version__
from sketchdesk.contracts.text import _, ngettext
from sketchdesk.ui.shell.top_bar import logo

ICON_PX = 56


def show_about(parent: QWidget) -> None:
    """Say which version this is and what belongs to others in it."""
    box = _box(parent, "about_box", _("About SketchDesk"), _("SketchDesk {version}").format(version=__version__))
    box.setInformativeText(
        _("Teach a text-to-image model a style, draw with it, and know whether it got better.")
        + "\n\n"
        + _("Typeface: Inter (SIL Open Font License 1.1). Icons: Lucide (ISC). Window: Qt for Python (LGPL 3).")
    )
    box.setStandardButtons(QMessageBox.StandardButton.Close)
    _open(box)


def ask_before_quitting(parent: QWidget, count: int, quit_now: Callable[[], object]) -> None:
    """Ask whether `count` jobs at work may be interrupted; they can be resumed the next time."""
    question = ngettext("{count} job is at work.", "{count} jobs are at work.", count).format(count=count)
    box = _box(parent, "quit_box", _("Quit SketchDesk?"), question)
    box.setInformativeText(_("Quitting interrupts what is at work; the next start offers to resume it."))
    leave = box.addButton(_("Quit"), QMessageBox.ButtonRole.AcceptRole)
    leave.setObjectName("quit_now_button")
    stay = box.addButton(_("Go on working"), QMessageBox.ButtonRole.RejectRole)
    stay.setObjectName("quit_stay_button")
    box.setDefaultButton(stay)
    box.accepted.connect(quit_now)
    _open(box)


def ask_before_emptying(parent: QWidget, size: str, empty: Callable[[], object]) -> None:
    """Ask whether all that is in the trash, so much of the disk, may be deleted for good."""
    box = _box(parent, "empty_trash_box", _("Empty the trash?"), _("Empty the trash?"))
    told = _("What is here takes {size}. What is deleted for good cannot come back.").format(size=size)
    box.setInformativeText(told)
    delete = box.addButton(_("Delete for good"), QMessageBox.ButtonRole.AcceptRole)
    delete.setObjectName("empty_trash_now_button")
    keep = box.addButton(_("Cancel"), QMessageBox.ButtonRole.RejectRole)
    keep.setObjectName("empty_trash_cancel_button")
    box.setDefaultButton(keep)
    box.accepted.connect(empty)
    _open(box)


def _box(parent: QWidget, name: str, title: str, text: str) -> QMessageBox:
    for old in parent.findChildren(QMessageBox, name):
        old.close()
    box = QMessageBox(parent)
    box.setObjectName(name)
    box.setWindowTitle(title)
    box.setText(text)
    box.setIconPixmap(logo(ICON_PX, parent.devicePixelRatioF()))
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return box


def _open(box: QMessageBox) -> None:
    """Open a box with the margins of every other dialog; Qt lays it out anew whenever something is added to it."""
    layout = box.layout()
    if layout is not None:
        layout.setContentsMargins(24, 24, 24, 24)
    box.open()
