from __future__ import annotations

import pytest

from sketchdesk.ui.mnemonics import distinct, mnemonic_of


def test_the_first_of_two_alike_stays_and_the_other_takes_another_letter():
    assert distinct(["C&opy", "Open f&older", "&Folder"]) == ["C&opy", "O&pen folder", "&Folder"]
    assert distinct(["&Make", "&Make it"]) == ["&Make", "Make &it"]


@pytest.mark.parametrize("texts", [["&A", "&a"], ["&Ab", "&Ba", "&Ab"]])
def test_where_every_letter_is_taken_there_is_none(texts):
    assert distinct(texts)[-1] == texts[-1].replace("&", "")


def test_what_has_no_mnemonic_gets_none_and_an_ampersand_is_no_mnemonic():
    assert distinct(["One", "One", "Ink && &water", "&With"]) == ["One", "One", "Ink && &water", "W&ith"]
    assert mnemonic_of("Ink && water") == ""
