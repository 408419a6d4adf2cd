"""What can be done in the gallery, for menus, shortcuts, palette and help."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from sketchdesk.contracts.text import N_, _
from sketchdesk.ui.actions import ActionSpec
from sketchdesk.ui.mnemonics import distinct
from sketchdesk.ui.naming import named
from sketchdesk.ui.theme.icons import icon

if TYPE_CHECKING:
    from sketchdesk.ui.gallery.gallery_tab import GalleryTab

CONTEXT = (
    "gallery_open", "gallery_star", "gallery_tag", "gallery_compare", "gallery_base", "", "gallery_again",
    "gallery_use_all", "gallery_use_prompt", "gallery_use_seed", "gallery_use_start", "", "gallery_copy",
    "gallery_folder", "gallery_export", "", "gallery_save", "gallery_trash",
)  # fmt: skip
"""The context menu: names of actions, "" for a line."""


def gallery_actions(tab: GalleryTab) -> list[ActionSpec]:
    """Return the actions of the tab; those of one key count where the pictures have the keyboard."""
    chosen, keeping, trash_can, doings = tab.chosen, tab.chosen.keeping, tab.chosen.trash_can, tab.doings
    pages, picked, drawn = tab.pages, chosen.has_picked, doings.has_record
    return [
        ActionSpec("gallery_open", N_("Show in &full"), "image", tab.open_current, "", "maximize", pages, picked),
        ActionSpec("gallery_star", N_("Give or take the &star"), "image", chosen.star, ".", "star", pages, picked),
        ActionSpec("gallery_tag", N_("Tags…"), "image", chosen.tag, "T", "tag", pages, picked),
        ActionSpec("gallery_compare", N_("&Compare"), "image", chosen.compare, "M", "columns-2", pages, picked),
        ActionSpec(
            "gallery_base", N_("Compare with &base at the same seed"), "image", chosen.compare_with_base, "Shift+M",
            "split", pages, drawn,
        ),
        ActionSpec("gallery_again", N_("Make &again"), "image", chosen.make_again, "R", "refresh-cw", pages, drawn),
        ActionSpec(
            "gallery_use_all", N_("&Use all settings"), "image", doings.use_all, "A", "sliders-horizontal", pages, drawn
        ),
        ActionSpec("gallery_use_prompt", N_("Use the &prompt"), "image", doings.use_prompt, "P", "", pages, drawn),
        ActionSpec("gallery_use_seed", N_("Use the s&eed"), "image", doings.use_seed, "S", "dices", pages, drawn),
        ActionSpec(
            "gallery_use_start", N_("Start from this picture"), "image", doings.use_as_start, "", "image-plus", pages,
            picked,
        ),
        ActionSpec(
            "gallery_copy", N_("C&opy prompt and settings"), "image", tab.inspector.copy, "Ctrl+C", "copy", tab.grid,
            picked,
        ),
        ActionSpec("gallery_folder", N_("Ope&n folder"), "image", doings.open_folder, "", "folder-open", pages, picked),
        ActionSpec("gallery_trash", N_("Move to &trash"), "image", chosen.trash, "Del", "trash-2", pages, picked),
        ActionSpec("gallery_save", N_("Save (&keep) it"), "image", chosen.save, "K", "save", pages, chosen.has_unsaved),
        ActionSpec(
            "gallery_save_all", N_("Save all that is not saved"), "image", keeping.save_all, "Shift+K", "save", tab,
            keeping.has_any,
        ),
        ActionSpec(
            "gallery_drop_all", N_("Drop all that is not saved"), "image", keeping.drop_all, "Shift+Del", "trash-2",
            tab, keeping.has_any,
        ),
        ActionSpec(
            "gallery_undo", N_("&Undo moving to trash"), "edit", trash_can.undo, "Ctrl+Z", "undo-2", pages,
            trash_can.can_undo,
        ),
        ActionSpec(
            "gallery_export", N_("&Export pictures…"), "file", chosen.export, "Ctrl+E", "upload", tab, chosen.has_any
        ),
        *_view_actions(tab),
    ]  # fmt: skip


def _view_actions(tab: GalleryTab) -> list[ActionSpec]:
    return [
        ActionSpec("gallery_zoom_in", N_("&Larger"), "view", tab.view.zoom_in, "Ctrl++", "zoom-in", tab),
        ActionSpec("gallery_zoom_out", N_("&Smaller"), "view", tab.view.zoom_out, "Ctrl+-", "zoom-out", tab),
        ActionSpec("gallery_find", N_("&Find pictures"), "edit", tab.find_pictures, "Ctrl+F", "search", tab),
        ActionSpec("gallery_clear", N_("Show &all pictures"), "view", tab.clear_filters, "", "filter", tab),
        ActionSpec("gallery_refresh", N_("&Read the folders again"), "view", tab.walk, "F5", "refresh-cw", tab),
        ActionSpec(
            "gallery_rebuild", N_("Rebuild the list of pictures"), "view", tab.rebuild, "Shift+F5", "history", tab
        ),
        ActionSpec("gallery_show_trash", N_("Trash…"), "file", tab.chosen.trash_can.ask, "", "trash-2", tab),
        ActionSpec("gallery_folders", N_("Folders of the gallery…"), "file", tab.sources.ask, "", "folder", tab),
        ActionSpec(
            "gallery_inspector", N_("&Details of the picture"), "view", tab.view.toggle_details, "Ctrl+I",
            "panel-right", tab, None, tab.view.shows_details,
        ),
    ]  # fmt: skip


def show_context_menu(parent: QWidget, specs: Sequence[ActionSpec], at: QPoint) -> None:
    """Open a menu of what can be done with the selected pictures, at a point of the screen."""
    menu = named(QMenu(parent), "gallery_context_menu")
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    by_name = {spec.name: spec for spec in specs}
    names = [name for name in CONTEXT if name]
    texts = dict(zip(names, distinct([_(by_name[name].text) for name in names]), strict=True))
    for name in CONTEXT:
        if not name:
            menu.addSeparator()
            continue
        spec = by_name[name]
        action = menu.addAction(texts[name])
        if spec.icon:
            action.setIcon(icon(spec.icon))
        action.setObjectName(f"{name}_context_action")
        action.setShortcut(QKeySequence(spec.shortcut))
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)  # to be read only; the window's own one counts
        action.setEnabled(spec.is_enabled is None or spec.is_enabled())
        action.triggered.connect(spec.run)
    menu.popup(at)
