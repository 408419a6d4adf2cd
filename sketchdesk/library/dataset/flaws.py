"""What can be wrong with a picture of a data set, what it is called, and what happens to the picture."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal, NamedTuple

from msgspec import Struct

from sketchdesk.contracts.text import N_

Fate = Literal["skipped", "mended", "kept"]


class Flaw(StrEnum):
    """One kind of finding."""

    BAD_ROW = "bad_row"
    MISSING = "missing"
    UNSHOWN = "unshown"
    NO_COLUMN = "no_column"
    NO_CAPTION = "no_caption"
    UNREADABLE = "unreadable"
    TRUNCATED = "truncated"
    ANIMATED = "animated"
    CMYK = "cmyk"
    DEEP = "deep"
    TURNED = "turned"
    ALPHA = "alpha"
    SMALL = "small"
    SAME_FILE = "same_file"
    ALIKE = "alike"
    EMPTY_CAPTION = "empty_caption"
    LONG_CAPTION = "long_caption"


class About(NamedTuple):
    """A flaw in words; both texts are marked, and translated where they are shown."""

    title: str
    effect: str
    fate: Fate


ABOUT: dict[Flaw, About] = {
    Flaw.BAD_ROW: About(N_("broken row"), N_("The row is skipped."), "skipped"),
    Flaw.MISSING: About(N_("file is missing"), N_("The row is skipped."), "skipped"),
    Flaw.UNSHOWN: About(
        N_("in a folder that is not read"),
        N_("It is skipped: where there are folders like 10_name, only these are read, and 0_name is shown no times."),
        "skipped",
    ),
    Flaw.NO_COLUMN: About(
        N_("no column of captions"), N_("Its pictures are read without captions, until some are written."), "kept"
    ),
    Flaw.NO_CAPTION: About(N_("no caption"), N_("The picture is skipped until it has one."), "skipped"),
    Flaw.UNREADABLE: About(N_("cannot be read"), N_("The picture is skipped."), "skipped"),
    Flaw.TRUNCATED: About(N_("cut short"), N_("The picture is skipped."), "skipped"),
    Flaw.ANIMATED: About(N_("animated"), N_("Its first picture is used."), "mended"),
    Flaw.CMYK: About(N_("in printing colours"), N_("It is converted to RGB in memory."), "mended"),
    Flaw.DEEP: About(N_("16 bits a channel"), N_("It is reduced to 8 bits in memory."), "mended"),
    Flaw.TURNED: About(N_("lies on its side"), N_("It is turned upright in memory, as its Exif says."), "mended"),
    Flaw.ALPHA: About(N_("transparent"), N_("It is laid on white in memory."), "mended"),
    Flaw.SMALL: About(N_("smaller than it is trained at"), N_("It is enlarged in memory, and looks soft."), "mended"),
    Flaw.SAME_FILE: About(N_("the same file twice"), N_("Both are used, on one side of the split."), "kept"),
    Flaw.ALIKE: About(N_("looks like another"), N_("Both are used, on one side of the split."), "kept"),
    Flaw.EMPTY_CAPTION: About(N_("empty caption"), N_("It is trained on without words."), "kept"),
    Flaw.LONG_CAPTION: About(N_("caption too long"), N_("The text encoder reads only its beginning."), "kept"),
}  # fmt: skip


class Finding(Struct, frozen=True):
    """One flaw of one picture, or of one row of a table."""

    key: str
    """The picture's key, or where the row stands."""
    flaw: Flaw
    detail: str = ""
    """What exactly: the reason in the reader's words, the number of tokens, the picture it looks like."""

    @property
    def fate(self) -> Fate:
        """What becomes of the picture."""
        return ABOUT[self.flaw].fate
