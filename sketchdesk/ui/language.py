"""Which language the window speaks."""

from __future__ import annotations

import os

from PySide6.QtCore import QLocale

from sketchdesk.contracts.text import LANGUAGES, use_language
from sketchdesk.library.paths import resource

NAMES = {"en": "English", "es": "Español", "pt": "Português"}
"""Each language in its own words, so that whoever is lost finds the way back."""


def speak(setting: str) -> str:
    """Use the language of the settings, "system" meaning the desktop's; return its two letters.

    Engines started from now on speak it too: they inherit LANGUAGE.
    """
    language = QLocale.system().name()[:2] if setting == "system" else setting
    if language not in LANGUAGES:
        language = "en"
    os.environ["LANGUAGE"] = language
    use_language(resource("translations"), language)
    return language
