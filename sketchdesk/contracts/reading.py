"""JSON and loose values read into types, safely from several threads.

msgspec works out what a Struct holds when it is first read into, and two threads that do so at the same time crash the
process (msgspec 0.22). So whatever reads into a type has it worked out here first, one at a time.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import Any, TypeVar, overload

import msgspec

T = TypeVar("T")

_one_at_a_time = threading.RLock()


@overload
def reader(kind: type[T]) -> msgspec.json.Decoder[T]: ...
@overload
def reader(kind: Any) -> msgspec.json.Decoder[Any]: ...
def reader(kind: Any) -> msgspec.json.Decoder[Any]:
    """Return what reads JSON into a type; its decode() raises msgspec.ValidationError or msgspec.DecodeError."""
    return _reader(kind)


@overload
def convert(
    value: object, kind: type[T], *, strict: bool = True, dec_hook: Callable[[type, Any], Any] | None = None
) -> T: ...
@overload
def convert(
    value: object, kind: Any, *, strict: bool = True, dec_hook: Callable[[type, Any], Any] | None = None
) -> Any: ...
def convert(
    value: object, kind: Any, *, strict: bool = True, dec_hook: Callable[[type, Any], Any] | None = None
) -> Any:
    """Return a loose value as a type, as msgspec.convert does. Raises msgspec.ValidationError."""
    _reader(kind)
    return msgspec.convert(value, kind, strict=strict, dec_hook=dec_hook)


@functools.cache
def _reader(kind: Any) -> msgspec.json.Decoder[Any]:
    with _one_at_a_time:
        return msgspec.json.Decoder(kind)
