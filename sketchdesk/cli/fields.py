"""Read option values by the jobs' own types, so that a bound is written once, in contracts."""

from __future__ import annotations

from argparse import ArgumentTypeError
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec
from msgspec import inspect

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.text import _


def value_of(struct: type[msgspec.Struct], field: str) -> Callable[[str], Any]:
    """Return an argparse type that reads one value of `field`; its error says what was expected, in words."""
    annotation = get_type_hints(struct, include_extras=True)[field]

    def read(text: str) -> object:
        try:
            return msgspec.convert(text, annotation, strict=False)
        except msgspec.ValidationError:
            wanted = one_of(words_of(annotation)) or expectation(inspect.type_info(annotation))
            raise ArgumentTypeError(_("“{given}” is not {wanted}.").format(given=text, wanted=wanted)) from None

    return read


def choices_of(struct: type[msgspec.Struct], field: str) -> tuple[str, ...]:
    """Return the words a field accepts, as help texts list them."""
    return words_of(get_type_hints(struct)[field])


def word_of(struct: type[msgspec.Struct], field: str) -> Callable[[str], str]:
    """Return an argparse type that reads one of the words a field of several takes."""
    return word_among(choices_of(struct, field))


def word_among(words: tuple[str, ...]) -> Callable[[str], str]:
    """Return an argparse type that reads one of these words."""

    def read(text: str) -> str:
        if text not in words:
            raise ArgumentTypeError(_("“{given}” is not {wanted}.").format(given=text, wanted=one_of(words)))
        return text

    return read


def require_file(path: Path) -> None:
    """Raise SketchDeskError(BAD_INPUT) where there is no file of that name; a pipe is none."""
    if not path.is_file():
        raise SketchDeskError(ErrorKind.BAD_INPUT, _("There is no file “{file}”.").format(file=path))


def words_of(annotation: object) -> tuple[str, ...]:
    """Return the words a Literal lists, in its order, also where it stands in a union or a tuple."""
    if get_origin(annotation) is Literal:
        return tuple(str(word) for word in get_args(annotation))
    return tuple(word for part in get_args(annotation) for word in words_of(part))


def one_of(words: tuple[str, ...]) -> str:
    """Return “one of a, b, c”; nothing for no words."""
    return _("one of {choices}").format(choices=", ".join(words)) if words else ""


def expectation(kind: inspect.Type) -> str:
    """Return in words what a type accepts: “a whole number from 1 to 1000”."""
    kind = _required(kind)
    if not isinstance(kind, inspect.IntType | inspect.FloatType):
        return _("text that can be read")
    name = _("a whole number") if isinstance(kind, inspect.IntType) else _("a number")
    if kind.ge is not None and kind.le is not None:
        return _("{name} from {low} to {high}").format(name=name, low=_plain(kind.ge), high=_plain(kind.le))
    if kind.ge is not None:
        return _("{name} of at least {low}").format(name=name, low=_plain(kind.ge))
    if kind.gt is not None:
        return _("{name} above {low}").format(name=name, low=_plain(kind.gt))
    return name


def _required(kind: inspect.Type) -> inspect.Type:
    """Return the type without its None."""
    if isinstance(kind, inspect.UnionType):
        return next(part for part in kind.types if not isinstance(part, inspect.NoneType))
    return kind


def _plain(bound: float) -> str:
    return f"{bound:.15g}" if isinstance(bound, float) else str(bound)
