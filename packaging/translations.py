"""Bring the catalogues up to date with the code: extract every message, merge, compile. Needs babel.

    python packaging/translations.py          update the .po files and compile them to .mo
    python packaging/translations.py --check  only say what is missing; exit status 1 if something is

Translations are written into the .po files by hand, or with an editor for them; those of messages that are no longer
in the code are dropped.
"""

from __future__ import annotations

import sys
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
DOMAIN = "sketchdesk"
LANGUAGES = ("en", "es", "pt")
KEYWORDS: dict[str, Any] = {"_": None, "N_": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}
NO_DATE = datetime(2026, 1, 1, tzinfo=UTC)
"""Files change only when messages do."""


def catalogue_file(language: str) -> Path:
    """Return the .po file of a language; the .mo lies beside it."""
    return ROOT / "resources" / "translations" / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def extract() -> Catalog:
    """Return every message of the package, in the order of files, with the places it is used in."""
    template = Catalog(project="SketchDesk", charset="utf-8", creation_date=NO_DATE)
    places: dict[tuple[tuple[str, ...] | str, str | None], list[str]] = {}
    found = extract_from_dir(ROOT / "sketchdesk", [("**.py", "python")], keywords=KEYWORDS)
    for file, _line, message, _comments, context in sorted(found, key=lambda one: (one[0], one[1])):
        places.setdefault((message, context), []).append(f"sketchdesk/{Path(file).as_posix()}")
    for (message, context), files in places.items():
        template.add(message, locations=[(file, None) for file in dict.fromkeys(files)], context=context)
    return template


def read(language: str) -> Catalog:
    """Return a language's catalogue; an empty one if there is none yet."""
    file = catalogue_file(language)
    if not file.is_file():
        return Catalog(
            locale=language, project="SketchDesk", version="1", charset="utf-8", creation_date=NO_DATE,
            msgid_bugs_address="SketchDesk", last_translator="SketchDesk", language_team="SketchDesk",
        )  # fmt: skip
    with file.open("rb") as stream:
        return read_po(stream, locale=language)


def write(catalogue: Catalog, language: str) -> None:
    """Write a catalogue as .po and as .mo."""
    file = catalogue_file(language)
    file.parent.mkdir(parents=True, exist_ok=True)
    catalogue.revision_date = catalogue.creation_date = NO_DATE
    catalogue.header_comment = f"# SketchDesk in “{language}”. Brought up to date by packaging/translations.py."
    catalogue.fuzzy = False
    with file.open("wb") as stream:
        write_po(stream, catalogue, width=120, include_lineno=False, ignore_obsolete=True)
    with file.with_suffix(".mo").open("wb") as stream:
        write_mo(stream, catalogue)


def missing(catalogue: Catalog, template: Catalog) -> list[str]:
    """Return the messages of the code that a catalogue does not translate."""
    lacking = []
    for message in template:
        translated = catalogue.get(message.id, message.context)
        forms = translated.string if translated else ""
        if message.id and not all(forms if isinstance(forms, tuple | list) else (forms,)):
            text = message.id if isinstance(message.id, str) else message.id[0]
            lacking.append(f"{text} ({message.context})" if message.context else text)
    return lacking


def main(arguments: list[str]) -> int:
    """Update or check every catalogue. English is the source: its catalogue stays empty."""
    template, lacking_in_all = extract(), 0
    for language in LANGUAGES:
        catalogue = read(language)
        if "--check" not in arguments:
            # A copy, because the catalogue keeps the template's own messages.
            catalogue.update(deepcopy(template), no_fuzzy_matching=True)
            write(catalogue, language)
        lacking = [] if language == "en" else missing(catalogue, template)
        lacking_in_all += len(lacking)
        print(f"{language}: {len(template)} messages, {len(lacking)} without a translation")
        for text in lacking:
            print(f"    {text}")
    return 1 if lacking_in_all else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
