"""Which language a command speaks, argparse's own words included."""

from __future__ import annotations

import gettext
import os

from sketchdesk.contracts.text import DOMAIN, LANGUAGES, use_language
from sketchdesk.library.paths import resource

VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
"""Where POSIX systems say the language, the first that is set counts."""


def choose_language() -> str:
    """Speak the language of the environment, if there is a catalogue for it; return it."""
    language = environment_language()
    folder = resource("translations")
    use_language(folder, language)
    # argparse asks gettext's own default domain; it finds the language in the environment.
    gettext.bindtextdomain(DOMAIN, folder)
    gettext.textdomain(DOMAIN)
    return language


def environment_language() -> str:
    """Return the two letters of the first language the environment names, English for one without a catalogue."""
    named = next((os.environ[name] for name in VARIABLES if os.environ.get(name)), "")
    language = named.split(":")[0][:2].lower()
    return language if language in LANGUAGES else "en"
