"""No two entries of a menu answer to the same letter."""

from __future__ import annotations

import re

import pytest
from PySide6.QtWidgets import QMenu, QMenuBar

from sketchdesk.contracts.text import LANGUAGES
from sketchdesk.library.settings import Settings


def shared_letters(actions) -> list[list[str]]:
    """Return the texts that have a letter in common."""
    texts: dict[str, list[str]] = {}
    for action in actions:
        if found := re.search(r"&(\w)", action.text().replace("&&", "")):
            texts.setdefault(found[1].casefold(), []).append(action.text())
    return [same for same in texts.values() if len(same) > 1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_letter_of_a_menu_means_one_thing(make_window, language):
    window = make_window(settings=Settings(language=language))
    assert window.evaluation and window.models  # their actions come into the menus with them
    menus = [*window.findChildren(QMenu), *window.findChildren(QMenuBar)]
    assert len(menus) > 9
    assert {menu.objectName(): shared for menu in menus if (shared := shared_letters(menu.actions()))} == {}
