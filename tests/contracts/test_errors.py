"""Every failure has a sentence and a next step, in the person's language."""

from __future__ import annotations

import ast
import string
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from sketchdesk.contracts import errors
from sketchdesk.contracts.errors import SENTENCES, TO_FETCH, ErrorKind, SketchDeskError
from sketchdesk.contracts.text import DOMAIN, use_language


def test_every_kind_has_a_sentence_and_a_next_step() -> None:
    assert set(SENTENCES) == set(ErrorKind)
    for sentence, next_step in SENTENCES.values():
        assert sentence.strip()
        assert next_step.strip().endswith(".")


@pytest.mark.parametrize("kind", list(ErrorKind))
def test_a_sentence_is_filled_with_what_went_wrong_whatever_signs_it_holds(kind: ErrorKind) -> None:
    what = "C:\\{what}\\{0}%s – ñ"
    error = SketchDeskError(kind, what, "details")
    sentence, next_step = SENTENCES[kind]
    assert error.message == sentence.replace("{what}", what)
    assert error.next_step == next_step
    assert error.details == "details"


@pytest.mark.parametrize("kind", list(ErrorKind))
def test_a_sentence_has_no_place_but_for_what_went_wrong_and_a_next_step_none(kind: ErrorKind) -> None:
    sentence, next_step = SENTENCES[kind]
    places = [name for _text, name, _format, _conversion in string.Formatter().parse(sentence) if name is not None]
    assert places in ([], ["what"])
    assert "{" not in next_step


def test_an_error_without_more_words_still_says_its_kind_in_a_log() -> None:
    assert str(SketchDeskError(ErrorKind.DISK_FULL)) == "disk_full"
    assert str(SketchDeskError(ErrorKind.MODEL_NOT_FOUND, "sd9")) == "sd9"


@pytest.mark.parametrize("name", ["stabilityai/sd-turbo", "my_folder/model.v2"])
def test_what_could_be_a_hubs_model_is_to_be_downloaded(name: str) -> None:
    assert f"`sketchdesk models download {name}`" in SketchDeskError(ErrorKind.MODEL_NOT_FOUND, name).next_step
    assert "download" not in SketchDeskError(ErrorKind.MODEL_NOT_FOUND, "/some/folder/model").next_step


def test_every_sentence_is_marked_for_the_translators() -> None:
    """Read from the source, as the tool that gathers the sentences does."""
    tree = ast.parse(Path(errors.__file__).read_text(encoding="utf-8"))
    marked = {
        node.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "N_"
        and isinstance(node.args[0], ast.Constant)
    }  # fmt: skip
    assert {text for pair in SENTENCES.values() for text in pair} | {TO_FETCH} == marked


def test_an_error_speaks_the_language_in_use_even_if_it_was_raised_before(tmp_path: Path) -> None:
    error = SketchDeskError(ErrorKind.MODEL_NOT_FOUND, "sd9")
    catalog = Catalog(locale="es")
    sentence, next_step = SENTENCES[ErrorKind.MODEL_NOT_FOUND]
    catalog.add(sentence, "El modelo «{what}» no está aquí.")
    catalog.add(next_step, "Revise el nombre.")
    folder = tmp_path / "es" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / f"{DOMAIN}.mo").open("wb") as file:
        write_mo(file, catalog)
    use_language(tmp_path, "es")
    assert (error.message, error.next_step) == ("El modelo «sd9» no está aquí.", "Revise el nombre.")
    use_language(tmp_path, "fr")
    assert error.message == "The model “sd9” is not here."
