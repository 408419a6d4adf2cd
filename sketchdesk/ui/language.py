"""Which language the window speaks."""

from __future__ import annotations

import os

from PySide6.QtCore import QLibraryInfo, QLocale, QTranslator
from PySide6.QtWidgets import QApplication

from sketchdesk.contracts.text import LANGUAGES, read_languages, use_language
from sketchdesk.library.paths import resource

NAMES = {"en": "English", "es": "Español", "pt": "Português"}
"""Each language in its own words, so that whoever is lost finds the way back."""

_QT_CATALOGS = {"es": "qtbase_es", "pt": "qtbase_pt_BR"}
"""What Qt's own dialogs speak, where the catalog is installed."""

_translator: QTranslator | None = None


def speak(setting: str) -> str:
    """Use the language of the settings, "system" meaning the desktop's; return its two letters.

    Numbers are written its way too. Engines started from now on speak it: they inherit LANGUAGE.
    """
    language = QLocale.system().name()[:2] if setting == "system" else setting
    if language not in LANGUAGES:
        language = "en"
    os.environ["LANGUAGE"] = language
    use_language(resource("translations"), language)
    QLocale.setDefault(QLocale(language))
    _translate_qt(language)
    return language


def read_all() -> None:
    """Read every catalog, so that changing the language is quick: the work of a thread."""
    read_languages(resource("translations"))


def _translate_qt(language: str) -> None:
    """Let Qt's own buttons ("Yes", "Copy") speak it as well."""
    global _translator
    application = QApplication.instance()
    if not isinstance(application, QApplication):
        return
    if _translator is not None:
        application.removeTranslator(_translator)
        _translator = None
    catalog = _QT_CATALOGS.get(language)
    made = QTranslator()
    if catalog and made.load(catalog, QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        application.installTranslator(made)
        _translator = made
