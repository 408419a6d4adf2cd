"""Every message can be read in every language, and the catalogues in use are those that were written."""

from __future__ import annotations

import importlib.util
import io
import re
import string
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo

from sketchdesk.contracts import text
from sketchdesk.library.paths import resource

SCRIPT = Path(__file__).resolve().parents[2] / "packaging" / "translations.py"
_spec = importlib.util.spec_from_file_location("translations", SCRIPT)
translations = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(translations)

PRINTF = re.compile(r"%(?:\((?P<name>\w+)\))?(?P<kind>[srd])")
MNEMONIC = re.compile(r"&(?!&)\w")


@pytest.fixture(params=["es", "pt"])
def catalogue(request: pytest.FixtureRequest) -> Catalog:
    return translations.read(request.param)


def forms(message: Message) -> list[tuple[str, str]]:
    """Pair each form of the source with each form of its translation."""
    sources = (message.id,) if isinstance(message.id, str) else message.id
    targets = (message.string,) if isinstance(message.string, str) else message.string
    return [(source, target) for source in sources for target in targets]


def placeholders(message: str) -> set[str]:
    fields = {name for _text, name, _format, _conversion in string.Formatter().parse(message) if name is not None}
    return fields | {match.group() for match in PRINTF.finditer(message)}


def mnemonics(message: str) -> int:
    return len(MNEMONIC.findall(message))


def edges(message: str) -> tuple[bool, str]:
    return message[:1].isspace(), re.search(r"[\s:…]*$", message).group()


def test_no_message_of_the_code_lacks_a_translation(catalogue: Catalog) -> None:
    assert translations.missing(catalogue, translations.extract()) == []


def test_placeholders_and_keyboard_marks_survive_translation(catalogue: Catalog) -> None:
    wrong = [
        target
        for message in catalogue if message.id
        for source, target in forms(message)
        if placeholders(source) != placeholders(target) or mnemonics(source) != mnemonics(target)
    ]  # fmt: skip
    assert wrong == []


def test_what_surrounds_a_message_survives_translation(catalogue: Catalog) -> None:
    pairs = [pair for message in catalogue if message.id for pair in forms(message)]
    assert [target for source, target in pairs if edges(source) != edges(target)] == []


def test_a_word_of_two_meanings_is_two_messages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = {(message.id, message.context) for message in translations.extract()}
    assert {("Score", None), ("Score", "stage"), ("all", "threads"), ("all", "pictures")} <= found
    written = Catalog(locale="es")
    for context, word in ((None, "Puntuación"), ("stage", "Puntuar")):
        written.add("Score", word, context=context)
    assert translations.missing(written, written) == []
    folder = tmp_path / "es" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / f"{text.DOMAIN}.mo").open("wb") as stream:
        write_mo(stream, written)
    monkeypatch.setattr(text, "_catalog", text._catalog)
    text.use_language(tmp_path, "es")
    assert (text._("Score"), text.pgettext("stage", "Score")) == ("Puntuación", "Puntuar")
    assert text.pgettext("elsewhere", "Score") == "Score"


@pytest.mark.parametrize("language", text.LANGUAGES)
def test_the_compiled_catalogue_is_the_written_one(language: str) -> None:
    compiled = io.BytesIO()
    write_mo(compiled, translations.read(language))
    assert translations.catalogue_file(language).with_suffix(".mo").read_bytes() == compiled.getvalue()


@pytest.mark.parametrize(("language", "word"), [("en", "Canceled."), ("es", "Cancelado."), ("pt", "Cancelado.")])
def test_the_shipped_catalogues_are_found_and_spoken(language: str, word: str) -> None:
    text.use_language(resource("translations"), language)
    assert text._("Canceled.") == word
    plural = text.ngettext("{count} image in {folder}", "{count} images in {folder}", 2)
    assert plural.startswith({"en": "{count} images", "es": "{count} imágenes", "pt": "{count} imagens"}[language])
