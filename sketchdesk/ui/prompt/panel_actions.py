"""What can be done in the prompt panel, as data for menus, palette and help."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sketchdesk.contracts.text import N_
from sketchdesk.ui.actions import ActionSpec
from sketchdesk.ui.prompt.draw_bar import GENERATE_KEYS, PAIR_KEYS, QUEUE_KEYS

if TYPE_CHECKING:
    from sketchdesk.ui.prompt.prompt_panel import PromptPanel


def specs_of(panel: PromptPanel) -> list[ActionSpec]:
    """Return the panel's actions; the shortcuts of those that change the list count only in the list."""
    editor, seed = panel.editor, panel.form.seed
    view, model = editor.view, editor.model

    def may_draw() -> bool:
        return panel.bar.generate.isEnabled()

    def has_rows() -> bool:
        return model.rowCount() > 0

    def has_chosen() -> bool:
        return bool(view.chosen())

    spec = ActionSpec
    return [
        spec("generate", N_("Generate"), "draw", panel.generate, GENERATE_KEYS, "play", None, may_draw),
        spec("draw_pair", N_("Draw base and tuned"), "draw", panel.draw_pair, PAIR_KEYS, "columns-2", None, may_draw),
        spec("queue_drawing", N_("Add to queue"), "draw", panel.add_to_queue, QUEUE_KEYS, "list-plus", None, may_draw),
        spec("write_prompt", N_("Write a prompt"), "draw", editor.write, "Ctrl+P", "pencil"),
        spec("new_seed", N_("New random seed"), "draw", seed.roll, "Ctrl+R", "dices"),
        spec("open_prompts", N_("Open a prompt list…"), "file", panel.ask_open, "Ctrl+O", "folder-open"),
        spec("save_prompts", N_("Save the prompt list…"), "file", panel.ask_save, "Ctrl+S", "save", None, has_rows),
        spec("undo_prompts", N_("Undo in the prompts"), "edit", model.undo, "Ctrl+Z", "undo-2", view,
             lambda: model.can_undo),
        spec("redo_prompts", N_("Redo in the prompts"), "edit", model.redo, "Ctrl+Shift+Z", "redo-2", view,
             lambda: model.can_redo),
        spec("duplicate_prompts", N_("Duplicate the prompts"), "edit", view.duplicate_chosen, "Ctrl+D", "copy", view,
             has_chosen),
        spec("prompts_up", N_("Move the prompts up"), "edit", lambda: view.shift_chosen(-1), "Alt+Up", "arrow-up", view,
             has_chosen),
        spec("prompts_down", N_("Move the prompts down"), "edit", lambda: view.shift_chosen(1), "Alt+Down",
             "arrow-down", view, has_chosen),
        spec("remove_prompts", N_("Remove the prompts"), "edit", view.remove_chosen, "Del", "trash-2", view,
             has_chosen),
    ]  # fmt: skip
