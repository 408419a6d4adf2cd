"""Translation for every layer: mark with _() where shown, with N_() where only named; switch language at any time."""

from __future__ import annotations

import gettext
from pathlib import Path

DOMAIN = "sketchdesk"
LANGUAGES = ("en", "es", "pt")

_catalog: gettext.NullTranslations = gettext.NullTranslations()


def use_language(translations_dir: Path, language: str) -> None:
    """Show messages in `language` from now on; a language without a catalog falls back to the English source."""
    global _catalog
    _catalog = gettext.translation(DOMAIN, translations_dir, [language], fallback=True)


def read_languages(translations_dir: Path) -> None:
    """Read every catalog and keep it, so that use_language() is quick; any thread may do so."""
    for each in LANGUAGES:
        gettext.translation(DOMAIN, translations_dir, [each], fallback=True)


def language() -> str:
    """Return the two letters of the language in use."""
    return _catalog.info().get("language", "en")


def _(message: str) -> str:
    """Return the message in the language in use."""
    return _catalog.gettext(message)


def N_(message: str) -> str:
    """Mark a message for translation without translating it yet."""
    return message


def pgettext(context: str, message: str) -> str:
    """Return the message in the language in use where its English has several meanings; `context` says which."""
    return _catalog.pgettext(context, message)


def ngettext(singular: str, plural: str, count: int) -> str:
    """Return the form that fits `count`, in the language in use."""
    return _catalog.ngettext(singular, plural, count)
