"""Which language a command speaks, argparse's own words included."""

from __future__ import annotations

import gettext
import os

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.text import DOMAIN, LANGUAGES, use_language
from sketchdesk.library.paths import resource
from sketchdesk.library.settings import load_settings

VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
"""Where POSIX systems say the language, the first that is set counts."""


def choose_language() -> str:
    """Speak the language of the settings, "system" meaning the environment's; return its two letters."""
    language = settings_language() or environment_language()
    folder = resource("translations")
    use_language(folder, language)
    # argparse asks gettext's own default domain, which finds the language in the environment.
    os.environ["LANGUAGE"] = language
    gettext.bindtextdomain(DOMAIN, folder)
    gettext.textdomain(DOMAIN)
    return language


def settings_language() -> str:
    """Return the language chosen in the settings, or nothing; a data folder that cannot be used is told later."""
    try:
        language = load_settings().language
    except (OSError, SketchDeskError):
        return ""
    return "" if language == "system" else language


def environment_language() -> str:
    """Return the two letters of the first language the environment names, English for one without a catalogue."""
    named = next((os.environ[name] for name in VARIABLES if os.environ.get(name)), "")
    language = named.split(":")[0][:2].lower()
    return language if language in LANGUAGES else "en"
